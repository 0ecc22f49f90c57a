"""A chat log played as if it were live: the log's own gaps, on the show's clock."""

import codecs
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from vtuber import journal
from vtuber.adapters.chat import twitch_irc, youtube_live_chat
from vtuber.clock import Clock
from vtuber.core.chatlog import Entry
from vtuber.errors import BadLog, ChatSourceError, NotFound, UserMistake
from vtuber.events import Chat, Notice, Retract, Skipped, System
from vtuber.ports import FromChat

FORMATS = {
    "twitch-irc": "raw Twitch IRC lines",
    "yt-dlp": "yt-dlp's .live_chat.json",
    "journal": "this program's own journal",
}
_LINE_BYTES = 16 * 1024 * 1024  # a longer line is no chat
_UNTIMED_GAP_MS = 1000  # a line without a time follows its predecessor by this
_REPLAYED = (Chat, Notice, System, Retract)
_LINES_BEFORE = 10_000  # how many lines may stand before the first one in a known format


class Progress(msgspec.Struct, frozen=True):
    """How far a replay has come. `lines` and `total_lines` make the fraction; `events` were given so far."""

    events: int
    lines: int
    total_lines: int


class Replay:
    """A chat source that plays a log: gaps clamped to 0 … `max_gap_s`, divided by `speed`; file order is kept.

    `at_ms` and `received_at_ms` are the show's clock, `sent_at_ms` stays as it was. What is wrong with the log is known
    when the source is made, before the show opens: raises NotFound, BadLog or UserMistake.
    """

    name = "replay"

    def __init__(self, path: Path, clock: Clock, *, speed: float = 1.0, max_gap_s: float = 60.0) -> None:
        if not speed > 0 or max_gap_s < 0:
            raise UserMistake("The replay's speed must be greater than 0 and its longest gap at least 0 seconds.")
        self.format, self._entries = open_log(path)
        self._clock = clock
        self._speed = speed
        self._max_gap_ms = max_gap_s * 1000
        self._progress = Progress(events=0, lines=0, total_lines=_count_lines(path))

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


def open_log(path: Path) -> tuple[str, Generator[Entry, None, None]]:
    """Give a log's format (one of FORMATS, told by its content) and its lines, read as they are asked for.

    Raises NotFound, or BadLog for a file that cannot be read or holds no chat.
    """
    format_name = ""
    with closing(_recognised(path)) as recognised:
        for format_name, entry in recognised:
            if any(isinstance(event, _REPLAYED) for event in entry.events):
                return format_name, (entry for _, entry in _recognised(path) if entry.events)
    if format_name:
        raise BadLog(f"{path} looks like {FORMATS[format_name]}, but no line holds chat: there is nothing to play.")
    if path.stat().st_size == 0:
        raise BadLog(f"{path} is empty: there is nothing to play.")
    known = ", ".join(f"{words} ({name})" for name, words in FORMATS.items())
    raise BadLog(f"{path} is in no known format. What can be played: {known}.")


def first_stamp_ms(path: Path) -> int:
    """Give the log's first stamp in unix milliseconds, where the stream's clock starts; 0 for a log without stamps.

    Raises as `open_log` does.
    """
    format_name, entries = open_log(path)
    for entry in entries:
        # yt-dlp's stamps are places in the video; the unix time stands in the messages.
        if format_name != "yt-dlp" and entry.stamp_ms is not None:
            return entry.stamp_ms
        for event in entry.events:
            if not isinstance(event, Retract | Skipped) and event.sent_at_ms:
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
    if isinstance(event, Retract | Skipped):
        return msgspec.structs.replace(event, at_ms=now)
    return msgspec.structs.replace(event, at_ms=now, received_at_ms=now)


def _recognised(path: Path) -> Generator[tuple[str, Entry], None, None]:
    """Give every line, with the format's name; the first line in a known format tells it for all."""
    before: list[int] = []
    format_name = ""
    for number, line in _lines(path):
        if not format_name:
            format_name = _format_of(line)
            if not format_name:
                before.append(number)
                if len(before) > _LINES_BEFORE:
                    return
                continue
            yield from ((format_name, _broken(earlier)) for earlier in before)
        yield format_name, _read_line(format_name, line, number)


def _format_of(line: bytes) -> str:
    frame = _json(line)
    if youtube_live_chat.is_line(frame):
        return "yt-dlp"
    if isinstance(frame, dict) and {"kind", "id", "at_ms"} <= frame.keys():
        return "journal"
    return "twitch-irc" if twitch_irc.is_line(_text(line)) else ""


def _read_line(format_name: str, line: bytes, number: int) -> Entry:
    """Give what a line holds: no event where it is not chat (protocol, or what she herself did)."""
    match format_name:
        case "twitch-irc":
            stamp_ms, event = twitch_irc.read(_text(line), 0, number)
            return Entry(number, stamp_ms, () if event is None else (event,))
        case "yt-dlp":
            frame = _json(line)
            return Entry(number, youtube_live_chat.offset_ms(frame), youtube_live_chat.decode(frame, 0, number))
        case _:
            try:
                written = journal.decode(line)
            except (ValueError, RecursionError):
                return Entry(number, None, (journal.skipped(line, number),))
            return (
                Entry(number, written.at_ms, (written,)) if isinstance(written, _REPLAYED) else Entry(number, None, ())
            )


def _broken(number: int) -> Entry:
    return Entry(number, None, (Skipped(id=f"line:{number}", at_ms=0, reason="broken_line", line=number),))


def _json(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give the lines that are not blank, with their 1-based numbers; a line too long to be chat comes as nonsense."""
    with _opened(path) as file:
        number = 0
        try:
            while line := file.readline(_LINE_BYTES):
                number += 1
                if len(line) == _LINE_BYTES:
                    line = b"{"
                    while (rest := file.readline(_LINE_BYTES)) and not rest.endswith(b"\n"):
                        pass
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                if line.strip():
                    yield number, line
        except OSError as error:
            raise ChatSourceError(f"The chat log {path} broke off at line {number}: {error.strerror}.") from error


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no chat log at {path}.") from None
    except OSError as error:
        why = "no permission" if isinstance(error, PermissionError) else error.strerror or type(error).__name__
        raise BadLog(f"The chat log {path} cannot be read ({why}): there is nothing to play.") from error


def _count_lines(path: Path) -> int:
    lines, ended = 0, True
    with _opened(path) as file:
        while piece := file.read(1 << 20):
            lines += piece.count(b"\n")
            ended = piece.endswith(b"\n")
    return lines if ended else lines + 1
