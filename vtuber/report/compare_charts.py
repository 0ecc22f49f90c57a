"""The pictures of a comparison: each message in both runs, the time to the first sound, and why others were dropped."""

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from vtuber.core.comparison import Compared, Side, Total
from vtuber.core.wording import one_line
from vtuber.report.markup import Markup, join, tag, void
from vtuber.report.words import reason, seconds

_WIDE = 1024
_A_LINE = 64  # messages
_ROWS = 40  # messages whose latencies are drawn
_NAME_WIDE = 42  # halves of an em of a message's words beside its line
_LEAST_MS = 50  # a smaller difference is not drawn
_STEPS_MS = (100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000)
_COLOURS = {"simple": "var(--fast)", "hard": "var(--deep)"}


def lanes(messages: Sequence[Compared]) -> Markup:
    """Draw every message as a pair of cells, above in the first run and below in the second."""
    return join(*(_lane(messages[at : at + _A_LINE]) for at in range(0, len(messages), _A_LINE)))


def _lane(messages: Sequence[Compared]) -> Markup:
    step, wide = _WIDE / _A_LINE, 11.0
    drawn = []
    for number, one in enumerate(messages):
        x = number * step
        told = tag("title", _told(one))
        link = (
            [void("rect", x=x + wide / 2 - 1, y=15, width=2, height=10, fill="var(--bad)", class_="bridge")]
            if one.changes
            else []
        )
        cells = [_cell(one.before, x, 2, wide), *link, _cell(one.after, x, 25, wide)]
        drawn.append(tag("a", told, *cells, href=f"#m{one.id}") if one.changes else tag("g", told, *cells))
    return tag("svg", *drawn, viewBox=f"0 0 {_WIDE} 52", role="img", aria_label="Messages in both runs")


def _cell(side: Side | None, x: float, y: float, wide: float) -> Markup:
    if side is None:
        return void("line", x1=x + 2, x2=x + wide - 2, y1=y + 6, y2=y + 6, stroke="var(--hair)", stroke_width=2)
    answered = side.fate == "answered"
    fill = _COLOURS.get(side.route, "var(--own)") if answered else "none"
    stroke = "none" if answered else "var(--mute)"
    return void("rect", x=x, y=y, width=wide, height=13, rx=2, fill=fill, stroke=stroke, stroke_width=0.8)


def _told(one: Compared) -> str:
    def side(one_side: Side | None) -> str:
        if one_side is None:
            return "did not come"
        return one_side.route or "answered" if one_side.fate == "answered" else one_side.reason

    text = "(deleted)" if one.deleted else one_line(one.text, 80)
    return f"{one_line(one.name, 30)}: {text} | {side(one.before)} → {side(one.after)}"


def audio(messages: Sequence[Compared]) -> Markup:
    """Draw for each message the two times to the first sound, joined, where they differ; at most a few dozen."""
    pairs = sorted(_pairs(messages), key=lambda pair: -abs(pair[1] - pair[2]))[:_ROWS]
    if not pairs:
        return tag("p", "The times are the same.", class_="silent")
    longest = max(max(ours, theirs) for _, ours, theirs in pairs)
    step = next((one for one in _STEPS_MS if longest <= 6 * one), longest)
    top = -(-longest // step) * step
    left, right, row = 300, _WIDE - 70, 20

    def place(ms: int) -> float:
        return left + (right - left) * ms / top

    drawn = []
    for number, (one, ours, theirs) in enumerate(pairs):
        y = 14 + number * row
        a, b = place(ours), place(theirs)
        name = "(deleted)" if one.deleted else _shortened(f"{one.name}: {one.text}")
        drawn += [
            tag("text", name, x=left - 14, y=y + 4, text_anchor="end"),
            void("line", x1=left, x2=right, y1=y, y2=y, stroke="var(--hair)", stroke_width=1),
            void("line", x1=a, x2=b, y1=y, y2=y, stroke="var(--mute)", stroke_width=2),
            tag("circle", tag("title", seconds(ours)), cx=a, cy=y, r=4, fill="var(--paper)", stroke="var(--mute)"),
            tag("circle", tag("title", seconds(theirs)), cx=b, cy=y, r=4, fill="var(--fast)"),
            tag("text", f"{(theirs - ours) / 1000:+.1f} s", x=_WIDE, y=y + 4, text_anchor="end", class_="num"),
        ]
    below = 14 + len(pairs) * row + 6
    ticks = [tag("text", seconds(ms), x=place(ms), y=below, text_anchor="middle") for ms in range(0, top + 1, step)]
    return tag(
        "svg", *drawn, *ticks, viewBox=f"0 0 {_WIDE} {len(pairs) * row + 26}", role="img", aria_label="First sound"
    )


def _pairs(messages: Sequence[Compared]) -> Iterator[tuple[Compared, int, int]]:
    for one in messages:
        ours = one.before.first_audio_ms if one.before else None
        theirs = one.after.first_audio_ms if one.after else None
        if ours is not None and theirs is not None and abs(ours - theirs) >= _LEAST_MS:
            yield one, ours, theirs


def _shortened(text: str) -> str:
    """Give one line that fits beside the picture: a Japanese character takes the room of two Latin ones."""
    line, room = one_line(text, _NAME_WIDE), _NAME_WIDE
    for place, char in enumerate(line):
        room -= 2 if east_asian_width(char) in "WF" else 1
        if room < 0:
            return line[: max(0, place - 1)].rstrip(" …") + "…"
    return line


def reason_bars(reasons: Sequence[Total]) -> Markup:
    """Draw how many messages were dropped for each reason, the first run's bar above the second's."""
    most = max((max(one.before or 0, one.after or 0) for one in reasons), default=1) or 1
    left, row, room = 300, 34, _WIDE - 300 - 60
    drawn = []
    for number, one in enumerate(reasons):
        y = number * row
        drawn.append(tag("text", reason(one.name)[0], x=left - 14, y=y + 18, text_anchor="end"))
        for at, (value, colour) in enumerate(((one.before, "var(--hair)"), (one.after, "var(--own)"))):
            width = room * (value or 0) / most
            drawn.append(void("rect", x=left, y=y + 3 + at * 12, width=max(1.0, width), height=10, rx=2, fill=colour))
            drawn.append(tag("text", f"{value or 0:g}", x=left + width + 8, y=y + 12 + at * 12, class_="num"))
    box = f"0 0 {_WIDE} {len(reasons) * row}"
    return tag("svg", *drawn, viewBox=box, role="img", aria_label="Reasons in both runs")
