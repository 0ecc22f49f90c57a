"""The journal: everything that happens in a show as JSON lines, written without holding the show up, and read back."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import BinaryIO, cast, get_args

import msgspec

from vtuber.clock import Clock
from vtuber.core.run_files import segment_name, segment_number
from vtuber.errors import NotFound, UserMistake
from vtuber.events import Event, Opened, Skipped, Thought, kind

EVERY_MS = 100  # how much a journal may lose when its program is killed
RETRY_MS = 5_000  # how often a file that took no more is followed by a new one
_FLUSH_BYTES = 256 * 1024
_WAITING_BYTES = 64 * 1024 * 1024  # while a disk hangs; what comes after that is lost
_LINE_BYTES = 16 * 1024 * 1024  # a longer line is no event
_SEGMENT = 64 * 1024 * 1024  # a file that has grown so large is followed by a new one
_KINDS = frozenset(event.__struct_config__.tag for event in get_args(Event))
_OPENED = b'{"kind":"opened",'

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


def segments(path: Path) -> tuple[Path, ...]:
    """Give the files of the journal that begins at `path`, in order: itself, then NAME.0002.jsonl and so on."""
    found = sorted((segment_number(path.name, later.name), later) for later in path.parent.glob("*"))
    return (path, *(later for number, later in found if number))


def read(path: Path, *, thoughts: bool = False) -> Generator[Event, None, None]:
    """Give a journal's events in order, thoughts only when asked for; a later segment's own path gives that one alone.

    A line that cannot be read is given as Skipped; its number counts on from segment to segment. Raises NotFound, or
    UserMistake for a file that cannot be read.
    """
    at_ms = 0
    shows: set[str] = set()
    for number, (first, line) in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        event: Event
        try:
            event = decode(line)
        except (ValueError, RecursionError):
            event = skipped(line, number, at_ms)
        if isinstance(event, Opened):
            if first and event.id in shows:  # repeated so that its segment can be read alone
                continue
            shows.add(event.id)
        at_ms = event.at_ms
        if thoughts or not isinstance(event, Thought):
            yield event


def _ignore(_sentence: str) -> None:
    pass


class Journal:
    """Writes a show's events to a file and its later segments; the show never waits for the disk nor fails with it.

    `note` keeps an event in memory; `run` (or a full buffer, or `flush`) brings it to the file. Once the file takes no
    more, `warn` is told so in one sentence (from whichever thread was writing) and events are only counted, in `lost`,
    until `run` finds, trying every five seconds, that a new segment can be written: that is told as well.
    A file that has grown to `rotate_bytes` is followed by a new segment. With `resume` the journal that is there stays
    as it is and goes on in a new segment, else it is overwritten. Raises UserMistake when no file can be opened.
    """

    def __init__(
        self, path: Path, *, warn: Callable[[str], None] = _ignore, rotate_bytes: int = _SEGMENT, resume: bool = False
    ) -> None:
        self.path = path
        self.written, self.lost = 0, 0  # events that are in the files, and that are not
        self._missing = 0  # those of them since the file took no more
        self._warn = warn
        self._warned: set[str] = set()
        self._segments = _Segments(path, rotate_bytes, resume=resume)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._dirty = asyncio.Event()
        self._writing = threading.Lock()
        self._closed = False

    def note(self, event: Event) -> None:
        """Keep an event for the file. Never raises, never waits."""
        if self._closed or self._waiting_bytes >= _WAITING_BYTES:
            self.lost += 1
            return
        try:
            line = encode(event) + b"\n"
        except (ValueError, TypeError, OverflowError):
            self.lost += 1
            self._warn_once(f"An event of kind {kind(event)} cannot be written down; the journal goes on without it.")
            return
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        self._dirty.set()
        if self._waiting_bytes >= _FLUSH_BYTES and self._writing.acquire(blocking=False):
            try:
                self._write(again=False)
            finally:
                self._writing.release()

    def flush(self, *, again: bool = False) -> None:
        """Write what is waiting; where the file took no more, try a new one only if told to `again`. Never raises."""
        with self._writing:
            self._write(again=again)

    async def run(self, clock: Clock) -> None:
        """Flush a little after something was noted, off the event loop, until the journal is closed."""
        next_try = clock.now()
        while not self._closed:
            await self._dirty.wait()
            self._dirty.clear()
            await clock.sleep(EVERY_MS)
            again = clock.now() >= next_try
            if again:
                next_try = clock.now() + RETRY_MS
            await asyncio.to_thread(self.flush, again=again)

    def close(self) -> None:
        """Write what is waiting and close the file. Never raises; a second time does nothing."""
        self.flush(again=not self._closed)
        self._closed = True
        self._dirty.set()
        self._segments.close()

    def _write(self, *, again: bool) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._waiting_bytes = 0
        if not lines:
            return
        recording = self._segments.recording
        whole, fault = self._segments.append(lines) if recording or again else (0, None)
        self.written += whole
        self.lost += len(lines) - whole
        if not recording and self._segments.recording:
            self._warn(
                f"The journal goes on in {self._segments.path.name}; it lacks {self._missing} events in between."
            )
            self._missing = 0
        self._missing += len(lines) - whole
        if recording and fault is not None:
            self._warn(
                f"The journal {self.path} takes no more ({_why(fault)}): the show goes on unrecorded. "
                f"Make room or mend the disk; a new file is tried every {RETRY_MS // 1000} seconds."
            )

    def _warn_once(self, sentence: str) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._warn(sentence)


class _Segments:
    """The files of a journal: the first, and a new one when the last has grown too large, broke off or took no more.

    Every later one begins with the last Opened, so that it can be read alone. Raises UserMistake.
    """

    def __init__(self, first: Path, rotate_bytes: int, *, resume: bool) -> None:
        self._first, self._rotate_bytes = first, rotate_bytes
        self._number, self._bytes = 1, 0  # of the last file
        self._opened = b""  # the line of the last Opened
        self._file: BinaryIO | None = None
        self.path = first  # of the last file, too
        try:
            held = [path for path in segments(first) if path.exists()]
            if resume and held:
                self._number = segment_number(first.name, held[-1].name) or 1
                self._opened = next(filter(None, map(_opening, reversed(held))), b"")
                self._file = self._next()
            else:
                first.parent.mkdir(parents=True, exist_ok=True)
                self._file = cast("BinaryIO", first.open("wb", buffering=0))
                for stale in segments(first)[1:]:
                    stale.unlink()
        except OSError as error:
            raise UserMistake(
                f"The journal {first} cannot be written ({_why(error)}), so the show would leave no record. "
                "Name another folder, or mend its permissions."
            ) from error

    @property
    def recording(self) -> bool:
        """Whether the last file took all that it was given."""
        return self._file is not None

    def append(self, lines: Sequence[bytes]) -> tuple[int, OSError | None]:
        """Write lines; give how many of them are in a file as a whole, and why not all."""
        try:
            if self._file is None or self._bytes >= self._rotate_bytes:
                self.close()
                self._file = self._next()
        except OSError as error:
            return 0, error
        finally:
            self._opened = next((line for line in reversed(lines) if line.startswith(_OPENED)), self._opened)
        data = b"".join(lines)
        size, fault = _put(self._file, data)
        self._bytes += size
        if fault is not None:
            self.close()
        return data[:size].count(b"\n"), fault

    def close(self) -> None:
        """Close the last file; what it could not write has been counted."""
        file, self._file = self._file, None
        with contextlib.suppress(OSError):
            if file is not None:
                file.close()

    def _next(self) -> BinaryIO:
        """Begin a new file. Raises OSError, and leaves no file then."""
        self._number += 1
        path = self._first.with_name(segment_name(self._first.name, self._number))
        file = cast("BinaryIO", path.open("xb", buffering=0))
        size, fault = _put(file, self._opened)
        if fault is not None:
            with contextlib.suppress(OSError):
                file.close()
                path.unlink()
            raise fault
        self.path, self._bytes = path, size
        return file


def _lines(path: Path) -> Generator[tuple[bool, bytes], None, None]:
    """Give the lines of all segments, each with whether it is the first of a later one."""
    for segment in segments(path):
        first = segment != path
        with _readable(segment) as file:
            while line := file.readline(_LINE_BYTES):
                yield first, line
                first = False


def _opening(path: Path) -> bytes:
    with path.open("rb") as file:
        line = file.readline(_LINE_BYTES)
    return line if line.startswith(_OPENED) and line.endswith(b"\n") else b""


def _put(file: BinaryIO, data: bytes) -> tuple[int, OSError | None]:
    """Write to an unbuffered file, which may take only a part at a time; give how many bytes, and why not all."""
    view, size = memoryview(data), 0
    try:
        while size < len(data):
            size += file.write(view[size:])
    except OSError as error:
        return size, error
    return size, None


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no journal {path}.") from None
    except OSError as error:
        raise UserMistake(f"The journal {path} cannot be read ({_why(error)}).") from error


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
