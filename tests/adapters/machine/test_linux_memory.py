"""/proc/meminfo and the kernel's files of a graphics card are read in bytes."""

import sys
from pathlib import Path

import pytest

from vtuber.adapters.machine.linux_memory import graphics, ram

MEMINFO = (
    "MemTotal:       65711232 kB\nMemFree:         1011232 kB\nMemAvailable:   52000000 kB\nHugePages_Total:       0\n"
)


def test_what_is_available_counts_not_what_is_unused(tmp_path: Path):
    file = tmp_path / "meminfo"
    file.write_text(MEMINFO, encoding="ascii")
    assert ram(file) == (65711232 * 1024, 52000000 * 1024)


def test_a_system_without_the_file_says_so(tmp_path: Path):
    with pytest.raises(OSError, match="meminfo"):
        ram(tmp_path / "meminfo")


def test_cards_that_are_not_nvidias_are_added_up_and_a_broken_one_is_left_out(tmp_path: Path):
    for name, total, used in (("card0", "17163091968", "1163091968"), ("card1", "8000", "1000"), ("card2", "x", "1")):
        folder = tmp_path / name / "device"
        folder.mkdir(parents=True)
        (folder / "mem_info_vram_total").write_text(f"{total}\n", encoding="ascii")
        (folder / "mem_info_vram_used").write_text(f"{used}\n", encoding="ascii")
    assert graphics(tmp_path) == (17163091968 + 8000, 16000000000 + 7000)
    assert graphics(tmp_path / "nothing") == (0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own file")
def test_this_linux_has_memory():
    total, free = ram()
    assert total > free > 0
