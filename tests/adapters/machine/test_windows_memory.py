"""Windows' own structure has Windows' size, and a built-in chip's share of main memory is no graphics card."""

import ctypes
import sys

import pytest

from vtuber.adapters.machine.windows_memory import MemoryStatus, graphics, largest, ram

GIB = 1024**3


def test_the_structure_is_as_large_as_windows_wants_it():
    assert ctypes.sizeof(MemoryStatus) == 64
    assert MemoryStatus.available.offset == 16


@pytest.mark.parametrize(
    ("cards", "memory"),
    [
        ([], (0, 0)),
        ([512 * 1024**2], (0, 0)),
        ([512 * 1024**2, 16 * GIB], (16 * GIB, 15 * GIB)),
        ([16 * GIB, 16 * GIB], (16 * GIB, 15 * GIB)),
    ],
)
def test_the_largest_card_counts_since_a_card_may_be_listed_twice(cards: list[int], memory: tuple[int, int]):
    assert largest(cards) == memory


@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")
def test_this_windows_has_memory():
    total, free = ram()
    assert total > free > 0
    assert graphics()[0] >= 0


@pytest.mark.skipif(sys.platform == "win32", reason="asks for what is not there")
def test_another_system_says_that_it_is_another():
    with pytest.raises(OSError, match="not Windows"):
        ram()
    assert graphics() == (0, 0)
