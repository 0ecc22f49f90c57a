"""A voice for tests and measurements: a tone as long as the text, after a fixed time of thinking, failing on demand."""

import asyncio
from collections.abc import Callable

import numpy as np

from vtuber.core.sound import length, to_int16
from vtuber.core.wording import spoken_ms
from vtuber.errors import SpeechError
from vtuber.events import Language
from vtuber.ports import SAMPLE_RATE, Audio, VoiceStyle


def _never(_text: str) -> bool:
    return False


class ScriptedVoice:
    """Takes `delay_ms` a call by the loop's clock, virtual or not. `spoken` holds what it was asked to say."""

    credit = ""

    def __init__(
        self,
        name: str = "scripted",
        *,
        languages: tuple[Language, ...] = ("ja", "en"),
        delay_ms: int = 150,
        tone_hz: float = 440.0,
        fails: Callable[[str], bool] = _never,
    ) -> None:
        """`tone_hz` 0 gives silence; `fails` says for which texts it raises SpeechError."""
        self.name = name
        self.languages = languages
        self.spoken: list[tuple[str, Language]] = []
        self._delay_ms = delay_ms
        self._tone_hz = tone_hz
        self._fails = fails

    async def prepare(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        """Wait, then give a tone, or fail as scripted. Raises SpeechError."""
        self.spoken.append((text, language))
        await asyncio.sleep(self._delay_ms / 1000)
        if self._fails(text):
            raise SpeechError(f"The scripted voice {self.name} was told to fail here.")
        at = np.arange(length(spoken_ms(text, style.speed)), dtype=np.float32) / SAMPLE_RATE
        tone = np.sin(2 * np.pi * self._tone_hz * 2 ** (style.pitch / 12) * at)
        return Audio(to_int16((0.1 * tone).astype(np.float32)), self.name)

    async def close(self) -> None:
        """Nothing to let go of."""
