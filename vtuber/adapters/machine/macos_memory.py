"""Memory on macOS: sysctl and vm_stat; the graphics card shares it."""

import re

from vtuber.adapters.machine.asking import answer

_LARGE = 36 * 1024**3  # bytes: from here on macOS lets the graphics card have three quarters, below it two thirds
_PAGE = re.compile(r"page size of (\d+) bytes")
_FREE = re.compile(r"^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)", re.MULTILINE)


def ram() -> tuple[int, int]:
    """Give (all, available) bytes of main memory, 0 for what cannot be found out."""
    total = answer("sysctl", "-n", "hw.memsize")
    return int(total) if total.strip().isdigit() else 0, available(answer("vm_stat"))


def available(vm_stat: str) -> int:
    """Read from what vm_stat prints how many bytes could be had: free pages and those that hold only copies."""
    page = _PAGE.search(vm_stat)
    return sum(map(int, _FREE.findall(vm_stat))) * int(page[1]) if page else 0


def for_graphics(total: int, free: int) -> tuple[int, int]:
    """Give how much of the shared memory models may take: (all, free) bytes."""
    share = total * 3 // 4 if total >= _LARGE else total * 2 // 3
    return share, min(share, free)
