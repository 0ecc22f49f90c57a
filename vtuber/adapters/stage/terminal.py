"""The live view in a terminal, drawn with rich; plain lines where the output is not a terminal."""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from vtuber.core.live_view import Board, Fate, Line, ailing, latest, musing, story, totals
from vtuber.core.live_words import as_text, stamp
from vtuber.core.sound import length
from vtuber.core.wording import one_line
from vtuber.errors import StageOutputError
from vtuber.events import Event, Performed
from vtuber.ports import Cue, Musing

_FRAME_S = 0.25  # four pictures a second at most, and none when nothing happens
_CLOSE_S = 3.0
_OTHER_ROWS = 11  # of the picture, besides the chat
_STORY_MS = 60_000  # between two plain lines of counters
_QUIET_S = 10.5  # after so long without chat its pace is drawn once more: it has fallen to nothing
_HELD = 1000  # plain lines that may wait for a stopped terminal
_METER, _METER_MS = 20, 60
_LOUD = 6000.0  # a voice's RMS, on the scale of int16, that fills the meter
_STYLES: dict[Fate, str] = {
    "waiting": "", "answering": "bold yellow", "answered": "green", "dropped": "dim", "deleted": "dim strike",
}  # fmt: skip
_MARKS: dict[Fate, str] = {"waiting": " ", "answering": ">", "answered": "+", "dropped": "-", "deleted": "x"}

_Frame: TypeAlias = Group | tuple[str, ...]


class Terminal:
    """Shows the show. Besides its cues it takes every event through `note`; both only mark the view as changed.

    At most four pictures a second are written, by a thread: a slow or stopped terminal stops nothing else.
    """

    name = "terminal"

    def __init__(self, speaker: str, *, keys: str = "", console: Console | None = None) -> None:
        """`speaker`: her name. `keys`: what the keys do, for the last row, where there is a hand on them."""
        self._speaker = one_line(speaker, 40)
        self._console = console or Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._keys = keys
        self._board = Board(kept=max(3, min(14, self._console.height - _OTHER_ROWS)))
        self._plain: deque[str] = deque(maxlen=_HELD)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="terminal")
        self._base_ms: int | None = None
        self._now_ms = self._story_ms = 0
        self._begun = self._drawn = self._noted = 0.0  # the loop's time
        self._due: asyncio.TimerHandle | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._drawing: asyncio.Future[None] | None = None
        self._broken = self._told = False

    async def open(self, base_ms: int) -> None:
        """Begin to draw."""
        self._base_ms = self._now_ms = self._story_ms = base_ms
        self._noted = asyncio.get_running_loop().time()
        if self._live is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._live.start)
        self._touch()

    def note(self, event: Event) -> None:
        """Take in an event of the journal."""
        self._board.note(event)
        self._see(event.at_ms)
        if self._live is None:
            self._say_what(event, self._base_ms if self._base_ms is not None else event.at_ms)
        self._touch()

    async def start(self, cue: Cue) -> None:
        """Show a cue. Raises StageOutputError, once, when the terminal has gone."""
        self._board.begin(cue)
        self._begun = asyncio.get_running_loop().time()
        self._say(f"  ▶ {self._speaker}: {one_line(cue.text)}")
        self._touch()
        if self._broken and not self._told:
            self._told = True
            raise StageOutputError("The terminal does not take the live view any more; the show goes on without it.")

    async def end(self, cue: Cue, performed: Performed) -> None:  # noqa: ARG002 - a journal event says how it ended
        """Take a cue away."""
        self._board.finish()
        self._see(performed.at_ms)
        self._touch()

    async def muse(self, musing: Musing | None) -> None:
        """Nothing to do: the question is an event, which it is told of."""

    async def close(self) -> None:
        """Draw the last picture and give the terminal back."""
        for timer in (self._due, self._quiet):
            if timer is not None:
                timer.cancel()
        if self._base_ms is not None:
            last = self._frame(self._base_ms)
            self._base_ms = None
            try:
                async with asyncio.timeout(_CLOSE_S):
                    await asyncio.get_running_loop().run_in_executor(self._thread, self._finish, last)
            except TimeoutError as error:
                raise StageOutputError("The terminal is stopped; its last lines were not shown.") from error
            finally:
                self._thread.shutdown(wait=False)

    def _say_what(self, event: Event, base_ms: int) -> None:
        if self._base_ms is not None and self._now_ms - self._story_ms >= _STORY_MS:
            self._story_ms = self._now_ms
            self._say(f"[{stamp(self._now_ms, base_ms)}] {totals(self._board)} · {story(self._board, self._now_ms)}")
        self._say(as_text(event, base_ms, self._board.named))

    def _say(self, line: str) -> None:
        if line and self._live is None:
            self._plain.append(line)

    def _touch(self) -> None:
        if self._base_ms is None or self._due is not None or self._broken:
            return
        loop = asyncio.get_running_loop()
        self._due = loop.call_later(max(0.0, self._drawn + _FRAME_S - loop.time()), self._draw)

    def _draw(self) -> None:
        self._due = None
        if self._base_ms is None:
            return
        loop = asyncio.get_running_loop()
        self._drawn = loop.time()
        if self._drawing is not None and not self._drawing.done():
            self._touch()  # the terminal still takes the picture before
            return
        self._drawing = loop.run_in_executor(self._thread, self._paint, self._frame(self._base_ms))
        if self._board.cue is not None and self._live is not None:
            self._touch()  # the meter moves
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = loop.call_later(_QUIET_S, self._touch) if self._board.pace.rate(self._moment()) else None

    def _see(self, at_ms: int) -> None:
        self._now_ms = max(at_ms, self._now_ms if self._base_ms is None else self._moment())
        self._noted = asyncio.get_running_loop().time()

    def _moment(self) -> int:
        """Give the stream clock: what the last event showed, and the time since."""
        return self._now_ms + round((asyncio.get_running_loop().time() - self._noted) * 1000)

    def _frame(self, base_ms: int) -> _Frame:
        if self._live is not None:
            elapsed = round((asyncio.get_running_loop().time() - self._begun) * 1000)
            timed = heading(self._board, self._speaker, self._moment(), base_ms)
            return picture(self._board, timed, base_ms, elapsed, self._keys)
        lines = tuple(self._plain)
        self._plain.clear()
        return lines

    def _paint(self, frame: _Frame) -> None:
        try:
            if isinstance(frame, Group):
                if self._live is not None:
                    self._live.update(frame, refresh=True)
                return
            encoding = self._console.encoding
            for line in frame:  # the old code pages of Windows lack some characters: better a "?" than no line
                self._console.file.write(line.encode(encoding, "replace").decode(encoding) + "\n")
            self._console.file.flush()
        except (OSError, ValueError):  # ValueError: the output was closed
            self._broken = True

    def _finish(self, last: _Frame) -> None:
        self._paint(last)
        if self._live is not None:
            self._live.stop()


