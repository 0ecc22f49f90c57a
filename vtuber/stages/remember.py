"""Remember: the only writer of memory; what was never performed is never remembered as said."""

from vtuber.channel import Road
from vtuber.clock import Clock
from vtuber.events import Remembered, Retract
from vtuber.ports import EventMemory
from vtuber.stages.roads import Memorable, Roads

_BATCH = 256
_GATHER_MS = 10  # a commit for each message alone would be most of the work in a busy chat …
_BUSY, _BUSY_MS = 4, 30  # … and where so many came in that time, more is gathered


async def next_batch(road: Road[Memorable], clock: Clock) -> tuple[Memorable, ...]:
    """Wait for something and a moment more, then take what waits: one commit for all of it. Raises RoadClosed.

    Asking for more says that what was taken before is settled: safe, or dropped on record.
    """
    road.settle()
    await road.ready()
    for least, more_ms in ((1, _GATHER_MS), (_BUSY, _BUSY_MS)):
        if least <= len(road) < _BATCH:
            await clock.sleep(more_ms)
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
