"""What an onlooker sees of a show: recent chat and its fate, what she says, whom she thinks for, counters."""

from collections import Counter, deque
from typing import Literal, TypeAlias

import msgspec

from vtuber.core.wording import one_line
from vtuber.events import Chat, Dropped, Event, Failed, Interrupt, Money, Notice, Performed, Question, Retract, Turn
from vtuber.ports import Cue

Fate: TypeAlias = Literal["waiting", "answering", "answered", "dropped", "deleted"]
_NAME, _TEXT = 40, 200  # characters shown at most


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


class Board:
    """Folds the show's events into what is in view. `kept`: how many chat lines stay in sight."""

    def __init__(self, kept: int = 14) -> None:
        self.lines: deque[Line] = deque(maxlen=kept)
        self.counts: Counter[str] = Counter()
        self.pondering: dict[str, str] = {}  # turn -> the asker's name
        self.cue: Cue | None = None
        self.paused = False
        self.trouble = ""
        self._waiting: dict[str, Fate] = {}  # every message without an end yet, in view or not
        self._asked: dict[str, tuple[str, ...]] = {}  # turn -> the messages it answers

    def begin(self, cue: Cue) -> None:
        """She begins to say this."""
        self.cue = cue

    def finish(self) -> None:
        """She has said it."""
        self.cue = None

    def note(self, event: Event) -> None:
        """Take in what happened."""
        match event:
            case Chat() | Notice() if not event.backlog:
                self.counts["heard"] += 1
                self._waiting[event.id] = "waiting"
                self.lines.append(_line(event))
            case Turn():
                asked = tuple(chat.id for chat in event.chats) or ((event.notice.id,) if event.notice else ())
                self._asked[event.id] = asked
                self._mark(asked, "answering")
            case Question():
                who = event.asked.who
                self.pondering[event.turn or event.asked.id] = one_line(who.name, _NAME) if who else ""
            case Performed():
                self._performed(event)
            case Dropped():
                self._dropped(event)
            case Retract():
                self._retract(event)
            case Failed():
                self.counts["failed"] += 1
                self.trouble = f"{event.stage}: {event.error}"
            case Interrupt(op="pause"):
                self.paused = True
            case Interrupt(op="resume" | "stop"):
                self.paused = False
            case _:
                pass

    def _performed(self, event: Performed) -> None:
        if event.source == "deep" and event.last:
            self.pondering.pop(event.turn, None)
        if event.last and event.turn not in self.pondering:
            self._mark(self._asked.pop(event.turn, ()), "answered")

    def _dropped(self, event: Dropped) -> None:
        if event.item == "question":
            self.pondering.pop(event.turn, None)
        self._mark((event.cause,), "dropped", event.reason)

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
        for index, line in enumerate(self.lines):
            if line.id in ids and line.fate in {"waiting", "answering"}:
                self.lines[index] = msgspec.structs.replace(line, fate=fate, reason=one_line(reason, _NAME))


def _line(event: Chat | Notice) -> Line:
    text = one_line(event.text, _TEXT)
    if isinstance(event, Notice):
        text = f"({one_line(event.notice, _NAME)}) {text}".rstrip()
    return Line(event.id, event.viewer_id, event.at_ms, one_line(event.name, _NAME) or "?", text, _paid(event.money))


def _paid(money: Money | None) -> str:
    return one_line(f"{money.amount} {money.currency}", _NAME) if money else ""


def stamp(at_ms: int, base_ms: int) -> str:
    """Give a time of the show as 1:05 or 1:00:05."""
    seconds = max(0, at_ms - base_ms) // 1000
    hours = f"{seconds // 3600}:{seconds // 60 % 60:02}" if seconds >= 3600 else str(seconds // 60)  # noqa: PLR2004 - an hour
    return f"{hours}:{seconds % 60:02}"


def as_text(event: Event, base_ms: int) -> str:
    """Give an event as one plain line, "" for what an onlooker needs not see."""
    at = f"[{stamp(event.at_ms, base_ms)}]"
    match event:
        case Chat() | Notice() if not event.backlog:
            line = _line(event)
            return f"{at} {line.name}: {line.text}" + (f" ({line.paid})" if line.paid else "")
        case Question():
            who = event.asked.who
            return f"  … thinking for {one_line(who.name, _NAME) if who else 'herself'}"
        case Retract():
            return f"{at} (a message was taken back)"
        case Failed():
            return f"{at} ! {event.stage}: {event.error}" + (" (gave up)" if event.degraded else "")
        case _:
            return ""
