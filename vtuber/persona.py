"""A character as data: characters/<name>/persona.toml plus lore/*.md."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from vtuber import strict_toml
from vtuber.errors import BadSetting, NotFound
from vtuber.events import Effort, Language

Lines: TypeAlias = dict[Language, tuple[str, ...]]
Words: TypeAlias = dict[Language, str]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Languages(_Part, frozen=True, kw_only=True):
    """What she speaks."""

    primary: Language
    reply_in_viewer_language: bool = True


class Speaking(_Part, frozen=True, kw_only=True):
    """How she talks."""

    first_person: Words = {}
    viewer_honorific: Words = {}  # put after a name: さん
    fan_name: Words = {}
    sentence_endings: Lines = {}
    catchphrases: Lines = {}
    never_say: tuple[str, ...] = ()  # words that must never leave her mouth; a clause that holds one is replaced
    reply_sentences: int = 2  # how long a reply may be


class Stock(_Part, frozen=True, kw_only=True):
    """Lines of her own that need no model. Placeholders: {name}, {amount}, {count}, {question}."""

    opening: Lines
    closing: Lines
    holding: Lines  # a hard question was accepted: she will think about it. Never a promise of facts.
    answer_intro: Lines  # her deep answer is ready: names the asker
    second_thought: Lines = {}  # her deep answer to something that she has answered already; names the asker
    too_hard: Lines  # an answer was promised and did not come
    fallback: Lines  # the model failed or said nothing usable
    decline: Lines  # the guard refused what she was about to say
    result: Lines = {}  # what a tool gave, as {result}
    nod: Lines = {}  # she heard it and has nothing to add
    thanks: Lines  # money
    raid: Lines
    subscription: Lines = {}
    first_time: Lines = {}
    idle: Lines = {}


class Forbidden(_Part, frozen=True, kw_only=True):
    """A topic that she declines."""

    topic: str
    words: tuple[str, ...]
    decline: Lines


class Rule(_Part, frozen=True, kw_only=True):
    """When a message holds one of `when`, say one of `say`; not again within `cooldown_s`."""

    when: tuple[str, ...]
    say: Lines
    cooldown_s: int = 60


class Topic(_Part, frozen=True, kw_only=True):
    """When a question holds one of `words`, she thinks about it with this effort."""

    words: tuple[str, ...]
    effort: Effort


class Pondering(_Part, frozen=True, kw_only=True):
    """How long she thinks about hard questions; "house": as the house's settings say."""

    effort: Literal["house", "auto"] | Effort = "house"
    topics: tuple[Topic, ...] = ()


class Exchange(_Part, frozen=True, kw_only=True):
    """An example: what a viewer writes and how she answers; with `memo`, what she remembered for it."""

    viewer: str
    she: str
    memo: str = ""


class Voice(_Part, frozen=True, kw_only=True):
    """How she sounds in one language."""

    engine: str = "auto"  # pyopenjtalk, pyttsx3, silent; "auto" takes the best there is
    voice: str = ""
    speed: float = 1.0
    pitch: float = 0.0  # half tones


class Expression(_Part, frozen=True, kw_only=True):
    """What an expression is called on each kind of stage, and the words that call for it."""

    words: tuple[str, ...] = ()
    vts_hotkey: str = ""
    vmc_blend: str = ""
    png: str = ""


class Persona(_Part, frozen=True, kw_only=True):
    """A whole character."""

    schema: Literal[1]
    name: Words  # {"ja": "…", "en": "…"}
    called: tuple[str, ...] = ()  # what viewers call her for short
    about: Words  # who she is, for the model, in each language
    languages: Languages
    speaking: Speaking = Speaking()
    lines: Stock
    examples: dict[Language, tuple[Exchange, ...]]
    pondering: Pondering = Pondering()
    voice: dict[Language, Voice] = {}
    forbidden: tuple[Forbidden, ...] = ()
    rules: tuple[Rule, ...] = ()
    expressions: dict[str, Expression] = {}
    reading: dict[str, str] = {}  # written form -> how it is read aloud
    credits: tuple[str, ...] = ()
    lore: tuple[str, ...] = ()  # filled from lore/*.md, a paragraph each


FILE = "persona.toml"


def load(folder: Path) -> Persona:
    """Read the character in `folder`. Raises NotFound, and BadSetting naming file, key and the nearest known key."""
    file = folder / FILE
    if not file.is_file():
        raise NotFound(f"There is no character in {folder}. {_those_there_are(_in(folder.parent))}")
    persona = strict_toml.load(file, Persona)
    return msgspec.structs.replace(persona, lore=(*persona.lore, *_lore(folder / "lore")))


def find(name: str, homes: Sequence[Path]) -> Path:
    """Give the folder of a character: `name` itself if it is one, else characters/<name> in the first home that has it.

    Raises NotFound, naming the characters that there are.
    """
    itself = Path(name)
    if (itself / FILE).is_file():
        return itself
    there = characters(homes)
    if name in there:
        return there[name]
    near = difflib.get_close_matches(name.lower(), there, n=1)
    hint = f"Did you mean “{near[0]}”? " if near else ""
    raise NotFound(f"There is no character called “{name}”. {hint}{_those_there_are(there)}")


def characters(homes: Iterable[Path]) -> dict[str, Path]:
    """Give every character's name and folder; an earlier home hides the same name in a later one."""
    found: dict[str, Path] = {}
    for home in homes:
        for name, folder in _in(home / "characters").items():
            found.setdefault(name, folder)
    return found


def shipped() -> Path:
    """Give the home that came with the program: inside the installed package, or the root of a checkout."""
    package = Path(__file__).resolve().parent
    return package / "shipped" if (package / "shipped" / "characters").is_dir() else package.parent


def _in(folder: Path) -> dict[str, Path]:
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return {one.name: one for one in inside if (one / FILE).is_file()}


def _those_there_are(there: Mapping[str, Path]) -> str:
    if not there:
        return f"No characters were found there: a character is a folder characters/NAME that holds a {FILE}."
    return f"The characters here are: {', '.join(sorted(there))}."


def _lore(folder: Path) -> tuple[str, ...]:
    paragraphs: list[str] = []
    for file in sorted(folder.glob("*.md")):
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{file} cannot be read as UTF-8 text.") from error
        for block in re.split(r"\n\s*\n", text):
            lines = [line.strip() for line in block.splitlines() if not line.lstrip().startswith("#")]
            if paragraph := _joined(lines):
                paragraphs.append(paragraph)
    return tuple(paragraphs)


def _joined(lines: Iterable[str]) -> str:
    """Join the lines of a paragraph: a Japanese line break is no space."""
    return re.sub(r"(?<=[^\x00-\u2e7f]) (?=[^\x00-\u2e7f])", "", " ".join(line for line in lines if line))
