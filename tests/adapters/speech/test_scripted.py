import asyncio
from typing import Any

import numpy as np
import pytest

from tests.contracts.speech_engine import PLAIN, SpeechEngineContract
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.clock import run_virtual
from vtuber.errors import SpeechError


class TestScriptedVoice(SpeechEngineContract):
    language = "en"
    run = staticmethod(run_virtual)

    def make(self):
        return ScriptedVoice()


def test_it_takes_its_delay_on_virtual_time():
    async def speak() -> Any:
        before = asyncio.get_running_loop().time()
        await ScriptedVoice(delay_ms=150).synthesize("hello", "en", PLAIN)
        return asyncio.get_running_loop().time() - before

    assert run_virtual(speak()) == pytest.approx(0.15)


def test_its_tone_has_the_frequency_asked_for():
    audio = run_virtual(ScriptedVoice(tone_hz=440).synthesize("hello there everyone", "en", PLAIN))
    spectrum = np.abs(np.fft.rfft(audio.samples))
    assert np.fft.rfftfreq(len(audio.samples), 1 / 24_000)[spectrum.argmax()] == pytest.approx(440, abs=2)


def test_it_fails_where_it_was_told_to_and_keeps_what_it_was_asked():
    voice = ScriptedVoice(fails=lambda text: "bad" in text)

    async def speak() -> None:
        await voice.synthesize("good", "en", PLAIN)
        await voice.synthesize("bad", "en", PLAIN)

    with pytest.raises(SpeechError):
        run_virtual(speak())
    assert voice.spoken == [("good", "en"), ("bad", "en")]
