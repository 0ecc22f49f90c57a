"""The journal: everything that happens in a show as JSON lines, written without holding the show up, and read back."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, cast, get_args

import msgspec

from vtuber.clock import Clock
from vtuber.errors import NotFound, UserMistake
from vtuber.events import Event, Skipped, Thought, kind

EVERY_MS = 100  # how much a journal may lose when the power goes
_FLUSH_BYTES = 256 * 1024
_WAITING_BYTES = 64 * 1024 * 1024  # while a disk hangs; what comes after that is lost
_LINE_BYTES = 16 * 1024 * 1024  # a longer line is no event
_KINDS = frozenset(event.__struct_config__.tag for event in get_args(Event))

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Give an event as one line of JSON, without the line end. The same event gives the same bytes."""
    return _encoder.encode(event)


def decode(line: bytes) -> Event:
    """Read one line. Raises msgspec.DecodeError, UnicodeDecodeError (both ValueError) or RecursionError."""
    return _decoder.decode(line)


def skipped(line: bytes, number: int, at_ms: int = 0) -> Skipped:
    """Say why a line cannot be decoded: its kind is unknown (a newer version wrote it), or it is broken."""
    reason = "unknown_kind" if _kind_of(line) not in {"", *_KINDS} else "broken_line"
    return Skipped(id=f"line:{number}", at_ms=at_ms, reason=reason, line=number)


def read(path: Path, *, thoughts: bool = False) -> Generator[Event, None, None]:
    """Give a journal's events in order, thoughts only when asked for.

    A line that cannot be read is given as Skipped. Raises NotFound, or UserMistake for a file that cannot be read.
    """
    with _opened(path) as file:
        at_ms = 0
        number = 0
        while line := file.readline(_LINE_BYTES):
            number += 1
            if not line.strip():
                continue
            event: Event
            try:
                event = decode(line)
            except (ValueError, RecursionError):
                event = skipped(line, number, at_ms)
            at_ms = event.at_ms
            if thoughts or not isinstance(event, Thought):
                yield event


def _ignore(_sentence: str) -> None:
    pass


class Journal:
    """Writes a show's events to a new file; the show never waits for the disk and never fails with it.

    `note` keeps an event in memory; `run` (or a full buffer, or `flush`) brings it to the file. Once the file takes no
    more, `warn` is told so in one sentence (from whichever thread was writing), and events are only counted, in `lost`.
    Raises UserMistake when the file cannot be opened.
    """

    def __init__(self, path: Path, *, warn: Callable[[str], None] = _ignore) -> None:
        self.path = path
        self.written = 0  # events in the file
        self.lost = 0  # events that are not
        self._warn = warn
        self._warned: set[str] = set()
        self._file: BinaryIO | None = _created(path)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._dirty = asyncio.Event()
        self._writing = threading.Lock()
        self._closed = False

    def note(self, event: Event) -> None:
        """Keep an event for the file. Never raises, never waits."""
        if self._file is None or self._waiting_bytes >= _WAITING_BYTES:
            self.lost += 1
            return
        try:
            line = encode(event) + b"\n"
        except (ValueError, TypeError, OverflowError):
            self._give_up(1, f"An event of kind {kind(event)} cannot be written down; the journal goes on without it.")
            return
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        self._dirty.set()
        if self._waiting_bytes >= _FLUSH_BYTES and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def flush(self) -> None:
        """Write what is waiting. Never raises."""
        with self._writing:
            self._write()

    async def run(self, clock: Clock) -> None:
        """Flush a little after something was noted, off the event loop, until the journal is closed."""
        while not self._closed:
            await self._dirty.wait()
            self._dirty.clear()
            await clock.sleep(EVERY_MS)
            await asyncio.to_thread(self.flush)

    def close(self) -> None:
        """Write what is waiting and close the file. Never raises; a second time does nothing."""
        self.flush()
        self._closed = True
        self._dirty.set()
        if self._file is not None:
            self._end()

    def _end(self) -> None:
        file, self._file = self._file, None
        with contextlib.suppress(OSError):  # what it could not write has been counted
            if file is not None:
                file.close()

    def _write(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._waiting_bytes = 0
        if not lines:
            return
        if self._file is None:
            self.lost += len(lines)
            return
        try:
            _write_all(self._file, b"".join(lines))
        except OSError as error:
            self._end()
            self._give_up(
                len(lines),
                f"The journal {self.path} takes no more ({_why(error)}): "
                "the show goes on, but from here on it is not recorded.",
            )
        else:
            self.written += len(lines)

    def _give_up(self, events: int, sentence: str) -> None:
        self.lost += events
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._warn(sentence)


def _write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may take only a part at a time. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no journal {path}.") from None
    except OSError as error:
        raise UserMistake(f"The journal {path} cannot be read ({_why(error)}).") from error


def _created(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return cast("BinaryIO", path.open("wb", buffering=0))
    except OSError as error:
        raise UserMistake(
            f"The journal {path} cannot be written ({_why(error)}), so the show would leave no record. "
            "Name another folder, or mend its permissions."
        ) from error


def _why(error: OSError) -> str:
    return "no permission" if isinstance(error, PermissionError) else error.strerror or type(error).__name__


class _Tagged(msgspec.Struct):
    kind: str = ""


def _kind_of(line: bytes) -> str:
    """Give the tag of a line that is JSON, "" for any other."""
    try:
        return msgspec.json.decode(line, type=_Tagged).kind
    except (ValueError, RecursionError):
        return ""
