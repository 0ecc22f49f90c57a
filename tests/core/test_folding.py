"""Disguised letters fold to the plain ones, and plain ones stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.folding import Bare, Folds, readable, runs


def fold(text: str) -> str:
    return readable(text).translate(Folds())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ａｂｃ", "abc"),
        ("аЬс"[:1] + "bc", "abc"),
        ("𝐚𝐛𝐜", "abc"),
        ("á̶b́c", "abc"),
        ("a\u200bb\ufe0fc", "abc"),
        ("ΑΒc", "abc"),
        ("カタカナ", "かたかな"),
        ("ｶﾞｷﾞ", "がぎ"),
        ("ちっちゃ", "ちつちや"),
        ("か\u3099", "が"),
        ("漢字", "漢字"),
        ("\u202ecba", "abc"),
    ],
)
def test_disguises_fold_to_plain_letters(text: str, plain: str):
    assert fold(text) == plain


def test_gaps_and_drawn_out_sounds_can_be_left_out():
    assert "バ・ー カ".translate(Bare()) == "ばか"


def test_repeats_are_counted():
    assert runs("aabccc") == ("abc", (2, 1, 3))
    assert runs("") == ("", ())


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_plain_text_only_loses_its_case_and_control_characters(text: str):
    assert fold(text) == "".join(char for char in text.lower() if char.isspace() or (char >= " " and char != "\x7f"))


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str):
    once = readable(text).translate(Folds())
    assert once.translate(Folds()) == once
