"""Remember: the only writer of memory; what was never performed is never remembered as said."""

from vtuber.channel import Road
from vtuber.events import Remembered, Retract
from vtuber.ports import EventMemory
from vtuber.stages.roads import Memorable, Roads

_BATCH = 64


async def next_batch(road: Road[Memorable]) -> tuple[Memorable, ...]:
    """Take what waits, at most 64 at once: one commit for all of it. Raises RoadClosed."""
    batch = [await road.get()]
    while len(batch) < _BATCH and len(road):
        batch.append(await road.get())
    return tuple(batch)


async def remember(batch: tuple[Memorable, ...], memory: EventMemory, roads: Roads) -> None:
    """Make a batch safe, in order; each event is acknowledged when its commit has returned."""
    kept: list[Memorable] = []
    for event in (*batch, None):
        if event is not None and not isinstance(event, Retract):
            kept.append(event)
            continue
        if kept:
            await memory.add(kept)
            for safe in kept:
                roads.note(
                    Remembered(id=f"{safe.id}!remembered", at_ms=roads.clock.now(), cause=safe.id, turn=safe.turn)
                )
            kept = []
        if event is not None:
            await memory.retract(event)
            roads.note(Remembered(id=f"{event.id}!remembered", at_ms=roads.clock.now(), cause=event.id))
