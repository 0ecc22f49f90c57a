import asyncio
import importlib.util
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.speech_engine import PLAIN, SpeechEngineContract
from vtuber.adapters.speech.openjtalk_voice import OpenJTalkVoice
from vtuber.core.sound import loudness
from vtuber.errors import SpeechError, SpeechTimeout
from vtuber.ports import VoiceStyle


@pytest.mark.real
class TestOpenJTalkVoice(SpeechEngineContract):
    language = "ja"

    def make(self):
        return OpenJTalkVoice()


async def _said(*styles: VoiceStyle) -> Any:
    voice = OpenJTalkVoice()
    try:
        await voice.prepare()
        return [await voice.synthesize("今日はいい天気ですね。", "ja", style) for style in styles]
    finally:
        await voice.close()


def _pitch(samples: Any) -> Any:
    """Median fundamental frequency in Hz, by autocorrelation."""
    found = []
    for start in range(0, len(samples) - 2048, 1024):
        piece = samples[start : start + 2048].astype(float)
        if piece.std() > 800:
            against = np.correlate(piece, piece, "full")[2047:]
            found.append(24_000 / (36 + against[36:160].argmax()))
    return float(np.median(found))


@pytest.mark.real
def test_half_tones_raise_the_voice_and_do_not_stay_for_the_next_clause():
    plain, high, again = asyncio.run(_said(PLAIN, VoiceStyle(pitch=5), PLAIN))
    assert _pitch(high.samples) / _pitch(plain.samples) == pytest.approx(2 ** (5 / 12), rel=0.08)
    assert np.array_equal(plain.samples, again.samples)


@pytest.mark.real
def test_the_sound_is_levelled_and_begins_at_once():
    (audio,) = asyncio.run(_said(PLAIN))
    assert loudness(audio.samples.astype(np.float32) / 32768) == pytest.approx(0.1, rel=0.1)
    assert np.flatnonzero(np.abs(audio.samples) > 300)[0] < 24_000 * 0.1


@pytest.mark.real
def test_the_voice_is_credited_as_its_licence_asks():
    assert "Mei" in OpenJTalkVoice.credit
    assert "CC BY 3.0" in OpenJTalkVoice.credit


def test_a_missing_library_is_said_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SpeechError, match="pip install pyopenjtalk-plus"):
        asyncio.run(OpenJTalkVoice().prepare())


def test_a_build_without_its_dictionary_is_refused_rather_than_left_to_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "__init__.py").touch()
    spec = importlib.util.spec_from_file_location("pyopenjtalk", tmp_path / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)
    with pytest.raises(SpeechError, match="dictionary"):
        asyncio.run(OpenJTalkVoice().prepare())


def test_a_library_that_hangs_is_given_up_and_the_next_clause_has_a_fresh_thread():
    hung = threading.Event()

    class Library:
        def tts(self, text: str, speed: float, pitch: float) -> Any:
            if text == "止まる":
                hung.wait(10)
            return np.sin(np.arange(48_000) / 20) * 8000, 48_000

    async def speak() -> Any:
        voice = OpenJTalkVoice(limit_s=0.05)
        voice._library = Library()
        with pytest.raises(SpeechTimeout):
            await voice.synthesize("止まる", "ja", PLAIN)
        voice._limit_s = 5.0
        audio = await voice.synthesize("続ける", "ja", PLAIN)
        hung.set()
        await voice.close()
        return audio

    assert asyncio.run(speak()).duration_ms > 900


def test_an_error_of_the_library_becomes_a_speech_error():
    class Library:
        def tts(self, text: str, speed: float, pitch: float) -> None:
            raise RuntimeError("bad label")

    async def speak() -> None:
        voice = OpenJTalkVoice()
        voice._library = Library()
        try:
            await voice.synthesize("こんにちは", "ja", PLAIN)
        finally:
            await voice.close()

    with pytest.raises(SpeechError, match="RuntimeError"):
        asyncio.run(speak())
