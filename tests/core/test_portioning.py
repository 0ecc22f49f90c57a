from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.portioning import cut, ends, tokens

TEXTS = st.text(st.sampled_from("abc 。.！?\nあ漢"), max_size=300)


def test_a_text_is_cut_where_a_sentence_or_a_line_ends():
    assert cut("One sentence. Another one that is too long to fit in here.", 8) == "One sentence."
    assert cut("最初の文。次の文はとても長いので入らない。", 8) == "最初の文。"
    assert cut("a line\nanother line that is too long", 5) == "a line"


def test_a_dot_in_a_number_ends_no_sentence():
    assert cut("It is 3.5 metres and a half and more and more", 4) == "It is 3.5 metres"


def test_of_a_long_text_the_beginning_and_the_end_are_kept():
    text = ends("the question is this " + "bla " * 200 + "and what do you think?", 30)
    assert text.startswith("the question is this")
    assert text.endswith("what do you think?")
    assert "…" in text


@given(TEXTS, st.integers(0, 80))
def test_no_cut_is_longer_than_its_portion(text: str, limit: int):
    assert tokens(cut(text, limit)) <= limit
    assert text.startswith(cut(text, limit))
    if limit:
        assert tokens(ends(text, limit)) <= limit


@given(TEXTS)
def test_what_fits_stays_as_it_is(text: str):
    assert cut(text, tokens(text)) == ends(text, tokens(text)) == text


@given(TEXTS, TEXTS)
def test_a_whole_has_no_more_tokens_than_its_parts(one: str, other: str):
    assert max(tokens(one), tokens(other)) <= tokens(one + other) <= tokens(one) + tokens(other)
