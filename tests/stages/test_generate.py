import pytest

from tests.playing import GOOD_NIGHT, WELCOME, Script, chat, play, replies
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Clause, Failed, Performed, Thought


def test_thoughts_are_on_record_and_never_performed():
    thought = "The viewer wants to know my name, I will be careful about it."
    model = Scripted(
        replies=lambda _r: Scripture(text=f"<think>{thought}</think>I am Ada. Nice name!", thinking="And more.")
    )
    model.start_state = "auto"
    played = play(Script(heard=[(0, chat(1, "what is your name?"))], fast=model))
    assert played.said() == [WELCOME, "I am Ada. Nice name!", GOOD_NIGHT]
    (kept,) = played.of(Thought)
    assert thought in kept.text
    assert all(thought not in event.text for event in played.of(Clause))
    assert summarise(tell(played.events))["thought_chars_spoken"] == 0


def test_words_before_a_lone_closer_are_thoughts_too():
    model = replies("Secret reasoning here. </think>Hello you.")
    model.start_state = "auto"
    played = play(Script(heard=[(0, chat(1, "hi there?"))], fast=model))
    assert played.said() == [WELCOME, "Hello you.", GOOD_NIGHT]


@pytest.mark.parametrize("fault", ["refuse", "unavailable", "hang", "stall", "error"])
def test_a_model_that_fails_leaves_no_silence_and_no_error_text(fault: str):
    scripture = Scripture(text="Well", fault=fault)  # type: ignore[arg-type]
    heard = [(0, chat(1, "how are you?")), (30_000, chat(2, "still there?", viewer="taro"))]
    played = play(Script(heard=heard, fast=Scripted(replies=lambda _r: scripture)))
    assert played.said() == [WELCOME, "I lost my thread.", "I lost my thread.", GOOD_NIGHT]
    assert {event.error for event in played.of(Failed)} <= {
        "ModelRefused",
        "ModelUnavailable",
        "ModelTimeout",
        "ModelError",
    }
    assert "as its script says" not in repr([event for event in played.events if isinstance(event, Failed | Performed)])
