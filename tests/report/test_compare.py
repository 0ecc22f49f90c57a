"""The page of a comparison shows both runs, loads nothing, and takes every text for text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber.core.comparison import Compared, Comparison, Side, Total
from vtuber.report.compare import render

NASTY = '"><script>alert(1)</script><img src=x onerror=y>\u202e'
VOID = {"meta", "br", "rect", "line", "circle", "path"}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.words += data


def side(words: str = "It is blue.", ms: int | None = 400, **more: object) -> Side:
    return Side(**({"fate": "answered", "route": "simple", "words": words, "first_audio_ms": ms} | more))  # type: ignore[arg-type]


def a_comparison(text: str = "why?", words: str = "It is really blue.") -> Comparison:
    dropped = Side(fate="dropped", reason="stale")
    messages = (
        Compared(id="a", name=text, text=text, deleted=False, at_ms=1000, before=side(), after=side(words, 900), changes=("words",)),
        Compared(id="b", name="zoe", text="hi", deleted=False, at_ms=2000, before=side(), after=dropped, changes=("choice",)),
        Compared(id="c", name="kim", text="", deleted=True, at_ms=3000, before=None, after=side(memories=(text,)), changes=("presence",)),
        Compared(id="d", name="lee", text="same", deleted=False, at_ms=4000, before=side(), after=side(), changes=()),
    )  # fmt: skip
    return Comparison(
        messages=messages,
        changed={"presence": 1, "choice": 1, "route": 0, "words": 1, "memories": 0},
        totals=(Total("answered", 3, 2), Total("first_audio_p50_ms", 400, None), Total("turns", 4, 4)),
        reasons=(Total("stale", 0, 1),),
        lines=("greeting",),
    )


def test_it_tells_what_is_different():
    words = Page(render(a_comparison(), "before", "after")).words
    for told in (
        "before", "after", "3 of 4 messages fared differently", "greeting", "answered in other words",
        "was too old once there was room", "The message did not come", "(deleted)", "really", "0.9 s", "-1",
    ):  # fmt: skip
        assert told in words


def test_what_is_gone_and_what_is_new_is_marked():
    html = render(a_comparison(), "one", "two")
    assert "<ins>really " in html
    assert "<del>" not in html


def test_it_loads_nothing_and_every_link_leads_somewhere():
    page = Page(render(a_comparison(), "one", "two"))
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    targets = {value for name, value in page.attributes if name == "id"}
    links = [value for name, value in page.attributes if name in {"href", "xlink:href"}]
    assert links
    assert {link.removeprefix("#") for link in links} <= targets
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import|https?:", render(a_comparison(), "one", "two"))


def test_nasty_text_stays_text():
    html = render(a_comparison(NASTY, NASTY), NASTY, NASTY)
    plain, nasty = Page(render(a_comparison(), "one", "two")), Page(html)
    assert nasty.open == []
    assert set(nasty.tags) <= {*plain.tags, "del", "ins"}
    assert not any(name.startswith("on") or name == "src" for name, _ in nasty.attributes)
    assert "\u202e" not in html


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_can_add_an_element(text: str, words: str):
    page = Page(render(a_comparison(text, words), text, words))
    assert page.open == []
    assert not {"script", "img", "iframe"} & set(page.tags)


def test_two_runs_without_a_difference_say_so():
    same = Comparison(messages=(), changed={"words": 0}, totals=(), reasons=(), lines=())
    words = Page(render(same, "one", "two")).words
    assert "0 of 0 messages" in words
    assert "Nothing is." in words


@pytest.mark.parametrize("number", [1, 64, 65, 1000])
def test_many_messages_fit(number: int):
    one = a_comparison().messages[0]
    many = tuple(
        Compared(**{name: getattr(one, name) for name in one.__struct_fields__} | {"id": f"m{n}"})
        for n in range(number)
    )
    found = Comparison(messages=many, changed={"words": number}, totals=(), reasons=(), lines=())
    page = Page(render(found, "one", "two"))
    lanes = sum(value == "Messages in both runs" for name, value in page.attributes if name == "aria-label")
    assert lanes == -(-number // 64)
