"""What an onlooker sees of a show: recent chat and its fate, what she says, whom she thinks for, counters."""

from collections import Counter, deque
from typing import Literal, TypeAlias, TypeVar

import msgspec

from vtuber.core.live_words import NAME, faring, news, next_try, paid, seconds, stamp, words
from vtuber.core.wording import one_line
from vtuber.events import (
    Airing,
    Changed,
    Chat,
    Clause,
    Connection,
    Dropped,
    Effort,
    Event,
    Failed,
    Generated,
    Health,
    Interrupt,
    Notice,
    Question,
    Retract,
    Tier,
    Turn,
    Used,
)
from vtuber.ports import Cue

Fate: TypeAlias = Literal["waiting", "answering", "answered", "dropped", "deleted"]
K = TypeVar("K")
T = TypeVar("T")

_RATE_S = 10  # the pace of the chat is that of the last ten seconds
_VIEWERS, _OPEN, _SOURCES = 20_000, 2_000, 8  # kept at most, however long a show is
_REASONS = 3  # named at most


class Line(msgspec.Struct, frozen=True):
    """One message in view."""

    id: str
    viewer_id: str
    at_ms: int
    name: str
    text: str
    paid: str = ""
    fate: Fate = "waiting"
    reason: str = ""
    edited: bool = False


class Pondered(msgspec.Struct, frozen=True):
    """A question that she thinks about. `expected_ms`: when on the stream clock its answer is expected, 0: unknown."""

    name: str  # of the asker
    effort: Effort
    expected_ms: int


