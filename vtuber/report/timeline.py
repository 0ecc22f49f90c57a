"""The show as a score: messages, turns, pondering and speech on lanes, a few minutes a line."""

from collections.abc import Iterable, Iterator

import msgspec

from vtuber.core.story import MessageStory, Story, TurnStory
from vtuber.core.wording import one_line
from vtuber.events import Chat, Notice, Performed
from vtuber.report.markup import Markup, join, tag, void
from vtuber.report.words import clock, reason, seconds

WIDTH, LEFT = 1024, 96  # of the drawing and of the lanes' names, in its own units
_LINES, _LINE_MS = 12, 120_000  # lines at most, and what one holds while they suffice
_DOT, _LEVELS = 7.5, 9  # distance of two messages; so many are piled up before they overlap
_TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
PLATFORMS = ("twitch", "youtube")


class _Stretch(msgspec.Struct, frozen=True):
    """One line of the score, from and to in stream time."""

    begins: int
    ends: int

    def x(self, at_ms: int) -> float:
        """Give the place of a time, kept inside the line."""
        share = (at_ms - self.begins) / (self.ends - self.begins)
        return LEFT + (WIDTH - LEFT) * min(1.0, max(0.0, share))

    def holds(self, begins: int, ends: int) -> bool:
        return begins < self.ends and ends >= self.begins


def timeline(story: Story) -> Markup:
    """Draw the whole show."""
    return join(*(_line(story, stretch) for stretch in _stretches(story)))


def platform(name: str) -> str:
    """Give the name of a platform's colour."""
    return name if name in PLATFORMS else "other"


def spoken_colour(one: Performed) -> str:
    """Give the colour of a clause by whose words it holds."""
    return {"fast": "var(--fast)", "deep": "var(--deep)"}.get(one.source, "var(--own)")


def mark(heard: Chat | Notice, x: float, y: float, *, hollow: bool, inside: Markup | None = None) -> Markup:
    """Draw a message: a circle, a diamond for money, a triangle for a notice; hollow when it was not answered."""
    colour = f"var(--{platform(heard.platform)})"
    look = {
        "fill": "none" if hollow else colour,
        "stroke": colour,
        "stroke_width": 1.2,
        "opacity": 0.75 if hollow else 1,
    }
    if isinstance(heard, Notice):
        return tag("path", inside, d=f"M{x:.1f} {y - 4:.1f}l4 7h-8z", **look)
    if heard.money:
        return tag("path", inside, d=f"M{x:.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z", **look)
    return tag("circle", inside, cx=x, cy=y, r=2.8, **look)


