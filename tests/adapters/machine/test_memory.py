"""This computer has memory, and its figures come in GB."""

from vtuber.adapters.machine.memory import described, machine
from vtuber.core.served import Machine


def test_bytes_become_gigabytes():
    found = described((64_000_000_000, 51_230_000_000), (25_756_000_000, 24_000_000_000))
    assert found == Machine(ram_gb=64.0, free_ram_gb=51.2, vram_gb=25.8, free_vram_gb=24.0)


def test_the_computer_that_runs_this_has_memory():
    found = machine()
    assert found.ram_gb >= found.free_ram_gb > 0
    assert found.vram_gb >= found.free_vram_gb >= 0