class Pace:
    """How fast the chat is: messages counted by the second."""

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque(maxlen=_RATE_S + 1)  # pairs of second and number

    def count(self, at_ms: int) -> None:
        """Count a message."""
        second = at_ms // 1000
        if not self._seconds or second > self._seconds[-1][0]:
            self._seconds.append([second, 0])
        self._seconds[-1][1] += 1

    def rate(self, now_ms: int) -> float:
        """Give the messages a second of the last ten seconds."""
        return sum(number for second, number in self._seconds if second > now_ms // 1000 - _RATE_S) / _RATE_S


class Board:
    """Folds the show's events into what is in view. `kept`: how many chat lines stay in sight. It never raises."""

    def __init__(self, kept: int = 14) -> None:
        self.lines: deque[Line] = deque(maxlen=kept)
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()  # why messages were dropped
        self.pace = Pace()
        self.viewers: dict[str, str] = {}  # id -> name as it was first shown
        self.pondering: dict[str, Pondered] = {}  # by turn
        self.down: dict[tuple[Tier, str], int] = {}  # models that are down -> when (ms) they are tried again
        self.answering: dict[Tier, str] = {}  # who answered last
        self.tools: Counter[str] = Counter()  # how often each was used
        self.sources: dict[str, str] = {}  # name -> how it fares
        self.cue: Cue | None = None
        self.paused = False
        self.trouble = ""
        self.news: tuple[int, str] | None = None  # when, and what the operator did or what came of it
        self._waiting: dict[str, Fate] = {}  # every message without an end yet, in view or not
        self._asked: dict[str, tuple[str, ...]] = {}  # turn -> the messages it answers
        self._again: dict[str, None] = {}  # ids that came a second time: their drop is not the first one's

    @property
    def waiting(self) -> int:
        """How many messages have no end yet."""
        return len(self._waiting)

    def begin(self, cue: Cue) -> None:
        """She begins to say this."""
        self.cue = cue

    def finish(self) -> None:
        """She has said it."""
        self.cue = None

    def named(self, viewer_id: str) -> str:
        """Give the name of a viewer who has written, else the id."""
        return self.viewers.get(viewer_id) or one_line(viewer_id, NAME)

    def note(self, event: Event) -> None:
        """Take in what happened."""
        told = news(event, self.named)
        if told and not isinstance(event, Connection):
            self.news = (event.at_ms, told)
        match event:
            case Chat() | Notice() if not event.backlog:
                self._heard(event)
            case Turn() if event.asked:
                _bounded(self._asked, event.id, event.asked, _OPEN)
                self._mark(event.asked, "answering")
            case Airing():
                self._asked.pop(event.turn, None)
                self._mark(event.asked, "answered")
            case Dropped():
                self._dropped(event)
            case Retract():
                self._retract(event)
            case Connection():
                _bounded(self.sources, one_line(event.source, NAME), faring(event), _SOURCES)
            case _:
                self._see_her(event)

    def _see_her(self, event: Event) -> None:
        match event:
            case Question():
                who = event.asked.who
                name = one_line(who.name, NAME) if who else ""
                pondered = Pondered(name, event.effort, event.expected_ms)
                _bounded(self.pondering, event.turn or event.asked.id, pondered, _SOURCES)
            case Clause(source="deep", last=True):
                self.pondering.pop(event.turn, None)
            case Health() | Generated() | Used() | Changed():
                self._see_models(event)
            case Failed():
                self.counts["failed"] += 1
                self.trouble = one_line(f"{event.stage}: {event.error}", 200)
            case Interrupt(op="pause"):
                self.paused = True
            case Interrupt(op="resume" | "stop"):
                self.paused = False
            case _:
                pass

    def _see_models(self, event: Health | Generated | Used | Changed) -> None:
        match event:
            case Health(state="down"):
                key = event.tier, one_line(event.model, NAME)
                _bounded(self.down, key, event.at_ms + event.retry_ms, _SOURCES)
            case Health():
                self.down.pop((event.tier, one_line(event.model, NAME)), None)
            case Generated(stop="stop" | "length"):
                self.answering[event.tier] = one_line(event.model, NAME)
            case Used(ok=True):
                self.tools[one_line(event.tool, NAME)] += 1
            case Changed(what="fast" | "deep", refused=""):
                self.down = {key: at for key, at in self.down.items() if key[0] != event.what}
            case _:
                pass

    def _heard(self, event: Chat | Notice) -> None:
        if event.id in self._waiting or any(line.id == event.id for line in self.lines):
            _bounded(self._again, event.id, None, _OPEN)
            return
        self.counts["heard"] += 1
        self.pace.count(event.at_ms)
        line = _line(event)
        if event.viewer_id and len(self.viewers) < _VIEWERS:
            self.viewers.setdefault(event.viewer_id, line.name)
        _bounded(self._waiting, event.id, "waiting", _OPEN)
        for index, older in enumerate(self.lines):
            if line.edited and isinstance(event, Chat) and older.id == event.edit_of:
                self.lines[index] = line
                return
        self.lines.append(line)

    def _dropped(self, event: Dropped) -> None:
        if event.reason == "heard_already" and event.cause in self._again:
            del self._again[event.cause]
            return
        if event.item == "question":
            self.pondering.pop(event.turn, None)
        cut = event.item == "clause" and event.reason.startswith("interrupted_") and event.turn not in self.pondering
        ids = self._asked.pop(event.turn, ()) if event.item == "turn" or cut else (event.cause,)
        self._mark(ids, "dropped", one_line(event.reason, NAME))

    def _retract(self, event: Retract) -> None:
        for index, line in enumerate(self.lines):
            if (
                event.everything
                or line.id == event.target_event
                or (event.target_viewer and line.viewer_id == event.target_viewer)
            ):
                self.lines[index] = msgspec.structs.replace(line, text="", fate="deleted")

    def _mark(self, ids: tuple[str, ...], fate: Fate, reason: str = "") -> None:
        for name in ids:
            if name not in self._waiting:
                continue
            if fate == "answering":
                self._waiting[name] = fate
            else:
                del self._waiting[name]
                self.counts[fate] += 1
                self.reasons.update([reason] if reason else [])
        for index, line in enumerate(self.lines):
            if line.id in ids and line.fate in {"waiting", "answering"}:
                self.lines[index] = msgspec.structs.replace(line, fate=fate, reason=reason)


def totals(board: Board) -> str:
    """Give the counters of the whole show, as words."""
    counts = board.counts
    return (
        f"{counts['heard']} heard · {board.waiting} waiting · "
        f"{counts['answered']} answered · {counts['dropped']} dropped"
    )


def story(board: Board, now_ms: int) -> str:
    """Give who is there, how fast the chat is, why messages were dropped and how the sources fare, as words."""
    viewers = len(board.viewers)
    parts = [f"{viewers}{'+' if viewers == _VIEWERS else ''} viewers", f"{board.pace.rate(now_ms):.1f} messages/s"]
    if board.reasons:
        parts.append("dropped: " + ", ".join(f"{why} {n}" for why, n in board.reasons.most_common(_REASONS)))
    if board.tools:
        parts.append("tools: " + ", ".join(f"{name} {n}" for name, n in board.tools.most_common(_REASONS)))
    return " · ".join([*parts, *(f"{name}: {how}" for name, how in board.sources.items())])


def musing(board: Board, now_ms: int) -> str:
    """Say for whom she is thinking, with which effort and how much longer, "" for nobody."""
    told = []
    for one in board.pondering.values():
        left = one.expected_ms - now_ms
        when = f", about {seconds(left)} more" if left > 0 else ", longer than expected" if one.expected_ms else ""
        told.append(f"{one.name or 'herself'} ({one.effort} effort{when})")
    return "… thinking for " + ", ".join(told) if told else ""


def ailing(board: Board, now_ms: int) -> str:
    """Say which models are down, when they are tried again and who answers meanwhile, "" if all are well."""
    told = []
    for (tier, model), at_ms in board.down.items():
        other = board.answering.get(tier, "")
        meanwhile = f"; answering: {other}" if other and (tier, other) not in board.down else ""
        told.append(f"{model} ({tier}) is down, {next_try(at_ms - now_ms)}{meanwhile}")
    return " · ".join(told)


def latest(board: Board, base_ms: int) -> str:
    """Give the last thing that the operator did or that came of it, with its time, "" for nothing yet."""
    return f"* [{stamp(board.news[0], base_ms)}] {board.news[1]}" if board.news else ""


def _bounded(kept: dict[K, T], key: K, value: T, most: int) -> None:
    """Put a value under its key; of too many the oldest is given up."""
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]


def _line(event: Chat | Notice) -> Line:
    return Line(
        event.id,
        event.viewer_id,
        event.at_ms,
        one_line(event.name, NAME) or "?",
        words(event),
        paid(event.money),
        edited=isinstance(event, Chat) and bool(event.edit_of),
    )
