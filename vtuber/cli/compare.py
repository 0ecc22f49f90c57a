"""`vtuber compare`: two runs of the same chat, message by message."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vtuber import home as homes
from vtuber import journal
from vtuber.core.comparison import Comparison, Total
from vtuber.core.comparison import compare as compared
from vtuber.core.story import Story, tell
from vtuber.errors import NotFound, UserMistake
from vtuber.report import compare as page

_RUN = "The folder of a run, such as runs/latest."
_NAMES = {
    "presence": "only in one of the runs",
    "choice": "answered in one, or dropped for another reason",
    "route": "went another way",
    "words": "answered in other words",
    "memories": "with other memories",
}


def compare(
    before: Annotated[Path, typer.Argument(metavar="RUN", help=_RUN)],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="The other one.")],
    out: Annotated[Path | None, typer.Option(help="The page; without it compare.html in the second run.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what became of each message in two runs, and write a page that shows it."""
    before, after = (homes.run_folder(run, homes.find()) for run in (before, after))
    found = compared(_story(before), _story(after))
    file = out or after / "compare.html"
    try:
        file.write_text(page.render(found, before.resolve().name, after.resolve().name), encoding="utf-8")
    except OSError as error:
        raise UserMistake(
            f"{file} cannot be written: {os.strerror(error.errno or 0)}. Choose another --out."
        ) from error
    if json:
        print(msgspec.json.encode(found).decode())
        return
    console = Console()
    console.print(_table(found, before.resolve().name, after.resolve().name))
    console.print(Text("\n".join((*_told(found), f"Page: {file}"))), soft_wrap=True)


def _story(run: Path) -> Story:
    file = run / "journal.jsonl"
    if not file.is_file():
        raise NotFound(f"{run} holds no journal.jsonl: it is not the folder of a run.")
    return tell(journal.read(file, thoughts=True))


def _table(found: Comparison, before: str, after: str) -> Table:
    table = Table("", escape(before), escape(after))
    for total in (*found.totals, *(Total(f"dropped: {one.name}", one.before, one.after) for one in found.reasons)):
        style = "bold" if total.before != total.after else "dim"
        cells = (total.name.replace("_", " "), _number(total.before), _number(total.after))
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _told(found: Comparison) -> Iterator[str]:
    """Give the changes in words."""
    changed = sum(bool(one.changes) for one in found.messages)
    yield f"{changed} of {len(found.messages)} messages fared differently{':' if changed else '.'}"
    yield from (f"  {number} {_NAMES[change]}" for change, number in found.changed.items() if number)
    if found.lines:
        yield f"Her own turns with other words: {', '.join(found.lines)}."
