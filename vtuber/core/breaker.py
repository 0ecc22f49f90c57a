"""A circuit breaker: what fails is left alone for a while, then tried once, then trusted again."""

from collections import deque
from typing import Final

FIRST_MS: Final = 5_000  # left alone the first time …
LONGEST_MS: Final = 60_000  # … and at most; in between twice as long each time
_WINDOW: Final = 5  # calls that are looked back on
_OF_WINDOW: Final = 3  # failures among them that are too many
_IN_A_ROW: Final = 2  # and without a success in between


class CircuitBreaker:
    """Lets calls through, or not. All times are ms on one clock.

    Closed it lets all through; two failures in a row, three of the last five calls, or one failure that is not
    transient open it. Open it lets none through until `retry_at`; from then on it is half open: the next result
    decides, a success closes it, a failure opens it again, for twice as long.
    """

    def __init__(self) -> None:
        self.retry_at: int | None = None  # None while it is closed
        self._last: deque[bool] = deque(maxlen=_WINDOW)
        self._openings = 0  # in a row

    def allows(self, now: int) -> bool:
        """Whether a call may be made."""
        return self.retry_at is None or now >= self.retry_at

    def succeeded(self) -> None:
        """Take in that a call went well."""
        if self.retry_at is not None:
            self.retry_at, self._openings = None, 0
        self._last.append(True)

    def failed(self, now: int, *, transient: bool = True) -> None:
        """Take in that a call failed; while it is open that is no news: the call began before."""
        if self.retry_at is not None:
            if now >= self.retry_at:
                self._open(now)
            return
        self._last.append(False)
        in_a_row = list(self._last)[-_IN_A_ROW:].count(False) == _IN_A_ROW
        if in_a_row or self._last.count(False) >= _OF_WINDOW or not transient:
            self._open(now)

    def revive(self, now: int) -> None:
        """Take in that there is reason to try it before its time: it is half open from `now` on."""
        if self.retry_at is not None:
            self.retry_at = min(self.retry_at, now)

    def _open(self, now: int) -> None:
        self.retry_at = now + min(LONGEST_MS, FIRST_MS * 2 ** min(self._openings, 8))
        self._openings += 1
        self._last.clear()
