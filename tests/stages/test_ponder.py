import msgspec

from tests.playing import HARD, Script, chat, play, reasons, replies
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Routed
from vtuber.ports import ModelRequest
from vtuber.settings import Settings


def test_a_hard_question_gets_a_holding_line_and_its_answer_comes_back_by_name_after_others():
    deep = replies("The moon pulls the sea. So it rises.", thinking="Consider gravity first.", tokens_per_s=0.6)
    heard = [
        (0, chat(1, f"{HARD} why tides rise", viewer="mika")),
        (4000, chat(2, "what is your name?", viewer="taro")),
    ]
    played = play(Script(heard=heard, deep=deep))
    said = played.said()
    assert (
        said.index("Let me think about that.") < said.index("Hello there!") < said.index("mika, about your question.")
    )
    assert said[said.index("mika, about your question.") + 1 :][:2] == ["The moon pulls the sea.", "So it rises."]
    assert [event.accepted for event in played.of(Routed) if event.route == "hard"] == [True]


def test_an_answer_that_was_promised_and_did_not_come_is_owned_up_to():
    late = Settings(thinking=msgspec.structs.replace(Settings().thinking, deep_deadline_s=5.0))
    deep = replies("Too late. Far too late.", tokens_per_s=0.1)
    played = play(Script(heard=[(0, chat(1, HARD))], deep=deep, settings=late))
    assert "Sorry mika, I could not work it out." in played.said()
    assert reasons(played)["s.0002/question"] == "expired"


def test_an_answer_that_only_repeats_its_thought_is_tried_once_more_without_one():
    told = "It is the moon that pulls the water of the sea."

    def answer(request: ModelRequest) -> Scripture:
        if request.effort == "none":
            return Scripture(text="The tides follow our moon around.")
        return Scripture(text=told, thinking=told)

    played = play(Script(heard=[(0, chat(1, HARD))], deep=Scripted(replies=answer)))
    assert "The tides follow our moon around." in played.said()
    assert told not in played.said()
    assert summarise(tell(played.events))["thought_chars_spoken"] == 0
