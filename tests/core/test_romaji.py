"""Kana become letters that an English voice can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.romaji import romanized


@pytest.mark.parametrize(
    ("kana", "letters"),
    [("きゃっと", "Kyatto"), ("ファン", "Fan"), ("まっちゃ", "Matcha"), ("ジェット", "Jetto"), ("漢字", "")],
)
def test_kana_are_written_in_letters(kana: str, letters: str):
    assert romanized(kana) == letters


@given(st.text(max_size=60))
def test_nothing_but_latin_letters_digits_and_spaces_comes_out_of_kana(text: str):
    assert all(ord(char) < 0x250 for char in romanized(text))
