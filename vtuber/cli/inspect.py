"""`vtuber inspect`: what a chat log holds, counted, before anything is played."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from vtuber.adapters.chat.log_file import FORMATS, open_log
from vtuber.core.chatlog import Inspection
from vtuber.core.chatlog import inspect as count


def inspect(
    log: Annotated[
        Path,
        typer.Argument(
            help="A chat log: Twitch IRC lines, JSON of yt-dlp, chat-downloader or TwitchDownloader, or a journal."
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
) -> None:
    """Say what a chat log holds: its format, how long it is, what kinds of events, and what had to be skipped."""
    format_name, entries = open_log(log)
    with closing(entries):
        found = count(format_name, entries)
    if json:
        print(msgspec.json.encode(_as_json(found)).decode())
    else:
        _show(log, found)


def _as_json(found: Inspection) -> dict[str, object]:
    return {
        "format": found.format,
        "span_s": found.span_s,
        "events": found.events,
        "retractions": found.retractions,
        "skipped": found.skipped,
    }


def _show(log: Path, found: Inspection) -> None:
    minutes, seconds = divmod(found.span_s, 60)
    console = Console(highlight=False)
    console.print(f"{log.name}: {FORMATS[found.format]}, {minutes} min {seconds} s", markup=False)
    table = Table("what", "how many", "lines or items")
    for name, number in (*found.events.items(), ("retractions", found.retractions)):
        table.add_row(name, str(number), "")
    for reason, number in found.skipped.items():
        table.add_row(f"skipped: {reason}", str(number), _lines(found.skipped_lines[reason], number))
    console.print(table)


def _lines(shown: tuple[int, ...], number: int) -> str:
    return ", ".join(map(str, shown)) + (" …" if number > len(shown) else "")
