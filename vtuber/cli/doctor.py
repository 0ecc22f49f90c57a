"""`vtuber doctor`: what this machine has for a show, what is missing, and the one command that mends each."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from vtuber import home as homes
from vtuber.core.checks import Findings
from vtuber.core.checkup import Report, report
from vtuber.settings import Settings
from vtuber.wiring import checkup

_MARKS = {"ok": Text("✓", "green"), "warn": Text("!", "yellow"), "missing": Text("✗", "red")}
_PLACES = {"here": "this machine", "near": "your network", "away": "the internet"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
) -> None:
    """Check this machine for a show; exits 1 if something is missing without which she cannot go live."""
    told = report(look(homes.find(home)))
    if json:
        print(msgspec.json.format(msgspec.json.encode(told)).decode())
    else:
        show(told, Console())
    raise typer.Exit(0 if told.ok else 1)


def look(home: Path, settings: Settings | None = None) -> Findings:
    """Look at this machine, by `settings` or those of the data home, while a bar on stderr shows how far it is."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Looking at this machine", total=checkup.PROBES)
        return checkup.look(home, lambda what: bar.update(task, advance=1, description=f"Looked at {what}"), settings)


def show(told: Report, console: Console) -> None:
    """Print a checkup for a person."""
    # Japanese has no spaces to break a line at: it is folded, not cut
    table = Table("", "", Column(overflow="fold"), box=None, padding=(0, 1), show_header=False)
    for check in told.checks:
        words = Text(check.words)
        if check.mend:
            words.append(f"\n→ {check.mend}", "cyan")
        table.add_row(_MARKS[check.state], Text(check.name, "bold"), words)
    console.print(table)
    if told.contacts:
        hosts = Table(
            *(Column(name, overflow="fold") for name in ("talks to", "where", "what for", "what is sent there"))
        )
        for host in told.contacts:
            hosts.add_row(Text(host.host), _PLACES[host.place], Text(host.what), Text(host.sends or "—"))
        console.print(hosts)
    missing = sum(check.state == "missing" for check in told.checks)
    if told.ok:
        console.print(Text("She can go live: vtuber run", "green"))
    else:
        console.print(Text(f"{missing} to mend before she can go live.", "red"))
