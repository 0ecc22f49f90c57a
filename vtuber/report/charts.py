"""The report's other pictures: time to the first sound, routes, what was dropped, what was remembered."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from vtuber.core.story import Story, TurnStory
from vtuber.core.summary import percentile
from vtuber.core.wording import one_line
from vtuber.events import Routed
from vtuber.report.markup import Markup, both, tag, void
from vtuber.report.words import REFUSALS, ROUTES, clock, reason, seconds

_WIDE, _HIGH = 660, 230
_STEPS_MS = (100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000)
STAGES = (
    ("first token", "最初のトークン", "var(--hair)"),
    ("first clause", "最初の文節", "var(--fast)"),
    ("first audio", "最初の音", "var(--ponder)"),
)


def stages(turn: TurnStory) -> tuple[int | None, int | None, int | None]:
    """Give a turn's latencies: to the first token, clause and sample."""
    return turn.first_token_ms, turn.first_clause_ms, turn.first_audio_ms


def latency_bars(turns: Sequence[TurnStory]) -> Markup:
    """Draw a column a turn: from being chosen to the first sound, by stage."""
    heard = [turn for turn in turns if turn.turn.asked and turn.first_audio_ms is not None]
    top = max((turn.first_audio_ms or 0 for turn in heard), default=0) or 1000
    step = next((s for s in _STEPS_MS if top / s <= 6), top)  # noqa: PLR2004 - lines enough to read by
    left, floor = 44, _HIGH - 22
    scale = (floor - 8) / top
    grid = []
    for at in range(0, top + 1, step):
        y = floor - at * scale
        grid.append(void("line", x1=left, x2=_WIDE, y1=y, y2=y, stroke="var(--hair)", stroke_width=1))
        grid.append(tag("text", seconds(at), x=left - 8, y=y + 4, text_anchor="end"))
    room = (_WIDE - left) / max(12, len(heard))
    columns = [
        _column(turn, left + (n + 0.5) * room, min(22.0, room * 0.7), floor, scale) for n, turn in enumerate(heard)
    ]
    every = max(1, round(26 / room))
    names = [
        tag("text", short(turn.turn.id), x=left + (n + 0.5) * room, y=_HIGH - 6, text_anchor="middle", class_="num")
        for n, turn in enumerate(heard)
        if n % every == 0
    ]
    return tag("svg", *grid, *columns, *names, viewBox=f"0 0 {_WIDE} {_HIGH}", role="img", aria_label="Latency by turn")


def _column(turn: TurnStory, x: float, width: float, floor: float, scale: float) -> Markup:
    below, bars = 0, []
    for (name, _, colour), at in zip(STAGES, stages(turn), strict=True):
        if at is not None and at > below:
            y, height = floor - at * scale, (at - below) * scale
            told = tag("title", f"{name} after {seconds(at)}")
            bars.append(tag("rect", told, x=x - width / 2, y=y, width=width, height=height, fill=colour))
            below = at
    return tag("a", *bars, href=f"#t{turn.turn.id}")


def latency_table(turns: Sequence[TurnStory]) -> Markup:
    """Give the percentiles of each stage."""
    asked = [stages(turn) for turn in turns if turn.turn.asked]
    rows = []
    for n, (name, japanese, _) in enumerate(STAGES):
        values = [value for one in asked if (value := one[n]) is not None]
        cells = (percentile(values, 50), percentile(values, 95), max(values, default=None))
        rows.append(
            tag("tr", tag("td", both(name, japanese)), *(tag("td", seconds(c)) for c in cells), tag("td", len(values)))
        )
    head = tag("tr", *(tag("th", name) for name in ("", "p50", "p95", "max", "turns")))
    return tag("table", tag("thead", head), tag("tbody", *rows))


def difficulty_strip(turns: Sequence[TurnStory]) -> Markup:
    """Draw every routed turn at its difficulty, 0 to 1, coloured by its route, piled up."""
    left, right, tall = 10, 1014, 170
    piles: dict[int, list[tuple[TurnStory, Routed]]] = {}
    for turn in turns:
        if turn.routed and turn.routed.route != "canned":
            piles.setdefault(round(turn.routed.difficulty * 100), []).append((turn, turn.routed))
    step = min(10.0, tall / max(1, *map(len, piles.values()), 1))
    base = max(40.0, step * max(map(len, piles.values()), default=0) + 8)
    dots = [
        _at_difficulty(turn, routed, left + (right - left) * hundredth / 100, base - 7 - level * step)
        for hundredth, pile in sorted(piles.items())
        for level, (turn, routed) in enumerate(pile)
    ]
    axis = [void("line", x1=left, x2=right, y1=base, y2=base, stroke="var(--mute)", stroke_width=1)]
    for tenth in range(0, 11, 2):
        x = left + (right - left) * tenth / 10
        axis.append(tag("text", f"{tenth / 10:.1f}", x=x, y=base + 16, text_anchor="middle"))
    box = f"0 0 1024 {base + 22:.0f}"
    return tag("svg", *axis, *dots, viewBox=box, role="img", aria_label="Difficulty of each turn")


