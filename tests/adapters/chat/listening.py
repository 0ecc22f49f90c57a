"""A live source heard in the background of a test, over a real socket."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Self

from vtuber.clock import Clock
from vtuber.events import Connection
from vtuber.ports import ChatSource, FromChat


class Listening:
    """`async with Listening(make) as heard`, then `await heard.next()`; `make` is given a clock."""

    def __init__(self, make: Callable[[Clock], ChatSource]) -> None:
        self._make = make
        self._heard: asyncio.Queue[FromChat] = asyncio.Queue()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._task = self._tasks.create_task(self._listen(self._make(Clock(1_700_000_000_000))))
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        await self._tasks.__aexit__(None, None, None)

    async def next(self) -> FromChat:
        """Wait for the next event."""
        return await self._heard.get()

    async def until(self, state: str) -> Connection:
        """Pass over everything before the source says this of its line."""
        while True:
            event = await self.next()
            if isinstance(event, Connection) and event.state == state:
                return event

    async def _listen(self, source: ChatSource) -> None:
        async with aclosing(source.events()) as events:  # type: ignore[type-var]
            async for event in events:
                self._heard.put_nowait(event)
