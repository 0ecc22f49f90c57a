import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.wording import audible, for_a_voice, one_line, spoken_ms, voice_language

HARD = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("\x1b[]2Jm;\x07\x9b0aあ\u202e\u200b́\r\n\t<>"), max_size=60
)


@given(HARD, st.integers(1, 40))
def test_one_line_holds_no_control_escape_or_direction_character_and_no_more_than_asked(text: str, limit: int):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not any(unicodedata.category(char)[0] == "C" for char in line)
    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07hello", "hello"),
        ("a\r\nb\tc", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("日本語 👍", "日本語 👍"),
        ("e" + "\u0301" * 50, "e\u0301\u0301"),
        ("[bold]x[/]", "[bold]x[/]"),
    ],
)
def test_words_stay_and_tricks_go(text: str, line: str):
    assert one_line(text) == line


def test_a_long_line_ends_in_an_ellipsis():
    assert one_line("abcdef", 4) == "abc…"


@given(HARD)
def test_a_voice_is_given_no_command_picture_or_control_character(text: str):
    spoken = for_a_voice(text)
    assert len(spoken) <= 300
    assert not set(spoken) & set("<>[]{}|\\^`*_")
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "So", "Sk"} for char in spoken)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<break/>hello", "break/ hello"),
        ("[[rate 900]]hi", "rate 900 hi"),
        ("えへへ〜♪", "えへへー"),
        ("ｶﾞｰﾙ", "ガール"),
        ("nice 🎉 party", "nice party"),
        ("❤️", ""),
        ("x" * 400, "x" * 300),
    ],
)
def test_a_voice_is_given_the_words_alone(text: str, spoken: str):
    assert for_a_voice(text) == spoken


def test_only_letters_and_digits_can_be_heard():
    assert audible("あ")
    assert audible("7")
    assert not audible("…!? ♪")


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("hello there", "en", "en"),
        ("hello みか", "en", "ja"),
        ("漢字", "en", "ja"),
        ("see you tomorrow", "ja", "en"),
        ("OK", "ja", "ja"),
        ("GG!", "ja", "ja"),
        ("42", "en", "en"),
        ("A・B", "en", "en"),
    ],
)
def test_the_script_says_whose_voice_can_read_it(text: str, declared: str, language: str):
    assert voice_language(text, declared) == language


def test_japanese_takes_about_a_seventh_of_a_second_a_mora():
    assert spoken_ms("あいうえおかき") == 1000
    assert spoken_ms("きゃきゅきょしゃしゅしょちゃ") == 1000  # seven morae


def test_english_takes_about_a_second_for_fifteen_characters():
    assert spoken_ms("fifteen letters") == 1000


def test_a_pause_inside_takes_time_and_one_at_the_end_does_not():
    assert spoken_ms("あいうえお、かきくけこ。") - spoken_ms("あいうえおかきくけこ") == 200


@given(st.text(max_size=100), st.text(max_size=100))
def test_more_words_never_take_less_time(text: str, more: Any):
    assert 300 <= spoken_ms(text) <= spoken_ms(text + more) + 1
    assert spoken_ms(text, speed=2.0) <= spoken_ms(text)
