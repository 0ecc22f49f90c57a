import asyncio
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.stage_output import BASE_MS, StageOutputContract, cue, performed
from vtuber.adapters.stage.sound_card import SoundCard
from vtuber.clock import run_virtual
from vtuber.core.sound import resample
from vtuber.errors import StageOutputError


class PortAudioError(Exception):
    pass


class Stream:
    """Stands where the card would be: `pull` asks the callback for sound as the card does."""

    def __init__(self, *, callback: Any, blocksize: int, **settings: Any) -> None:
        self.callback, self.blocksize, self.settings = callback, blocksize, settings
        self.active = False

    def start(self):
        self.active = True

    def close(self):
        self.active = False

    def pull(self, milliseconds: int):
        blocks = []
        for _ in range(milliseconds * self.settings["samplerate"] // 1000 // self.blocksize):
            block = np.full((self.blocksize, 1), 99, dtype=np.int16)
            self.callback(block, self.blocksize, None, None)
            blocks.append(block[:, 0])
        return np.concatenate(blocks)


class Library:
    """As much of the module sounddevice as is used."""

    PortAudioError = PortAudioError

    def __init__(self, *, rate: int = 24_000, fails: bool = False) -> None:
        self.rate, self.fails, self.streams = rate, fails, []

    def check_output_settings(self, *, samplerate: int, **_settings: Any):
        if samplerate != self.rate:
            raise PortAudioError("Invalid sample rate")

    def query_devices(self, device: Any, kind: Any):
        return {"default_samplerate": float(self.rate)}

    def OutputStream(self, **settings: Any):  # noqa: N802 - the library's own name
        if self.fails:
            raise PortAudioError("Error querying device -1")
        self.streams.append(Stream(**settings))
        return self.streams[-1]


class TestSoundCard(StageOutputContract):
    def make(self):
        return SoundCard(library=Library())


class TestSoundCardAtAnotherRate(StageOutputContract):
    def make(self):
        return SoundCard(library=Library(rate=48_000))


def _opened(library: Any, act: Any) -> Any:
    async def show() -> Any:
        card = SoundCard(library=library)
        await card.open(BASE_MS)
        try:
            return await act(card, library.streams[0])
        finally:
            await card.close()

    return run_virtual(show())


def test_a_cue_is_played_sample_by_sample_and_then_there_is_silence():
    async def act(card: SoundCard, stream: Stream) -> Any:
        one = cue(length_ms=500)
        await card.start(one)
        return one, stream.pull(600)

    one, heard = _opened(Library(), act)
    assert np.array_equal(heard[:12_000], one.audio.samples)
    assert not heard[12_000:].any()


def test_a_cut_cue_is_silent_within_fifty_milliseconds_and_fades():
    async def act(card: SoundCard, stream: Stream) -> Any:
        one = cue(length_ms=4000)
        await card.start(one)
        stream.pull(1000)
        await card.end(one, performed(one, heard_ms=1000))
        return stream.pull(200)

    heard = _opened(Library(), act)
    assert np.abs(heard[:240]).max() > 4000  # no click: it goes down, it does not stop
    assert not heard[24 * 50 :].any()


def test_a_whole_cue_runs_out_by_itself():
    async def act(card: SoundCard, stream: Stream) -> Any:
        one = cue(length_ms=500)
        await card.start(one)
        head = stream.pull(450)
        await card.end(one, performed(one))
        return one, np.concatenate([head, stream.pull(100)])

    one, heard = _opened(Library(), act)
    assert np.array_equal(heard[:12_000], one.audio.samples)


def test_a_card_that_does_not_know_our_rate_is_fed_at_its_own():
    async def act(card: SoundCard, stream: Stream) -> Any:
        one = cue(length_ms=500)
        await card.start(one)
        return one, stream.settings["samplerate"], stream.pull(500)

    one, rate, heard = _opened(Library(rate=48_000), act)
    wanted = resample(one.audio.samples.astype(np.float32), 24_000, 48_000)
    assert rate == 48_000
    assert np.abs(heard - wanted).max() <= 2


def test_a_card_that_goes_away_is_said_once():
    async def act(card: SoundCard, stream: Stream) -> None:
        stream.active = False
        with pytest.raises(StageOutputError, match="has gone"):
            await card.start(cue())
        await card.start(cue(1))

    _opened(Library(), act)


def test_a_card_that_cannot_be_opened_is_said_with_what_would_mend_it():
    async def show() -> None:
        card = SoundCard("CABLE Input", library=Library(fails=True))
        try:
            await card.open(BASE_MS)
        finally:
            await card.close()

    with pytest.raises(StageOutputError, match=r"CABLE Input.*python -m sounddevice"):
        run_virtual(show())


@pytest.mark.parametrize(
    ("error", "command"), [(ImportError, "pip install"), (OSError, "libportaudio2|force-reinstall")]
)
def test_a_missing_library_is_said_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], command: str
):
    def missing(_name: str) -> None:
        raise error("PortAudio library not found")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(StageOutputError, match=command):
        asyncio.run(SoundCard().open(BASE_MS))


PLAY = """
import asyncio
from tests.contracts.stage_output import BASE_MS, cue, performed
from vtuber.adapters.stage.sound_card import SoundCard

async def show():
    card = SoundCard()
    await card.open(BASE_MS)
    one, cut = cue(length_ms=200), cue(1, length_ms=60_000)
    for each, how in ((one, performed(one)), (cut, performed(cut, heard_ms=50))):
        await card.start(each)
        while each is one and (card._mixer._orders or card._mixer._playing):
            await asyncio.sleep(0.01)
        await card.end(each, how)
    while card._mixer._orders or card._mixer._playing:
        await asyncio.sleep(0.01)
    await card.close()
    print("played")

asyncio.run(asyncio.wait_for(show(), 20))
"""


@pytest.mark.real
def test_portaudio_itself_plays_a_cue_and_is_silenced(tmp_path: Path, root: Path):
    """On Linux through ALSA's null device, so that no card is needed; elsewhere through the system's default card."""
    config = tmp_path / "asound.conf"
    config.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    environment = os.environ | {"ALSA_CONFIG_PATH": str(config), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", PLAY], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if "StageOutputError" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.stdout == "played\n", done.stderr
