"""Her voices in order: a clause goes to the first voice that reads its script and is well; the last is silence."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vtuber.core.sound import silence
from vtuber.core.wording import spoken_ms, voice_language
from vtuber.errors import SpeechError
from vtuber.events import Language
from vtuber.ports import Audio, SpeechEngine, VoiceStyle

_SILENT = "silent"


def _untold(_engine: str, _error: SpeechError) -> None:
    pass


class VoiceChain:
    """A voice made of voices; `synthesize` never raises, since silence is the last of them."""

    name = "voices"
    languages: tuple[Language, ...] = ("ja", "en")  # what no voice can read passes in silence

    def __init__(
        self,
        engines: Sequence[SpeechEngine],
        *,
        styles: Mapping[Language, VoiceStyle] | None = None,
        rest_s: float = 30.0,
        trouble: Callable[[str, SpeechError], None] = _untold,
    ) -> None:
        """`styles` serves a clause whose script calls for another language's voice than the clause declares.

        A voice that fails is left out for `rest_s`, and `trouble` is told of it with the engine's name.
        """
        self._engines = tuple(engine for engine in engines if engine.name != _SILENT)
        self._styles = dict(styles or {})
        self._rest_s = rest_s
        self._trouble = trouble
        self._resting: dict[str, float] = {}  # engine -> the loop's time until which it is left out

    @property
    def credit(self) -> str:
        """Every voice's credit, a line each."""
        return "\n".join(self.credits.values())

    @property
    def credits(self) -> dict[str, str]:
        """The credit line of each engine that asks for one."""
        return {engine.name: engine.credit for engine in self._engines if engine.credit}

    def credit_of(self, voice: str) -> str:
        """Give the credit line of the engine behind a voice's name (as in `Audio.voice`), "" for none."""
        return self.credits.get(voice.partition(":")[0], "")

    async def prepare(self) -> None:
        """Warm all voices up at once; one that fails rests."""
        await asyncio.gather(*(self._prepare(engine) for engine in self._engines))

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        """Speak with the first voice that is able and well."""
        readable = voice_language(text, language)
        if readable != language:
            style = self._styles.get(readable, VoiceStyle(speed=style.speed))
        for engine in self._order(readable, style.engine):
            fitting = style if style.engine == engine.name else msgspec.structs.replace(style, voice="")
            try:
                return await engine.synthesize(text, readable, fitting)
            except SpeechError as error:
                self._rest(engine, error)
        return Audio(silence(spoken_ms(text, style.speed)), _SILENT)

    def voice(self, language: Language, style: VoiceStyle) -> str:
        """Name the engine that would speak now."""
        return next((engine.name for engine in self._order(language, style.engine)), _SILENT)

    async def close(self) -> None:
        """Let go of every voice."""
        await asyncio.gather(*(engine.close() for engine in self._engines))

    def _order(self, language: Language, wanted: str) -> tuple[SpeechEngine, ...]:
        if wanted == _SILENT:
            return ()
        now = asyncio.get_running_loop().time()
        able = (
            engine
            for engine in self._engines
            if language in engine.languages and self._resting.get(engine.name, now) <= now
        )
        return tuple(
            sorted(able, key=lambda engine: engine.name != wanted)
        )  # the sort is stable: the others keep their order

    async def _prepare(self, engine: SpeechEngine) -> None:
        try:
            await engine.prepare()
        except SpeechError as error:
            self._rest(engine, error)

    def _rest(self, engine: SpeechEngine, error: SpeechError) -> None:
        self._resting[engine.name] = asyncio.get_running_loop().time() + self._rest_s
        self._trouble(engine.name, error)
