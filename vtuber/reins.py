"""The operator's hand on the reins: orders that reach every stage ahead of its input."""

from typing import Any

from vtuber.clock import Clock
from vtuber.events import Interrupt, Operation
from vtuber.interrupts import Interrupts


class Reins:
    """Sends interrupts with ids of their own; it exists before the show does, so that sources can hold it too."""

    def __init__(self, prefix: str, clock: Clock, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        self._prefix = prefix
        self._clock = clock
        self._count = 0

    def order(self, op: Operation, **target: Any) -> None:
        """Send an interrupt: hush, skip (what she says now), pause, say, ban and so on; `target` fills its fields."""
        self._count += 1
        if op == "skip" and "target_turn" not in target:
            target["target_turn"] = self.interrupts.in_hand("perform", "speak", "think")
        number = f"{self._prefix}/interrupt-{self._count}"
        self.interrupts.send(Interrupt(id=number, at_ms=self._clock.now(), op=op, **target))
