"""Two shows of one chat: every message is held against itself, and only what is different is a change."""

from typing import Any

import msgspec
import pytest

from vtuber.core.comparison import Comparison, compare
from vtuber.core.story import tell
from vtuber.events import Chat, Dropped, Event, Performed, Recalled, Recollection, Retract, Routed, Turn

B = 1_000_000


def a_show(  # noqa: PLR0913 - what a test may change
    *,
    words: str = "Hello.",
    route: str = "simple",
    memory: str = "",
    began: int = B,
    reason: str = "bot",
    opening: str = "Welcome.",
    audio_ms: int = 300,
) -> list[Event]:
    asked = Chat(id="c1", at_ms=began, platform="twitch", viewer_id="twitch:1", name="Mika", text="hi")
    spam = Chat(id="c2", at_ms=began + 10, platform="twitch", viewer_id="twitch:2", name="bot", text="BUY")

    def said(turn: str, text: str) -> Performed:
        return Performed(
            id=f"{turn}/0", at_ms=began + 900, turn=turn, seq=0, text=text, language="en", source="fast", last=True,
            started_ms=began + 20 + audio_ms, duration_ms=100, voice="v",
        )  # fmt: skip

    recalled = (Recollection("m", memory, "twitch:1", 5, 1.0),) if memory else ()
    return [
        Turn(id="t0", turn="t0", at_ms=began, purpose="greeting"), said("t0", opening), asked, spam,
        Turn(id="t1", turn="t1", at_ms=began + 20, purpose="answer", chats=(asked,)),
        Routed(id="r", at_ms=began + 21, turn="t1", route=route, difficulty=0.2, reason=""),  # type: ignore[arg-type]
        Recalled(id="q", at_ms=began + 22, turn="t1", items=recalled), said("t1", words),
        Dropped(id="d", at_ms=began + 30, cause="c2", reason=reason, item="chat"),
    ]  # fmt: skip


def compared(before: list[Event], after: list[Event]) -> Comparison:
    return compare(tell(before), tell(after))


def test_a_show_and_itself_are_the_same():
    found = compared(a_show(), a_show())
    assert set(found.changed.values()) == {0}
    assert all(not one.changes for one in found.messages)
    assert all(total.before == total.after for total in (*found.totals, *found.reasons))
    assert found.lines == ()


@pytest.mark.parametrize(
    ("other", "message", "changes"),
    [
        ({"words": "Bye."}, "c1", ("words",)),
        ({"route": "hard"}, "c1", ("route",)),
        ({"memory": "tea"}, "c1", ("memories",)),
        ({"reason": "stale"}, "c2", ("choice",)),
        ({"audio_ms": 5000}, "", ()),
        ({"began": 2 * B}, "", ()),
    ],
)
def test_only_what_is_different_is_a_change(other: dict[str, Any], message: str, changes: tuple[str, ...]):
    found = compared(a_show(), a_show(**other))
    assert {one.id: one.changes for one in found.messages if one.changes} == ({message: changes} if message else {})
    assert sum(found.changed.values()) == len(changes)


def test_a_message_that_was_dropped_in_one_is_chosen_differently():
    found = compared(a_show(), [event for event in a_show() if event.turn != "t1"])
    assert found.messages[0].changes == ("choice", "route", "words")
    assert found.messages[0].after is not None
    assert found.messages[0].after.reason == "show_ended"


def test_a_message_that_came_in_one_only_has_one_side():
    later = Chat(id="c3", at_ms=B + 50, platform="twitch", name="zoe", text="late")
    found = compared(a_show(), [*a_show(), later])
    assert [one.id for one in found.messages] == ["c1", "c2", "c3"]
    assert (found.messages[2].before, found.messages[2].changes, found.messages[2].at_ms) == (None, ("presence",), 50)


def test_latencies_and_totals_are_given_for_both():
    found = compared(a_show(), a_show(audio_ms=700, reason="stale"))
    first = found.messages[0]
    assert first.before is not None
    assert first.after is not None
    assert (first.before.first_audio_ms, first.after.first_audio_ms) == (300, 700)
    totals = {total.name: (total.before, total.after) for total in found.totals}
    assert totals["first_audio_p50_ms"] == (300, 700)
    assert totals["answered"] == totals["route_simple"] == (1, 1)
    assert {one.name: (one.before, one.after) for one in found.reasons} == {"bot": (1, 0), "stale": (0, 1)}


def test_her_own_turns_are_compared_by_their_purpose():
    assert compared(a_show(), a_show(opening="Good evening.")).lines == ("greeting",)


def test_what_was_taken_back_in_either_is_not_shown():
    gone = Retract(id="x", at_ms=B + 99, target_event="c1")
    first = compared(a_show(), [*a_show(), gone]).messages[0]
    assert (first.text, first.deleted) == ("", True)


def test_a_message_heard_twice_is_compared_once():
    twice = [*a_show(), next(event for event in a_show() if event.id == "c1")]
    assert [one.id for one in compared(twice, twice).messages] == ["c1", "c2"]


def test_an_empty_show_can_be_compared():
    found = compared([], a_show())
    assert found.changed["presence"] == 2
    assert msgspec.json.decode(msgspec.json.encode(found), type=Comparison) == found
