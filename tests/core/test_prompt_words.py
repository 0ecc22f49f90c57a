import string

import pytest

from vtuber.core import prompt_words as words
from vtuber.core.verdict import VerdictFilter

PLAIN = [
    words.RULES, words.ALONE, words.NOT_THIS, words.MEMORY, words.PENDING, words.FOUND, words.ALOUD, words.WRITTEN,
    words.SAID, words.VOICE,
]  # fmt: skip


@pytest.mark.parametrize("table", PLAIN)
def test_both_languages_have_the_same_gaps_to_fill(table: dict[str, str]):
    gaps = [sorted(name or "" for _, name, _, _ in string.Formatter().parse(table[language]) if name is not None)
            for language in ("en", "ja")]  # fmt: skip
    assert gaps[0] == gaps[1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_marks_of_the_rules_and_the_examples_are_those_that_are_understood(language: str):
    asked = words.VERDICT[language]  # type: ignore[index]
    assert ("[deep]" in asked["deep"], "[tool]" in asked["tool"]) == (True, True)
    for _, she in words.SHOTS[language]:  # type: ignore[index]
        marks = VerdictFilter()
        shown = marks.feed(she) + marks.close()
        assert bool(marks.verdict) != bool(shown)


def test_the_examples_of_both_languages_ask_the_same_things_in_the_same_order():
    assert [she == "[deep]" for _, she in words.SHOTS["en"]] == [she == "[deep]" for _, she in words.SHOTS["ja"]]
