"""A character with what the program ships for her: the guard over her words and the scale of difficulty."""

from importlib.resources import files
from pathlib import Path

from vtuber import persona
from vtuber.core.guard import Guard
from vtuber.core.routing import Difficulty, decode
from vtuber.persona import Persona


def read_character(name: str, home: Path) -> Persona:
    """Read a character of the data home or a shipped one. Raises NotFound, BadSetting."""
    return persona.load(persona.find(name, (home, persona.shipped())))


def guard_for(who: Persona) -> Guard:
    """Make the guard of a character from the shipped block list and her own."""
    words = (files("vtuber") / "shipped" / "blocklist.txt").read_text(encoding="utf-8")
    return Guard(words, who.speaking.never_say)


def difficulty() -> Difficulty:
    """Give the difficulty scale with the shipped weights."""
    return Difficulty(decode((files("vtuber") / "shipped" / "routing.json").read_bytes()))
