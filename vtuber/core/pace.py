"""How fast a model answers, learnt from its answers."""

from collections import deque
from statistics import median
from typing import Final

from vtuber.events import Tier

_KEPT: Final = 8  # answers that it is learnt from: machines heat up, games start, prompts grow
_FEW: Final = 4  # tokens below which an answer says nothing about the time of a token
# Until then: ms to the first token, and ms a token. A low-effort answer of the deep model, 600 tokens with its thought,
# is so taken to need 27 s.
_PRIOR: Final[dict[Tier, tuple[float, float]]] = {"fast": (800.0, 1000 / 30), "deep": (3_000.0, 40.0)}


class Pace:
    """The median time to the first token, and a token, of the last answers; before the first one what is usual."""

    def __init__(self, tier: Tier) -> None:
        first, token = _PRIOR[tier]
        self._usual = first, token
        self._firsts: deque[float] = deque(maxlen=_KEPT)
        self._tokens: deque[float] = deque(maxlen=_KEPT)

    @property
    def learnt(self) -> bool:
        """Whether it is known from answers, not only guessed."""
        return bool(self._tokens)

    def learn(self, *, first_ms: int, total_ms: int, tokens: int) -> None:
        """Take in an answer: when its first token came, when its last one, and how many there were, thoughts too."""
        self._firsts.append(max(0, first_ms))
        if tokens >= _FEW:
            self._tokens.append(max(0, total_ms - first_ms) / (tokens - 1))

    def expect_ms(self, tokens: int) -> int:
        """Give how long an answer of so many tokens will take."""
        first = median(self._firsts) if self._firsts else self._usual[0]
        token = median(self._tokens) if self._tokens else self._usual[1]
        return round(first + token * max(0, tokens))
