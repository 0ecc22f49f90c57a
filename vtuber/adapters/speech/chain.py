"""Her voices in order: each clause goes to the first voice that can read its script and is well; the last one is silence."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vtuber.adapters.speech.silent import SilentVoice
from vtuber.core.wording import voice_language
from vtuber.errors import SpeechError
from vtuber.events import Language
from vtuber.ports import Audio, SpeechEngine, VoiceStyle


def _untold(_engine: str, _error: SpeechError) -> None:
    pass


class VoiceChain:
    """A voice made of voices; `synthesize` never raises, since silence is the last of them."""

    name = "voices"

    def __init__(
        self,
        engines: Sequence[SpeechEngine],
        *,
        styles: Mapping[Language, VoiceStyle] | None = None,
        rest_s: float = 30.0,
        trouble: Callable[[str, SpeechError], None] = _untold,
    ) -> None:
        """`styles` is used when a clause's script calls for the other language's voice; a voice that fails is left out for `rest_s`.

        `trouble` is told of each failure, with the engine's name.
        """
        self._last = SilentVoice()
        self._engines = tuple(engine for engine in engines if engine.name != self._last.name)
        self._styles = dict(styles or {})
        self._rest_s = rest_s
        self._trouble = trouble
        self._resting: dict[str, float] = {}  # engine -> the loop's time until which it is left out

    @property
    def languages(self) -> tuple[Language, ...]:
        """Every language: what no voice can read passes in silence."""
        return self._last.languages

    @property
    def credit(self) -> str:
        """Every voice's credit, a line each."""
        return "\n".join(self.credits.values())

    @property
    def credits(self) -> dict[str, str]:
        """The credit line of each engine that asks for one."""
        return {engine.name: engine.credit for engine in self._engines if engine.credit}

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
        return await self._last.synthesize(text, readable, style)

    def voice(self, language: Language, style: VoiceStyle) -> str:
        """Name the engine that would speak now."""
        return next((engine.name for engine in self._order(language, style.engine)), self._last.name)

    async def close(self) -> None:
        """Let go of every voice."""
        await asyncio.gather(*(engine.close() for engine in self._engines))

    def _order(self, language: Language, wanted: str) -> tuple[SpeechEngine, ...]:
        if wanted == self._last.name:
            return ()
        now = asyncio.get_running_loop().time()
        able = (engine for engine in self._engines if language in engine.languages and self._resting.get(engine.name, now) <= now)
        return tuple(sorted(able, key=lambda engine: engine.name != wanted))  # the sort is stable: the others keep their order

    async def _prepare(self, engine: SpeechEngine) -> None:
        try:
            await engine.prepare()
        except SpeechError as error:
            self._rest(engine, error)

    def _rest(self, engine: SpeechEngine, error: SpeechError) -> None:
        self._resting[engine.name] = asyncio.get_running_loop().time() + self._rest_s
        self._trouble(engine.name, error)
