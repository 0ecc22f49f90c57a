"""`vtuber report`: makes a run's report again from its journal."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from vtuber import home as homes
from vtuber.cli.recap import finish
from vtuber.errors import NotFound


def report(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as runs/latest.")],
    thoughts: Annotated[
        bool, typer.Option("--thoughts", help="Show what the models thought: keep it off the stream.")
    ] = False,
) -> None:
    """Make summary.json and report.html of a run again from its journal."""
    run = homes.run_folder(run, homes.find())
    if not (run / "journal.jsonl").is_file():
        raise NotFound(f"{run} holds no journal.jsonl: it is not the folder of a run.")
    finish(run.resolve(), Console(), thoughts=thoughts)
