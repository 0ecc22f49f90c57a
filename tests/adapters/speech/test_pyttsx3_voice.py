import asyncio
import os
import signal
import sys
import time
from typing import Any

import pytest

from tests.contracts.speech_engine import PLAIN, TEXTS, SpeechEngineContract
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice, SystemVoice, pick
from vtuber.core.sound import loudness
from vtuber.errors import SpeechError, SpeechTimeout
from vtuber.ports import VoiceStyle

ESPEAK = (
    SystemVoice("gmw/en", "English (Great Britain)", ("en-gb",)),
    SystemVoice("gmw/en-us", "English (America)", ("en-us",)),
    SystemVoice("jpx/ja", "Japanese", ("ja",)),
)
MAC = (
    SystemVoice("com.apple.voice.Kyoko", "Kyoko", ("ja_JP",)),
    SystemVoice("com.apple.voice.Alex", "Alex", ("en_US",)),
)


@pytest.mark.real
class TestPyttsx3Voice(SpeechEngineContract):
    language = "en"

    def make(self):
        return Pyttsx3Voice()


def _with_voice(act: Any, **settings: Any) -> Any:
    async def run() -> Any:
        voice = Pyttsx3Voice(**settings)
        try:
            await voice.prepare()
            return await act(voice)
        finally:
            await voice.close()

    return asyncio.run(run())


def _gone(pid: int) -> Any:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("voices", "language", "wanted", "driver", "chosen"),
    [
        (ESPEAK, "en", "", "espeak", "gmw/en-us"),
        (ESPEAK, "en", "en-us+f3", "espeak", "gmw/en-us+f3"),
        (ESPEAK, "en", "English (Great Britain)", "espeak", "gmw/en"),
        (ESPEAK, "en", "nobody", "espeak", "gmw/en-us"),
        (ESPEAK, "ja", "", "espeak", ""),  # it cannot read Han characters
        (MAC, "ja", "", "nsss", "com.apple.voice.Kyoko"),
        (MAC, "en", "", "nsss", "com.apple.voice.Alex"),
        ((), "en", "", "sapi5", ""),
    ],
)
def test_the_voice_is_picked_from_what_the_system_has(
    voices: Any, language: str, wanted: str, driver: str, chosen: str
):
    assert pick(voices, language, wanted, driver) == chosen


@pytest.mark.real
def test_the_sound_is_levelled():
    async def act(voice: Any) -> Any:
        return await voice.synthesize(TEXTS["en"], "en", PLAIN)

    assert loudness(_with_voice(act).samples.astype("float32") / 32768) == pytest.approx(0.1, rel=0.25)


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped there by a signal")
def test_a_hung_worker_is_replaced_by_the_warm_spare_within_half_a_second_of_its_limit():
    async def act(voice: Any) -> Any:
        await voice.synthesize("Warm.", "en", PLAIN)
        hung = voice._worker.pid
        os.kill(hung, signal.SIGSTOP)
        voice._limit_s, began = 0.3, time.perf_counter()
        with pytest.raises(SpeechTimeout, match="replaced"):
            await voice.synthesize(TEXTS["en"], "en", PLAIN)
        voice._limit_s = 10.0
        audio = await voice.synthesize(TEXTS["en"], "en", PLAIN)
        return hung, audio, time.perf_counter() - began

    hung, audio, seconds = _with_voice(act)
    assert audio.duration_ms > 500
    assert seconds < 0.3 + 2.0  # a loaded machine; about 0.1 s on an idle one
    assert _gone(hung)


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_worker_that_dies_costs_no_clause_since_the_spare_says_it():
    async def act(voice: Any) -> Any:
        dead = voice._worker.pid
        os.kill(dead, signal.SIGKILL)
        return dead, await voice.synthesize(TEXTS["en"], "en", PLAIN)

    dead, audio = _with_voice(act)
    assert audio.duration_ms > 500
    assert _gone(dead)


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_workers_that_die_one_after_the_other_are_a_speech_error():
    async def act(voice: Any) -> Any:
        for worker in (voice._worker, voice._spare):
            os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(SpeechError, match="without a word"):
            await voice.synthesize(TEXTS["en"], "en", PLAIN)
        return await voice.synthesize(TEXTS["en"], "en", PLAIN)

    assert _with_voice(act).duration_ms > 500


