import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.stage_output import BASE_MS, cue, musing, performed
from vtuber.core.run_files import (
    detail_name,
    reading,
    saying,
    segment_name,
    segment_number,
    sound_name,
    subtitle,
    thinking,
)


@given(st.text(max_size=80), st.integers(0, 90_000_000), st.integers(0, 20_000))
def test_a_subtitle_is_always_one_entry_of_one_line(text: str, at_ms: int, heard_ms: int):
    entry = subtitle(7, performed(cue(at_ms=at_ms), heard_ms=heard_ms, text=text), BASE_MS)
    number, times, words, *rest = entry.split("\n")
    assert number == "7"
    assert re.fullmatch(r"\d{2,}:\d\d:\d\d,\d{3} --> \d{2,}:\d\d:\d\d,\d{3}", times)
    assert rest == ["", ""]
    assert "<" not in words


def test_a_subtitle_stays_long_enough_to_be_seen():
    assert "00:00:01,000 --> 00:00:01,400" in subtitle(1, performed(cue(), heard_ms=50), BASE_MS)


def test_hours_are_counted():
    assert "01:01:01,001 --> " in subtitle(1, performed(cue(at_ms=3_661_001)), BASE_MS)


@pytest.mark.parametrize(
    ("to", "about", "shown"),
    [("mika", "hello\nthere", "mika: hello there"), ("mika", "", "mika"), ("", "", ""), ("\x1b[1mx", "y", "x: y")],
)
def test_whom_she_answers_is_shown_with_their_words(to: str, about: str, shown: str):
    assert reading(cue(to=to, about=about)) == shown


@pytest.mark.parametrize(
    ("to", "language", "shown"),
    [
        ("mika", "ja", "mikaさんの質問を考え中: a b"),
        ("ミカちゃん", "ja", "ミカちゃんの質問を考え中: a b"),
        ("mika", "en", "Thinking about mika's question: a b"),
        ("{words}", "en", "Thinking about {words}'s question: a b"),
    ],
)
def test_for_whom_she_thinks_is_told_in_the_viewers_language(to: str, language: str, shown: str):
    assert thinking(musing(to, "a\nb", language=language)) == shown


def test_written_answers_sort_by_their_number():
    assert detail_name(9) == "0009.md" < detail_name(10)


def test_what_she_says_is_one_line():
    assert saying(cue(text="a\nb")) == "a b"


@given(st.text(max_size=60), st.integers(0, 5000))
def test_sound_files_have_names_that_every_file_system_takes(turn: str, number: int):
    one = type(cue())(**{name: getattr(cue(), name) for name in cue().__struct_fields__} | {"turn": turn})
    assert re.fullmatch(r"\d{3,}-[A-Za-z0-9-]{1,40}-0\.wav", sound_name(number, one))


@given(st.text("ab.", min_size=1, max_size=5), st.sampled_from(["", ".jsonl"]), st.integers(2, 123_456))
def test_a_segments_number_is_read_back_from_its_name(stem: str, suffix: str, number: int):
    first = f"x{stem}x{suffix}"
    assert segment_number(first, segment_name(first, number)) == number


@pytest.mark.parametrize(
    "other",
    [
        "journal.jsonl",
        "journal.0001.jsonl",
        "journal.002.jsonl",
        "journal.00002.jsonl",
        "journal.٠٠٠٢.jsonl",
        "journal.0002.jsonl.bak",
        "my.journal.0002.jsonl",
        "0002",
        "journal.0002",
        "journal.jsonl.0002",
    ],
)
def test_other_files_are_no_segments(other: str):
    assert segment_number("journal.jsonl", other) == 0
