"""`vtuber route`: how difficult messages are, which model would answer them, and why."""

import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vtuber.core.routing import Difficulty, decide, decode
from vtuber.errors import NotFound, UserMistake
from vtuber.settings import Thinking


class Judged(msgspec.Struct, frozen=True):
    """A message and where it goes; `ms` is how long the decision took."""

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
) -> None:
    """Say how difficult each message is, which way it goes, and why."""
    messages = [*(texts or ()), *(_read(file) if file else ())]
    if not messages:
        raise UserMistake(
            'There is nothing to judge: give messages in quotes, as in: vtuber route "why is the sky blue".'
        )
    difficulty = Difficulty(decode(files("vtuber").joinpath("shipped", "routing.json").read_bytes()))
    difficulty(messages[0])  # the first call compiles nothing, but warms the processor's caches: not part of `ms`
    judged = (_judge(difficulty, text, hard_from) for text in messages)
    if json:
        for found in judged:
            print(msgspec.json.encode(found).decode())
    else:
        _show(judged)


def _judge(difficulty: Difficulty, text: str, hard_from: float) -> Judged:
    began = time.perf_counter()
    value = difficulty(text)
    decision = decide(text, value, hard_from)
    ms = (time.perf_counter() - began) * 1000
    return Judged(text, round(value, 4), decision.route, decision.reason, round(ms, 3))


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


def _show(judged: Iterator[Judged]) -> None:
    table = Table("difficulty", "route", "message", "why", "ms")
    for found in judged:
        colour = "magenta" if found.route == "hard" else "green"
        bar = "█" * round(found.difficulty * 10)
        table.add_row(
            f"{found.difficulty:.2f} {bar}",
            Text(found.route, colour),
            Text(found.text),
            found.reason,
            f"{found.ms:.1f}",
        )
    Console().print(table)
