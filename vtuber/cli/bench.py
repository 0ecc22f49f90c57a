"""`vtuber bench`: measurements of the runtime, as ratios of one run."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from vtuber.bench import latency as latency_bench

app = typer.Typer(help="Measure the runtime itself, as ratios of one run.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure the runtime itself, as ratios of one run."""


@app.command()
def latency(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    runs: Annotated[int, typer.Option(help="Replies a language.", min=1)] = 20,
) -> None:
    """Measure how long she takes until she is heard: a fixed stream of 50 tokens/s and a voice of 150 ms."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Replies heard", total=2 * runs)
        found = latency_bench.measure(runs, lambda: bar.advance(task))
    if json:
        print(msgspec.json.encode(found).decode())
        return
    table = Table("", "language", "p50", "p95")
    for name in ("own", "sent1", "overhead_ms"):
        for language, spread in msgspec.convert(found[name], dict[str, dict[str, float]]).items():
            table.add_row(name, language, f"{spread['p50']:.3f}", f"{spread['p95']:.3f}")
    Console().print(table)
