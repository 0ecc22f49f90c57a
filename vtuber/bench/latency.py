"""What the runtime itself adds before she is heard: the show's own stages and roads, a fixed stream, a fixed voice."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from vtuber.adapters.chat.scripted import Scripted
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.bench import stand
from vtuber.bench.stand import VOICE_MS, Sample, parts, persona, spread
from vtuber.clock import Clock
from vtuber.core.sentences import Segmenter
from vtuber.events import Chat, Event, Language, Performed, Turn
from vtuber.ports import Audio, Cue, Delta, Message, ModelRequest, Musing, SpeechEngine, StartState, VoiceStyle
from vtuber.show import Show

TOKENS_PER_S = 50


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One measured reply; seconds since the turn was chosen."""

    first_audio_s: float
    decided_s: float  # when the token arrived that makes our first cut decidable
    sentence_s: float  # when the token arrived that ends the first sentence
    voice_s: float  # what the voice really took


class _Stream:
    """Streams a sample at a fixed rate and notes when each token really left."""

    name = "fixed stream"
    start_state: StartState = "in_content"

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

    async def muse(self, musing: Musing | None) -> None:
        """Nothing to note."""

    async def close(self) -> None:
        """Nothing to close."""


_QUESTIONS: dict[Language, str] = {"en": "how was your day?", "ja": "今日はどうだった？"}


async def _one(sample: Sample, language: Language, deciding: int) -> Heard:
    """Play a show with one question until its first clause is on stage."""
    clock = Clock(0)
    stream, voice, stage = _Stream(sample), _TimedVoice(ScriptedVoice(delay_ms=VOICE_MS)), _FirstCue()
    chosen: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Turn) and event.chats:
            chosen.append(asyncio.get_running_loop().time())

    asked = Chat(id="q", at_ms=0, platform="bench", viewer_id="bench:1", name="mika", text=_QUESTIONS[language])
    source = Scripted([(0.0, asked)], clock)
    async with parts([source], stream, note, voices=voice, outputs=(stage,), persona=persona(language)) as whole:
        show = Show(whole, clock)
        async with asyncio.TaskGroup() as group:
            group.create_task(show.run())
            heard = await stage.at
            show.interrupt("stop")
    sentence = _tokens_to(sample, sample.first_sentence)
    return Heard(
        first_audio_s=heard - chosen[0],
        decided_s=stream.left[deciding] - chosen[0],
        sentence_s=_at(stream, sentence) - chosen[0],
        voice_s=voice.took[0],
    )


def measure(runs: int, progress: Callable[[], None]) -> dict[str, object]:
    """Measure both languages; `progress` is called after each reply. Gives the figures by name."""
    result: dict[str, object] = {"runs": runs, "tokens_per_s": TOKENS_PER_S, "voice_ms": VOICE_MS}
    own: dict[str, dict[str, float]] = {}
    sent1: dict[str, dict[str, float]] = {}
    overhead: dict[str, dict[str, float]] = {}
    lookahead: dict[str, float] = {}
    first: dict[str, str] = {}
    for language in ("en", "ja"):
        sample = stand.sample(language)
        deciding, piece = first_cut(sample, language)
        heard = [_play(sample, language, deciding, progress) for _ in range(runs)]
        own[language] = spread([one.first_audio_s / (one.decided_s + one.voice_s) for one in heard])
        sent1[language] = spread([one.first_audio_s / (one.sentence_s + one.voice_s) for one in heard])
        overhead[language] = spread([(one.first_audio_s - one.decided_s - one.voice_s) * 1000 for one in heard])
        lookahead[language] = round((deciding - _tokens_to(sample, piece)) * 1000 / TOKENS_PER_S, 1)
        first[language] = piece
    return result | {
        "own": own, "sent1": sent1, "overhead_ms": overhead, "lookahead_ms": lookahead, "first_clause": first,
    }  # fmt: skip


def first_cut(sample: Sample, language: Language) -> tuple[int, str]:
    """Give the index of the token that makes our first cut decidable, and the clause it makes."""
    segmenter = Segmenter(language)
    for index, token in enumerate(sample.tokens):
        if pieces := segmenter.push(token):
            return index, pieces[0]
    return len(sample.tokens) - 1, sample.text


def _play(sample: Sample, language: Language, deciding: int, progress: Callable[[], None]) -> Heard:
    heard = asyncio.run(_one(sample, language, deciding))
    progress()
    return heard


def _at(stream: _Stream, token: int) -> float:
    """Give the time at which a token left or, if she was heard before that, would have left."""
    if token < len(stream.left):
        return stream.left[token]
    return stream.left[-1] + (token - len(stream.left) + 1) / TOKENS_PER_S


def _tokens_to(sample: Sample, text: str) -> int:
    """Give the index of the token that holds the last character of this beginning."""
    length = 0
    for index, token in enumerate(sample.tokens):
        length += len(token)
        if length >= len(text.rstrip()):
            return index
    return len(sample.tokens) - 1
