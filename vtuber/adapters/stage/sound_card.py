"""Plays her on this machine's sound card, through PortAudio (the optional package sounddevice)."""

import asyncio
import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from vtuber.core.mixing import Mixer
from vtuber.core.sound import FULL_SCALE, resample, to_int16
from vtuber.errors import StageOutputError
from vtuber.events import Performed
from vtuber.ports import SAMPLE_RATE, Cue, Musing, Samples

_FADE_MS = 30
_BLOCK_MS = 10  # the card asks for sound in such pieces: with the fade, a cut is heard within 50 ms
_INSTALL = "pip install 'vtuber[sound]'"


class SoundCard:
    """One output device. `library` is for tests: what stands in for the module sounddevice."""

    name = "sound_card"

    def __init__(self, device: str = "", *, library: Any = None) -> None:
        """`device`: a part of the device's name (such as "CABLE Input"), "" for the system's default."""
        self._device = device or None
        self._library = library
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sound-card")
        self._mixer: Mixer | None = None
        self._stream: Any = None
        self._rate = SAMPLE_RATE
        self._told = False

    async def open(self, base_ms: int) -> None:  # noqa: ARG002 - sound plays when it comes
        """Open the device. Raises StageOutputError with what would mend it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    async def start(self, cue: Cue) -> None:
        """Play a cue. Raises StageOutputError, once, when the device has gone."""
        if self._mixer is None or not self._stream.active:
            self._tell_it_is_gone()
            return
        samples = cue.audio.samples
        if self._rate != SAMPLE_RATE and len(samples):
            samples = await asyncio.get_running_loop().run_in_executor(self._thread, _at_rate, samples, self._rate)
        self._mixer.play(samples)

    async def end(self, cue: Cue, performed: Performed) -> None:  # noqa: ARG002 - what plays is this cue
        """Let a whole cue run out; fade a cut one."""
        if self._mixer is not None and not performed.whole:
            self._mixer.hush()

    async def muse(self, musing: Musing | None) -> None:
        """Nothing to hear."""

    async def close(self) -> None:
        """Close the device."""
        if self._stream is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._stream.close)
            self._stream = self._mixer = None
        self._thread.shutdown(wait=False)

    def _open(self) -> None:
        library = self._library or _sounddevice()
        try:
            self._rate = self._playable_rate(library)
            mixer = Mixer(fade=self._rate * _FADE_MS // 1000)

            def callback(block: Any, frames: int, _time: object, _status: object) -> None:
                block[:, 0] = mixer.fill(frames)

            stream = library.OutputStream(
                device=self._device, samplerate=self._rate, channels=1, dtype="int16", latency="low",
                blocksize=self._rate * _BLOCK_MS // 1000, callback=callback,
            )  # fmt: skip
            stream.start()
        except (library.PortAudioError, ValueError) as error:
            which = f"the sound device {self._device!r}" if self._device else "a sound device"
            raise StageOutputError(
                f"The sound card cannot be used: {which} could not be opened ({error}). She is not heard on this "
                "machine; files and subtitles go on. List the devices with: python -m sounddevice"
            ) from error
        self._mixer, self._stream = mixer, stream

    def _playable_rate(self, library: Any) -> int:
        try:
            library.check_output_settings(device=self._device, samplerate=SAMPLE_RATE, channels=1, dtype="int16")
        except library.PortAudioError:
            return int(library.query_devices(self._device, "output")["default_samplerate"])
        return SAMPLE_RATE

    def _tell_it_is_gone(self) -> None:
        if not self._told:
            self._told = True
            raise StageOutputError(
                "The sound card is not open or has gone; she is not heard on this machine, files and subtitles go on."
            )


def _sounddevice() -> Any:
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise StageOutputError(
            f"Sound needs the package sounddevice: {_INSTALL}. Until then she is heard in the files only."
        ) from error
    except OSError as error:
        how = "sudo apt install libportaudio2" if sys.platform == "linux" else f"{_INSTALL} --force-reinstall"
        raise StageOutputError(
            f"Sound needs the PortAudio library: {how}. Until then she is heard in the files only."
        ) from error


def _at_rate(samples: Samples, rate: int) -> Samples:
    return to_int16(resample(samples.astype(np.float32) / np.float32(FULL_SCALE), SAMPLE_RATE, rate))


def available() -> bool:
    """Say whether this machine has a sound card that can be used, without opening it."""
    try:
        library = _sounddevice()
    except StageOutputError:
        return False
    try:
        library.query_devices(kind="output")
    except (library.PortAudioError, ValueError):
        return False
    return True
