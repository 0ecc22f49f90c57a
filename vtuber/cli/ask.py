"""`vtuber ask`: the same questions to several models, with what she would say and how fast, side by side."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from vtuber import home as homes
from vtuber import persona
from vtuber import settings as house
from vtuber.cli.asking import Answer, Asked, Asker, ask_all
from vtuber.core.model_spec import parse
from vtuber.errors import BadLog, NotFound, UserMistake
from vtuber.events import Effort, Tier
from vtuber.settings import Settings
from vtuber.wiring.character import guard_for
from vtuber.wiring.models import open_model

_FILE = typer.Argument(metavar="FILE", help='One question a line, or JSON lines with a "text" in each (.jsonl).')
_MODELS = typer.Option(help="Models by comma, as the settings write them; without it those of the settings.")
_OUT = typer.Option(help="Write the answers to this file as JSON too.", dir_okay=False)


class Comparison(msgspec.Struct, frozen=True):
    """All that was asked and answered."""

    character: str
    tier: Tier
    models: tuple[Asked, ...]


class _Line(msgspec.Struct, frozen=True):
    text: str


def ask(  # noqa: PLR0913, PLR0917 - an option each
    file: Annotated[Path, _FILE],
    models: Annotated[str, _MODELS] = "",
    character: Annotated[str | None, typer.Option(help="Who answers: a name, or her folder.")] = None,
    tier: Annotated[Tier, typer.Option(help="Whose questions they are: the fast or the deep model's.")] = "fast",
    effort: Annotated[Effort, typer.Option(help="How long the deep model thinks.")] = "low",
    thoughts: Annotated[bool, typer.Option("--thoughts", help="Show what the models thought, too.")] = False,
    out: Annotated[Path | None, _OUT] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
) -> None:
    """Ask several models the same questions, as this character, and compare their answers and their speed."""
    place = homes.find(home)
    settings = house.load(place)
    questions, specs = read_questions(file), _specs(models, settings, tier)
    name = character or settings.character
    who = persona.load(persona.find(name, (place, persona.shipped())))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking", total=len(questions) * len(specs))
        asker = Asker(
            who=who, guard=guard_for(who), settings=settings, tier=tier, open_model=open_model, thoughts=thoughts,
            effort=effort,
            done=lambda spec: bar.update(task, advance=1, description=f"Asking {spec}"),
        )  # fmt: skip
        compared = Comparison(name, tier, asyncio.run(ask_all(asker, specs, questions)))
    written = msgspec.json.format(msgspec.json.encode(compared))
    if out:
        out.write_bytes(written + b"\n")
    if json:
        print(written.decode())
    else:
        _show(compared.models, questions, Console())
    raise typer.Exit(1 if all(one.error for one in compared.models) else 0)


def read_questions(file: Path) -> tuple[str, ...]:
    """Read questions, one a line; an empty line and one that begins with # are none. Raises NotFound, BadLog."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadLog(f"The file {file} cannot be read as UTF-8 text.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (file.suffix != ".jsonl" and line.startswith("#")):
            continue
        try:
            text = msgspec.json.decode(line, type=_Line).text if file.suffix == ".jsonl" else line
        except msgspec.MsgspecError:
            raise BadLog(f'Line {number} of {file} is not a JSON object such as {{"text": "hello"}}.') from None
        found.append(text.strip())
    if not found:
        raise BadLog(f"{file} holds no question.")
    return tuple(found)


def _specs(models: str, settings: Settings, tier: Tier) -> tuple[str, ...]:
    named = models or (settings.models.fast if tier == "fast" else settings.models.deep)
    specs = tuple(dict.fromkeys(spec.strip() for spec in named.split(",") if spec.strip()))
    for spec in specs:
        parse(spec)  # a slip is told before the first model is loaded
    if not specs:
        raise UserMistake("Which models? Name them, as in: --models ollama/qwen2.5:14b,ollama/gpt-oss:20b")
    return specs


def _show(models: Sequence[Asked], questions: Sequence[str], console: Console) -> None:
    columns = [Text("question"), *(Text(one.model) for one in models)]
    # Japanese has no spaces to break a line at: it is folded, not cut
    answers = Table(*(Column(name, overflow="fold") for name in columns), show_lines=True)
    for number, question in enumerate(questions):
        cells = [_cell(one.answers[number]) if number < len(one.answers) else Text("—") for one in models]
        answers.add_row(Text(question), *cells)
    console.print(answers)
    model = Column("model", overflow="fold")
    speed = Table(model, "ready in", "first token", "first words", "whole answer", "tokens/s", "failed")
    for one in models:
        well = [answer for answer in one.answers if not answer.error]
        times = [[answer.first_token_ms for answer in well], [answer.first_words_ms for answer in well if answer.text]]
        times.append([answer.total_ms for answer in well])
        rates = [answer.tokens_per_s for answer in well if answer.tokens_per_s]
        speed.add_row(
            Text(one.model),
            _seconds([one.load_ms] if not one.error else []),
            *(_seconds(column) for column in times),
            f"{median(rates):.1f}" if rates else "—",
            str(len(questions) - len(well)),
        )
    console.print(speed)
    for one in models:
        if one.error:
            console.print(Text(f"{one.model}: {one.error}", "red"))


def _cell(answer: Answer) -> Text:
    if answer.error:
        return Text(answer.error, "red")
    text = Text(answer.text or f"(nothing that may be said: {answer.refused or 'she said nothing'})")
    if answer.thought:
        text.append(f"\nthought: {answer.thought}", "dim italic")
    seconds = f"{answer.first_token_ms / 1000:.2f} s, whole {answer.total_ms / 1000:.2f} s"
    return text.append(f"\n{seconds}, {answer.tokens_per_s:.1f} tok/s", "cyan")


def _seconds(ms: Sequence[int]) -> str:
    return f"{median(ms) / 1000:.2f} s" if ms else "—"
