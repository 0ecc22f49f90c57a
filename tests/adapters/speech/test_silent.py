from typing import Any

from tests.contracts.speech_engine import SpeechEngineContract
from vtuber.adapters.speech.silent import SilentVoice
from vtuber.clock import run_virtual
from vtuber.ports import VoiceStyle


class TestSilentVoiceInJapanese(SpeechEngineContract):
    language = "ja"
    run = staticmethod(run_virtual)

    def make(self):
        return SilentVoice()


class TestSilentVoiceInEnglish(TestSilentVoiceInJapanese):
    language = "en"


def test_it_makes_no_sound_and_the_same_text_takes_the_same_time():
    async def speak() -> Any:
        return [await SilentVoice().synthesize("今日は雨です。", "ja", VoiceStyle()) for _ in range(2)]

    first, second = run_virtual(speak())
    assert not first.samples.any()
    assert first.duration_ms == second.duration_ms
    assert first.voice == "silent"
