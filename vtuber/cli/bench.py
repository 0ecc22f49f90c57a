"""`vtuber bench`: measurements of the runtime, as ratios of one run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from vtuber.bench import flood as flood_bench
from vtuber.bench import hush as hush_bench
from vtuber.bench import latency as latency_bench
from vtuber.bench import overhead as overhead_bench
from vtuber.bench import ponder as ponder_bench
from vtuber.bench import prefix as prefix_bench
from vtuber.bench import routing as routing_bench
from vtuber.bench import start as start_bench

_PROFILE = "busy: a lively chat; seed-cpu: a quiet one of four minutes, and models that give 8.5 tokens a second."

app = typer.Typer(help="Measure the runtime itself.", no_args_is_help=True, add_completion=False)


@app.callback()
def bench() -> None:
    """Measure the runtime itself."""


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


@app.command()
def hush(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    presses: Annotated[int, typer.Option(help="How often the operator presses.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
) -> None:
    """Measure how fast she is silent, and the model's stream closed, after the operator's hush at random moments."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Presses", total=presses)
        found = hush_bench.measure(presses, seed, lambda: bar.advance(task))
    if json:
        print(msgspec.json.encode(found).decode())
        return
    table = Table("in ms", "p50", "p95", "p99", "max")
    for name in ("silent_ms", "stream_closed_ms"):
        spread = msgspec.convert(found[name], dict[str, float])
        table.add_row(name.removesuffix("_ms").replace("_", " "), *(f"{value:.1f}" for value in spread.values()))
    Console().print(table)


@app.command()
def flood(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    rate: Annotated[int, typer.Option(help="Messages a second, besides a burst of 2,000 every ten.", min=1)] = 500,
    seconds: Annotated[float, typer.Option(help="How long.", min=1)] = 60,
    paid: Annotated[float, typer.Option(help="Share of messages with money.", min=0, max=1)] = 0.0002,
) -> None:
    """Measure a flooded chat: cost, freshness of what is answered, paid messages, fairness, and whether it adds up."""
    with _still() as bar:
        task = bar.add_task("Seconds flooded", total=seconds)
        found = flood_bench.measure(
            rate, seconds, lambda passed: bar.update(task, completed=passed, refresh=True), paid
        )
    _tell(found, json=json)


@app.command()
def overhead(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    runs: Annotated[int, typer.Option(help="Shows a language.", min=1)] = 5,
) -> None:
    """Measure the CPU time of a reply against the least that could do it: two queues and the splitter."""
    with _still() as bar:
        task = bar.add_task("Shows played", total=2 * runs)
        found = overhead_bench.measure(runs, lambda: bar.update(task, advance=1, refresh=True))
    _tell(found, json=json)


@app.command()
def ponder(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    minutes: Annotated[float, typer.Option(help="How long the busy stream lasts, on virtual time.", min=1)] = 40,
    profile: Annotated[ponder_bench.Profile, typer.Option(help=_PROFILE)] = "busy",
    seed: Annotated[int, typer.Option(help="Of the chat and the models.")] = 0,
) -> None:
    """Measure pondering: how soon she is heard, how many hard questions are taken, refused and answered in time."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Minutes played", total=minutes)
        found = ponder_bench.measure(
            minutes=minutes, profile=profile, seed=seed, progress=lambda passed: bar.update(task, completed=passed)
        )
    _tell(found, json=json)


@app.command()
def prefix(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    turns: Annotated[int, typer.Option(help="Turns of each conversation.", min=2)] = 10,
) -> None:
    """Measure how much of a prompt is read anew: first tokens of a growing talk with the embedded model."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Turns", total=2 * turns)
        found = prefix_bench.measure(turns, lambda: bar.advance(task))
    _tell(found, json=json)


@app.command()
def routing(
    data: Annotated[Path, typer.Option(help="A folder of JSON lines: `text`; `route`, hard or not; `lang`, ja or en.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    embed: Annotated[bool, typer.Option("--embed", help="Weigh the packaged embedder's vectors, too.")] = False,
) -> None:
    """Measure how well hard messages are told from simple ones, and how fast, on messages whose route is known."""
    with _still() as bar:
        task = bar.add_task("Messages judged", total=None)

        def told(done: int, total: int) -> None:
            if done % 25 == 0 or done == total:
                bar.update(task, completed=done, total=total, refresh=True)

        found = routing_bench.measure(data, told, embed=embed)
    _tell(found, json=json)


@app.command()
def start(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    runs: Annotated[int, typer.Option(help="How often it is started.", min=1)] = 5,
) -> None:
    """Measure importing, a live show's start until its first message is safe on disk, also after a kill; and idling."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starts", total=runs + 1)
        found = start_bench.measure(runs, lambda: bar.advance(task))
    _tell(found, json=json)


def _still() -> Progress:
    """Give a bar that is drawn only when told to: its own thread would be counted where CPU time is measured."""
    return Progress(console=Console(stderr=True), transient=True, auto_refresh=False)


def _tell(found: dict[str, object], *, json: bool) -> None:
    if json:
        print(msgspec.json.encode(found).decode())
        return
    table = Table(Column(), Column(overflow="fold"), show_header=False)
    for name, value in _rows("", found):
        table.add_row(Text(name), Text(value))
    Console().print(table)


def _rows(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Give a figure, or each of those that it consists of, by name; figures that hold no others share a row."""
    parts = dict(enumerate(value, 1)) if isinstance(value, list | tuple) else value
    if not isinstance(parts, dict):
        yield name, _written(parts)
    elif not parts or parts.get("rows") == 0:
        yield name, "none"
    elif name and not any(isinstance(part, dict | list | tuple) for part in parts.values()):
        yield name, " · ".join(f"{_words(key)} {_written(part)}" for key, part in parts.items())
    else:
        for key, part in parts.items():
            yield from _rows(f"{name}, {_words(key)}".removeprefix(", "), part)


def _words(key: object) -> str:
    return str(key).replace("_", " ")


def _written(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}".removesuffix(".0") if isinstance(value, int | float) else str(value)
