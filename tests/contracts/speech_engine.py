"""What every voice keeps to: apply it by subclassing and giving `make`, `language` and how to `run`."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from vtuber.events import Language
from vtuber.ports import SpeechEngine, VoiceStyle

PLAIN = VoiceStyle()
TEXTS: dict[Language, str] = {"ja": "こんにちは、みなさん。", "en": "Hello everyone, welcome."}
LONG: dict[Language, str] = {
    "ja": "今日もみんなと話せてうれしいです。",
    "en": "It is lovely to talk to all of you again today. ",
}


class SpeechEngineContract:
    """Subclasses give `make` (a fresh engine) and `language`; `run` is asyncio.run or run_virtual."""

    language: Language
    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(asyncio.run)

    def make(self) -> SpeechEngine:
        raise NotImplementedError

    @asynccontextmanager
    async def opened(self):
        engine = self.make()
        try:
            await engine.prepare()
            yield engine
        finally:
            await engine.close()

    def test_it_says_its_name_its_languages_and_whom_to_credit(self):
        engine = self.make()
        assert engine.name
        assert self.language in engine.languages
        assert isinstance(engine.credit, str)

    def test_a_text_becomes_mono_int16_sound_of_a_plausible_length(self):
        async def speak() -> Any:
            async with self.opened() as engine:
                return await engine.synthesize(TEXTS[self.language], self.language, PLAIN)

        audio = type(self).run(speak())
        assert audio.samples.dtype == np.int16
        assert audio.samples.ndim == 1
        assert 500 <= audio.duration_ms <= 6000
        assert audio.voice

    def test_a_longer_text_takes_longer(self):
        async def speak() -> Any:
            async with self.opened() as engine:
                short = await engine.synthesize(TEXTS[self.language], self.language, PLAIN)
                return short, await engine.synthesize(LONG[self.language] * 3, self.language, PLAIN)

        short, long = type(self).run(speak())
        assert long.duration_ms > short.duration_ms * 1.5

    def test_a_higher_speed_takes_less_time(self):
        async def speak() -> Any:
            async with self.opened() as engine:
                slow = await engine.synthesize(LONG[self.language], self.language, PLAIN)
                return slow, await engine.synthesize(LONG[self.language], self.language, VoiceStyle(speed=1.6))

        slow, fast = type(self).run(speak())
        assert fast.duration_ms < slow.duration_ms * 0.8

    @pytest.mark.parametrize("text", ["…", "♪〜", "🎉🎉", "!?", " ", "\x1b[31m\x00\x07"])
    def test_a_text_without_a_letter_is_a_short_rest_and_no_error(self, text: str):
        async def speak() -> Any:
            async with self.opened() as engine:
                return await engine.synthesize(text, self.language, PLAIN)

        assert 0 < type(self).run(speak()).duration_ms <= 1000

    def test_texts_that_break_voice_libraries_are_spoken_all_the_same(self):
        async def speak() -> Any:
            texts = [
                "<speak>hello there</speak>",
                "[[rate 900]] hello there",
                "hello\x00\x1b]0;x\x07 there\r\n",
                "A" * 300,
            ]
            async with self.opened() as engine:
                return [await engine.synthesize(text, self.language, PLAIN) for text in texts]

        assert all(audio.duration_ms > 0 for audio in type(self).run(speak()))

    def test_two_clauses_at_once_are_both_right(self):
        async def speak() -> Any:
            async with self.opened() as engine:
                alone = [await engine.synthesize(text[self.language], self.language, PLAIN) for text in (TEXTS, LONG)]
                both = await asyncio.gather(
                    *(engine.synthesize(t[self.language], self.language, PLAIN) for t in (TEXTS, LONG))
                )
                return alone, both

        alone, both = type(self).run(speak())
        for once, together in zip(alone, both, strict=True):
            assert abs(once.duration_ms - together.duration_ms) <= 60

    def test_it_may_be_closed_twice_and_without_having_been_prepared(self):
        async def close() -> None:
            engine = self.make()
            await engine.close()
            await engine.close()

        type(self).run(close())
