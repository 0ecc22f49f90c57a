"""`vtuber chat`: talk to her in the terminal."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from vtuber import home as homes
from vtuber import settings as house
from vtuber.wiring.chatting import ChatOptions
from vtuber.wiring.chatting import chat as talk

_MODEL = typer.Option(help="Who answers: auto, ollama/NAME, lmstudio/NAME, openai/NAME@URL, embedded or scripted.")


def chat(
    character: Annotated[str | None, typer.Option(help="Who plays: a name under characters/, or a folder.")] = None,
    model: Annotated[str | None, _MODEL] = None,
    real: Annotated[bool, typer.Option("--real", help="On her real memory, which then remembers this talk.")] = False,
    voice: Annotated[bool, typer.Option("--voice", help="Hear her, too.")] = False,
    name: Annotated[str, typer.Option(help="What she calls you.")] = "friend",
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
) -> None:
    """Talk to her in the terminal, on a copy of her memory; /quit or Ctrl-D ends it, and / alone shows the commands."""
    place = homes.find(home)
    settings = house.load(place)
    models = msgspec.structs.replace(settings.models, fast=model, deep=model) if model else settings.models
    settings = msgspec.structs.replace(settings, models=models, character=character or settings.character)
    talk(ChatOptions(home=place, settings=settings, name=name, real=real, voice=voice))
