"""How often she says that she has lost her thread: honest the first times, tiresome after that."""

from collections import deque
from typing import Final

_MOST: Final = 3
_WITHIN_MS: Final = 5 * 60_000
SILENT_MS: Final = 40_000  # from then on she says something of her own instead of nothing


class Fallbacks:
    """When her last few fallback lines were said. Times are ms on one clock."""

    def __init__(self) -> None:
        self._said: deque[int] = deque(maxlen=_MOST)

    def may_say(self, now: int) -> bool:
        """Whether one more may be said: three in five minutes."""
        return len(self._said) < _MOST or now - self._said[0] >= _WITHIN_MS

    def say(self, now: int) -> None:
        """Count one."""
        self._said.append(now)
