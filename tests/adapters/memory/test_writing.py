from typing import Any

import pytest
from sqlite_utils import Database

from tests.contracts.event_memory import CAT, airing, ban, chat, performed
from vtuber.adapters.memory import database, writing
from vtuber.events import Retract


@pytest.fixture
def db():
    opened = database.connect(None)
    yield opened
    opened.close()


def read(db: Database, sql: Any):
    return [tuple(row) for row in db.execute(sql)]


def test_words_become_a_memory_with_evidence_search_words_and_an_order(db: Database):
    writing.add(db, [chat("a", CAT)], "s")
    assert read(db, "SELECT id, scope, viewer_id, text, status FROM memories") == [
        ("memory:a", "viewer", "t:1", CAT, "active")
    ]
    assert read(db, "SELECT memory_id, event_id FROM memory_evidence") == [("memory:a", "a")]
    assert read(db, "SELECT op, memory_id FROM outbox") == [("embed", "memory:a")]
    assert "biscuit" in read(db, "SELECT words FROM memory_words")[0][0]


def test_the_same_said_again_proves_it_instead_of_filling_the_store(db: Database):
    writing.add(db, [chat("a", CAT), chat("b", f"  {CAT.upper()}"), chat("c", CAT, viewer="t:2")], "s")
    assert read(db, "SELECT viewer_id, proof_count FROM memories ORDER BY n") == [("t:1", 2), ("t:2", 1)]


def test_of_a_batch_all_or_nothing_is_kept(db: Database):
    fine = chat("a", CAT)
    db.execute("CREATE TRIGGER no_memories BEFORE INSERT ON memories BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        writing.add(db, [fine], "s")
    assert read(db, "SELECT COUNT(*) FROM events") == [(0,)]


def test_a_thousand_events_at_once_are_each_kept_once(db: Database):
    events = [chat(f"c{at}", "hi", at=at) for at in range(1_200)]
    assert len(writing.add(db, events + events, "s")) == 1_200
    assert writing.add(db, events, "s") == []


def test_a_retracted_message_keeps_its_id_but_no_word(db: Database):
    writing.add(db, [chat("a", CAT)], "s")
    assert writing.retract(db, Retract(id="r", at_ms=7, target_event="a"), "s") == 1
    assert read(db, "SELECT id, text, text_norm, body, deleted_ms FROM events") == [("a", "", "", "", 7)]
    assert read(db, "SELECT COUNT(*) FROM memories") == [(0,)]
    assert read(db, "SELECT COUNT(*) FROM memory_words") == [(0,)]
    assert read(db, "SELECT op FROM outbox") == [("delete",)]


def test_her_own_words_said_back_are_no_memory(db: Database):
    writing.add(
        db, [performed("p", "I think your cat Biscuit is lovely"), chat("a", "i think your cat biscuit is LOVELY")], "s"
    )
    assert read(db, "SELECT COUNT(*) FROM memories") == [(0,)]


def test_lore_that_stays_keeps_its_vector(db: Database):
    writing.sync_lore(db, ["one two three", "four five six"])
    db.execute("UPDATE memories SET emb = x'00', emb_model = 'm'")
    writing.sync_lore(db, ["four five six", "seven eight nine", "  "])
    assert read(db, "SELECT text, emb_model FROM memories ORDER BY text") == [
        ("four five six", "m"),
        ("seven eight nine", ""),
    ]


def test_facts_of_the_store_can_be_changed(db: Database):
    assert writing.fact(db, "x") == ""
    writing.set_fact(db, "x", "1")
    writing.set_fact(db, "x", "2")
    assert writing.fact(db, "x") == "2"


def test_an_answer_and_a_ban_are_kept_once_as_they_first_came(db: Database):
    assert writing.add(db, [airing("a", "b", at=5), airing("a", at=6), ban("t:1", at=7), ban("t:1", at=8)], "s") == []
    assert read(db, "SELECT * FROM answers") == [("a", "turn", 5), ("b", "turn", 5)]
    assert read(db, "SELECT * FROM bans") == [("t:1", 7, "operator")]
    assert read(db, "SELECT COUNT(*) FROM events") == [(0,)]


def test_a_retraction_leaves_the_answer(db: Database):
    writing.add(db, [chat("a", CAT), airing("a")], "s")
    writing.retract(db, Retract(id="r", at_ms=9_000, target_event="a"), "s")
    assert read(db, "SELECT event_id FROM answers") == [("a",)]
