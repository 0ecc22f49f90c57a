"""A client is told that a message is safe when all of it is, and is read no faster than its pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.chat import local_codec
from vtuber.adapters.chat.local_codec import Heard
from vtuber.adapters.chat.local_receipts import Pace, Receipts
from vtuber.events import Chat, Dropped, Remembered, Retract


def message(name: str) -> Chat:
    return Chat(id=name, at_ms=0, platform="local")


def safe(name: str) -> Remembered:
    return Remembered(id=f"{name}!", at_ms=0, cause=name)


def dropped(name: str, reason: str, item: str) -> Dropped:
    return Dropped(id=f"{name}!", at_ms=0, cause=name, reason=reason, item=item)


def test_a_receipt_is_given_once_to_everyone_who_sent_the_message():
    receipts: Receipts[str] = Receipts()
    assert receipts.expect("A", Heard("m1", (message("x"),))) == ["x"]
    assert receipts.expect("B", Heard("m2", (message("x"),))) == ["x"]
    assert receipts.settle(safe("other")) == []
    assert receipts.settle(safe("x")) == [("A", local_codec.ok("m1")), ("B", local_codec.ok("m2"))]
    assert receipts.settle(safe("x")) == []
    assert len(receipts) == 0


def test_what_a_client_sends_again_while_it_is_on_its_way_goes_through_the_show_once():
    receipts: Receipts[str] = Receipts()
    heard = Heard("m1", (message("x"),))
    assert receipts.expect("A", heard) == ["x"]
    assert receipts.expect("A", heard) == []
    assert receipts.settle(safe("x")) == [("A", local_codec.ok("m1"))] * 2
    assert receipts.expect("A", heard) == ["x"]


def test_an_edit_is_safe_when_both_of_its_events_are():
    receipts: Receipts[str] = Receipts()
    receipts.expect("A", Heard("m1", (Retract(id="gone", at_ms=0, target_event="x"), message("new"))))
    assert receipts.settle(safe("gone")) == []
    assert receipts.settle(safe("new")) == [("A", local_codec.ok("m1"))]


@pytest.mark.parametrize("first", ["gone", "new"])
def test_an_edit_of_which_a_part_is_lost_is_not_safe(first: str):
    receipts: Receipts[str] = Receipts()
    receipts.expect("A", Heard("m1", (Retract(id="gone", at_ms=0, target_event="x"), message("new"))))
    ((client, told),) = receipts.settle(dropped(first, "stage_failed", "memory"))
    assert client == "A"
    assert b'"error":"not_saved"' in told
    assert b'"id":"m1"' in told
    assert receipts.settle(safe({"gone", "new"}.difference({first}).pop())) == []
    assert len(receipts) == 0


@pytest.mark.parametrize(
    ("reason", "item", "lost"),
    [
        ("stage_failed", "memory", True),
        ("stage_down", "memory", True),
        ("stage_failed", "chat", True),
        ("stage_down", "notice", True),
        ("overflow", "chat", False),
        ("bot", "chat", False),
        ("retracted", "chat", False),
    ],
)
def test_only_what_memory_never_got_is_lost_and_not_what_is_merely_unanswered(reason: str, item: str, lost: bool):
    receipts: Receipts[str] = Receipts()
    receipts.expect("A", Heard("m1", (message("x"),)))
    assert bool(receipts.settle(dropped("x", reason, item))) == lost


def test_nothing_is_kept_for_a_client_that_is_gone():
    receipts: Receipts[str] = Receipts()
    for client in ("A", "B"):
        receipts.expect(client, Heard("m", (message("x"), message(f"of {client}"))))
    receipts.leave("A")
    assert receipts.settle(safe("x")) == []
    assert receipts.settle(safe("of B")) == [("B", local_codec.ok("m"))]
    assert len(receipts) == 0


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.sampled_from(["send", "safe", "lost"]))))
def test_every_message_sent_is_answered_exactly_once_whatever_the_order(steps: list[tuple[str, str, str]]):
    receipts: Receipts[str] = Receipts()
    owed: dict[str, list[str]] = {name: [] for name in "xyz"}
    for client, name, step in steps:
        if step == "send":
            receipts.expect(client, Heard(name, (message(name),)))
            owed[name].append(client)
        else:
            event = safe(name) if step == "safe" else dropped(name, "stage_failed", "memory")
            assert [told for told, _ in receipts.settle(event)] == owed[name]
            owed[name] = []
    assert len(receipts) == sum(map(bool, owed.values()))


def test_a_burst_is_read_at_once_and_what_follows_at_the_rate():
    pace = Pace(rate=1000, burst=2000)
    waits = [pace.wait_ms(1_700_000_000_000) for _ in range(2500)]
    assert waits[:2000] == [0] * 2000
    assert waits[2499] == 500
    assert pace.wait_ms(1_700_000_000_500) == 1
    assert pace.wait_ms(1_700_000_010_000) == 0


@given(st.lists(st.integers(0, 50), max_size=200))
def test_no_more_than_the_rate_allows_is_read_in_any_time(gaps: list[int]):
    pace, now, read = Pace(rate=100, burst=5), 0, []
    for gap in gaps:
        now += gap
        now += round(pace.wait_ms(now))
        read.append(now)
    for first in range(len(read)):
        for last in range(first, len(read)):
            assert last - first + 1 <= 5 + 1 + (read[last] - read[first]) / 10
