"""`vtuber route`: how difficult messages are, which model would answer them, and why."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from vtuber.core.routing import decide
from vtuber.core.tool_intents import intent
from vtuber.errors import NotFound, UserMistake
from vtuber.settings import Thinking
from vtuber.wiring.routing import Judge, judge

_COLOURS = {"simple": "green", "hard": "magenta", "tool": "cyan"}
_SLOW_S = 2.0  # a run that takes longer shows how far it is


class Judged(msgspec.Struct, frozen=True):
    """A message and where it goes; `ms` is how long that took, with its vector if one was wanted."""

    text: str
    difficulty: float
    route: str
    reason: str
    ms: float


class _Line(msgspec.Struct, frozen=True):
    text: str


def route(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT…", help="Messages; put each in quotes.")] = None,
    file: Annotated[Path | None, typer.Option(help="JSON lines, a `text` in each; - for standard input.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a message.")] = False,
    hard_from: Annotated[float, typer.Option(help="Difficulty from which a message is hard.")] = Thinking().hard_from,
    simple_below: Annotated[
        float, typer.Option(help="Difficulty below which it is simple; between the two the fast model would be asked.")
    ] = Thinking().simple_below,
    embed: Annotated[bool, typer.Option("--embed", help="Weigh the packaged embedder's vectors, too.")] = False,
) -> None:
    """Say how difficult each message is, which way it goes, and why."""
    messages = [*(texts or ()), *(_read(file) if file else ())]
    if not messages:
        raise UserMistake(
            'There is nothing to judge: give messages in quotes, as in: vtuber route "why is the sky blue".'
        )
    with judge(embed=embed) as difficulty:
        difficulty(messages[0])  # warms the processor's caches: not part of `ms`
        judged = (_judged(difficulty, text, hard_from, simple_below) for text in _watched(messages))
        if json:
            for found in judged:
                print(msgspec.json.encode(found).decode())
        else:
            _show(judged)


def _judged(difficulty: Judge, text: str, hard_from: float, simple_below: float) -> Judged:
    began = time.perf_counter()
    wish, value = intent(text), difficulty(text)
    decision = decide(text, value, hard_from, simple_below=simple_below)
    ms = (time.perf_counter() - began) * 1000
    where, why = ("tool", f"asks for the {wish.tool}") if wish else (decision.route, decision.reason)
    return Judged(text, round(value, 4), where, why, round(ms, 3))


def _watched(messages: Sequence[str], now: Callable[[], float] = time.monotonic) -> Iterator[str]:
    """Give the messages one by one; if that takes long, a bar on standard error says how far it is."""
    began, bar = now(), None
    try:
        for done, text in enumerate(messages):
            yield text
            if bar is None and now() - began > _SLOW_S:
                bar = Progress(console=Console(stderr=True), transient=True)
                task = bar.add_task("Messages judged", total=len(messages))
                bar.start()
            if bar is not None:
                bar.update(task, completed=done + 1)
    finally:
        if bar is not None:
            bar.stop()


def _read(path: Path) -> Iterator[str]:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise UserMistake(f"The file {path} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=_Line).text
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise UserMistake(
                    f'Line {number} of {path} is not a JSON object such as {{"text": "hello"}}.'
                ) from None


def _show(judged: Iterable[Judged]) -> None:
    table = Table("difficulty", "route", "message", "why", "ms")
    for found in judged:
        bar = "█" * round(found.difficulty * 10)
        table.add_row(
            f"{found.difficulty:.2f} {bar}",
            Text(found.route, _COLOURS[found.route]),
            Text(found.text),
            found.reason,
            f"{found.ms:.1f}",
        )
    Console().print(table)
