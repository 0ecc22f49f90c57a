"""Two runs on one HTML page that needs nothing else: what became of each message, in pictures and in words."""

from collections.abc import Iterator, Sequence

from vtuber.core.comparison import Compared, Comparison, Side, Total
from vtuber.core.wording import one_line
from vtuber.report.compare_charts import audio, lanes, reason_bars
from vtuber.report.compare_words import differing
from vtuber.report.markup import Markup, both, foreign, join, tag, void
from vtuber.report.style import STYLE
from vtuber.report.words import ROUTES, clock, reason, seconds

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LISTED = 400  # differing messages that are shown in full
_LONGEST = 1500  # characters of an answer
_MORE_STYLE = """
.sides{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}.sides h3{font:12px var(--sans);color:var(--mute);margin:0}
.sides .said{font-size:16.5px}.said del{text-decoration:none;background:color-mix(in srgb,var(--bad) 16%,transparent)}
.said ins{text-decoration:none;background:color-mix(in srgb,var(--fast) 22%,transparent)}
.said.none{color:var(--mute);font-style:italic;border-color:var(--hair)}.same{color:var(--mute)}
h1 .vs{color:var(--mute);font-size:.6em;margin:0 .5em}.kept td{color:var(--mute)}
@media(max-width:720px){.sides{grid-template-columns:1fr}}
"""
_FIGURES = {
    "presence": ("in one run only", "片方だけに来た"),
    "choice": ("chosen differently", "選ばれ方が違う"),
    "route": ("went another way", "経路が違う"),
    "words": ("answered in other words", "言葉が違う"),
    "memories": ("with other memories", "記憶が違う"),
}
_TOTALS = {
    "messages": ("messages", "コメント"),
    "answered": ("answered", "返事した数"),
    "turns": ("turns", "番"),
    "escalated": ("given to the slow model", "熟考に回した"),
    "delivered": ("delivered by it", "熟考の答え"),
    "recalled": ("turns with memories", "記憶を使った番"),
    "spoken_s": ("seconds spoken", "話した秒数"),
    "thought_chars_spoken": ("characters of thought heard", "漏れた思考の文字"),
    "route_simple": ("answered at once", "すぐ答えた"),
    "route_hard": ("thought hard", "よく考えた"),
    "route_tool": ("with a tool", "道具で答えた"),
    "route_canned": ("her own lines", "決まり文句"),
    "first_audio_p50_ms": ("ms to the first sound, median", "最初の音まで、中央値"),
    "first_audio_p95_ms": ("ms to the first sound, 95 % within", "最初の音まで、95％"),
}


def render(found: Comparison, before: str, after: str) -> str:
    """Give the page. `before` and `after` are the runs' names."""
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="referrer", content="no-referrer"),
        tag("title", one_line(f"{before} and {after}", 120)),
        tag("style", Markup(STYLE + _MORE_STYLE)),
    )
    body = tag("body", _header(found, before, after), tag("main", *_sections(found, before, after)), _footer())
    return Markup("<!doctype html>\n") + tag("html", head, body, lang="en") + "\n"


def _header(found: Comparison, before: str, after: str) -> Markup:
    differing_ = sum(bool(one.changes) for one in found.messages)
    english = f"{differing_} of {len(found.messages)} messages fared differently in the two runs."
    japanese = f"{len(found.messages)}件のコメントのうち、{differing_}件で違いがありました。"
    if found.lines:
        english += f" Of her own accord she said something else: {', '.join(found.lines)}."
    figures = (
        tag("div", tag("b", number), tag("span", both(*_FIGURES[change]))) for change, number in found.changed.items()
    )
    return tag(
        "header",
        tag("h1", foreign(before, 60), tag("span", "→", class_="vs"), foreign(after, 60)),
        tag("p", both("Two runs of the same chat", "同じチャットの二つの配信"), class_="quiet", style="margin:0"),
        tag("p", english, void("br"), tag("span", japanese, lang="ja", class_="ja"), class_="lead"),
        tag("div", *figures, class_="figures"),
    )


