"""Pieces are hashed the same everywhere; cues are named; stretches hold whole sentences."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.routing_features import BUCKETS, HEAP, NAMES, WINDOW, cues, pieces, windows, words

ROOT = Path(__file__).resolve().parents[2]


def shown(text: str) -> set[str]:
    return {name for name, seen in zip(NAMES, cues(text), strict=True) if seen}


@given(st.text(min_size=1, max_size=300))
def test_pieces_are_a_unit_vector_of_known_buckets(text: str):
    found = pieces(text)
    assert sum(weight**2 for weight in found.values()) == pytest.approx(1)
    assert all(0 <= bucket < BUCKETS for bucket in found)


def test_another_process_with_another_hash_seed_gives_the_same_pieces():
    code = "from vtuber.core.routing_features import pieces; print(sorted(pieces('why ねこ 0')))"
    results = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }
    assert results == {str(sorted(pieces("why ねこ 0"))).encode()}


@given(st.text(max_size=400))
def test_stretches_hold_the_whole_text_in_order(text: str):
    assert "".join("".join(windows(text)).split()) == "".join(text.split())


def test_short_sentences_share_a_stretch_and_long_ones_stand_alone():
    long = "a" * WINDOW
    assert windows("hi. ok? " + long) == ("hi. ok?", long)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("compare tea and coffee", "a comparison"),
        ("紅茶とコーヒーの違い", "a comparison"),
        ("why is that", "a cause"),
        ("なんでそうなる", "a cause"),
        ("how does it work", "how something works"),
        ("仕組みは?", "how something works"),
        ("prove it", "an argument"),
        ("確率は?", "a calculation"),
        ("def f(x): return x", "code"),
        ("0 + 0", "work with numbers"),
    ],
)
def test_cues_are_seen_in_both_languages(text: str, cue: str):
    assert cue in shown(text)


def test_words_without_a_sentence_are_a_heap():
    assert HEAP in shown("entropy algorithm theorem hello")
    assert HEAP not in shown("is the theorem an algorithm")


def test_japanese_words_are_counted_by_their_length():
    assert words("why is it") == 3
    assert words("今日はいい天気") == 4
    assert words("!?") == 0
