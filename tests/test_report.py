"""The report is one page that needs nothing else, shows what happened, and never lets a viewer's text become markup."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber.events import (
    Chat,
    Clause,
    Closed,
    Dropped,
    Event,
    Failed,
    Generated,
    Money,
    Notice,
    Opened,
    Performed,
    Question,
    Recalled,
    Recollection,
    Retract,
    Routed,
    Thought,
    Turn,
    Used,
)
from vtuber.report import render
from vtuber.report.markup import foreign, tag
from vtuber.report.words import clock, reason, seconds

B = 1_700_000_000_000
NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</title></style>&amp;\u202e"
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Reads a page as strictly as needed: which elements, attributes and words it holds, and whether they close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words += data


def performed(turn: str, seq: int, at: int, text: str, source: str = "fast", *, whole: bool = True) -> Performed:
    return Performed(
        id=f"{turn}/{seq}/performed", at_ms=B + at + 2000, turn=turn, seq=seq, text=text, language="ja", source=source,
        last=False, started_ms=B + at, duration_ms=2000, voice="mei", whole=whole,
    )  # fmt: skip


def a_show(text: str = "なぜ海は青いの？", name: str = "hana") -> list[Event]:
    asked = Chat(
        id="c1", at_ms=B + 1000, platform="twitch", viewer_id="twitch:1", name=name, text=text, first_time=True
    )
    paid = Chat(
        id="c2", at_ms=B + 2000, platform="youtube", name=name, text=text, form="paid", money=Money(text[:20], "JPY")
    )
    gone = Chat(id="c3", at_ms=B + 3000, platform="elsewhere", name=name, text="unsayable words")
    raid = Notice(id="n1", at_ms=B + 3500, platform="twitch", name=name, text=text, notice=text[:12] or "raid", count=9)
    hard = Turn(
        id="s.0001",
        turn="s.0001",
        at_ms=B + 2500,
        purpose="answer",
        chats=(asked,),
        score=1.5,
        parts={"base": 1.75, "old": -0.25},
    )
    thanks = Turn(id="s.0002", turn="s.0002", at_ms=B + 9000, purpose="notice", notice=raid)
    return [
        Opened(id="o", at_ms=B, schema=1, character=name, stream_id=text, seed=7, version="1", models={"fast": text}),
        asked, paid, gone, raid, hard,
        Routed(id="r0", at_ms=B + 2500, turn=hard.id, route="simple", difficulty=0.42, reason=text, by="difficulty"),
        Routed(id="r", at_ms=B + 2501, turn=hard.id, route="hard", difficulty=0.87, reason=text, accepted=True,
        by="verdict", parts={"wait_s": 12.5}),
        Question(id="q", at_ms=B + 2502, turn=hard.id, asked=hard, language="ja", deadline_ms=B + 92_502,
        effort="medium", expected_ms=B + 22_502, held=True),
        Recalled(id="m", at_ms=B + 2503, turn=hard.id, items=(Recollection("x", text, "v", B - 5, 0.66,
        {"dense": 0.8}),), prompt_parts={"persona": 300, "talk": 0, "message": 21}),
        Used(id="u", at_ms=B + 2504, turn=hard.id, tool=text, tier="fast", arguments=text, ok=True, took_ms=400,
        result=text, sources=(text,)),
        Used(id="u2", at_ms=B + 2504, turn=hard.id, tool="clock", tier="fast", arguments="{}", ok=False, took_ms=3000,
        reason="timeout"),
        Clause(id="k1", at_ms=B + 21_000, turn=hard.id, seq=101, text="x", language="ja", source="deep", last=False,
        detail=f"| a | b |\n    indented {text}"),
        Clause(id="k", at_ms=B + 2600, turn=hard.id, seq=0, text="うーん", language="ja", source="persona", last=False),
        performed(hard.id, 0, 3000, "ちょっと考えさせて。", "persona"),
        thanks, performed(thanks.id, 0, 9500, text, whole=False),
        Generated(id="g", at_ms=B + 20_000, turn=hard.id, tier="deep", model=text, first_token_ms=9,
        total_ms=17_000, text="x"),
        Thought(id="h", at_ms=B + 20_000, turn=hard.id, tier="deep", text="SECRET THOUGHT"),
        performed(hard.id, 100, 21_000, "さっきの質問だけど、", "persona"),
        performed(hard.id, 101, 23_000, text or "はい", "deep"),
        Dropped(id="d", at_ms=B + 24_000, cause="c2", reason="stale", item="chat"),
        Retract(id="e", at_ms=B + 24_500, target_event="c3"),
        Failed(id="f", at_ms=B + 25_000, stage="speak", error=text[:30]),
        Closed(id="z", at_ms=B + 30_000),
    ]  # fmt: skip


def test_the_page_tells_the_whole_turn():
    words = Page(render(a_show(), "run-1")).words
    for told in (
        "なぜ海は青いの？", "ちょっと考えさせて。", "さっきの質問だけど、", "0.87", "first message", "base +1.75",
        "old -0.25",
        "delivered after 18.5 s", "1 other turn meanwhile", "from before", "14 characters, kept to herself",
        "was too old once there was room", "cut off", "JPY", "run-1", "speak",
        "by its difficulty", "by the fast model's verdict", "wait s 12.5", "some time", "expected after 20.0 s",
        "done after 17.5 s", "90.0 s allowed", "321 tokens, about", "persona 300", "clock", "in vain: timeout",
        "| a | b |\n    indented なぜ海は青いの？",
    ):  # fmt: skip
        assert told in words


def test_a_whole_written_answer_is_folded_and_nothing_in_it_becomes_markup():
    html = render(a_show(NASTY))
    folded = html.split('<details class="written">')[1].split("</details>")[0]
    assert folded.startswith("<summary>")
    assert "indented &quot;&gt;&lt;script&gt;alert(1)" in folded
    assert "\u202e" not in folded


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ("viewer_budget", "this viewer had a question thought about a moment ago, so the fast one answered"),
        ("too_slow", "the answer would have come too late, so the fast one answered"),
        ("", "the slow model was busy, so the fast one answered"),
        ("some_new", "the slow model was busy, so the fast one answered"),
    ],
)
def test_why_a_hard_question_was_not_thought_about_is_told(refused: str, told: str):
    asked = Turn(id="t", turn="t", at_ms=B, purpose="answer")
    page = render([asked, Routed(id="r", at_ms=B, turn="t", route="hard", difficulty=0.9, reason="r", refused=refused)])
    assert told in Page(page).words
    counted = "so that the fast model answered: 1 because" in Page(page).words
    assert counted is bool(refused)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"said": "Hello."}, "a second thought"),
        ({"held": False}, "without a word that she would"),
        ({"held": True}, "90.0 s allowed"),
        ({"effort": "high"}, "long"),
    ],
)
def test_how_a_question_was_thought_about_is_told(fields: dict[str, object], told: str):
    asked = Turn(id="t", turn="t", at_ms=B, purpose="answer")
    question = Question(id="q", at_ms=B, turn="t", asked=asked, language="en", deadline_ms=B + 90_000, **fields)  # type: ignore[arg-type]
    assert told in Page(render([asked, question])).words


def test_thoughts_and_deleted_words_are_not_on_the_page():
    html = render(a_show())
    assert "SECRET THOUGHT" not in html
    assert "unsayable" not in html
    assert "(deleted)" in html


def test_asked_for_thoughts_the_page_shows_them_and_says_so():
    html = render(a_show(), thoughts=True)
    assert "SECRET THOUGHT" in html
    assert "keep it off the stream" in html


def test_it_loads_nothing_and_runs_nothing():
    page = Page(render(a_show()))
    assert not {"script", "link", "img", "iframe", "object", "form", "base", "use", "image"} & set(page.tags)
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in {"src", "srcset", "action", "formaction"}
        if name in {"href", "xlink:href"}:
            assert value.startswith("#")
    style = render(a_show()).split("<style>")[1].split("</style>")[0]
    assert not re.search(r"url\(|@import|https?:", style)
    assert (
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    ) in page.attributes


def test_every_link_leads_somewhere_on_the_page():
    page = Page(render(a_show()))
    targets = {value for name, value in page.attributes if name == "id"}
    links = {value.removeprefix("#") for name, value in page.attributes if name == "href"}
    assert links
    assert links <= targets


def test_nasty_text_stays_text():
    plain, nasty = Page(render(a_show())), Page(render(a_show(NASTY, NASTY), NASTY))
    assert Page(render(a_show(NASTY, NASTY))).open == []
    assert nasty.tags == plain.tags
    assert "<script>alert(1)</script>" in nasty.words
    assert "\u202e" not in render(a_show(NASTY, NASTY))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=30))
def test_no_text_can_add_an_element(text: str, name: str):
    page = Page(render(a_show(text, name), text))
    assert page.open == []
    assert not {"script", "img", "iframe", "x"} & set(page.tags)


@pytest.mark.parametrize("missing", range(len(a_show())))
def test_a_journal_that_lacks_any_one_event_still_gives_a_page(missing: int):
    events = a_show()
    assert Page(render(events[:missing] + events[missing + 1 :])).open == []


@pytest.mark.parametrize("length", [0, 1, 6, 12])
def test_a_journal_that_breaks_off_says_so(length: int):
    assert "broken off" in Page(render(a_show()[:length])).words


def test_the_same_journal_gives_the_same_page():
    assert render(a_show()) == render(a_show())


def test_a_long_show_stays_a_dozen_lines_of_score():
    chats = [Chat(id=f"c{n}", at_ms=B + n * 9000, platform="twitch", text="hi") for n in range(1600)]  # four hours
    page = Page(render([Opened(id="o", at_ms=B, schema=1, character="c", stream_id="s", seed=0), *chats]))
    assert sum(value.startswith("Timeline from") for name, value in page.attributes if name == "aria-label") == 12


def test_a_thousand_turns_of_one_difficulty_do_not_grow_the_picture():
    turns: list[Event] = []
    for n in range(1000):
        turns.append(Turn(id=f"t{n}", turn=f"t{n}", at_ms=B, purpose="answer"))
        turns.append(Routed(id=f"r{n}", at_ms=B, turn=f"t{n}", route="simple", difficulty=0.01, reason="r"))
    picture = re.search(r'viewBox="0 0 1024 (\d+)" role="img" aria-label="Difficulty', render(turns))
    assert picture is not None
    assert int(picture.group(1)) <= 220


def test_attributes_are_escaped_and_none_is_left_out():
    assert tag("a", "<", class_='"', data_x=None, y=1.50) == '<a class="&quot;" y="1.5">&lt;</a>'


def test_foreign_words_keep_their_direction_and_length_to_themselves():
    assert foreign("a\u202eb\nc") == "<bdi>ab c</bdi>"
    assert len(foreign("x" * 5000)) < 700


@pytest.mark.parametrize(("ms", "told"), [(0, "0:00"), (61_000, "1:01"), (3_661_000, "1:01:01"), (-2000, "-0:02")])
def test_times_are_told_as_a_clock(ms: int, told: str):
    assert clock(ms) == told


def test_reasons_are_told_in_words():
    assert reason("stale")[1] == "順番が来た頃には古かった"
    assert reason("interrupted_hush")[0] == "was cut off (hush)"
    assert reason("some_new_reason") == ("some new reason", "")
    assert seconds(None) == "–"