def _stretches(story: Story) -> Iterator[_Stretch]:
    span = max(30_000, story.ended_ms - story.began_ms)
    lines = min(_LINES, max(1, round(span / _LINE_MS)))
    length = -(-span // lines)
    for number in range(lines):
        yield _Stretch(story.began_ms + number * length, story.began_ms + (number + 1) * length)


def _line(story: Story, stretch: _Stretch) -> Markup:
    marks, top = _messages(story, stretch)
    lanes = top + 14, top + 36, top + 52
    bottom = lanes[2] + 24
    turns = [turn for turn in story.turns if stretch.holds(turn.turn.at_ms, _end(turn))]
    names = (
        _name("messages", "コメント", top / 2 + 4),
        _name("turns", "順番", lanes[0] + 8),
        _name("pondering", "熟考", lanes[1] + 8),
        _name("speech", "発話", lanes[2] + 14),
    )
    drawn = (
        _axis(story, stretch, bottom),
        *names,
        *(_turn(turn, stretch, lanes[0], bottom) for turn in turns),
        *(_pondering(turn, stretch, lanes[1], lanes[2]) for turn in turns if turn.question),
        *(_speech(one, turn, stretch, lanes[2]) for turn in story.turns for one in turn.performed),
        *marks,
    )
    label = f"Timeline from {clock(stretch.begins - story.began_ms)}"
    return tag(
        "svg", *drawn, viewBox=f"0 0 {WIDTH} {bottom + 26}", role="img", aria_label=label, style="margin-bottom:18px"
    )


def _name(english: str, japanese: str, y: float) -> Markup:
    return tag("text", tag("tspan", english), " ", tag("tspan", japanese, class_="num", lang="ja"), x=0, y=y)


def _axis(story: Story, stretch: _Stretch, bottom: float) -> Markup:
    span = stretch.ends - stretch.begins
    step = next((s * 1000 for s in _TICKS_S if span / (s * 1000) <= 13), span)  # noqa: PLR2004 - labels must not touch
    ticks = []
    for at in range(stretch.begins + (story.began_ms - stretch.begins) % step, stretch.ends + 1, step):
        x = stretch.x(at)
        ticks.append(void("line", x1=x, x2=x, y1=0, y2=bottom + 4, stroke="var(--hair)", stroke_width=1))
        anchor = "end" if x > WIDTH - 12 else "middle"
        ticks.append(tag("text", clock(at - story.began_ms), x=x, y=bottom + 18, text_anchor=anchor))
    return join(*ticks)


def _messages(story: Story, stretch: _Stretch) -> tuple[list[Markup], float]:
    placed: list[tuple[float, int, MessageStory]] = []
    ends: list[float] = []
    for message in sorted(story.messages, key=lambda one: one.heard.at_ms):
        if stretch.begins <= message.heard.at_ms < stretch.ends:
            x = stretch.x(message.heard.at_ms)
            level = next((n for n, end in enumerate(ends) if x - end >= _DOT), min(len(ends), _LEVELS - 1))
            ends[level : level + 1] = [x]
            placed.append((x, level, message))
    height = max(3, len(ends)) * _DOT + 6
    return [_message(one, x, height - 5 - level * _DOT, story) for x, level, one in placed], height


def _message(one: MessageStory, x: float, y: float, story: Story) -> Markup:
    heard, fate = one.heard, "answered" if one.fate == "answered" else reason(one.reason)[0]
    words = "(deleted)" if one.deleted else one_line(heard.text, 120)
    told = tag("title", f"{clock(heard.at_ms - story.began_ms)} {one_line(heard.name, 40)}: {words} — {fate}")
    drawn = mark(heard, x, y, hollow=one.fate != "answered", inside=told)
    return tag("a", drawn, href=f"#t{one.turn}") if one.turn else drawn


def _turn(turn: TurnStory, stretch: _Stretch, y: float, bottom: float) -> Markup:
    chosen, sounds = turn.turn.at_ms, turn.first_audio_ms
    if not stretch.holds(chosen, chosen):
        return Markup()
    x = stretch.x(chosen)
    width = max(2.0, stretch.x(chosen + (sounds or 0)) - x)
    colour = {"hard": "var(--deep)", "simple": "var(--fast)"}.get(
        turn.routed.route if turn.routed else "", "var(--own)"
    )
    told = tag("title", f"turn {turn.turn.id}: first sound after {seconds(sounds)}")
    bar = tag("rect", told, x=x, y=y, width=width, height=9, rx=1.5, fill=colour, opacity=0.55)
    stem = void("line", x1=x, x2=x, y1=y - 8, y2=bottom - 24, stroke=colour, stroke_width=0.7, opacity=0.5)
    return tag("a", stem, bar, href=f"#t{turn.turn.id}")


def _pondering(turn: TurnStory, stretch: _Stretch, y: float, speech: float) -> Markup:
    if turn.question is None:
        return Markup()
    begins, ends = turn.question.at_ms, pondered_until(turn)
    x1, x2 = stretch.x(begins), stretch.x(ends)
    inside = stretch.holds(begins, ends)
    told = tag("title", f"pondering for {seconds(ends - begins)}")
    drawn = (
        [tag("rect", told, x=x1, y=y, width=max(2.0, x2 - x1), height=8, rx=4, fill="var(--ponder)")] if inside else []
    )
    if turn.delivered_ms is not None:
        heard = turn.turn.at_ms + turn.delivered_ms
        if stretch.begins <= heard < stretch.ends:
            path = f"M{x2:.1f} {y + 4:.1f}H{stretch.x(heard):.1f}V{speech:.1f}"
            drawn.append(
                void("path", d=path, fill="none", stroke="var(--ponder)", stroke_width=1.4, stroke_dasharray="2 2")
            )
    return tag("a", *drawn, href=f"#t{turn.turn.id}")


def _speech(one: Performed, turn: TurnStory, stretch: _Stretch, y: float) -> Markup | None:
    if not stretch.holds(one.started_ms, one.started_ms + one.duration_ms):
        return None
    x = stretch.x(one.started_ms)
    width = max(1.5, stretch.x(one.started_ms + one.duration_ms) - x - 0.6)
    told = tag("title", f"{one_line(one.text, 200)} ({seconds(one.duration_ms)})")
    cut = {"stroke": "var(--bad)", "stroke_dasharray": "2 2"} if not one.whole else {}
    bar = tag("rect", told, x=x, y=y, width=width, height=20, rx=2, fill=spoken_colour(one), **cut)
    return tag("a", bar, href=f"#t{turn.turn.id}")


def pondered_until(turn: TurnStory) -> int:
    """Give when the slow model was done with a turn's question, or gave up."""
    call = turn.call("deep")
    given_up = [one.at_ms for one in turn.dropped if one.item == "question"]
    ends = [call.at_ms] if call else given_up
    if not ends and turn.delivered_ms is not None:
        ends = [turn.turn.at_ms + turn.delivered_ms]
    return max(ends, default=turn.question.at_ms if turn.question else turn.turn.at_ms)


def _end(turn: TurnStory) -> int:
    times: Iterable[int] = (one.at_ms for one in turn.performed)
    return max(turn.turn.at_ms, pondered_until(turn), *times)
