"""Mei, the Japanese voice of Open JTalk, through pyopenjtalk-plus in a thread of its own."""

import asyncio
import importlib
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from vtuber.core.sound import master, silence
from vtuber.core.wording import audible, for_a_voice
from vtuber.errors import SpeechError, SpeechTimeout
from vtuber.events import Language
from vtuber.ports import Audio, Samples, VoiceStyle

_REST_MS = 300  # for a clause without a letter, such as "…"
_FULL_SCALE = 32768.0  # the library gives floats on the scale of int16, beyond it where the voice is loud


class OpenJTalkVoice:
    """Japanese speech. The library (100 MB of dictionary) is imported in `prepare`, else with the first clause."""

    name = "pyopenjtalk"
    languages: tuple[Language, ...] = ("ja",)
    credit = (
        'HTS Voice "Mei" © 2009-2013 Nagoya Institute of Technology, Department of Computer Science, released by the '
        "MMDAgent Project Team (http://www.mmdagent.jp/), CC BY 3.0 (https://creativecommons.org/licenses/by/3.0/)"
    )

    def __init__(self, *, limit_s: float = 8.0) -> None:
        """`limit_s`: how long one clause may take."""
        self._limit_s = limit_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="openjtalk")
        self._library: Any = None

    async def prepare(self) -> None:
        """Import the library and speak a syllable, which loads its dictionary. Raises SpeechError."""
        await self._in_thread(self._load, limit_s=60.0)

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:  # noqa: ARG002 - Japanese only
        """Speak a text. Raises SpeechError; SpeechTimeout after the limit."""
        spoken = for_a_voice(text)
        samples = silence(_REST_MS)
        if audible(spoken):
            if self._library is None:
                await self.prepare()
            samples = await self._in_thread(self._say, spoken, style, limit_s=self._limit_s)
        return Audio(samples, f"{self.name}:mei")

    async def close(self) -> None:
        """Let the thread end; the library itself cannot be unloaded."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Any, *arguments: Any, limit_s: float) -> Any:
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        except TimeoutError as error:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="openjtalk")
            raise SpeechTimeout(
                f"The Japanese voice did not answer within {limit_s:g} s; the clause goes without it."
            ) from error
        except (RuntimeError, ValueError, TypeError, MemoryError, OSError, ImportError) as error:
            raise SpeechError(
                f"The Japanese voice failed ({type(error).__name__}); the clause goes without it."
            ) from error

    def _load(self) -> None:
        found = importlib.util.find_spec("pyopenjtalk")
        folder = Path(found.origin).parent if found and found.origin else None
        # Another build of this library would fetch a missing dictionary from the network: a show never downloads.
        if folder is None or not (folder / "dictionary" / "sys.dic").is_file():
            raise SpeechError(
                "The Japanese voice is not installed with its dictionary. Do: pip install pyopenjtalk-plus"
            )
        library = importlib.import_module("pyopenjtalk")
        library.tts("あ")
        self._library = library

    def _say(self, text: str, style: VoiceStyle) -> Samples:
        speed, pitch = min(2.0, max(0.5, style.speed)), min(12.0, max(-12.0, style.pitch))
        wave, rate = self._library.tts(text, speed, pitch)
        samples = master(np.asarray(wave, dtype=np.float32) / _FULL_SCALE, rate)
        return samples if len(samples) else silence(_REST_MS)
