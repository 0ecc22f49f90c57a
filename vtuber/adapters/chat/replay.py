"""A chat log played as if it were live: the log's own gaps, on the show's clock."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from vtuber.adapters.chat.log_file import count, open_log
from vtuber.clock import Clock
from vtuber.core.chatlog import Entry
from vtuber.errors import UserMistake
from vtuber.events import Chat, Notice, Skipped, System
from vtuber.ports import FromChat

_UNTIMED_GAP_MS = 1000  # a line without a time follows its predecessor by this
# Their stamps are places in a video (or may be): the unix time stands in the messages.
_VIDEOS = frozenset({"yt-dlp", "chat-downloader", "twitch-downloader"})


class Progress(msgspec.Struct, frozen=True):
    """How far a replay has come. `lines` and `total_lines` make the fraction; `events` were given so far.

    Of a log that is one JSON array they count its items.
    """

    events: int
    lines: int
    total_lines: int


class Replay:
    """A chat source that plays a log: gaps clamped to 0 … `max_gap_s`, divided by `speed`; file order is kept.

    `at_ms` and `received_at_ms` are the show's clock, `sent_at_ms` stays as it was. With `after`, an event's id, it
    goes on behind that event; a log that does not hold it is played from its beginning. What is wrong with the log is
    known when the source is made, before the show opens: raises NotFound, BadLog or UserMistake.
    """

    name = "replay"

    def __init__(
        self, path: Path, clock: Clock, *, speed: float = 1.0, max_gap_s: float = 60.0, after: str = ""
    ) -> None:
        if not speed > 0 or max_gap_s < 0:
            raise UserMistake("The replay's speed must be greater than 0 and its longest gap at least 0 seconds.")
        self._clock = clock
        self._speed = speed
        self._max_gap_ms = max_gap_s * 1000
        self.format, self._entries = open_log(path)
        passed = _pass_over(self._entries, after) if after else 0
        if after and not passed:
            self.format, self._entries = open_log(path)
        self._progress = Progress(events=0, lines=passed, total_lines=count(path))

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self._progress

    async def events(self) -> AsyncGenerator[FromChat, None]:
        """Give the log's events at their time. Raises ChatSourceError when the file breaks under it."""
        due = float(self._clock.now())
        place: int | None = None
        with closing(self._entries) as entries:
            for index, entry in enumerate(entries):
                due += (self._gap(entry, place) if index else 0) / self._speed
                place = _place(entry, place)
                await self._clock.until(round(due))
                for event in entry.events:
                    self._progress = msgspec.structs.replace(
                        self._progress, events=self._progress.events + 1, lines=entry.line
                    )
                    yield _emitted(event, self._clock.now())
        self._progress = msgspec.structs.replace(self._progress, lines=self._progress.total_lines)

    def _gap(self, entry: Entry, place: int | None) -> float:
        if entry.stamp_ms is None or place is None:
            return 0 if _only_skipped(entry) else min(_UNTIMED_GAP_MS, self._max_gap_ms)
        return min(max(0, entry.stamp_ms - place), self._max_gap_ms)


def _pass_over(entries: Iterable[Entry], after: str) -> int:
    """Read up to the entry that holds an event; give its line, 0 if there is none."""
    return next((entry.line for entry in entries if any(event.id == after for event in entry.events)), 0)


def first_stamp_ms(path: Path) -> int:
    """Give the log's first stamp in unix milliseconds, where the stream's clock starts; 0 for a log without stamps.

    Raises as `open_log` does.
    """
    format_name, entries = open_log(path)
    for entry in entries:
        if format_name not in _VIDEOS and entry.stamp_ms is not None:
            return entry.stamp_ms
        for event in entry.events:
            if isinstance(event, Chat | Notice | System) and event.sent_at_ms:
                return event.sent_at_ms
    return 0


def _place(entry: Entry, before: int | None) -> int | None:
    """Give where in the log's own time an entry stands, after one that stood at `before`."""
    if entry.stamp_ms is not None:
        return entry.stamp_ms
    return before if before is None or _only_skipped(entry) else before + _UNTIMED_GAP_MS


def _only_skipped(entry: Entry) -> bool:
    return all(isinstance(event, Skipped) for event in entry.events)


def _emitted(event: FromChat, now: int) -> FromChat:
    if isinstance(event, Chat | Notice | System):
        return msgspec.structs.replace(event, at_ms=now, received_at_ms=now)
    return msgspec.structs.replace(event, at_ms=now)
