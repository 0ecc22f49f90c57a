from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from tests.contracts.event_memory import CAT, chat, performed
from vtuber.adapters.memory import database, reading, rows, writing
from vtuber.adapters.memory.reading import Found
from vtuber.ports import Query


@pytest.fixture
def db():
    opened = database.connect(None)
    yield opened
    opened.close()


def vector(*numbers: float):
    made = np.zeros(4, dtype=np.float32)
    made[: len(numbers)] = numbers
    return made / np.linalg.norm(made)


def ask(text: str = "cat", viewer: str = "t:1", **more: Any):
    return Query(text=text, viewer_id=viewer, at_ms=9_000, **more)


def ids(candidates: Any):
    return [candidate.id for candidate in candidates]


def test_the_nearest_in_meaning_are_found_without_a_common_word(db: Database):
    writing.add(db, [chat("a", CAT), chat("b", "I play the drums every day")], "s")
    reading.embedded(db, [("memory:a", vector(1, 0)), ("memory:b", vector(0, 1))], "m")
    found = reading.candidates(db, ask("猫"), Found(vector=vector(1, 0.1), model_id="m"))
    assert {candidate.id: round(candidate.dense, 2) for candidate in found} == {"memory:a": 1.0, "memory:b": 0.1}


def test_vectors_of_another_model_are_not_compared(db: Database):
    writing.add(db, [chat("a", CAT)], "s")
    reading.embedded(db, [("memory:a", vector(1, 0))], "old")
    assert reading.candidates(db, ask("猫"), Found(vector=vector(1, 0), model_id="m")) == ()
    assert reading.candidates(db, ask("cat"), Found(vector=vector(1, 0), model_id="m"))[0].dense == 0.0


def test_what_the_index_proposes_is_checked_like_everything_else(db: Database):
    writing.add(db, [chat("a", CAT), chat("b", CAT, viewer="t:2")], "s")
    proposed = ("memory:a", "memory:b", "memory:unknown", "lore:x")
    assert ids(reading.candidates(db, ask("zzz"), Found(proposed=proposed))) == ["memory:a"]
    assert ids(reading.candidates(db, ask("zzz", viewer=""), Found(proposed=proposed))) == []


@pytest.mark.parametrize("status", ["candidate", "quarantined", "superseded"])
def test_only_active_memories_are_recalled(db: Database, status: Any):
    writing.add(db, [chat("a", CAT)], "s")
    db.execute("UPDATE memories SET status = ?", [status])
    assert reading.candidates(db, ask(), Found()) == ()


def test_a_rare_word_weighs_more_than_a_common_one(db: Database):
    lines = [f"the weather was fine on day {at}" for at in range(20)]
    writing.add(db, [chat(f"c{at}", line) for at, line in enumerate([*lines, "the theremin was out of tune"])], "s")
    found = reading.candidates(db, ask("weather theremin"), Found())
    best = max(found, key=lambda candidate: candidate.lexical)
    assert best.id == "memory:c20"
    assert 0 < min(candidate.lexical for candidate in found) < best.lexical < 1


@given(text=st.text())
def test_any_question_can_be_asked(text: str):
    opened = database.connect(None)
    writing.add(opened, [chat("a", CAT)], "s")
    assert set(ids(reading.candidates(opened, ask(text), Found()))) <= {"memory:a"}
    assert {candidate.viewer_id for candidate in reading.candidates(opened, ask(text, viewer=text), Found())} <= {
        text
    } - {""}
    opened.close()


def test_the_operator_sees_everybody_or_one(db: Database):
    writing.add(db, [chat("a", CAT), chat("b", CAT, viewer="t:2")], "s")
    assert ids(reading.operator_candidates(db, ask(viewer=""), Found())) == ["memory:a", "memory:b"]
    assert ids(reading.operator_candidates(db, ask(viewer="t:2"), Found())) == ["memory:b"]


def test_a_vector_of_a_memory_that_is_gone_orders_nothing(db: Database):
    writing.add(db, [chat("a", CAT)], "s")
    assert reading.to_embed(db, 5) == [("memory:a", CAT)]
    with db.atomic():
        writing.remove_memory(db, "memory:a")
    reading.embedded(db, [("memory:a", vector(1))], "m")
    assert [(op, name) for _, op, name in reading.orders(db, 5)] == [("delete", "memory:a")]
    assert reading.to_embed(db, 5) == []


def test_the_whole_index_can_be_ordered_anew_lore_first(db: Database):
    writing.add(db, [chat(f"c{at}", f"I have exactly {at} spoons") for at in range(1_100)], "s")
    reading.embedded(db, [(f"memory:c{at}", vector(1, at)) for at in range(1_100)], "m")
    writing.sync_lore(db, ["She lives in a lighthouse."])
    lore = reading.to_embed(db, 1)[0][0]
    reading.embedded(db, [(lore, vector(1))], "m")
    reading.order_all(db, "m")
    reading.order_all(db, "m")
    ordered = [(op, name) for _, op, name in reading.orders(db, 9_999)]
    assert ordered == [("upsert", lore), *(("upsert", f"memory:c{at}") for at in range(1_100))]
    assert (reading.indexable(db, "m"), reading.indexable(db, "other")) == (1_101, 0)
    found = reading.index_rows(db, "m", ["memory:c3", "never there"])
    assert [row.id for row in found] == ["memory:c3"]
    assert np.allclose(found[0].vector, vector(1, 3), atol=1e-3)


def test_a_weak_id_owns_nothing():
    assert [reading.owner(who) for who in ("t:1", "t:login:x", "", "login:x")] == ["t:1", "", "", "login:x"]


def test_the_newest_events_come_oldest_first(db: Database):
    writing.add(db, [chat(f"c{at}", "hi", at=at) for at in range(5)], "s")
    assert [event.id for event in reading.recent(db, 3)] == ["c2", "c3", "c4"]
    assert rows.kept(reading.recent(db, 1)[0]) is not None


def test_of_a_long_stream_the_newest_ids_are_known_and_the_last_by_arrival(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "HEARD", 3)
    writing.add(db, [chat(f"c{at}", "hi", at=100 - at) for at in range(6)], "s")
    writing.add(db, [performed("p", "Hello", at=50)], "s")
    left = reading.left(db, "s")
    assert left.heard == {"c3", "c4", "c5"}
    assert (left.last_heard, left.last_ms) == ("c5", 100)