@pytest.mark.real
def test_the_speed_asked_for_is_the_speed_of_that_clause_every_time():
    async def act(voice: Any) -> Any:
        return [
            (await voice.synthesize(TEXTS["en"], "en", VoiceStyle(speed=speed))).duration_ms
            for speed in (1.0, 1.6) * 15
        ]

    lengths = _with_voice(act)
    assert max(lengths[1::2]) < 0.8 * min(lengths[0::2])


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped there by a signal")
def test_a_clause_that_nobody_waits_for_any_more_kills_its_worker_and_the_next_one_is_right():
    async def act(voice: Any) -> Any:
        given_up = voice._worker.pid
        os.kill(given_up, signal.SIGSTOP)
        clause = asyncio.ensure_future(voice.synthesize("Given up.", "en", PLAIN))
        while voice._worker.utterances < 2:  # noqa: ASYNC110 - until the clause has gone out
            await asyncio.sleep(0)
        clause.cancel()
        with pytest.raises(asyncio.CancelledError):
            await clause
        audio = await voice.synthesize(TEXTS["en"], "en", PLAIN)
        return given_up, voice._worker.pid, audio

    given_up, now, audio = _with_voice(act)
    assert given_up != now
    assert _gone(given_up)
    assert audio.duration_ms > 1000


@pytest.mark.real
def test_a_worker_is_renewed_after_so_many_clauses_and_none_is_left_behind():
    async def act(voice: Any) -> Any:
        pids = set()
        for _ in range(5):
            await voice.synthesize("One.", "en", PLAIN)
            pids |= {worker.pid for worker in (voice._worker, voice._spare) if worker}
        return pids

    pids = _with_voice(act, renew_after=2)
    assert len(pids) >= 3
    assert all(_gone(pid) for pid in pids)


@pytest.mark.real
def test_the_temporary_folder_goes_with_the_voice():
    async def act(voice: Any) -> Any:
        await voice.synthesize("One.", "en", PLAIN)
        return voice._folder, list(voice._folder.iterdir())

    folder, left = _with_voice(act)
    assert left == []
    assert not folder.exists()


@pytest.mark.real
def test_pitch_and_variants_are_taken():
    async def act(voice: Any) -> Any:
        return [await voice.synthesize("Hello.", "en", VoiceStyle(voice="en-us+f3", pitch=pitch)) for pitch in (0, 40)]

    assert {audio.voice for audio in _with_voice(act)} == {"pyttsx3:gmw/en-us+f3"}


def test_a_worker_that_cannot_start_is_said_in_a_sentence():
    with pytest.raises(SpeechError, match="could not be started"):
        _with_voice(None, command=["/nowhere/at/all"])


def test_a_worker_that_reports_an_error_or_says_nothing_is_a_speech_error():
    for code, words in (('print(\'{"error": "RuntimeError: no espeak"}\')', "no espeak"), ("pass", "without a word")):
        with pytest.raises(SpeechError, match=words):
            _with_voice(None, command=[sys.executable, "-c", code])


def test_a_worker_that_never_says_hello_is_given_up():
    with pytest.raises(SpeechTimeout, match="did not start"):
        _with_voice(None, start_s=0.2, command=[sys.executable, "-c", "import time; time.sleep(60)"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have voices of their own")
def test_a_machine_without_a_voice_is_told_how_to_get_one():
    with pytest.raises(SpeechError, match=r"vtuber\[espeak\]"):
        _with_voice(None, command=[sys.executable, "-c", 'print(\'{"error": "RuntimeError: no espeak"}\')'])
