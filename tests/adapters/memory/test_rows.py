import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.event_memory import chat, performed
from vtuber.adapters.memory import rows
from vtuber.events import Clause, Money, Notice, System

ANY_TEXT = st.text()


@given(text=ANY_TEXT, name=ANY_TEXT, at=st.integers(0, 2**50))
def test_an_event_comes_back_as_it_was(text: str, name: str, at: int):
    events = [
        chat("a", text, at=at, roles=("vip", "owner"), money=Money("5", "USD"), reply_to_viewer=name),
        Notice(id="b", at_ms=at, platform="t", notice="raid", name=name, text=text),
        System(id="c", at_ms=at, platform="t", text=text),
        performed("d", text, to=name, at=at),
    ]
    assert [rows.from_body(rows.body(event)) for event in events] == events


def test_only_what_was_heard_or_performed_is_kept():
    assert rows.kept(Clause(id="x", at_ms=1, seq=0, text="x", language="en", source="fast", last=True)) is None
    assert rows.kept(chat("a", "x")) is not None


def test_a_row_says_whose_and_how_far_to_trust_it():
    weak = rows.event_row(chat("a", "やあ", viewer="t:login:x", backlog=True), "s")
    owner = rows.event_row(chat("b", "hi", roles=("member", "owner"), money=Money("1", "JPY")), "s")
    cut = rows.event_row(performed("c", "hi", viewer="t:7", to="anna"), "s")
    alone = rows.event_row(performed("d", "hi"), "s")
    assert (weak["trust"], weak["flags"], weak["lang"]) == (0.3, "weak backlog", "ja")
    assert (owner["trust"], owner["flags"], owner["lang"], owner["importance"]) == (1.0, "paid", "en", 0.8)
    assert (cut["viewer_id"], cut["name"], cut["scope"]) == ("t:7", "anna", "self")
    assert (alone["viewer_id"], alone["name"], alone["scope"]) == ("", "", "self")


def test_vectors_come_back_within_half_precision():
    vectors = np.random.default_rng(1).normal(size=(3, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    back = rows.from_blobs([rows.to_blob(vector) for vector in vectors])
    assert back.dtype == np.float32
    assert np.allclose(back, vectors, atol=1e-3)


def test_lore_belongs_to_nobody():
    row = rows.lore_row("lore:1", "She lives in a lighthouse.")
    assert (row["scope"], row["viewer_id"], row["status"]) == ("lore", "", "active")
