"""An answer comes after the line that promises it, in one piece, and not to whom is gone."""

import msgspec
import pytest

from tests.playing import HARD, PERSONA, Script, chat, hands, play, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.events import Clause, Dropped, Performed, Retract
from vtuber.settings import Attention, Settings
from vtuber.stages.delivering import already_said

QUIET = Settings(attention=Attention(idle_s=1000))


def at_once(text: str) -> Scripted:
    return Scripted(replies=lambda _request: Scripture(text=text), pace=Pace(first_token_ms=0, tokens_per_s=1e6))


def test_an_answer_that_is_ready_at_once_still_comes_after_the_line_that_promises_it():
    long = "This is a reply that takes quite some time to say, word after word. And it goes on like that."
    for delay in range(0, 9_000, 500):
        heard = [(0, chat(1, "how are you?", viewer="taro")), (delay, chat(2, f"{HARD} why tides rise"))]
        played = play(Script(heard=heard, fast=replies(long), deep=at_once("The moon pulls."), settings=QUIET))
        said = played.said()
        assert said.index("Let me think about that.") < said.index("mika, about your question.")
        assert said[said.index("mika, about your question.") + 1] == "The moon pulls."


def test_the_question_is_named_in_her_first_words_and_cut_where_it_is_long():
    played = play(Script(heard=[(0, chat(1, f"{HARD} why " + "tides rise and fall " * 9))], settings=QUIET))
    intro = next(one for one in played.of(Clause) if one.seq == 100)
    assert (intro.source, intro.text) == ("persona", "mika, about your question.")


@pytest.mark.parametrize("delay", range(500, 8_000, 500))
def test_whatever_is_deleted_before_its_answer_is_heard_is_not_answered(delay: int):
    heard = [(0, chat(2, f"{HARD} why tides rise")), (delay, Retract(id="r", at_ms=0, target_event="twitch:ada:2"))]
    deep = replies("The moon pulls. The sun as well. And so it goes on.", tokens_per_s=8)
    played = play(Script(heard=heard, deep=deep, settings=QUIET))
    gone = next(event.at_ms for event in played.events if isinstance(event, Retract))
    assert not [one for one in played.of(Performed) if one.started_ms > gone and one.viewer_id == "twitch:mika"]
    answered = [one for one in played.of(Performed) if one.source == "deep"]
    dropped = [one.reason for one in played.of(Dropped)]
    assert "interrupted_retract" in dropped or len(answered) == 3


def test_what_she_has_told_the_viewer_meanwhile_is_given_to_the_model():
    told: list[str] = []

    def deep(request: object) -> Scripture:
        told.append(str(request))
        return Scripture(text="The moon pulls the sea.")

    heard = [
        (0, chat(1, f"{HARD} why ice floats", viewer="taro")),
        (3_000, chat(2, f"{HARD} why tides rise")),
        (3_000, chat(3, "nice hat by the way, is it new?")),
    ]
    slow = Scripted(replies=deep, pace=Pace(first_token_ms=15_000))
    play(Script(heard=heard, deep=slow, settings=QUIET))
    assert "Hello there!" not in told[0]
    assert "Hello there! Nice to see you." in told[1]


def test_she_has_told_a_viewer_nothing_before_she_said_something():
    played = play(Script(heard=[(0, chat(1, f"{HARD} why tides rise"))], settings=QUIET))
    question = next(event for event in played.events if type(event).__name__ == "Question")
    assert already_said(question, played.show.mind) == "It is because of the tides. The moon pulls."  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["The moon pulls the sea.", ""])
def test_a_promise_is_kept_or_owned_up_to_whenever_she_is_hushed(text: str):
    """Also while the answer, or the line that owns up, waits for its turn: once she has begun, nothing is owed."""
    heard = [
        (0, chat(1, f"{HARD} why tides rise")),
        (1_000, chat(2, "how are you?", viewer="taro")),
        (30_000, chat(3, "what is your name?", viewer="zoe")),
    ]
    sorry, intro = "Sorry mika, I could not work it out.", "mika, about your question."
    for at in range(1_600, 12_000, 400):
        deep = replies(text, tokens_per_s=5)
        played = play(Script(heard=heard, deep=deep, settings=QUIET, meddle=hands((at, "hush", {}))))
        begun = [one.text for one in played.of(Performed) if one.seq >= 100 and one.source == "persona"]
        assert len(begun) == 1, (at, begun)
        assert sorry.startswith(begun[0]) or intro.startswith(begun[0])
        assert len({one.id for one in played.events}) == len(played.events)


def test_a_long_question_is_quoted_in_short_and_says_so():
    asked = f"{HARD} why does the moon show us only one side and how was that found out by the people of old"
    lines = msgspec.structs.replace(PERSONA.lines, answer_intro={"en": ("{name}, you asked: {question}",)})
    persona = msgspec.structs.replace(PERSONA, lines=lines)
    said = play(Script(heard=[(0, chat(1, asked))], persona=persona)).said()
    assert any(one.startswith("mika, you asked: ") and one.endswith("…") for one in said)
