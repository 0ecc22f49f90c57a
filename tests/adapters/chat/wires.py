"""Lines for virtual time: a server's side of the talk in memory, and a way to dial that fails as told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from vtuber.adapters.chat.live import Wire
from vtuber.errors import ChatSourceLost


class Side(Protocol):
    """A server's side of one connection, without I/O: the frames it sends at once, and for each one it gets."""

    def open(self) -> list[str]: ...

    def hear(self, text: str) -> list[str]: ...


class MemoryWire:
    """A line to a server's side. After `then`, which comes once the server has said its own, it breaks if it is to."""

    def __init__(self, side: Side, then: Sequence[str | bytes], *, breaks: bool) -> None:
        self.sent: list[str] = []
        self._side = side
        self._then = list(then)
        self._breaks = breaks
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._put(side.open())

    async def receive(self) -> bytes:
        if self._frames.empty() and self._then:
            self._put([self._then.pop(0)])
        elif self._frames.empty() and self._breaks:
            raise ChatSourceLost("gone")
        return await self._frames.get()

    async def send(self, text: str) -> None:
        self.sent.append(text)
        self._put(self._side.hear(text))

    def _put(self, frames: Sequence[str | bytes]) -> None:
        for frame in frames:
            self._frames.put_nowait(frame.encode() if isinstance(frame, str) else frame)


class Dialled:
    """A way to dial that gives one line after another; None stands for a server that cannot be reached."""

    def __init__(self, *wires: Callable[[], MemoryWire] | None) -> None:
        self.open = 0
        self.opened: list[MemoryWire] = []
        self._wires = list(wires)

    def __call__(self) -> AbstractAsyncContextManager[Wire]:
        return self._line()

    @asynccontextmanager
    async def _line(self) -> AsyncGenerator[Wire, None]:
        make = self._wires.pop(0) if len(self._wires) > 1 else self._wires[0]  # the last one for ever
        if make is None:
            raise ChatSourceLost("nobody there")
        self.opened.append(make())
        self.open += 1
        try:
            yield self.opened[-1]
        finally:
            self.open -= 1
