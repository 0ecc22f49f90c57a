"""Memory of NVIDIA's graphics cards: what nvidia-smi says, on every system."""

from vtuber.adapters.machine.asking import answer

_MIB = 1024**2
_QUERY = ("nvidia-smi", "--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits")


def graphics() -> tuple[int, int]:
    """Give (all, free) bytes of all cards together, (0, 0) without one."""
    return memory(answer(*_QUERY))


def memory(printed: str) -> tuple[int, int]:
    """Read (all, free) bytes from one line a card; a card that does not say counts nothing."""
    total = free = 0
    for line in printed.splitlines():
        has, _, left = (part.strip() for part in line.partition(","))
        if has.isdigit() and left.isdigit():
            total, free = total + int(has) * _MIB, free + int(left) * _MIB
    return total, free
