"""What this computer has to run models with, on any system; what cannot be found out is 0."""

import sys
from collections.abc import Callable

from vtuber.adapters.machine import linux_memory, macos_memory, nvidia, windows_memory
from vtuber.core.served import Machine

_GB = 1e9


def machine() -> Machine:
    """Give this computer's memory and graphics memory. Blocks for up to about two seconds: call it in a thread."""
    if sys.platform == "darwin":
        ram = _tried(macos_memory.ram)
        return described(ram, macos_memory.for_graphics(*ram), unified=True)
    system = windows_memory if sys.platform == "win32" else linux_memory
    graphics = nvidia.graphics()
    return described(_tried(system.ram), graphics if graphics[0] else _tried(system.graphics))


def described(ram: tuple[int, int], graphics: tuple[int, int], *, unified: bool = False) -> Machine:
    """Give a computer from (all, free) bytes of each memory, in GB."""
    total, free, on_card, free_on_card = (round(size / _GB, 1) for size in (*ram, *graphics))
    return Machine(ram_gb=total, free_ram_gb=free, vram_gb=on_card, free_vram_gb=free_on_card, unified=unified)


def _tried(look: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    try:
        return look()
    except (OSError, ValueError):
        return 0, 0
