import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.second_thoughts import AGAIN_MS, Answered, asked_again, doubt, hedged
from vtuber.settings import Thinking

SETTINGS = Thinking()
ANSWER = "It is the moon, and the sun a little."


def doubted(asked: str = "why are there tides?", said: str = ANSWER, **more: float | None) -> str:
    fields = {"difficulty": 0.3, "confidence": -0.4} | more
    return doubt(asked, said, settings=SETTINGS, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        "Hmm, I'm not sure about that one.",
        "I don’t know, to be honest!",
        "I might be wrong, but it is the moon.",
        "Beats me.",
        "うーん、ちょっとわからないなあ。",
        "たぶん月のせいだよ。",
        "自信ないけど、月かな。",
    ],
)
def test_an_answer_that_hedges_is_thought_over(said: str):
    assert hedged(said)
    assert doubted(said=said) == "hedging"


@pytest.mark.parametrize(
    "said", [ANSWER, "Sure, I know that!", "月が海を引っぱるからだよ。", "Knowing you, it is soup."]
)
def test_an_answer_that_does_not_hedge_stands(said: str):
    assert not hedged(said)
    assert not doubted(said=said)


def test_an_answer_without_confidence_is_thought_over_and_an_unknown_confidence_is_none():
    assert doubted(confidence=-1.9) == "confidence"
    assert doubted(confidence=None) == ""


def test_small_talk_and_remarks_always_stand():
    assert doubted(said="I don't know!", difficulty=0.02, confidence=-3.0) == ""
    assert doubted("the tides are nice", said="I don't know!", confidence=-3.0) == ""


def test_a_task_is_a_question_too():
    assert doubted("explain the tides to me", said="I'm not sure.", difficulty=0.9) == "hedging"


def test_where_nothing_was_said_there_is_nothing_to_think_over():
    assert doubted(said="", confidence=-3.0) == ""


EARLIER = [Answered("twitch:1", "why does ice float on water?", 1000)]


def test_the_same_thing_from_the_same_viewer_is_asked_again():
    assert asked_again("ok but why does ice float on water tho", "twitch:1", 60_000, EARLIER)
    assert asked_again("Why does ICE float on water??", "twitch:1", 60_000, EARLIER)


def test_another_viewer_another_question_or_a_later_time_is_not():
    assert not asked_again("why does ice float on water?", "twitch:2", 60_000, EARLIER)
    assert not asked_again("why is the sea salty?", "twitch:1", 60_000, EARLIER)
    assert not asked_again("why does ice float on water?", "twitch:1", 1000 + AGAIN_MS + 1, EARLIER)
    assert not asked_again(
        "why does ice float on water?", "", 60_000, [Answered("", "why does ice float on water?", 0)]
    )


@given(st.text(max_size=60), st.text(max_size=60), st.floats(0, 1), st.none() | st.floats(-5, 0))
def test_what_is_below_half_of_simple_is_never_thought_over(asked: str, said: str, share: float, sure: float | None):
    difficulty = share * SETTINGS.simple_below * 0.499
    assert doubt(asked, said, difficulty=difficulty, confidence=sure, settings=SETTINGS) == ""
