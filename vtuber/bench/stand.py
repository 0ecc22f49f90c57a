"""What every measurement stands on: fixed replies, a character without lines of her own, and a show's parts."""

import math
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import msgspec

from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.core.guard import Guard
from vtuber.events import Event, Language
from vtuber.persona import Languages, Lines, Persona, Stock
from vtuber.ports import ChatSource, LanguageModel
from vtuber.settings import Settings
from vtuber.show import Parts

VOICE_MS = 150
_NONE: Lines = {"en": ()}


class Sample(msgspec.Struct, frozen=True):
    """A fixed reply as it is streamed."""

    text: str
    tokens: tuple[str, ...]
    first_sentence: str


def sample(language: Language) -> Sample:
    """Give the shipped reply of a language."""
    data = files("vtuber").joinpath("shipped", "latency", f"{language}.json").read_bytes()
    return msgspec.json.decode(data, type=Sample)


def varied(language: Language, number: int) -> tuple[str, ...]:
    """Give the sample's tokens in another order of its words: she does not say the same twice."""
    tokens = list(sample(language).tokens)
    inner = [index for index, token in enumerate(tokens) if token.strip().isalpha()]
    words = [tokens[index] for index in inner]
    random.Random(number).shuffle(words)
    for index, word in zip(inner, words, strict=True):
        tokens[index] = word
    return tuple(tokens)


def persona(language: Language) -> Persona:
    """Make a character without lines of her own: what is measured is the answer."""
    lines = Stock(
        opening=_NONE, closing=_NONE, holding=_NONE, answer_intro=_NONE, too_hard=_NONE, fallback=_NONE,
        decline=_NONE, thanks=_NONE, raid=_NONE,
    )  # fmt: skip
    return Persona(
        schema=1, name={language: "Bench"}, about={}, languages=Languages(primary=language), lines=lines, examples={},
    )  # fmt: skip


@asynccontextmanager
async def parts(
    sources: Sequence[ChatSource], model: LanguageModel, note: Callable[[Event], None], **other: Any
) -> AsyncIterator[Parts]:
    """Give a show's parts with volatile memory and a voice of VOICE_MS; `other` replaces what differs."""
    embedder = HashingEmbedder()
    memory = await SqliteMemory.open(
        ":memory:", stream_id="bench", embedder=embedder, vectors=ExactVectors(), warn=lambda _sentence: None
    )
    usual = Parts(
        sources=tuple(sources),
        fast=model,
        deep=model,
        memory=memory,
        embedder=embedder,
        voices=ScriptedVoice(delay_ms=VOICE_MS),
        outputs=(),
        persona=persona("en"),
        settings=Settings(),
        guard=Guard(()),
        difficulty=_easy,
        stream_id="bench",
        character="bench",
        note=note,
    )
    try:
        yield msgspec.structs.replace(usual, **other)
    finally:
        await memory.close()


def _easy(_text: str, _similarity: float | None = None) -> float:
    return 0.0


def spread(values: Sequence[float], digits: int = 4) -> dict[str, float]:
    """Give p50, p95, p99 and the greatest, by nearest rank; nothing of nothing."""
    ordered = sorted(values)
    if not ordered:
        return {}
    ranks = {f"p{percent}": ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] for percent in (50, 95, 99)}
    return {name: round(value, digits) for name, value in (ranks | {"max": ordered[-1]}).items()}
