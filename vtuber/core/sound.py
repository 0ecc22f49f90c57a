"""What is done to a voice's samples before they go on stage: resample, trim, level, cut. Mono throughout."""

from math import ceil, gcd

import numpy as np
import numpy.typing as npt

from vtuber.ports import SAMPLE_RATE, Samples

Wave = npt.NDArray[np.float32]  # -1..1, mono

FULL_SCALE = 32767
_CROSSINGS = 32  # zero crossings of the low-pass on each side
_KAISER_BETA = 8.0  # about 80 dB down in the stop band
_CORNER = 0.92  # of the lower Nyquist frequency: the fall ends at 1.0
_ACTIVE = 0.03  # a frame counts for loudness from this part of the loudest frame's RMS (-30 dB)
_AUDIBLE = 0.01  # a sample counts as sound from this part of the peak (-40 dB)


def silence(milliseconds: int) -> Samples:
    """Give that much silence at SAMPLE_RATE."""
    return np.zeros(length(milliseconds), dtype=np.int16)


def length(milliseconds: float) -> int:
    """Give the number of samples in that time at SAMPLE_RATE."""
    return max(0, round(milliseconds * SAMPLE_RATE / 1000))


def master(wave: npt.NDArray[np.floating], rate: int) -> Samples:
    """Bring a voice's raw sound (-1..1 at `rate` Hz) to the stage: SAMPLE_RATE, trimmed, levelled, int16."""
    resampled = resample(np.asarray(wave, dtype=np.float32), rate, SAMPLE_RATE)
    return to_int16(soft_edges(level(trim(resampled, SAMPLE_RATE))))


def to_int16(wave: Wave) -> Samples:
    """Give -1..1 as int16; what is beyond is clipped."""
    return np.clip(np.rint(wave * FULL_SCALE), -FULL_SCALE, FULL_SCALE).astype(np.int16)


def resample(wave: Wave, source: int, target: int) -> Wave:
    """Change the sampling rate with a Kaiser-windowed sinc low-pass, one short filter for each phase.

    Gives round(len * target / source) samples; what lies above the lower Nyquist frequency is filtered out.
    """
    count = round(len(wave) * target / source)
    if source == target or count == 0:
        return wave[:count].astype(np.float32)
    divisor = gcd(source, target)
    up, down = target // divisor, source // divisor
    band = min(1.0, target / source) * _CORNER  # of the source's Nyquist frequency
    half = ceil(_CROSSINGS / min(1.0, target / source))  # samples on each side
    padded = np.pad(wave.astype(np.float32), (half, half + down))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)  # row i holds wave[i - half : i + half]
    offsets = np.arange(-half, half, dtype=np.float64)
    resampled = np.empty(count, dtype=np.float32)
    for phase in range(min(up, count)):
        first, rest = divmod(phase * down, up)
        taps = _low_pass(offsets - rest / up, half, band)
        wanted = len(range(phase, count, up))
        resampled[phase::up] = windows[first::down][:wanted] @ taps
    return resampled


def _low_pass(at: npt.NDArray[np.float64], half: int, band: float) -> Wave:
    inside = np.clip(1.0 - (at / half) ** 2, 0.0, None)
    taps = np.sinc(band * at) * np.i0(_KAISER_BETA * np.sqrt(inside))
    return np.asarray(taps / taps.sum(), dtype=np.float32)


def trim(wave: Wave, rate: int, keep_ms: int = 20) -> Wave:
    """Cut the silence before and after the sound down to `keep_ms`; a wave without sound becomes empty."""
    peak = float(np.abs(wave).max(initial=0.0))
    if peak == 0.0:
        return wave[:0]
    sounding = np.flatnonzero(np.abs(wave) >= peak * _AUDIBLE)
    keep = round(keep_ms * rate / 1000)
    return wave[max(0, sounding[0] - keep) : sounding[-1] + 1 + keep]


def level(wave: Wave, rms: float = 0.1, peak: float = 0.89) -> Wave:
    """Scale to the loudness `rms` (0.1: -20 dBFS, over frames that sound), but not beyond `peak` (0.89: -1 dBFS)."""
    loud = loudness(wave)
    if loud == 0.0:
        return wave
    gain = min(rms / loud, peak / float(np.abs(wave).max()))
    return (wave * np.float32(gain)).astype(np.float32)


def loudness(wave: Wave, frame: int = 240) -> float:
    """Give the RMS over the frames that sound, so that pauses do not make a voice count as quiet."""
    whole = len(wave) // frame * frame
    frames = wave[:whole].reshape(-1, frame) if whole else wave.reshape(1, -1)
    if not frames.size:
        return 0.0
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    active = power >= power.max() * _ACTIVE**2
    return float(np.sqrt(power[active].mean()))


def soft_edges(wave: Wave, samples: int = 72) -> Wave:
    """Fade in and out over a few samples (72 are 3 ms), so that a clause neither begins nor ends with a click."""
    samples = min(samples, len(wave) // 2)
    if samples == 0:
        return wave
    soft, ramp = wave.copy(), np.linspace(0.0, 1.0, samples, dtype=np.float32)
    soft[:samples] *= ramp
    soft[-samples:] *= ramp[::-1]
    return soft


def cut(samples: Samples, milliseconds: int, fade_ms: int = 30) -> Samples:
    """Give what was heard when a sound was cut off then: its end faded out, as the sound card does."""
    heard = samples[: length(milliseconds)]
    return heard if len(heard) == len(samples) else fade_out(heard, length(fade_ms))


def fade_out(samples: Samples, over: int) -> Samples:
    """Fade the last `over` samples down to nothing."""
    over = min(over, len(samples))
    if over == 0:
        return samples
    faded = samples.copy()
    faded[-over:] = (samples[-over:] * np.linspace(1.0, 0.0, over)).astype(np.int16)
    return faded
