import asyncio
from typing import Any

import pytest

from tests.contracts.speech_engine import PLAIN, SpeechEngineContract
from vtuber.adapters.speech.chain import VoiceChain
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.adapters.speech.silent import SilentVoice
from vtuber.clock import run_virtual
from vtuber.errors import SpeechError
from vtuber.ports import VoiceStyle


def japanese(**more: Any):
    return ScriptedVoice("mei", languages=("ja",), **more)


def english(**more: Any):
    return ScriptedVoice("sam", languages=("en",), **more)


class TestVoiceChain(SpeechEngineContract):
    language = "ja"
    run = staticmethod(run_virtual)

    def make(self):
        return VoiceChain([japanese(), english(), SilentVoice()])


@pytest.mark.parametrize(
    ("text", "declared", "voice"),
    [
        ("こんにちは", "ja", "mei"),
        ("Hello there", "en", "sam"),
        ("ありがとう Mika!", "en", "mei"),  # no English voice reads kana
        ("今日はGame dayだよ", "ja", "mei"),
        ("Thank you everyone", "ja", "sam"),
        ("OK!", "ja", "mei"),
        ("123", "en", "sam"),
    ],
)
def test_the_script_of_a_clause_chooses_the_voice(text: str, declared: str, voice: Any):
    assert run_virtual(VoiceChain([japanese(), english()]).synthesize(text, declared, PLAIN)).voice == voice


def test_a_language_without_a_voice_passes_in_timed_silence():
    audio = run_virtual(VoiceChain([english()]).synthesize("こんにちは", "ja", PLAIN))
    assert audio.voice == "silent"
    assert audio.duration_ms > 0


def test_the_engine_that_the_persona_names_goes_first_and_only_it_gets_the_voice_name():
    heard = []

    class Keeps(ScriptedVoice):
        async def synthesize(self, text: str, language: str, style: Any) -> Any:
            heard.append((self.name, style.voice))
            return await super().synthesize(text, language, style)

    chain = VoiceChain([Keeps("first"), Keeps("second", fails=lambda _: True)])
    audio = run_virtual(chain.synthesize("hello", "en", VoiceStyle(engine="second", voice="anna")))
    assert heard == [("second", "anna"), ("first", "")]
    assert audio.voice == "first"


def test_the_engine_silent_speaks_to_nobody():
    assert run_virtual(VoiceChain([english()]).synthesize("hello", "en", VoiceStyle(engine="silent"))).voice == "silent"


def test_a_clause_in_the_other_script_takes_the_other_languages_style():
    chain = VoiceChain([japanese(tone_hz=0), english(tone_hz=0)], styles={"ja": VoiceStyle(speed=2.0)})
    slow = run_virtual(chain.synthesize("ありがとうございます", "ja", PLAIN))
    fast = run_virtual(chain.synthesize("ありがとうございます", "en", PLAIN))
    assert fast.duration_ms < slow.duration_ms


def test_a_voice_that_fails_is_left_out_for_half_a_minute_and_then_tried_again():
    broken, spare = english(fails=lambda text: text == "bad"), ScriptedVoice("spare", languages=("en",))
    told = []
    chain = VoiceChain([broken, spare], trouble=lambda name, error: told.append((name, type(error))))

    async def show() -> Any:
        voices = [(await chain.synthesize("bad", "en", PLAIN)).voice]
        voices.append((await chain.synthesize("good", "en", PLAIN)).voice)
        await asyncio.sleep(31)
        voices.append((await chain.synthesize("good", "en", PLAIN)).voice)
        return voices

    assert run_virtual(show()) == ["spare", "spare", "sam"]
    assert told == [("sam", SpeechError)]
    assert [text for text, _ in broken.spoken] == ["bad", "good"]


def test_it_never_raises_even_when_every_voice_fails():
    chain = VoiceChain([english(fails=lambda _: True), ScriptedVoice("two", fails=lambda _: True)])
    assert run_virtual(chain.synthesize("hello", "en", PLAIN)).voice == "silent"


def test_a_voice_that_cannot_be_prepared_is_left_out():
    class Absent(ScriptedVoice):
        async def prepare(self) -> None:
            raise SpeechError("not installed")

    async def show() -> Any:
        chain = VoiceChain([Absent("absent"), english()])
        before = chain.voice("en", PLAIN)
        await chain.prepare()
        return before, chain.voice("en", PLAIN), (await chain.synthesize("hello", "en", PLAIN)).voice

    assert run_virtual(show()) == ("absent", "sam", "sam")


def test_it_knows_the_credit_line_behind_a_voices_name():
    mei = japanese()
    mei.credit = "Voice Mei, CC BY"
    chain = VoiceChain([mei, english()])
    assert chain.credit_of("mei:normal") == "Voice Mei, CC BY"
    assert chain.credit_of("sam") == chain.credit_of("silent") == ""
    assert chain.credits == {"mei": "Voice Mei, CC BY"}
