"""What differs between two answers is marked, and taken together the words are the words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.report.compare_words import differing


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("It is blue.", "It is very blue.", ("It is blue.", "It is <ins>very </ins>blue.")),
        ("It is dark blue.", "It is blue.", ("It is <del>dark </del>blue.", "It is blue.")),
        ("空は青いね。", "空は赤いね。", ("空は<del>青</del>いね。", "空は<ins>赤</ins>いね。")),
        ("one two", "three", ("one two", "three")),
        ("", "new", ("", "new")),
        ("same", "same", ("same", "same")),
    ],
)
def test_words_and_characters_that_differ_are_marked(before: str, after: str, told: tuple[str, str]):
    assert differing(before, after) == tuple(f"<bdi>{text}</bdi>" for text in told)


@given(st.text("ab <青&", max_size=12), st.text("ab <青&", max_size=12))
def test_nothing_is_lost_and_nothing_becomes_markup(before: str, after: str):
    for text, marked in zip((before, after), differing(before, after), strict=True):
        bare = re.sub(r"</?(?:bdi|del|ins)>", "", marked)
        assert bare.replace("&lt;", "<").replace("&amp;", "&") == text
