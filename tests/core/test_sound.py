from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vtuber.core.sound import (
    cut,
    fade_out,
    length,
    level,
    loudness,
    master,
    resample,
    silence,
    soft_edges,
    to_int16,
    trim,
)
from vtuber.ports import SAMPLE_RATE

waves = npst.arrays(np.float32, st.integers(0, 3000), elements=st.floats(-1, 1, width=32))
rates = st.sampled_from([8000, 16_000, 22_050, 24_000, 44_100, 48_000])


def sine(hertz: float, rate: int, seconds: float = 0.5, loud: float = 0.5):
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("hertz", [60, 440, 3000, 6500])
def test_a_sine_stays_the_same_sine(rate: int, hertz: float):
    resampled = resample(sine(hertz, rate), rate, SAMPLE_RATE)
    wanted = sine(hertz, SAMPLE_RATE)
    inner = slice(300, -300)  # the filter's edges see the silence outside
    assert np.abs(resampled[inner] - wanted[inner]).max() < 0.002


def test_what_the_lower_rate_cannot_hold_is_filtered_out_and_not_folded_back():
    folded = resample(sine(15_000, 48_000), 48_000, 24_000)
    assert np.abs(folded[300:-300]).max() < 0.5 * 0.001


@given(waves, rates, rates)
@settings(max_examples=60, deadline=None)
def test_the_length_is_exact_and_nothing_becomes_louder_than_a_filter_may_make_it(wave: Any, source: int, target: int):
    resampled = resample(wave, source, target)
    assert len(resampled) == round(len(wave) * target / source)
    assert resampled.dtype == np.float32
    assert np.abs(resampled).max(initial=0) <= 4.0


def test_a_constant_stays_constant():
    resampled = resample(np.full(4000, 0.25, dtype=np.float32), 22_050, 24_000)
    assert np.allclose(resampled[200:-200], 0.25, atol=1e-5)


def test_silence_around_a_sound_is_trimmed_to_twenty_milliseconds():
    quiet = np.zeros(SAMPLE_RATE, dtype=np.float32)
    trimmed = trim(np.concatenate([quiet, sine(440, SAMPLE_RATE, 0.3), quiet]), SAMPLE_RATE)
    assert len(trimmed) == pytest.approx(SAMPLE_RATE * 0.34, abs=30)


def test_a_wave_without_sound_is_trimmed_to_nothing():
    assert len(trim(np.zeros(500, dtype=np.float32), SAMPLE_RATE)) == 0
    assert len(master(np.zeros(500), 48_000)) == 0
    assert len(master(np.zeros(0), 22_050)) == 0


@given(st.floats(0.001, 20))
def test_voices_of_any_loudness_come_out_equally_loud(gain: float):
    voice = sine(220, SAMPLE_RATE) * np.float32(gain)
    assert loudness(level(voice)) == pytest.approx(0.1, rel=0.01)


def test_pauses_do_not_make_a_voice_count_as_quiet():
    voice = sine(220, SAMPLE_RATE)
    paused = np.concatenate([voice, np.zeros(SAMPLE_RATE, dtype=np.float32), voice])
    assert loudness(paused) == pytest.approx(loudness(voice), rel=0.01)


def test_a_spiky_voice_is_left_quieter_rather_than_clipped():
    spiky = sine(220, SAMPLE_RATE, loud=0.01)
    spiky[5000] = 1.0
    levelled = level(spiky)
    assert np.abs(levelled).max() == pytest.approx(0.89, rel=0.001)


@given(waves, rates)
@settings(max_examples=60, deadline=None)
def test_whatever_a_voice_gives_comes_out_as_int16_within_the_peak_and_with_soft_edges(wave: Any, rate: int):
    samples = master(wave, rate)
    assert samples.dtype == np.int16
    assert np.abs(samples.astype(int)).max(initial=0) <= 0.9 * 32767
    if len(samples) >= 2:
        assert samples[0] == samples[-1] == 0


def test_too_loud_is_clipped_and_not_wrapped():
    assert to_int16(np.array([2.0, -2.0, 0.5], dtype=np.float32)).tolist() == [32767, -32767, 16384]


def test_a_sound_that_was_cut_is_as_long_as_it_was_heard_and_fades():
    samples = np.full(24_000, 10_000, dtype=np.int16)
    heard = cut(samples, 500)
    assert len(heard) == 12_000
    assert heard[-1] == 0
    assert np.all(heard[: 12_000 - 720] == 10_000)
    assert np.all(np.diff(heard[-720:]) <= 0)


def test_a_sound_heard_to_its_end_is_left_alone():
    samples = np.full(2400, 10_000, dtype=np.int16)
    assert cut(samples, 100) is not None
    assert np.array_equal(cut(samples, 100), samples)
    assert np.array_equal(cut(samples, 5000), samples)
    assert len(cut(samples, 0)) == 0


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_fade_never_changes_the_length_nor_its_source(count: int, over: int):
    samples = np.full(count, 500, dtype=np.int16)
    assert len(fade_out(samples, over)) == count
    assert np.all(samples == 500)
    assert len(soft_edges(samples.astype(np.float32), over)) == count


def test_silence_has_the_length_asked_for():
    assert len(silence(250)) == length(250) == 6000
    assert not silence(250).any()
    assert length(-5) == 0
