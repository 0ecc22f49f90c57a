"""The voice that makes no sound but takes its time, so that subtitles come at the pace of speech without a voice."""

from vtuber.core.sound import silence
from vtuber.core.wording import spoken_ms
from vtuber.events import Language
from vtuber.ports import Audio, VoiceStyle


class SilentVoice:
    """Timed silence, by the length of the text. It cannot fail, and the same text takes the same time."""

    name = "silent"
    languages: tuple[Language, ...] = ("ja", "en")
    credit = ""

    def __init__(self, pace: float = 1.0) -> None:
        """`pace`: so many times faster than speech."""
        self._pace = pace

    async def prepare(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:  # noqa: ARG002 - timed by script
        """Give as much silence as the text takes to say."""
        return Audio(silence(spoken_ms(text, style.speed * self._pace)), self.name)

    async def close(self) -> None:
        """Nothing to let go of."""
