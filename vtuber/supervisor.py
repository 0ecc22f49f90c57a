"""Keeps a stage alive: a failure costs the item in hand and a pause, never the show."""

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec

from vtuber.channel import Road, RoadClosed
from vtuber.clock import Clock
from vtuber.events import Dropped, Event, Failed


async def _no_amends(_item: Any) -> None:
    pass


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A verb of the show: takes an item and handles it, again and again, until its road ends.

    `feeds` are the roads it puts on: they lose a producer when it ends. `amends` is called with an item whose handling
    failed, so that neighbours are not left waiting for its end.
    """

    name: str
    take: Callable[[], Awaitable[Any]]
    handle: Callable[[Any], Awaitable[None]]
    feeds: tuple[Road[Any], ...] = ()
    amends: Callable[[Any], Awaitable[None]] = _no_amends


class Limits(msgspec.Struct, frozen=True):
    """How often a stage may fail: more than `failures` within `window_ms` takes it down for `down_ms`."""

    failures: int = 5
    window_ms: int = 30_000
    backoff_ms: int = 100  # after the first failure; doubled with each further one in the window
    down_ms: int = 20_000


async def supervise(stage: Stage, *, clock: Clock, note: Callable[[Event], None], limits: Limits | None = None) -> None:
    """Run a stage until its road ends; past its limit of failures it is down for a while and drops what comes."""
    limits = limits or Limits()
    failures: deque[int] = deque(maxlen=limits.failures + 1)
    total, down_until = 0, 0
    try:
        while True:
            item = None
            try:
                item = await stage.take()
                if clock.now() < down_until:
                    await _drop(stage, item, "stage_down", note, clock)
                    continue
                await stage.handle(item)
            except RoadClosed:
                return
            except Exception as error:  # noqa: BLE001 - the border: whatever a stage raises must not end the show
                now, total = clock.now(), total + 1
                failures.append(now)
                recent = sum(now - at < limits.window_ms for at in failures)
                degraded = recent > limits.failures
                down_until = now + limits.down_ms if degraded else 0
                note(
                    Failed(
                        id=f"{stage.name}!{total}",
                        at_ms=now,
                        stage=stage.name,
                        error=type(error).__name__,
                        restarts=total,
                        degraded=degraded,
                    )
                )
                if item is not None:
                    await _drop(stage, item, "stage_failed", note, clock)
                await clock.sleep(limits.backoff_ms * 2 ** min(recent - 1, 5))
    finally:
        for road in stage.feeds:
            road.producer_done()


async def _drop(stage: Stage, item: Any, reason: str, note: Callable[[Event], None], clock: Clock) -> None:
    for one in item if isinstance(item, tuple) else (item,):
        held: Any = getattr(one, "clause", one)
        kind = "memory" if stage.name == "remember" else type(held).__name__.lower()
        note(
            Dropped(
                id=f"{held.id}!{reason}", at_ms=clock.now(), cause=held.id, turn=held.turn, reason=reason, item=kind
            )
        )
    with suppress(RoadClosed):
        await stage.amends(item)
