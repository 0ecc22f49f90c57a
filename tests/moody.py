"""A scripted model that is ill at stated times, in stated ways, and well again after that."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import msgspec

from vtuber.adapters.model.scripted import Fault, Pace, Scripted, Scripture
from vtuber.errors import ModelUnavailable
from vtuber.ports import LanguageModel, Message
from vtuber.show import Parts

FAULTS: tuple[Fault, ...] = ("refuse", "unavailable", "hang", "stall", "error")


class Moody(Scripted):
    """Says `text`, with the number of the answer in place of {}; within each of `ill` (s on the clock) it has its fault.

    Then it cannot be loaded either, unless it `loads` all the same. `looked` is when somebody tried to.
    """

    def __init__(
        self,
        name: str,
        text: str,
        *,
        ill: Sequence[tuple[float, float]] = (),
        fault: Fault = "unavailable",
        thinking: str = "",
        loads: bool = False,
    ) -> None:
        numbers = count(1)

        def answer(_request: object) -> Scripture:
            if self._ill():
                return Scripture(text="Well", fault=fault, thinking=thinking)
            return Scripture(text=text.format(next(numbers)), thinking=thinking)

        super().__init__(name, replies=answer, pace=Pace(tokens_per_s=50))
        self.looked: list[float] = []
        self._loads = loads
        self._spells = ill

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Note when, and fail while it is ill."""
        self.looked.append(asyncio.get_running_loop().time())
        if self._ill() and not self._loads:
            raise ModelUnavailable("as its spell says")

    def _ill(self) -> bool:
        now = asyncio.get_running_loop().time()
        return any(begin <= now < end for begin, end in self._spells)


def backed_by(*, fast: Sequence[LanguageModel] = (), deep: Sequence[LanguageModel] = ()) -> Callable[[Parts], Parts]:
    """Give a script's `change`: models that stand in for the two chosen ones."""
    return lambda parts: msgspec.structs.replace(parts, fast_next=tuple(fast), deep_next=tuple(deep))
