"""What is left of a run: summary.json, report.html, and a few lines for the person who played it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from vtuber import home, journal
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.errors import UserMistake
from vtuber.report import render


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Keep a run's folder if the show was played; take it away if something went wrong before it held anything."""
    with ExitStack() as otherwise:
        otherwise.callback(_take_away, folder)
        yield
        otherwise.pop_all()


def _take_away(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def finish(folder: Path, console: Console, *, thoughts: bool = False) -> dict[str, object]:
    """Write summary.json and report.html from the run's journal, point runs/latest to it, and say what happened.

    `thoughts`: the report shows what the models thought, too.
    """
    events = tuple(journal.read(folder / "journal.jsonl", thoughts=True))
    summary = summarise(tell(events))
    try:
        (folder / "summary.json").write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
        (folder / "report.html").write_text(render(events, title=folder.name, thoughts=thoughts), encoding="utf-8")
    except OSError as error:
        raise UserMistake(
            f"The show was played, but its report cannot be written to {folder}: {os.strerror(error.errno or 0)}. "
            f"Make room, then: vtuber report {folder}"
        ) from error
    home.point_latest(folder)
    console.print(_told(summary, folder), soft_wrap=True)
    return summary


def _told(summary: dict[str, object], folder: Path) -> str:
    numbers = msgspec.convert(summary, _Numbers)
    messages = numbers.messages_in
    lines = [
        (
            f"[bold]{numbers.answered}[/] of {messages['chat'] + messages['paid']} messages answered, "
            f"[bold]{numbers.escalated}[/] thought through by the slow model ({numbers.delivered} delivered), "
            f"{numbers.recalled} recalls, {numbers.spoken_s:.0f} s spoken, "
            f"{numbers.thought_chars_spoken} characters of thought heard."
        ),
        f"Report: {escape(str(folder / 'report.html'))}",
    ]
    if (folder / "show.wav").exists():
        lines.insert(1, f"Sound:  {escape(str(folder / 'show.wav'))}")
    return "\n".join(lines)


class _Numbers(msgspec.Struct, frozen=True):
    messages_in: dict[str, int]
    answered: int
    escalated: int
    delivered: int
    recalled: int
    spoken_s: float
    thought_chars_spoken: int
