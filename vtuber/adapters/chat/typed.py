"""A person types to her: each line is a message, and a line that begins with a slash is for the operator."""

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, TypeAlias

import msgspec

from vtuber.clock import Clock
from vtuber.core.wording import one_line
from vtuber.events import Chat, Operation

Operate: TypeAlias = Callable[[Operation, dict[str, str]], None]
Tell: TypeAlias = Callable[[str], None]

PLATFORM = "typed"
YOU = f"{PLATFORM}:you"
COMMANDS = "/hush /skip /pause /resume /say TEXT /reload /switch fast|deep MODEL /as NAME /quit"

_PLAIN: Final[dict[str, Operation]] = {
    "hush": "hush", "skip": "skip", "pause": "pause", "resume": "resume", "reload": "reload", "quit": "stop",
}  # fmt: skip
_NAME, _TEXT = 40, 2000  # characters of a name and of a message at most
_CHUNK, _AHEAD = 4096, 16  # bytes read at a time, and how often before she has heard them
_LINE = 65_536  # characters without a line end are a line


class Ordered(msgspec.Struct, frozen=True):
    """Something for the operator's hand."""

    op: Operation
    fields: dict[str, str] = {}


class SpeaksAs(msgspec.Struct, frozen=True):
    """From here on another viewer types; "" is the person herself again."""

    name: str


class NotUnderstood(msgspec.Struct, frozen=True):
    """A command that cannot be obeyed, and what to do about it."""

    told: str


def command(line: str) -> Ordered | SpeaksAs | NotUnderstood | None:
    """Read a line as a command; None for a message."""
    if not line.startswith(("/", "／")):
        return None
    word, _, rest = line[1:].replace("\u3000", " ").strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    if word in _PLAIN and not rest:
        return Ordered(_PLAIN[word])
    if word == "as":
        return SpeaksAs(one_line(rest, _NAME))
    if word == "say" and rest:
        return Ordered("say", {"text": rest[:_TEXT]})
    tier, _, model = rest.partition(" ")
    if word == "switch" and tier in {"fast", "deep"} and model.strip():
        return Ordered("switch", {"tier": tier, "model": model.strip()})
    return NotUnderstood(f"This is no command: {one_line(line, _NAME)}. There are {COMMANDS}.")


class Typed:
    """The chat source of one person at a keyboard. It ends where the lines end, or with /quit.

    `operate` is handed what is for the operator, `tell` a sentence about what was not understood.
    """

    name = PLATFORM

    def __init__(
        self, lines: AsyncGenerator[str, None], clock: Clock, operate: Operate, tell: Tell, *, name: str
    ) -> None:
        """`name`: what she calls the person."""
        self._lines = lines
        self._clock = clock
        self._operate = operate
        self._tell = tell
        self._own_name = one_line(name, _NAME)
        self._other = ""  # as whom the person types, "" for herself
        self._first_ms = clock.now()
        self._count = 0

    @property
    def label(self) -> str:
        """Who types now, for a prompt: "you" or another viewer's name."""
        return self._other or "you"

    async def events(self) -> AsyncGenerator[Chat, None]:
        """Give each line as a message, as it is typed, until the lines end."""
        async with aclosing(self._lines) as lines:
            async for line in lines:
                text = line.strip()
                match command(text):
                    case Ordered(op, fields):
                        self._operate(op, fields)
                        if op == "stop":
                            return
                    case SpeaksAs(name):
                        self._other = name
                        self._tell(f"You type as {name} now; /as alone ends it." if name else "You are yourself again.")
                    case NotUnderstood(told):
                        self._tell(told)
                    case _ if text:
                        yield self._message(text[:_TEXT])

    def _message(self, text: str) -> Chat:
        self._count += 1
        now = self._clock.now()
        return Chat(
            id=f"{PLATFORM}::{self._first_ms}-{self._count}",
            at_ms=now,
            sent_at_ms=now,
            received_at_ms=now,
            platform=PLATFORM,
            viewer_id=f"{PLATFORM}:{self._other}" if self._other else YOU,
            name=self._other or self._own_name,
            text=text,
        )


async def lines(fd: int) -> AsyncGenerator[str, None]:
    """Give the lines of an open file, as they come, until it ends; at a terminal the end (Ctrl-D) is a /quit.

    A thread reads: not every terminal, pipe and file can be watched by an event loop, and it stops nobody when the
    program ends.
    """
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    loop, room = asyncio.get_running_loop(), threading.Semaphore(_AHEAD)

    def hand(chunk: bytes) -> None:
        loop.call_soon_threadsafe(chunks.put_nowait, chunk)

    threading.Thread(target=_read, args=(os.dup(fd), room, hand), name="typed", daemon=True).start()
    splitter = Splitter()
    while chunk := await chunks.get():
        room.release()
        for line in splitter.feed(chunk):
            yield line
    for line in splitter.feed(b"", last=True):
        yield line
    if os.isatty(fd):
        yield "/quit"


def _read(fd: int, room: threading.Semaphore, hand: Callable[[bytes], None]) -> None:
    """Read until the end, in a thread; at most _AHEAD pieces wait to be heard."""
    chunk = b"begin"
    with open(fd, "rb", buffering=0) as file:
        while chunk:
            room.acquire()  # given back by who takes the piece
            try:
                chunk = file.read(_CHUNK) or b""
            except OSError:  # the terminal has gone
                chunk = b""
            try:
                hand(chunk)
            except RuntimeError:  # the loop has ended: nobody listens any more
                return


class Splitter:
    """Bytes to lines of text; what is no UTF-8 is replaced."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""

    def feed(self, chunk: bytes, *, last: bool = False) -> tuple[str, ...]:
        """Give the lines that are complete now; with `last` what is left over too."""
        text = self._rest + self._decoder.decode(chunk, last)
        *whole, self._rest = text.replace("\r\n", "\n").split("\n")
        if len(self._rest) > _LINE or (last and self._rest):
            whole.append(self._rest)
            self._rest = ""
        return tuple(whole)
