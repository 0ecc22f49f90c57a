"""A character as data: characters/<name>/persona.toml plus lore/*.md."""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from vtuber.events import Language

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
    too_hard: Lines  # an answer was promised and did not come
    fallback: Lines  # the model failed or said nothing usable
    decline: Lines  # the guard refused what she was about to say
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


class Exchange(_Part, frozen=True, kw_only=True):
    """An example: what a viewer writes and how she answers."""

    viewer: str
    she: str


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
    about: Words  # who she is, for the model, in each language
    languages: Languages
    speaking: Speaking = Speaking()
    lines: Stock
    examples: dict[Language, tuple[Exchange, ...]]
    voice: dict[Language, Voice] = {}
    forbidden: tuple[Forbidden, ...] = ()
    rules: tuple[Rule, ...] = ()
    expressions: dict[str, Expression] = {}
    reading: dict[str, str] = {}  # written form -> how it is read aloud
    credits: tuple[str, ...] = ()
    lore: tuple[str, ...] = ()  # filled from lore/*.md, a paragraph each


def load(folder: Path) -> Persona:
    """Read a character. Raises NotFound and BadSetting."""
    raise NotImplementedError(folder)
