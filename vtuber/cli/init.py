"""`vtuber init`: looks what is on this machine, asks three questions at most, and writes vtuber.toml."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from vtuber import home as homes
from vtuber import persona
from vtuber.cli.doctor import look
from vtuber.core.checks import Findings
from vtuber.core.settings_text import settings_text
from vtuber.errors import UserMistake
from vtuber.settings import FILE, Models, OneComme, Settings, Sources, Twitch

T = TypeVar("T")

_TWITCH = typer.Option(help="Your Twitch channel: its name or its address.")
_CHARACTER = typer.Option(help="Who plays.")
_COPY = typer.Option(help="Copy a shipped character into characters/ of the data home, to make her your own.")
_CHANNEL = re.compile(r"(?:https?://)?(?:(?:www|m)\.)?(?:twitch\.tv/)?[#@]?([A-Za-z0-9_]{1,25})/?")


def init(
    twitch: Annotated[str | None, _TWITCH] = None,
    character: Annotated[str | None, _CHARACTER] = None,
    copy: Annotated[str | None, _COPY] = None,
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Write the settings for this machine: finds model servers, OneComme and voices. Overwrites nothing unasked."""
    place, asks, console = homes.find(home), _may_ask() and not yes, Console()
    channel = channel_of(twitch) if twitch else ""
    if character:
        persona.find(character, (place, persona.shipped()))
    if copy:
        _say(console, f"{_copied(copy, place)} is yours to change. Check her with: vtuber persona check {copy}")
    file = place / FILE
    if file.exists() and not _may_replace(file, asks=asks, copied=bool(copy), console=console):
        return
    found = look(place, Settings())
    _tell(found, console)
    channel = channel or _channel(asks=asks)
    who = character or _who(found, copy or Settings().character, asks=asks)
    twitch_chat = Twitch(channels=(channel,)) if channel else Twitch()
    settings = Settings(
        character=who,
        models=Models(reserve_vram_gb=_reserve(found, asks=asks)),
        sources=Sources(twitch=twitch_chat, onecomme=OneComme(on=found.onecomme)),
    )
    _write(file, settings)
    _say(console, f"Written: {file}")
    at = "" if homes.find() == place else f" --home {place}"
    _say(console, f"Next: vtuber doctor{at}, then: vtuber run{at}")


def channel_of(written: str) -> str:
    """Give a Twitch channel's name from its name or address. Raises UserMistake."""
    found = _CHANNEL.fullmatch(written.strip())
    if not found:
        raise UserMistake(f"“{written}” is no Twitch channel. Give its name, as in twitch.tv/NAME.")
    return found[1].lower()


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _copied(name: str, place: Path) -> Path:
    """Copy a shipped character and give where she is now. Raises NotFound, UserMistake."""
    source = persona.find(name, (persona.shipped(),))
    target = place / "characters" / source.name
    if target.exists():
        raise UserMistake(f"{target} is there already and stays as it is: change her there, or move her away first.")
    shutil.copytree(source, target)
    return target


def _may_replace(file: Path, *, asks: bool, copied: bool, console: Console) -> bool:
    """Ask whether the settings that are there may go; they are kept beside the new ones. Raises UserMistake."""
    if not asks and not copied:
        raise UserMistake(f"{file} is there already and stays as it is. Change it, or move it away first.")
    question = f"{file} is there already. Replace it? The old one is kept as {_old(file).name}."
    if asks and typer.confirm(question, err=True):
        return True
    _say(console, f"{file} stays as it is.")
    return False


def _old(file: Path) -> Path:
    return file.with_name(f"{file.name}.old")


def _tell(found: Findings, console: Console) -> None:
    """Say what was found, a line each."""
    programs = {"ollama": "Ollama", "lmstudio": "LM Studio", "openai": "a model server"}
    there = [f"{programs[server.kind]}, {len(server.models)} models" for server in found.servers]
    there += ["わんコメ (OneComme): it will be read"] if found.onecomme else []
    there += [f"a voice for {language}: {engine}" for language, engine in found.voices.items()]
    for line in there or ["neither a model server nor a voice"]:
        _say(console, f"Found: {line}")
    for one in found.chosen:
        _say(console, f"The {one.tier} model would be {one.spec or 'none'}. {one.why}")


def _channel(*, asks: bool) -> str:
    return _asked("Your Twitch channel, empty for none", "", _channel_or_none) if asks else ""


def _channel_or_none(written: str) -> str:
    try:
        return channel_of(written) if written.strip() else ""
    except UserMistake as error:
        raise typer.BadParameter(str(error)) from None


def _who(found: Findings, usual: str, *, asks: bool) -> str:
    names = sorted(name for name, wrong in found.characters.items() if not wrong)

    def known(written: str) -> str:
        if written.strip() not in names:
            raise typer.BadParameter(f"There is no character “{written}”. There are: {', '.join(names)}.")
        return written.strip()

    return _asked(f"Who plays ({', '.join(names)})", usual, known) if asks else usual


def _reserve(found: Findings, *, asks: bool) -> float:
    """Ask for the game's share of a graphics card; without one there is nothing to share."""
    if not asks or not found.machine.vram_gb:
        return 0.0

    def size(written: str) -> float:
        try:
            return max(0.0, float(written))
        except ValueError:
            raise typer.BadParameter(f"“{written}” is no number.") from None

    words = f"GB of the {found.machine.vram_gb:.0f} GB of graphics memory to leave to the game and the encoder"
    return _asked(words, "0", size)


def _asked(words: str, usual: str, read: Callable[[str], T]) -> T:
    answer: T = typer.prompt(words, default=usual, show_default=bool(usual), value_proc=read, err=True)
    return answer


def _write(file: Path, settings: Settings) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.part")
    half.write_text(settings_text(settings), encoding="utf-8", newline="\n")
    if file.exists():
        file.replace(_old(file))
    half.replace(file)


def _say(console: Console, sentence: str) -> None:
    console.print(Text(sentence), soft_wrap=True)
