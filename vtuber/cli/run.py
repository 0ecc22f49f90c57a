"""`vtuber run`: goes live."""

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from vtuber import home as homes
from vtuber import settings as house
from vtuber import wiring
from vtuber.cli.recap import finish, kept
from vtuber.events import Event, Opened
from vtuber.settings import Settings

_TWITCH = typer.Option(help="A Twitch channel to read, anonymously; may be given several times.")
_ONECOMME = typer.Option("--onecomme", help="Read わんコメ (OneComme) on this machine.")
_MODEL = typer.Option(help="auto, ollama/NAME, lmstudio/NAME, openai/NAME@URL, embedded or scripted.")
_RESUME = typer.Option(
    help="Go on with this run, for example after a crash: nothing is answered twice.", file_okay=False
)


def run(  # noqa: PLR0913, PLR0917 - an option each
    twitch: Annotated[list[str] | None, _TWITCH] = None,
    onecomme: Annotated[bool, _ONECOMME] = False,
    character: Annotated[str | None, typer.Option(help="Who plays: a name under characters/, or a folder.")] = None,
    fast: Annotated[str | None, _MODEL] = None,
    deep: Annotated[str | None, _MODEL] = None,
    port: Annotated[int | None, typer.Option(help="The local WebSocket's port; 0 for any, -1 for none.")] = None,
    resume: Annotated[Path | None, _RESUME] = None,
    silent: Annotated[bool, typer.Option("--silent", help="Without a voice: subtitles keep the time.")] = False,
    out: Annotated[Path | None, typer.Option(help="The run's folder; without it runs/TIME.", file_okay=False)] = None,
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
) -> None:
    """Go live: hear the chat, answer, until you press Ctrl-C."""
    place = homes.find(home)
    earlier = wiring.earlier(homes.run_folder(resume, place)) if resume else None
    before = earlier.sources if earlier else ()
    channels = twitch or [name.removeprefix("twitch:") for name in before if name.startswith("twitch:")]
    settings = _with(house.load(place), channels, onecomme=onecomme or "onecomme" in before, port=port)
    if not wiring.sources_of(settings):
        wiring.say("No chat is read yet: name a channel with --twitch, or read わんコメ with --onecomme.")
    models = msgspec.structs.replace(
        settings.models, fast=fast or settings.models.fast, deep=deep or settings.models.deep
    )
    who = character or (earlier.character if earlier else settings.character)
    settings = msgspec.structs.replace(settings, models=models, character=who)
    began = datetime.now(UTC).astimezone()
    folder = earlier.folder if earlier else homes.new_run(place, out, began)
    with kept(folder):
        wiring.run(
            wiring.LiveOptions(
                folder=folder,
                home=place,
                settings=settings,
                stream_id=f"live-{folder.name}",
                base_ms=round(time.time() * 1000),
                resume=earlier,
                silent=silent,
            ),
            taps=(partial(_point, folder),),
        )
    finish(folder, Console())


def _point(folder: Path, event: Event) -> None:
    """Let runs/latest point to the run from its first moment: after a crash it is the one to go on with."""
    if isinstance(event, Opened):
        homes.point_latest(folder)


def _with(settings: Settings, twitch: list[str], *, onecomme: bool, port: int | None) -> Settings:
    """Give the settings with what the command line says of the sources."""
    sources, change = settings.sources, msgspec.structs.replace
    if twitch:
        channels = tuple(name.lower().lstrip("#@") for name in twitch)
        sources = change(sources, twitch=change(sources.twitch, channels=channels))
    if onecomme:
        sources = change(sources, onecomme=change(sources.onecomme, on=True))
    if port is not None:
        sources = change(sources, local=change(sources.local, on=port >= 0, port=max(0, port)))
    return change(settings, sources=sources)
