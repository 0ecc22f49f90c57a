"""What a sound card is fed: clauses one after the other, silence between, and a quick fade when one is cut off."""

from collections import deque

import numpy as np

from vtuber.core.sound import fade_out
from vtuber.ports import Samples

_HELD = 64  # clauses that may wait at most; she is one clause ahead at most, so that more is a fault


class Mixer:
    """Played from one thread (`play`, `hush`), read from another (`fill`): they share nothing but a queue of orders."""

    def __init__(self, fade: int) -> None:
        """`fade`: samples over which a cut-off sound dies away."""
        self._fade = fade
        self._orders: deque[Samples | None] = deque(maxlen=_HELD)
        self._playing: deque[Samples] = deque(maxlen=_HELD)

    def play(self, samples: Samples) -> None:
        """Play this now, or after what is playing."""
        if len(samples):
            self._orders.append(samples)

    def hush(self) -> None:
        """Fade out what is playing and forget what waits."""
        self._orders.append(None)

    def fill(self, count: int) -> Samples:
        """Give the next `count` samples; silence where nothing plays."""
        self._obey()
        block, filled = np.zeros(count, dtype=np.int16), 0
        while filled < count and self._playing:
            sound = self._playing[0]
            piece = sound[: count - filled]
            block[filled : filled + len(piece)] = piece
            filled += len(piece)
            if len(piece) == len(sound):
                self._playing.popleft()
            else:
                self._playing[0] = sound[len(piece) :]
        return block

    def _obey(self) -> None:
        while self._orders:
            order = self._orders.popleft()
            if order is not None:
                self._playing.append(order)
            elif self._playing:
                dying = fade_out(self._playing[0][: self._fade], self._fade)
                self._playing.clear()
                self._playing.append(dying)
