"""What is expected of a show is met, or its miss tells what was expected, what happened and what she said."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.expectation import Expect, Expectations, Miss, Whole, folded, judge, mistakes
from vtuber.core.story import tell
from vtuber.events import (
    Chat,
    Dropped,
    Event,
    Notice,
    Performed,
    Recalled,
    Recollection,
    Retract,
    Routed,
    Thought,
    Turn,
)

B = 1_000_000


def said(turn: str, text: str, started_ms: int, language: str = "en", seq: int = 0) -> Performed:
    return Performed(
        id=f"{turn}/{seq}", at_ms=B + started_ms + 500, turn=turn, seq=seq, text=text, language=language,  # type: ignore[arg-type]
        source="fast", last=False, started_ms=B + started_ms, duration_ms=500, voice="v",
    )  # fmt: skip


def a_show() -> list[Event]:
    mika = Chat(id="c1", at_ms=B, platform="twitch", viewer_id="twitch:1", name="Mika", text="Ｗhy  is the sky blue?")
    spam = Chat(id="c2", at_ms=B + 10, platform="twitch", viewer_id="twitch:2", name="bot", text="BUY NOW")
    raid = Notice(id="n1", at_ms=B + 20, platform="twitch", viewer_id="twitch:3", name="zoe", notice="raid", count=9)
    memory = Recollection("m", "Mika likes skies", "twitch:1", 5, 1.0)
    return [
        mika, spam, raid,
        Dropped(id="d", at_ms=B + 11, cause="c2", reason="bot", item="chat"),
        Turn(id="t1", turn="t1", at_ms=B + 30, purpose="answer", chats=(mika,)),
        Routed(id="r1", at_ms=B + 31, turn="t1", route="simple", difficulty=0.2, reason=""),
        Recalled(id="q1", at_ms=B + 32, turn="t1", items=(memory,)),
        Thought(id="h1", at_ms=B + 33, turn="t1", tier="fast", text="The secret thought of the evening is long."),
        said("t1", "Because air scatters blue light.", 900), said("t1", "Isn't it nice?", 1500, seq=1),
        Turn(id="t2", turn="t2", at_ms=B + 40, purpose="notice", notice=raid),
        said("t2", "ようこそ", 3000, "ja"),
    ]  # fmt: skip


def misses(*expect: Expect, events: Sequence[Event] = (), show: Whole | None = None) -> tuple[Miss, ...]:
    return judge(Expectations(expect=expect, show=show or Whole()), tell(events or a_show())).misses


@pytest.mark.parametrize(
    "expect",
    [
        {"message": "why is the sky"},
        {"id": "c1", "route": "simple", "language": "en", "within_ms": 900, "recalled": "likes SKIES"},
        {"message": "sky", "viewer": "mika", "contains": ["SCATTERS blue", "light. isn't"], "contains_not": ["red"]},
        {"message": "sky", "viewer": "twitch:1"},
        {"message": "buy now", "reason": "bot"},
        {"message": "buy now", "answered": False},
        {"notice": "raid", "language": "ja", "contains": ["ようこそ"]},
    ],
)
def test_what_happened_as_expected_is_no_miss(expect: dict[str, Any]):
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in expect.items()}
    assert misses(Expect(**lists)) == ()


@pytest.mark.parametrize(
    ("expect", "expected", "happened"),
    [
        (Expect(message="sky", answered=False), "it is dropped", "it was answered"),
        (Expect(message="buy"), "it is answered", "it was dropped: bot"),
        (Expect(message="buy", reason="stale"), "it is dropped: stale", "it was dropped: bot"),
        (Expect(message="sky", reason="stale"), "it is dropped: stale", "it was answered"),
        (Expect(message="sky", route="hard"), "route hard", "route simple"),
        (Expect(notice="raid", route="canned"), "route canned", "route unknown"),
        (Expect(message="sky", contains=("red",)), "she says “red”", "she does not"),
        (Expect(message="sky", contains_not=("blue",)), "she does not say “blue”", "she does"),
        (Expect(message="sky", language="ja"), "language ja", "language en"),
        (Expect(message="sky", within_ms=899), "heard within 899 ms", "heard after 900 ms"),
        (Expect(message="sky", recalled="rain"), "she recalls “rain”", "she recalls Mika likes skies"),
        (Expect(message="sea"), "such a message", "none came"),
        (Expect(message="sky", viewer="bot"), "such a message", "none came"),
    ],
)
def test_a_miss_tells_what_was_expected_and_what_happened(expect: Expect, expected: str, happened: str):
    (miss,) = misses(expect)
    assert (miss.place, miss.expected, miss.happened) == ("expect 1", expected, happened)


def test_a_miss_shows_the_message_and_her_words():
    (miss,) = misses(Expect(message="sky", contains=("red",)))
    assert miss.about == "Mika: Ｗhy is the sky blue?"
    assert miss.words == "Because air scatters blue light. Isn't it nice?"


def test_words_that_the_platform_took_back_are_not_shown():
    gone = Retract(id="x", at_ms=B + 5000, target_event="c1")
    (miss,) = misses(Expect(message="sky", contains=("red",)), events=[*a_show(), gone])
    assert miss.about == "Mika: (deleted)"


def test_an_expectation_is_about_every_message_that_it_names():
    again = Chat(id="c9", at_ms=B + 9000, platform="twitch", viewer_id="twitch:1", name="Mika", text="blue sky!")
    (miss,) = misses(Expect(message="sky"), events=[*a_show(), again])
    assert miss.happened == "it was dropped: show_ended"


@pytest.mark.parametrize(
    ("show", "missed"),
    [
        (Whole(), []),
        (Whole(min_answered=1, max_answered=1, said=("scatters", "ようこそ"), never_said=("red",)), []),
        (Whole(min_answered=2), ["at least 2 messages are answered"]),
        (Whole(max_answered=0), ["at most 0 messages are answered"]),
        (Whole(said=("goodbye",)), ["she says “goodbye” at some time"]),
        (Whole(never_said=("AIR scatters",)), ["she never says “AIR scatters”"]),
    ],
)
def test_the_show_as_a_whole_is_held_to_it(show: Whole, missed: list[str]):
    assert [miss.expected for miss in misses(show=show)] == missed


def test_a_thought_that_is_heard_is_missed_unless_it_may_be():
    events = [*a_show(), said("t1", "The secret thought of the evening", 2000, seq=2)]
    (miss,) = misses(events=events)
    assert miss.expected == "at most 0 characters of thought are heard"
    assert misses(events=events, show=Whole(thought_chars=-1)) == ()


def test_what_was_met_is_counted():
    verdict = judge(Expectations(expect=(Expect(message="sky", route="hard", contains=("blue",)),)), tell(a_show()))
    assert (verdict.met, len(verdict.misses)) == (3, 1)  # answered, her words, no thought; not the route


@pytest.mark.parametrize(
    ("expect", "mistake"),
    [
        (Expect(viewer="mika"), "names no message"),
        (Expect(message="x", route="soft"), "has no route “soft”: it is simple or hard or canned"),
        (Expect(message="x", language="de"), "has no language “de”"),
        (Expect(message="x", reason="bot", contains=("y",)), "wants no answer and says how it is to be"),
        (Expect(message="x", answered=False, within_ms=5), "wants no answer and says how it is to be"),
    ],
)
def test_an_expectation_that_can_mean_nothing_is_a_mistake(expect: Expect, mistake: str):
    (found,) = mistakes(Expectations(expect=(Expect(message="fine"), expect)))
    assert found.startswith("expect 2 ")
    assert mistake in found


@given(st.text(max_size=30), st.text(max_size=30))
def test_folding_keeps_what_holds_what(text: str, more: str):
    assert folded(folded(text)) == folded(text) or not text.isascii()
    assert folded(f" {text.upper()}\t") == folded(text.upper())
    assert " ".join(folded(f"{text} {more}").split()) == folded(f"{text}\n{more}")


def test_an_empty_show_misses_what_names_a_message():
    assert [miss.happened for miss in judge(Expectations(expect=(Expect(message="a"),)), tell([])).misses] == [
        "none came"
    ]
