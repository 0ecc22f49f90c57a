"""Emotes are marked where the platform says they stand, and nothing of the text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.emotes import marked


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("Kappa hi Kappa", [(9, 13), (0, 4)], (":Kappa: hi :Kappa:", 2)),
        ("やあ Kappa", [(3, 7)], ("やあ :Kappa:", 1)),
        ("<3 love", [(0, 1)], ("<3 love", 1)),
        ("Kappa", [(0, 4), (0, 4), (1, 2)], (":Kappa:", 1)),
        ("Kappa", [(3, 5), (9, 9), (4, 3)], ("Kappa", 0)),
        ("", [(0, 0)], ("", 0)),
    ],
)
def test_an_emote_is_marked_by_its_name(text: str, spans: list[tuple[int, int]], expected: tuple[str, int]):
    assert marked(text, spans) == expected


@given(st.text("ab :", max_size=20), st.lists(st.tuples(st.integers(-3, 25), st.integers(-3, 25)), max_size=5))
def test_apart_from_the_marks_the_text_stays_what_it_was(text: str, spans: list[tuple[int, int]]):
    shown, count = marked(text, spans)
    assert shown.replace(":", "") == text.replace(":", "")
    assert len(shown) - len(text) in range(0, 2 * count + 1, 2)
