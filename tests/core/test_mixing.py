from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.mixing import Mixer

FADE = 720


def _ones(count: int, value: int = 1000) -> Any:
    return np.full(count, value, dtype=np.int16)


@given(st.lists(st.integers(0, 300), max_size=8), st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_whatever_the_blocks_the_sounds_come_out_whole_and_in_order(lengths: list[int], blocks: list[int]):
    mixer, sounds = Mixer(FADE), [_ones(count, 100 + index) for index, count in enumerate(lengths)]
    for sound in sounds:
        mixer.play(sound)
    heard = np.concatenate([mixer.fill(block) for block in blocks])
    assert [len(heard)] == [sum(blocks)]
    wanted = np.concatenate([*sounds, np.zeros(sum(blocks), dtype=np.int16)])[: sum(blocks)]
    assert np.array_equal(heard, wanted)


def test_a_hush_fades_what_plays_and_forgets_what_waits():
    mixer = Mixer(FADE)
    mixer.play(_ones(24_000))
    mixer.play(_ones(24_000, 7))
    mixer.fill(1000)
    mixer.hush()
    heard = mixer.fill(24_000)
    assert heard[0] == 1000
    assert np.all(np.diff(heard[:FADE]) <= 0)
    assert not heard[FADE - 1 :].any()


def test_what_is_played_after_a_hush_is_heard():
    mixer = Mixer(FADE)
    mixer.play(_ones(24_000))
    mixer.fill(240)
    mixer.hush()
    mixer.play(_ones(100, 5))
    heard = mixer.fill(FADE + 100)
    assert np.array_equal(heard[FADE:], _ones(100, 5))


def test_a_hush_of_the_last_moments_of_a_sound_does_not_make_it_longer():
    mixer = Mixer(FADE)
    mixer.play(_ones(300))
    mixer.fill(200)
    mixer.hush()
    assert not mixer.fill(1000)[100:].any()


def test_a_hush_in_silence_is_silence():
    mixer = Mixer(FADE)
    mixer.hush()
    assert not mixer.fill(100).any()


def test_it_changes_nothing_in_the_sound_it_was_given():
    mixer, sound = Mixer(FADE), _ones(2000)
    mixer.play(sound)
    mixer.fill(10)
    mixer.hush()
    mixer.fill(2000)
    assert np.all(sound == 1000)
