"""Listen: everything heard is sent on to be remembered; what may be answered goes on the chat road."""

import asyncio
from collections.abc import AsyncIterator

from vtuber.channel import RoadClosed
from vtuber.core.attention import Gate
from vtuber.events import Chat, Connection, Dropped, Interrupt, Notice, Retract, Skipped, kind
from vtuber.ports import FromChat
from vtuber.stages.roads import Roads

_AT_A_STRETCH = 16  # messages of a flood, before the others have their turn


class Ear:
    """Hears one source until it ends or the show is stopped."""

    def __init__(self, events: AsyncIterator[FromChat], roads: Roads) -> None:
        self._events = events
        self._interrupts = roads.interrupts
        self._heard = 0

    async def next(self) -> FromChat:
        """Give the next thing heard. Raises RoadClosed at the end, and what the source raises."""
        self._heard += 1
        if self._heard % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
        async with self._interrupts.scope(_stops):
            if not self._interrupts.stopped:
                async for heard in self._events:
                    return heard
        await self._events.aclose()  # type: ignore[attr-defined]
        raise RoadClosed("source")


def _stops(interrupt: Interrupt) -> bool:
    return interrupt.op == "stop"


async def listen(heard: FromChat, gate: Gate, roads: Roads) -> None:
    """Hear one thing: a message, a notice, a retraction."""
    now = roads.clock.now()
    if isinstance(heard, Skipped | Connection):
        roads.note(heard)
        return
    await roads.memory.put(heard)
    if isinstance(heard, Retract):
        roads.interrupts.send(
            Interrupt(
                id=f"{heard.id}!",
                at_ms=now,
                cause=heard.id,
                op="retract",
                target_event=heard.target_event,
                target_viewer=heard.target_viewer,
                everything=heard.everything,
                by="platform",
            )
        )
    elif isinstance(heard, Chat | Notice):
        reason = gate.reason(heard)
        if reason:
            roads.note(Dropped(id=f"{heard.id}!{reason}", at_ms=now, cause=heard.id, reason=reason, item=kind(heard)))
        else:
            await roads.chat.put(heard)