def _at_difficulty(turn: TurnStory, routed: Routed, x: float, y: float) -> Markup:
    hard = routed.route == "hard"
    colour = "var(--deep)" if hard else "var(--fast)"
    fill = "none" if hard and not routed.accepted else colour
    told = tag("title", f"{routed.difficulty:.2f} {_asked(turn)}")
    dot = tag("circle", told, cx=x, cy=y, r=4.2, fill=fill, stroke=colour, stroke_width=1.4)
    return tag("a", dot, href=f"#t{turn.turn.id}")


def _asked(turn: TurnStory) -> str:
    return "(deleted)" if turn.deleted else one_line(turn.turn.text, 100)


def route_counts(turns: Sequence[TurnStory]) -> Markup:
    """Say how many turns went which way."""
    counts: Counter[str] = Counter(turn.routed.route for turn in turns if turn.routed)
    refused = Counter(one.refused for turn in turns for one in turn.refused)
    parts: list[object] = []
    for name, called in ROUTES.items():
        parts += [tag("b", counts[name]), " ", tag("span", both(*called), class_=f"route {name}"), "   "]
    told = "; ".join(f"{number} because {REFUSALS.get(why, (why, ''))[0]}" for why, number in refused.most_common())
    busy = f"Not thought about, so that the fast model answered: {told}." if told else ""
    return tag("p", *parts, tag("span", busy, class_="quiet"))


def drop_bars(counts: Sequence[tuple[str, int]]) -> Markup:
    """Draw why messages were not answered."""
    most = max((count for _, count in counts), default=1)
    rows = []
    for n, (name, count) in enumerate(counts):
        english, japanese = reason(name)
        y = n * 24
        rows.append(tag("text", f"{english} ", tag("tspan", japanese, class_="num", lang="ja"), x=0, y=y + 14))
        rows.append(
            void("rect", x=400, y=y + 4, width=560 * count / most, height=13, rx=2, fill="var(--own)", opacity=0.7)
        )
        rows.append(tag("text", count, x=406 + 560 * count / most, y=y + 14))
    return tag(
        "svg", *rows, viewBox=f"0 0 1024 {len(counts) * 24}", role="img", aria_label="Why messages were not answered"
    )


def memory_arcs(story: Story) -> Markup:
    """Draw an arc from when a memory was made to the turn that used it; older ones come in from the left."""
    left, right, base = 60, 1014, 118
    span = max(1, story.ended_ms - story.began_ms)

    def place(at_ms: int) -> float:
        return left + (right - left) * min(1.0, max(0.0, (at_ms - story.began_ms) / span))

    drawn = [void("line", x1=left, x2=right, y1=base, y2=base, stroke="var(--mute)", stroke_width=1)]
    drawn += [
        tag("text", clock(round(span * n / 6)), x=left + (right - left) * n / 6, y=base + 16, text_anchor="middle")
        for n in range(7)
    ]
    drawn.append(tag("text", "before", x=0, y=base + 4))
    drawn += _arcs(story, place, base)
    return tag("svg", *drawn, viewBox=f"0 0 1024 {base + 24}", role="img", aria_label="Memories used")


def _arcs(story: Story, place: Callable[[int], float], base: float) -> Iterator[Markup]:
    for turn in story.turns:
        for item in turn.recalled:
            before = item.at_ms < story.began_ms
            x1, x2 = 40.0 if before else place(item.at_ms), place(turn.turn.at_ms)
            height = min(100.0, 14 + (x2 - x1) * 0.25)
            told = tag("title", f"{item.score:.2f} {one_line(item.text, 140)}")
            path = f"M{x1:.1f} {base}C{x1:.1f} {base - height:.1f} {x2:.1f} {base - height:.1f} {x2:.1f} {base}"
            line = tag("path", told, d=path, fill="none", stroke="var(--fast)", stroke_width=1.3, opacity=0.6)
            yield tag("a", line, void("circle", cx=x2, cy=base, r=3, fill="var(--fast)"), href=f"#t{turn.turn.id}")


def short(name: str) -> str:
    """Give the number of a turn, as short as it is unmistakable."""
    return name.rpartition(".")[2].lstrip("0") or name
