"""An utterance knows how much it holds and what is open in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.utterance import Utterance, is_joined


def utterance(text: str) -> Utterance:
    grown = Utterance()
    for char in text:
        grown.add(char)
    return grown


def test_japanese_and_other_characters_count_together():
    assert utterance("ありがとう").holds((6, 15)) is False
    assert utterance("ありがとうね").holds((6, 15))
    assert utterance("thanks a lot ok").holds((6, 15))
    assert utterance("ありがthanks a").holds((6, 15))


def test_marks_around_the_words_do_not_count():
    assert not utterance("ありがとう！！！！").holds((6, 15))
    assert not utterance("  ！？ありがとう").holds((6, 15))
    assert utterance("ありがとう！！！！").is_over((9, 90))


@pytest.mark.parametrize("text", ["(a", "「a", '"a', "*a", "a (b [c] d", "a “b", "「a」「", '彼は"', "【a", "```\nx"])
def test_what_is_open_is_seen(text: str):
    grown = utterance(text)
    assert grown.opened or grown.fenced


@pytest.mark.parametrize(
    "text",
    [
        "(a)",
        "「a」",
        '"a"',
        "*a*",
        "**a",
        "**a**",
        "2 * 3",
        "* item",
        "a :( b",
        '5" wide',
        "a) b",
        "「a\nb",
        "`a",
        "```x```",
    ],
)
def test_what_is_closed_or_never_opened_is_not(text: str):
    grown = utterance(text)
    assert not grown.opened
    assert not grown.fenced


@pytest.mark.parametrize("text", ["see https://a.b/c?d", "www.a.com", "youtube.com/watch"])
def test_a_web_address_is_seen(text: str):
    assert utterance(text).in_address()


@pytest.mark.parametrize("text", ["", "and/or", "3.5", "Dr.", "https://a.b done", "猫"])
def test_other_words_are_no_address(text: str):
    assert not utterance(text).in_address()


@pytest.mark.parametrize(("text", "at"), [("a👍🏽", 2), ("👨‍👩", 1), ("🇯🇵", 1), ("e\u0301", 1), ("か\u3099", 1)])
def test_a_character_made_of_several_is_one(text: str, at: int):
    assert is_joined(text, at)
    assert not is_joined("ab", 1)


@given(st.text(alphabet="ab 0'-猫がナー々", max_size=40), st.text(alphabet="ab 0'-猫がナー々", min_size=1, max_size=40))
def test_words_taken_at_once_are_words_taken_one_by_one(before: str, words: str):
    at_once, one_by_one = utterance(before), utterance(before + words)
    assert at_once.add_plain(words, (1000, 1000))
    assert (at_once.text, at_once.amount, at_once.words) == (one_by_one.text, one_by_one.amount, one_by_one.words)


def test_words_are_not_taken_at_once_when_too_many_or_inside_something():
    assert not utterance("").add_plain("x" * 20, (6, 15))
    assert not utterance("(").add_plain("x", (60, 160))
