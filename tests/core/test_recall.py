from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.recall import FLOOR, rank
from vtuber.ports import Candidate

DAY = 86_400_000
NOW = 400 * DAY


def memory(name: str, text: str = "something", **more: Any):
    given_ = {"id": name, "text": text, "scope": "viewer", "viewer_id": "t:1", "at_ms": NOW, **more}
    return Candidate(**given_)


def order(*candidates: Any, asked: str = "question", k: Any = 9):
    return [found.id for found in rank(candidates, asked, NOW, k)]


def test_the_nearest_in_meaning_comes_first():
    assert order(memory("far", "a", dense=0.25), memory("near", "b", dense=0.4)) == ["near", "far"]


def test_the_same_words_count_and_rather_more_in_english_than_in_japanese():
    means, words = memory("means", "a", dense=0.3), memory("words", "b", dense=0.0, lexical=0.7)
    assert order(means, words, asked="where is my cat") == ["words", "means"]
    assert order(means, words, asked="猫はどこ") == ["means", "words"]


def test_what_is_unrelated_stays_out():
    assert order(memory("a", "x", dense=0.1), memory("b", "y", dense=-0.3), memory("c", "z", lexical=0.2)) == []


def test_what_is_much_worse_than_the_best_stays_out():
    assert order(memory("a", "x", dense=0.8), memory("b", "y", dense=0.25)) == ["a"]


@pytest.mark.parametrize("asked", ["did I go to Sapporo?", "Did I get 42 points?", "コタロウは元気?"])
def test_a_name_or_number_that_is_the_same_decides(asked: str):
    texts = {"hit": "Sapporo 42 コタロウ", "miss": "Portland 41 コジロウ"}
    assert order(*(memory(name, text, dense=0.4) for name, text in texts.items()), asked=asked)[0] == "hit"


def test_recency_decides_only_between_near_ties():
    old, new = memory("old", "x", dense=0.40, at_ms=0), memory("new", "y", dense=0.38)
    assert order(old, new) == ["new", "old"]
    assert order(memory("old", "x", dense=0.5, at_ms=0), new) == ["old", "new"]


def test_importance_decides_only_between_near_ties():
    paid, plain = memory("paid", "x", dense=0.38, importance=0.8), memory("plain", "y", dense=0.39)
    assert order(plain, paid) == ["paid", "plain"]


def test_the_question_itself_is_no_answer_and_a_copy_is_shown_once():
    assert order(memory("a", "What is my  CAT called", dense=0.9), asked="what is my cat called") == []
    assert order(memory("a", "I like owls", dense=0.5), memory("b", "i like OWLS", dense=0.5, at_ms=NOW - 1)) == ["a"]


def test_parts_tell_why():
    found = rank([memory("a", "in Sapporo", dense=0.35, lexical=0.5)], "do I live in Sapporo", NOW, 1)[0]
    assert found.parts == {"dense": 5.0, "lexical": 4.0, "exact": 1.0, "recency": 1.1, "importance": 1.0}
    assert found.score == pytest.approx(11.0)


CANDIDATES = st.lists(
    st.builds(
        memory,
        st.uuids().map(str),
        st.text(min_size=1, max_size=12),
        dense=st.floats(-1, 1),
        lexical=st.floats(0, 1),
        importance=st.floats(0, 1),
        at_ms=st.integers(0, NOW),
    ),
    max_size=12,
)


@given(CANDIDATES, st.text(max_size=20), st.integers(0, 12))
def test_any_candidates_are_ranked_alike_in_any_order(candidates: Any, asked: str, k: Any):
    found = rank(candidates, asked, NOW, k)
    assert found == rank(reversed(candidates), asked, NOW, k)
    assert len(found) <= k
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.score >= FLOOR for one in found)
    assert {one.id for one in found} <= {candidate.id for candidate in candidates}


@given(st.floats(0.25, 1), st.integers(0, NOW), st.floats(0, 1))
def test_time_and_importance_move_a_score_by_at_most_a_fifth(dense: Any, at_ms: Any, importance: Any):
    parts = rank([memory("a", dense=dense, at_ms=at_ms, importance=importance)], "q", NOW, 1)
    for found in parts:
        assert 0.81 - 1e-9 <= found.parts["recency"] * found.parts["importance"] <= 1.21 + 1e-9