def heading(board: Board, speaker: str, now_ms: int, base_ms: int) -> tuple[str, str, str, str]:
    """Give the rows that change with the time: two above the chat, two below it.

    Her name, the time and the counters; who is there and how the sources fare; whom she thinks for; who is down.
    """
    paused = " · paused" if board.paused else ""
    first = f"{speaker} · {stamp(now_ms, base_ms)} · {totals(board)}{paused}"
    return first, story(board, now_ms), musing(board, now_ms), ailing(board, now_ms)


def picture(board: Board, timed: tuple[str, str, str, str], base_ms: int, elapsed_ms: int, keys: str = "") -> Group:
    """Draw the board; `timed`: see `heading`. Text from outside goes into Text objects, which know no markup."""
    rows: list[Text | Rule] = [_one(timed[0], "bold"), _one(timed[1], "")]
    rows += [_chat(line, base_ms) for line in board.lines]
    rows.append(Rule(style="dim"))
    if board.cue is not None:
        to = one_line(board.cue.to, 40)
        rows.append(_one(f"▶ {f'to {to}: ' if to else ''}{one_line(board.cue.text)}", "bold cyan"))
        rows.append(_one(meter(board.cue, elapsed_ms), "cyan"))
    else:
        rows += [_one("▶", "dim"), _one("", "")]
    rows.append(_one(timed[2], "magenta"))
    rows += [_one(f"! {line}", "red") for line in (timed[3], board.trouble) if line]
    rows += [_one(line, "dim") for line in (latest(board, base_ms), keys) if line]
    return Group(*rows)


def _chat(line: Line, base_ms: int) -> Text:
    text = _one(f"{_MARKS[line.fate]} [{stamp(line.at_ms, base_ms)}] ", _STYLES[line.fate])
    text.append(line.name, "bold")
    if line.edited:
        text.append(" (edited)", "dim")
    text.append(f": {line.text}")
    if line.paid:
        text.append(f"  {line.paid}", "bold magenta")
    if line.reason:
        text.append(f"  ({line.reason})", "dim")
    return text


def _one(words: str, style: str) -> Text:
    return Text(words, style, no_wrap=True, overflow="ellipsis")


def meter(cue: Cue, elapsed_ms: int) -> str:
    """Show how loud she is at this moment of a cue, as a bar."""
    around = cue.audio.samples[length(elapsed_ms - _METER_MS) : length(elapsed_ms)].astype(np.float64)
    loud = float(np.sqrt(np.mean(around**2))) if len(around) else 0.0
    full = min(_METER, round(_METER * float(np.sqrt(loud / _LOUD))))
    return "█" * full + "·" * (_METER - full)
