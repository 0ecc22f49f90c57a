"""Whatever happens on a road, each item has one fate and nobody waits in vain."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber.channel import Road, RoadClosed
from vtuber.clock import run_virtual


async def idle() -> None:
    """Let everyone go as far as they can: on virtual time a sleep ends only when nothing else is left to do."""
    await asyncio.sleep(0.001)


class Traffic:
    """Plays a list of steps on a road, and knows what should be where."""

    def __init__(self, size: int, *, gives_up: bool) -> None:
        self.tapped: list[int] = []
        self.gone: list[int] = []  # given up, purged or taken
        self.refused: list[int] = []  # an offer said no, or a putter was cancelled or came too late
        self.got: list[int] = []
        self.left: list[int] = []
        self.next = 0
        self.putters: dict[int, asyncio.Task[None]] = {}
        self.getters: list[asyncio.Task[None]] = []
        self.watchers: list[tuple[str, asyncio.Task[None]]] = []
        oldest: dict[str, Any] = {"full": lambda items, new: (*items, new)[0], "given_up": self.gone.append}
        self.road: Road[int] = Road("any", size, tap=self.tapped.append, **oldest if gives_up else {})

    async def play(self, steps: list[str]) -> None:
        for step in steps:
            if step == "idle":
                await idle()
                self.nobody_waits_in_vain()
            else:
                getattr(self, step)()
        await idle()
        self.nobody_waits_in_vain()
        await self.end()

    def put(self) -> None:
        self.next += 1
        self.putters[self.next] = asyncio.ensure_future(self.road.put(self.next))

    def offer(self) -> None:
        self.next += 1
        if not self.road.offer(self.next):
            self.refused.append(self.next)

    def get(self) -> None:
        async def read() -> None:
            self.got.append(await self.road.get())

        self.getters.append(asyncio.ensure_future(read()))

    def watch_for_an_item(self) -> None:
        self.watch("item", self.road.ready())

    def watch_for_more(self) -> None:
        self.watch("more", self.road.more())

    def watch_for_room(self) -> None:
        self.watch("room", self.road.room())

    def watch_for_emptiness(self) -> None:
        self.watch("emptiness", self.road.drained())

    def watch_for_the_end(self) -> None:
        self.watch("end", self.road.ended())

    def cancel_getter(self) -> None:
        next((task.cancel() for task in self.getters if not task.done()), None)

    def cancel_putter(self) -> None:
        next((task.cancel() for task in self.putters.values() if not task.done()), None)

    def cancel_watcher(self) -> None:
        next((task.cancel() for _, task in self.watchers if not task.done()), None)

    def purge(self) -> None:
        self.gone += self.road.purge(lambda item: item % 3 == 0)

    def take(self) -> None:
        if self.road.waiting():
            newest = self.road.waiting()[-1]
            self.road.take(newest)
            self.gone.append(newest)

    def watch(self, what: str, wait: Coroutine[Any, Any, None]) -> None:
        self.watchers.append((what, asyncio.ensure_future(wait)))

    def nobody_waits_in_vain(self) -> None:
        waiting = {what for what, task in self.watchers if not task.done()}
        waiting |= {"item"} if any(not task.done() for task in self.getters) else set()
        waiting |= {"room"} if any(not task.done() for task in self.putters.values()) else set()
        assert not ("item" in waiting and self.road.waiting())
        assert not ("room" in waiting and len(self.road) < self.road.size)
        assert not ("emptiness" in waiting and not self.road.waiting())
        assert not ("room" in waiting and "item" in waiting)

    async def end(self) -> None:
        """End the road: nobody may be left waiting on it."""
        self.road.producer_done()
        await idle()
        self.left = list(self.road.purge(lambda _item: True))
        await idle()
        everyone = [*self.putters.values(), *self.getters, *(task for _, task in self.watchers)]
        assert all(task.done() for task in everyone)
        ends = await asyncio.gather(*everyone, return_exceptions=True)
        assert all(end is None or isinstance(end, int | RoadClosed | asyncio.CancelledError) for end in ends)
        self.refused += [item for item, put in self.putters.items() if put.cancelled() or put.exception()]


STEPS = [
    step for step in vars(Traffic) if step not in {"play", "watch", "nobody_waits_in_vain", "end"} and step[0] != "_"
]


@given(
    size=st.integers(0, 3),
    gives_up=st.booleans(),
    steps=st.lists(st.sampled_from([*STEPS, "idle", "put", "get"]), max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_whatever_happens_on_a_road_each_item_has_one_fate_and_nobody_waits_in_vain(
    size: int, gives_up: bool, steps: list[str]
):
    traffic = Traffic(size, gives_up=gives_up)
    run_virtual(traffic.play(steps))
    assert sorted(traffic.got + traffic.gone + traffic.refused + traffic.left) == list(range(1, traffic.next + 1))
    assert sorted(traffic.tapped + traffic.refused) == list(range(1, traffic.next + 1))
    assert traffic.got == [item for item in traffic.tapped if item in traffic.got]
    assert traffic.left == [item for item in traffic.tapped if item in traffic.left]
