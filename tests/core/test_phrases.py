"""Drawn-out and shouted forms of an interjection are the interjection."""

import pytest

from vtuber.core.phrases import INTERJECTIONS, folded


@pytest.mark.parametrize(
    "said",
    [
        "Oh wow,",
        "OH WOW!!",
        "Hmmmm...",
        "Yesss!",
        "わあ、",
        "わああああ！",
        "えーーっと…",
        "うーん、",
        "Let’s see,",
        "やったーー！",
    ],
)
def test_an_interjection_is_known_however_it_is_drawn_out(said: str):
    assert folded(said) in INTERJECTIONS


@pytest.mark.parametrize("said", ["I won!", "Neko,", "みんな、", "", "…", "!!", "わたし"])
def test_other_words_are_none(said: str):
    assert folded(said) not in INTERJECTIONS


def test_no_interjection_is_empty():
    assert "" not in INTERJECTIONS
    assert len(INTERJECTIONS) > 150
