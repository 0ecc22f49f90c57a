"""Chat logs on disk: which format one is in, told by its content, and its entries one by one, never the whole file."""

import codecs
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import msgspec

from vtuber import journal
from vtuber.adapters.chat import chat_downloader, twitch_downloader, twitch_irc, youtube_live_chat
from vtuber.core.chatlog import Entry
from vtuber.core.json_items import Items
from vtuber.errors import BadLog, ChatSourceError, NotFound
from vtuber.events import Chat, Notice, Retract, Skipped, System

FORMATS = {
    "twitch-irc": "raw Twitch IRC lines",
    "yt-dlp": "yt-dlp's .live_chat.json",
    "chat-downloader": "chat-downloader's JSON",
    "twitch-downloader": "TwitchDownloader's JSON",
    "journal": "this program's own journal",
}
REPLAYED = (Chat, Notice, System, Retract)

_LINE_BYTES = 16 * 1024 * 1024  # a longer line or item is no chat
_PIECE_BYTES = 256 * 1024
_BEFORE = 10_000  # how many lines or items may stand before the first one in a known format
_Pieces: TypeAlias = Iterator[tuple[int, bytes]]  # lines or items with their 1-based numbers
_Read: TypeAlias = Callable[[bytes, int], Entry]


class _Shape(msgspec.Struct, frozen=True):
    """How a file's pieces are parted: its lines, or the items of its array (under a key)."""

    format: str
    key: str | None = None  # None for lines

    def pieces(self, path: Path) -> _Pieces:
        return _lines(path) if self.key is None else _items(path, self.key)


_ARRAYS = (
    (b"[", _Shape("chat-downloader", ""), chat_downloader.is_item),
    (b"{", _Shape("twitch-downloader", twitch_downloader.KEY), twitch_downloader.is_comment),
)


def open_log(path: Path) -> tuple[str, Generator[Entry, None, None]]:
    """Give a log's format (one of FORMATS, told by its content) and its entries, read as they are asked for.

    Raises NotFound, or BadLog for a file that cannot be read or holds no chat.
    """
    shape = _shape(path)
    if shape is not None:
        with closing(_entries(path, shape)) as entries:
            if any(isinstance(event, REPLAYED) for entry in entries for event in entry.events):
                return shape.format, (entry for entry in _entries(path, shape) if entry.events)
        raise BadLog(f"{path} looks like {FORMATS[shape.format]}, but nothing in it is chat: there is nothing to play.")
    if path.stat().st_size == 0:
        raise BadLog(f"{path} is empty: there is nothing to play.")
    known = ", ".join(f"{words} ({name})" for name, words in FORMATS.items())
    raise BadLog(f"{path} is in no known format. What can be played: {known}.")


def count(path: Path) -> int:
    """Give how many lines a log has or, where it is one JSON array, how many items. Raises as `open_log` does."""
    shape = _shape(path)
    if shape is not None and shape.key is not None:
        return sum(1 for _ in _items(path, shape.key))
    lines, ended = 0, True
    with _opened(path) as file:
        while piece := file.read(1 << 20):
            lines += piece.count(b"\n")
            ended = piece.endswith(b"\n")
    return lines if ended else lines + 1


def _shape(path: Path) -> _Shape | None:
    """Tell the format by the first piece of a known one; None if there is none near the file's beginning."""
    with _opened(path) as file:
        begins = file.read(_PIECE_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    for bracket, shape, fits in _ARRAYS:
        if begins == bracket and any(fits(_json(item)) for _, item in islice(shape.pieces(path), _BEFORE)):
            return shape
    for _, line in islice(_lines(path), _BEFORE):
        if name := _format_of(line):
            return _Shape(name)
    return None


def _entries(path: Path, shape: _Shape) -> Generator[Entry, None, None]:
    """Give every piece; a line before the first one in the known format is a broken one."""
    read, known = _reader(shape.format), shape.key is not None
    for number, piece in shape.pieces(path):
        known = known or bool(_format_of(piece))
        yield read(piece, number) if known else _broken(number)


def _format_of(line: bytes) -> str:
    frame = _json(line)
    if youtube_live_chat.is_line(frame):
        return "yt-dlp"
    if isinstance(frame, dict) and {"kind", "id", "at_ms"} <= frame.keys():
        return "journal"
    if chat_downloader.is_item(frame):
        return "chat-downloader"
    return "twitch-irc" if twitch_irc.is_line(_text(line)) else ""


def _reader(format_name: str) -> _Read:
    match format_name:
        case "twitch-irc":
            return _twitch_line
        case "yt-dlp":
            return _youtube_line
        case "chat-downloader":
            return partial(_chat_downloader_item, stamps=_Stamps())
        case "twitch-downloader":
            return _twitch_comment
        case _:
            return _journal_line


def _twitch_line(line: bytes, number: int) -> Entry:
    stamp_ms, event = twitch_irc.read(_text(line), 0, number)
    return Entry(number, stamp_ms, () if event is None else (event,))


def _youtube_line(line: bytes, number: int) -> Entry:
    frame = _json(line)
    return Entry(number, youtube_live_chat.offset_ms(frame), youtube_live_chat.decode(frame, 0, number))


def _twitch_comment(item: bytes, number: int) -> Entry:
    frame = _json(item)
    return Entry(number, twitch_downloader.offset_ms(frame), (twitch_downloader.decode(frame, 0, number),))


class _Stamps:
    """Chooses one of chat-downloader's two times for a whole log: places in a video and unix times do not mix."""

    def __init__(self) -> None:
        self._choice: Callable[[Any], int | None] | None = None

    def of(self, item: Any) -> int | None:
        """Give an item's time in ms: of the kind that the log's first timed item has."""
        for choice in (chat_downloader.offset_ms, chat_downloader.sent_ms):
            if self._choice is None and choice(item) is not None:
                self._choice = choice
        return self._choice(item) if self._choice else None


def _chat_downloader_item(item: bytes, number: int, *, stamps: _Stamps) -> Entry:
    frame = _json(item)
    return Entry(number, stamps.of(frame), (chat_downloader.decode(frame, 0, number),))


def _journal_line(line: bytes, number: int) -> Entry:
    """Read what was heard: what she herself did is passed over."""
    try:
        written = journal.decode(line)
    except (ValueError, RecursionError):
        return Entry(number, None, (journal.skipped(line, number),))
    return Entry(number, written.at_ms, (written,)) if isinstance(written, REPLAYED) else Entry(number, None, ())


def _broken(number: int) -> Entry:
    return Entry(number, None, (Skipped(id=f"line:{number}", at_ms=0, reason="broken_line", line=number),))


def _json(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _lines(path: Path) -> _Pieces:
    """Give the lines that are not blank; a line too long to be chat comes as nonsense."""
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


def _items(path: Path, key: str) -> _Pieces:
    """Give the items of the array that a file holds; what stands behind it is not read."""
    items, number = Items(key, longest=_LINE_BYTES), 0
    with _opened(path) as file:
        try:
            if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
                file.seek(0)
            while not items.ended and (piece := file.read(_PIECE_BYTES)):
                for item in items.feed(piece):
                    number += 1
                    yield number, item
        except OSError as error:
            raise ChatSourceError(f"The chat log {path} broke off after item {number}: {error.strerror}.") from error
    yield from enumerate(items.end(), start=number + 1)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no chat log at {path}.") from None
    except OSError as error:
        why = "no permission" if isinstance(error, PermissionError) else error.strerror or type(error).__name__
        raise BadLog(f"The chat log {path} cannot be read ({why}): there is nothing to play.") from error
