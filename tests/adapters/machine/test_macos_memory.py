"""What vm_stat prints is read as bytes, and models get their share of the common memory."""

import sys

import pytest

from vtuber.adapters.machine.macos_memory import available, for_graphics, ram

GIB = 1024**3
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                           1500000.
Pages inactive:                         1000000.
Pages speculative:                        50000.
Pages throttled:                              0.
Pages wired down:                        300000.
Pages purgeable:                          20000.
"Translation faults":                1234567890.
Pages copy-on-write:                   12345678.
"""


def test_free_pages_and_copies_count_as_available():
    assert available(VM_STAT) == (100000 + 1000000 + 50000 + 20000) * 16384
    assert available("vm_stat: command not found") == 0


@pytest.mark.parametrize(
    ("total", "free", "share"), [(64, 50, (48, 48)), (64, 20, (48, 20)), (24, 20, (16, 16)), (0, 0, (0, 0))]
)
def test_models_get_two_thirds_of_a_small_mac_and_three_quarters_of_a_large_one(
    total: int, free: int, share: tuple[int, int]
):
    assert for_graphics(total * GIB, free * GIB) == (share[0] * GIB, share[1] * GIB)


@pytest.mark.skipif(sys.platform != "darwin", reason="asks macOS itself")
def test_this_mac_has_memory():
    total, free = ram()
    assert total > free > 0
