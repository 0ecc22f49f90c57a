"""Memory on Linux: /proc/meminfo, and what the kernel says of graphics cards that are not NVIDIA's."""

from pathlib import Path
from typing import Final

_MEMINFO: Final = Path("/proc/meminfo")
_CARDS: Final = Path("/sys/class/drm")
_KIB = 1024


def ram(meminfo: Path = _MEMINFO) -> tuple[int, int]:
    """Give (all, available) bytes of main memory. Raises OSError, ValueError."""
    lines = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines() if ":" in line)
    total, free = (int(lines.get(key, "0 kB").split()[0]) * _KIB for key in ("MemTotal", "MemAvailable"))
    return total, free


def graphics(cards: Path = _CARDS) -> tuple[int, int]:
    """Give (all, free) bytes of AMD's graphics cards together, (0, 0) without one."""
    total = free = 0
    for file in sorted(cards.glob("card*/device/mem_info_vram_total")):
        try:
            has, used = (int(one.read_text(encoding="ascii")) for one in (file, file.with_name("mem_info_vram_used")))
        except (OSError, ValueError):
            continue
        total, free = total + has, free + has - used
    return total, free
