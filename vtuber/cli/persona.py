"""`vtuber persona`: reads a character file and says what a viewer would notice."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vtuber import home as homes
from vtuber import persona
from vtuber.core.persona_check import Finding, spoken
from vtuber.core.persona_check import check as findings_of

app = typer.Typer(
    help="Characters: what they hold and what is wrong with them.", no_args_is_help=True, add_completion=False
)

_Name = Annotated[str, typer.Argument(metavar="NAME|PATH", help="A character's name, or her folder.")]
_Home = Annotated[Path | None, typer.Option(help="The data home with its characters/.", file_okay=False)]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


class Report(msgspec.Struct, frozen=True):
    """What `persona check` found."""

    character: str
    folder: str
    errors: int
    warnings: int
    findings: tuple[Finding, ...]


@app.callback()
def _persona() -> None:
    """Characters: what they hold and what is wrong with them."""


@app.command()
def check(name: _Name, home: _Home = None, json: _Json = False) -> None:
    """Check a character; exits 1 if there are errors."""
    folder = persona.find(name, (homes.find(home), persona.shipped()))
    who = persona.load(folder)
    findings = findings_of(who)
    errors = sum(finding.level == "error" for finding in findings)
    report = Report(folder.name, str(folder), errors, len(findings) - errors, findings)
    if json:
        print(msgspec.json.encode(report).decode())
    else:
        _show(report, who)
    raise typer.Exit(1 if errors else 0)


def _show(report: Report, who: persona.Persona) -> None:
    console = Console()
    counts = ", ".join(f"{len(who.examples.get(language, ()))} examples in {language}" for language in spoken(who))
    name = " / ".join(who.name.values())
    console.print(
        Text(f"{name} ({report.character}): {counts}, {len(who.lore)} paragraphs of lore, {len(who.rules)} rules")
    )
    if report.findings:
        table = Table("", "where", "what")
        for finding in report.findings:
            style = "red" if finding.level == "error" else "yellow"
            table.add_row(Text(finding.level, style), Text(finding.where), Text(finding.says))
        console.print(table)
    if report.errors:
        console.print(Text(f"{report.errors} to mend before she goes on stage.", "red"))
    else:
        console.print(Text("She is ready for the stage.", "green"))
