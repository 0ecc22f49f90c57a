"""`vtuber replay`: plays a chat log through the show, on real parts or at once on virtual time."""

from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from vtuber import home as homes
from vtuber import wiring
from vtuber.cli import verdict
from vtuber.cli.recap import finish, kept
from vtuber.errors import UserMistake
from vtuber.settings import Settings

DEMO_CHARACTER = "efu"
_SPEED = typer.Option(help="How fast the log's messages come; the show itself keeps its own time.", min=0.01)
_OUT = typer.Option(help="The run's folder; without it runs/TIME in the data home.", file_okay=False)
_CHARACTER = typer.Option(help="Who plays: a name under characters/, or a folder.")
_HOME = typer.Option(help="The data home.", file_okay=False)
_MODEL = typer.Option(
    help="embedded, scripted, recorded (with --recording), auto, ollama/NAME, lmstudio/NAME, openai/NAME@URL."
)


def replay(  # noqa: PLR0913, PLR0917 - an option each
    log: Annotated[
        Path,
        typer.Argument(
            help="A chat log: Twitch IRC lines, a file of yt-dlp, chat-downloader or TwitchDownloader, or a journal."
        ),
    ],
    character: Annotated[str, _CHARACTER] = DEMO_CHARACTER,
    speed: Annotated[float, _SPEED] = 1.0,
    instant: Annotated[bool, typer.Option("--instant", help="At once, on virtual time, with scripted parts.")] = False,
    out: Annotated[Path | None, _OUT] = None,
    memory: Annotated[
        Path | None, typer.Option(help="A memory folder to use and keep; without it a fresh one.")
    ] = None,
    model: Annotated[str, _MODEL] = "embedded",
    weights: Annotated[Path | None, typer.Option(help="Your own GGUF file for the embedded model.")] = None,
    recording: Annotated[Path | None, typer.Option(help="A journal whose answers are played back.")] = None,
    max_gap: Annotated[
        float, typer.Option(help="Longer silences of the log are cut to this many seconds.", min=0)
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="The seed of everything that is left to chance.")] = 0,
    expect: Annotated[Path | None, typer.Option(help="A file of expectations; a miss makes the exit status 1.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with this run of the same log, for example after a crash.")
    ] = None,
    home: Annotated[Path | None, _HOME] = None,
) -> None:
    """Play a chat log through the show and write the run's folder: journal, sound, subtitles, report."""
    if (model == "recorded") != (recording is not None):
        raise UserMistake("A recorded model needs a journal: give both --model recorded and --recording JOURNAL.")
    if expect:
        verdict.load(expect)  # a mistake in it is told before anything is played
    place = homes.find(home)
    earlier = wiring.earlier(homes.run_folder(resume, place)) if resume else None
    folder = earlier.folder if earlier else homes.new_run(place, out, datetime.now(UTC).astimezone())
    options = wiring.Options(
        log=log, folder=folder, home=place, character=earlier.character if earlier else character, speed=speed,
        max_gap_s=max_gap, instant=instant, memory=memory, model=model, weights=weights, recording=recording,
        resume=earlier, settings=Settings(seed=seed),
    )  # fmt: skip
    with kept(folder):
        _prepare(options)
        wiring.play(options)
    finish(folder, Console())
    if expect and not verdict.judge(folder, expect, Console()):
        raise typer.Exit(1)


def _prepare(options: wiring.Options) -> None:
    with Progress(transient=True) as bar:
        task = bar.add_task("Putting the stand-in model together", total=None, visible=False)
        wiring.prepare_weights(options, lambda done, total: bar.update(task, completed=done, total=total, visible=True))


def demo(
    instant: Annotated[bool, typer.Option("--instant", help="At once, on virtual time, with scripted parts.")] = False,
    model: Annotated[str, _MODEL] = "embedded",
    out: Annotated[Path | None, _OUT] = None,
    home: Annotated[Path | None, _HOME] = None,
) -> None:
    """Play the shipped stream of about four minutes: two platforms, two languages, about ninety messages."""
    with as_file(files("vtuber") / "shipped" / "demo.jsonl") as log:
        replay(log, instant=instant, model=model, out=out, home=home)