def _sections(found: Comparison, before: str, after: str) -> Iterator[Markup]:
    if found.messages:
        yield _heading(
            "Message by message", "コメントごと", "Above the first run, below the second; a bar joins what differs."
        )
        yield _key()
        yield lanes(found.messages)
    yield _heading("In figures", "数字", "Counted from both journals; what is the same is pale.")
    yield _totals(found.totals, before, after)
    heard = [one for one in found.messages if _both_heard(one)]
    if heard:
        yield _heading("Until the first sound", "最初の音まで", "From being chosen; those that differ most come first.")
        yield audio(heard)
    if found.reasons:
        yield _heading("Not answered, and why", "返事しなかった理由", "Pale the first run, strong the second.")
        yield reason_bars(found.reasons)
    changed = [one for one in found.messages if one.changes]
    yield _heading("What is different", "違うところ", "Each message that fared differently, with what she said.")
    yield from (_card(one, before, after) for one in changed[:_LISTED])
    if len(changed) > _LISTED:
        yield tag("p", f"… and {len(changed) - _LISTED} more", class_="quiet")
    if not changed:
        yield tag("p", both("Nothing is.", "ありません。"), class_="silent")


def _both_heard(one: Compared) -> bool:
    return all(side is not None and side.first_audio_ms is not None for side in (one.before, one.after))


def _heading(english: str, japanese: str, below: str) -> Markup:
    return join(tag("h2", both(english, japanese)), tag("p", below))


def _key() -> Markup:
    entries = [
        *((f"var(--{colour})", name) for colour, name in (("fast", "fast model"), ("deep", "slow model"))),
        ("var(--own)", "her own line"),
        ("none", "not answered"),
    ]
    swatches = (
        tag("li", tag("svg", void("rect", x=1, y=2, width=12, height=8, rx=2, fill=colour, stroke="var(--mute)",
            stroke_width=0.8 if colour == "none" else 0), viewBox="0 0 14 12"), name)
        for colour, name in entries
    )  # fmt: skip
    return tag("ul", *swatches, class_="key")


def _totals(totals: Sequence[Total], before: str, after: str) -> Markup:
    rows = []
    for one in totals:
        same = one.before == one.after
        difference = "" if same or one.before is None or one.after is None else f"{one.after - one.before:+g}"
        cells = (tag("td", cell) for cell in (_figure(one.before), _figure(one.after), difference))
        name = tag("td", both(*_TOTALS.get(one.name, (one.name, ""))), class_="words")
        rows.append(tag("tr", name, *cells, class_="kept" if same else None))
    head = tag("tr", tag("th"), tag("th", foreign(before, 40)), tag("th", foreign(after, 40)), tag("th", "difference"))
    return tag("table", tag("thead", head), tag("tbody", *rows))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _card(one: Compared, before: str, after: str) -> Markup:
    words = tag("i", "(deleted)", class_="quiet") if one.deleted else foreign(one.text)
    badges = (tag("span", _FIGURES[change][0], class_="badge") for change in one.changes)
    asked = tag("div", tag("p", tag("b", foreign(one.name, 40)), "  ", words, *badges), class_="asked")
    told = differing(_said(one.before), _said(one.after))
    sides = (
        tag("div", tag("h3", foreign(name, 60)), _side(side, spoken))
        for name, side, spoken in zip((before, after), (one.before, one.after), told, strict=True)
    )
    when = tag("div", tag("b", clock(one.at_ms)), class_="when")
    return tag("article", when, tag("div", asked, tag("div", *sides, class_="sides")), class_="turn", id=f"m{one.id}")


def _said(side: Side | None) -> str:
    return one_line(side.words, _LONGEST) if side else ""


def _side(side: Side | None, spoken: Markup) -> Markup:
    if side is None:
        return tag("p", "The message did not come.", class_="said none")
    if side.fate != "answered":
        return tag("p", f"Not answered: it {reason(side.reason)[0]}.", class_="said none")
    colour = {"simple": " fast", "hard": " deep"}.get(side.route, "")
    facts = [both(*names) for route, names in ROUTES.items() if route == side.route]
    if side.first_audio_ms is not None:
        facts.append(join(seconds(side.first_audio_ms)))
    memories = tag("ul", *(tag("li", foreign(text, 200)) for text in side.memories), class_="memories label")
    facts_line = join(*(join(" · " if number else "", fact) for number, fact in enumerate(facts)))
    return join(
        tag("p", spoken, class_=f"said{colour}"),
        tag("p", facts_line, class_="label"),
        memories if side.memories else None,
    )


def _footer() -> Markup:
    told = (
        "Messages are matched by their ids. Everything on this page is computed from the two journals; "
        "thoughts are left out."
    )
    return tag("footer", tag("div", tag("p", told)))
