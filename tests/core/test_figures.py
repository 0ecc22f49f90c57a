"""Numbers are said as people say them, rounded only with a word for it; number words become digits."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.figures import in_digits, said, written
from vtuber.events import Language


@pytest.mark.parametrize(
    ("value", "en", "ja"),
    [
        ("391", "391", "391"),
        ("-5", "minus 5", "マイナス5"),
        ("0.3", "0.3", "0.3"),
        ("1/8", "0.125", "0.125"),
        ("1/3", "about 0.333", "約0.333"),
        ("8.04672", "about 8.05", "約8.05"),
        ("-10/3", "about minus 3.33", "約マイナス3.33"),
        ("1/1234", "about 0.00081", "約0.00081"),
        ("10000000000000001", "about 10 to the power of 16", "約10の16乗"),
        ("2500000000000000000", "2.5 times 10 to the power of 18", "2.5かける10の18乗"),
        ("1/4000000000", "2.5 times 10 to the power of minus 10", "2.5かける10のマイナス10乗"),
        ("9999999999999999999", "about 10 to the power of 19", "約10の19乗"),
    ],
)
def test_a_number_is_said_in_both_languages(value: str, en: str, ja: str):
    assert said(Fraction(value), "en") == en
    assert said(Fraction(value), "ja") == ja


def test_a_number_that_is_not_exact_is_said_to_be_about_that():
    assert said(Fraction(2), "en", exact=False) == "about 2"
    assert written(Fraction(2), exact=False) == "about 2"


@given(st.fractions(), st.sampled_from(["en", "ja"]))
def test_what_is_said_is_short_and_as_near_as_it_says(value: Fraction, language: Language):
    text = said(value, language)
    assert len(text) <= 60
    if "10" in text and ("power" in text or "乗" in text):
        return
    about = text.startswith(("about ", "約"))
    bare = text.removeprefix("about ").removeprefix("約").replace("minus ", "-").replace("マイナス", "-")
    told = Fraction(bare)
    assert abs(told - value) <= abs(value) / 200 if about else told == value


@given(st.integers(-(10**29), 10**29))
def test_a_whole_number_is_written_in_full(value: int):
    assert written(Fraction(value)) == str(value)


@given(st.fractions().filter(bool))
def test_a_written_number_is_right_to_nine_digits(value: Fraction):
    told = Fraction(written(value).removeprefix("about "))
    assert abs(told - value) <= abs(value) / 10**9


def english(number: int) -> str:
    """Say a number below ten thousand the long way."""
    small = re.findall(
        r"\w+",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
    )
    tens = re.findall(r"\w+", "_ _ twenty thirty forty fifty sixty seventy eighty ninety")
    if number < 20:
        return small[number]
    if number < 100:
        return tens[number // 10] + (f"-{small[number % 10]}" if number % 10 else "")
    scale, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = number % scale
    return f"{english(number // scale)} {name}" + (f" and {english(rest)}" if rest else "")


def japanese(number: int) -> str:
    digits = "〇一二三四五六七八九"
    if number < 10:
        return digits[number]
    for step, name in ((10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= step:
            head, rest = divmod(number, step)
            return ("" if head == 1 and name != "万" else japanese(head)) + name + (japanese(rest) if rest else "")
    raise AssertionError


@given(st.integers(0, 9_999))
def test_english_number_words_become_their_number(number: int):
    assert in_digits(english(number)) == str(number)


@given(st.integers(0, 99_999_999))
def test_kanji_numbers_become_their_number(number: int):
    assert in_digits(japanese(number)) == str(number)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("a six sided die", "a 6 sided die"),
        ("twenty five times four", "25 times 4"),
        ("one hundred and five plus 2", "105 plus 2"),
        ("three point five", "3.5"),
        ("3万円", "30000円"),
        ("1万2千", "12000"),
        ("2.5万", "25000"),
        ("二〇二四", "2024"),
        ("六畳", "6畳"),
        ("five six", "five six"),
        ("ten five", "ten five"),
        ("someone phoned", "someone phoned"),
        ("17 and 23", "17 and 23"),
        ("1,200円", "1,200円"),
    ],
)
def test_number_words_are_read_where_they_are_one_number(text: str, digits: str):
    assert in_digits(text) == digits


@given(st.text(alphabet="one two three ten forty hundred thousand and十百千万億兆一二三〇1.,- ", max_size=60))
def test_no_heap_of_number_words_is_too_much(text: str):
    assert isinstance(in_digits(text), str)
