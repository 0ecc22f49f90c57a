from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.lexical import content, coverage, names, normalized, rarity, script, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("うちの猫の名前はモチコです", ("猫", "名前", "モチコ", "モチ", "チコ")),
        ("東京都知事", ("東京都知事", "東京", "京都", "都知", "知事")),
        ("ﾗｰﾒﾝとＧＡＭＥ", ("ラーメン", "ラー", "ーメ", "メン", "game")),
        ("My cats were running to Denny's in 2024.05", ("my", "cat", "were", "run", "to", "denny", "in", "2024.05")),
        ("stories parties kisses buses", ("story", "party", "kisse", "buse")),
        ("한국어 東京에서 привет", ("한국어", "東京", "에서", "привет")),
        ("それはとても", ()),
        ("", ()),
    ],
)
def test_a_text_has_these_words(text: str, words: Any):
    assert tokens(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cats", "cat"),
        ("running", "run"),
        ("stopped", "stop"),
        ("stories", "story"),
        ("movies", "movie"),
        ("makes", "make"),
        ("ＲＡＭＥＮ", "ramen"),
        ("ﾓﾁ", "モチ"),
        ("Biscuit's", "biscuit"),
        ("don’t", "don't"),
    ],
)
def test_forms_of_one_word_meet(one: str, other: str):
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"), [("bus", "bu"), ("glass", "glas"), ("this", "thi"), ("is", "i"), ("1.5", "15")]
)
def test_different_words_stay_apart(one: str, other: str):
    assert tokens(one) != tokens(other)


def test_common_words_carry_no_meaning():
    assert content("do you remember what my cat is called?") == ("cat",)
    assert content("私の猫の名前、覚えてる?") == ("猫", "名前")


def test_names_are_numbers_katakana_and_capitals_inside_a_sentence():
    assert names("I moved to Sapporo in 2021. Then Tokyo") == {"sapporo", "2021", "tokyo"}
    assert names("コタロウは3歳") == {"コタロウ", "3"}
    assert names("Hello") == frozenset()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("こんにちは", "ja"),
        ("gg 草", "ja"),
        ("hello", "en"),
        (":kappa: :猫:", "ja"),
        (":kappa:", ""),
        ("123!", ""),
        ("привет", "en"),
    ],
)
def test_the_script_tells_the_language(text: str, told: str):
    assert script(text) == told


@given(st.text())
def test_any_text_has_normal_words(text: str):
    words = tokens(text)
    assert all(word and not word.isspace() for word in words)
    assert set(content(text)) <= set(words)
    assert len(set(content(text))) == len(content(text))


@given(st.text())
def test_normalizing_twice_changes_nothing_for_what_is_compared(text: str):
    once = normalized(text)
    assert tokens(once) == tokens(normalized(once))


@given(st.dictionaries(st.sampled_from(["cat", "dog", "猫", "tokyo"]), st.floats(0.01, 9)), st.text())
def test_coverage_lies_between_nothing_and_all(wanted: Any, text: str):
    assert 0.0 <= coverage(wanted, text) < 1.0
    assert coverage(wanted, f"{text} cat dog 猫 tokyo") >= coverage(wanted, text)


@given(st.integers(0, 10**6), st.data())
def test_a_rarer_word_weighs_more(memories: Any, data: Any):
    often = data.draw(st.integers(0, memories))
    seldom = data.draw(st.integers(0, often))
    assert rarity(memories, seldom) >= rarity(memories, often) >= 0
