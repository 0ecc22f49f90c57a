"""A hub's HTML becomes plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.chat.onecomme_text import plain


@pytest.mark.parametrize(
    ("html", "text", "pictures"),
    [
        ("こんにちは！", "こんにちは！", 0),
        ('hello <img src="https://a.invalid/1.0" alt="Kappa"> you', "hello :Kappa: you", 1),
        ("<img alt=':_mikaHi:' class=x><IMG ALT=草 />", ":_mikaHi::草:", 2),
        ('<img alt="😀" src="/e.png">!', "😀!", 1),
        ('<img src="x" alt="<3">', "<3", 1),
        ('<img title="a > b" alt="&gt;(" >', ">(", 1),
        ("<img src=x>", "", 1),
        ('<img data-alt="no" alt="">', "", 1),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c", 0),
        ("one<br>two<br/>three", "one two three", 0),
        ("<a href='https://example.invalid'>link</a>  <b>bold</b>\n", "link bold", 0),
        ("<script>alert(1)</script>", "alert(1)", 0),
        ("<!-- hidden -->shown", "shown", 0),
        ("I <3 you, 1 < 2 </3", "I <3 you, 1 < 2 </3", 0),
        ('broken <img alt="Kappa', "broken", 0),
        ("broken <b c", "broken", 0),
        ('odd <a title="> then <b>this</b>', "odd then this", 0),
        ("&#xD800;&#0;&bogus;", "\ufffd\ufffd&bogus;", 0),
    ],
)
def test_html_becomes_text_with_its_pictures_named(html: str, text: str, pictures: int):
    assert plain(html) == (text, pictures)


@given(st.text(st.sampled_from("<>/!'\"= aimgltbr&;:#x3\n"), max_size=80))
def test_whatever_it_is_given_a_result_comes_and_what_is_text_already_stays(html: str):
    text, pictures = plain(html)
    assert pictures <= html.count("<")
    if "<" not in html and "&" not in html:
        assert text == " ".join(html.split())


@given(st.text(max_size=80))
def test_escaped_text_comes_back_as_it_was_written(text: str):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert plain(escaped)[0] == " ".join(text.split())


@pytest.mark.parametrize("piece", ["<", "<a", '<a"', "<img alt='", "</", "<!", "&", "&lt", "<a b=", "<img alt=x "])
def test_hostile_text_costs_no_more_than_its_length(piece: str):
    """A quadratic reader would need minutes for these, and the test's time limit would end it."""
    plain(piece * (64 * 1024))
