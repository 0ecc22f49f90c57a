"""How long the runtime itself adds before she is heard, on the show's own stages and roads, with a fixed stream and voice."""

import asyncio
import random
import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.resources import files
from typing import Literal

import msgspec

from vtuber.adapters.chat.scripted import Scripted
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.clock import Clock
from vtuber.core.guard import Guard
from vtuber.core.sentences import Segmenter
from vtuber.events import Chat, Language, Performed
from vtuber.persona import Persona
from vtuber.ports import Audio, Cue, Delta, Message, ModelRequest, SpeechEngine, VoiceStyle
from vtuber.settings import Settings
from vtuber.show import Parts, Show

TOKENS_PER_S = 50
VOICE_MS = 150


class Sample(msgspec.Struct, frozen=True):
    """A fixed reply as it is streamed."""

    text: str
    tokens: tuple[str, ...]
    first_sentence: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One measured reply; seconds since the turn was chosen."""

    first_audio_s: float
    decided_s: float  # when the token arrived that makes our first cut decidable
    sentence_s: float  # when the token arrived that ends the first sentence
    voice_s: float  # what the voice really took


class _Stream:
    """Streams a sample at a fixed rate and notes when each token really left."""

    name = "fixed stream"
    start_state: Literal["in_content"] = "in_content"

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self.left: list[float] = []

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Nothing to load."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:  # noqa: ARG002 - always the same reply
        """Give the tokens at their time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, token in enumerate(self._sample.tokens, start=1):
            await asyncio.sleep(began + number / TOKENS_PER_S - loop.time())
            self.left.append(loop.time())
            yield Delta(content=token)
        yield Delta(stop="stop")

    async def close(self) -> None:
        """Nothing to let go of."""


class _TimedVoice:
    """A voice, with the time of its first call measured."""

    def __init__(self, voice: SpeechEngine) -> None:
        self._voice = voice
        self.name, self.languages, self.credit = voice.name, voice.languages, voice.credit
        self.took: list[float] = []

    async def prepare(self) -> None:
        """Warm the voice up."""
        await self._voice.prepare()

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        """Speak and note how long it took."""
        began = asyncio.get_running_loop().time()
        audio = await self._voice.synthesize(text, language, style)
        self.took.append(asyncio.get_running_loop().time() - began)
        return audio

    async def close(self) -> None:
        """Close the voice."""
        await self._voice.close()


class _FirstCue:
    """Notes when the first clause reaches the stage."""

    name = "first cue"

    def __init__(self) -> None:
        self.at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def open(self, base_ms: int) -> None:
        """Nothing to open."""

    async def start(self, cue: Cue) -> None:  # noqa: ARG002 - only its time matters
        """Note the time."""
        if not self.at.done():
            self.at.set_result(asyncio.get_running_loop().time())

    async def end(self, cue: Cue, performed: Performed) -> None:
        """Nothing to end."""

    async def close(self) -> None:
        """Nothing to close."""
