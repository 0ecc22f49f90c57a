import msgspec
import pytest
from sqlite_utils import Database

from tests.contracts.event_memory import CAT, airing, ban, chat, performed
from vtuber.adapters.memory import database, overview, writing
from vtuber.events import Retract


@pytest.fixture
def db():
    opened = database.connect(None)
    writing.sync_lore(opened, ["She lives in a lighthouse."])
    said = [chat("a", CAT, at=1), chat("b", "hi", viewer="t:2", at=2), performed("p", "Hello cat", viewer="t:1", at=3)]
    writing.add(opened, [*said, chat("c", "oops", viewer="t:2", at=4)], "s")
    writing.retract(opened, Retract(id="r", at_ms=5, target_event="c"), "s")
    yield opened
    opened.close()


def test_memories_come_newest_first_and_of_one_viewer_if_asked(db: Database):
    assert [memory.id for memory in overview.memories(db, "t:1", 9)] == ["memory:a"]
    assert [memory.scope for memory in overview.memories(db, "", 9)] == ["viewer", "lore"]
    assert len(overview.memories(db, "", 1)) == 1


def test_a_timeline_holds_what_happened_and_what_she_answered_a_viewer(db: Database):
    assert [event.id for event in overview.timeline(db, "", 9)] == ["a", "b", "p"]
    assert [event.id for event in overview.timeline(db, "t:1", 9)] == ["a", "p"]
    assert [event.id for event in overview.timeline(db, "", 1)] == ["p"]


def test_a_timeline_leaves_out_what_she_answered_a_namesake(db: Database):
    namesake = [chat("n", "hi", viewer="u:1", at=6), performed("m", "Hello you", viewer="u:1", at=7)]
    other_name = performed("o", "Hello dear", viewer="t:1", to="dear", at=8)
    writing.add(db, [*namesake, other_name], "s")
    assert [event.id for event in overview.timeline(db, "t:1", 9)] == ["a", "p", "o"]


def test_what_she_said_to_somebody_makes_nobody_a_viewer(db: Database):
    before = overview.viewers(db), overview.stats(db).viewers
    writing.add(db, [performed("q", "Hello you", viewer="t:5", at=9)], "s")
    assert (overview.viewers(db), overview.stats(db).viewers) == before
    assert not overview.known(db, "t:5")
    assert overview.known(db, "t:1")


def test_words_are_found_in_what_was_said(db: Database):
    assert [event.id for event in overview.saying(db, "CAT", "", 9)] == ["a", "p"]
    assert [event.id for event in overview.saying(db, "cat", "t:1", 9)] == ["a"]


def test_a_name_may_hold_a_comma(db: Database):
    writing.add(db, [msgspec.structs.replace(chat("n", "hi", viewer="t:9", at=9_999), name="Anna, the 2nd")], "s")
    assert overview.viewers(db)[0].names == ("Anna, the 2nd",)


def test_viewers_and_figures_leave_out_what_was_retracted(db: Database):
    seen = {viewer.viewer_id: (viewer.names, viewer.events, viewer.memories) for viewer in overview.viewers(db)}
    assert seen == {"t:1": (("1",), 1, 1), "t:2": (("2",), 1, 0)}
    stats = overview.stats(db)
    assert stats.events == {"chat": 2, "performed": 1}
    assert (stats.retracted, stats.viewers, stats.waiting, stats.first_ms, stats.last_ms) == (1, 2, 2, 1, 3)
    assert stats.memories == {"lore": 1, "viewer": 1}


def test_a_banned_viewer_is_known_and_counted_but_is_no_event(db: Database):
    before = overview.viewers(db), overview.timeline(db, "", 9), overview.stats(db).events
    writing.add(db, [airing("a"), ban("t:7")], "s")
    assert (overview.viewers(db), overview.timeline(db, "", 9), overview.stats(db).events) == before
    assert overview.known(db, "t:7")
    assert not overview.known(db, "")
    assert overview.stats(db).banned == 1


def test_a_store_from_before_there_were_bans_can_be_looked_at(db: Database):
    db.table("bans").drop()
    db.table("answers").drop()
    assert overview.known(db, "t:1")
    assert not overview.known(db, "t:7")
    assert overview.stats(db).banned == 0
