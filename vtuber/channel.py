"""Roads between stages: bounded channels with a rule for "full", a purge, a tap and an end."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Final, Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")


class _Full(Enum):
    LET_IN = "let in"


LetIn: TypeAlias = Literal[_Full.LET_IN]
LET_IN: Final = _Full.LET_IN


class RoadClosed(Exception):
    """The road has ended: nothing is left to get, or nothing may be put any more."""


def _ignore(_item: object) -> None:
    pass


class Road(Generic[T]):
    """A first-in first-out channel of at most `size` items; with size 0 a put waits until somebody is getting.

    `full` says what happens when an item comes and there is no room: it is called with the waiting items and the new
    one and returns one of them to give up, None to make the putter wait (the default), or LET_IN: the new one comes in
    all the same, so that a rule may count by kinds. What it gives up goes to `given_up`.
    `tap` sees each item once, in order, when the road accepts it. The road ends when its `producers` are all done.
    """

    def __init__(
        self,
        name: str,
        size: int,
        *,
        producers: int = 1,
        full: Callable[[Sequence[T], T], T | LetIn | None] = lambda _items, _new: None,
        given_up: Callable[[T], None] = _ignore,
        tap: Callable[[T], None] = _ignore,
    ) -> None:
        self.name = name
        self.size = size
        self._producers = producers
        self._full = full
        self._given_up = given_up
        self._tap = tap
        self._items: deque[T] = deque()
        self._getters: deque[asyncio.Future[None]] = deque()
        self._putters: deque[asyncio.Future[None]] = deque()
        self._settlers: deque[asyncio.Future[None]] = deque()
        self._accepted = self._settled = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        """Whether nothing more may be put."""
        return self._producers <= 0

    def waiting(self) -> tuple[T, ...]:
        """Give the items on the road, oldest first, without taking them."""
        return tuple(self._items)

    async def put(self, item: T) -> int:
        """Put an item on the road, waiting for room if the road's rule says so. Raises RoadClosed.

        Gives the item's number on this road, for `settled`.
        """
        while True:
            if self.closed:
                raise RoadClosed(self.name)
            victim = LET_IN if self._has_room() else self._full(tuple(self._items), item)
            if victim is not None:
                break
            await _wait(self._putters)
        self._tap(item)
        if victim is not LET_IN and victim is not item:
            _take_out(self._items, victim, self.name)
        if victim is not item:
            self._append(item)
        if victim is not LET_IN:
            self._given_up(victim)
        return self._accepted

    def offer(self, item: T) -> bool:
        """Put an item if there is room now; never wait. Say whether it was taken."""
        if self.closed or not self._has_room():
            return False
        self._tap(item)
        self._append(item)
        return True

    async def get(self) -> T:
        """Take the oldest item, waiting for one. Raises RoadClosed when the road has ended."""
        await self.ready()
        item = self._items.popleft()
        _wake(self._putters)
        return item

    async def ready(self) -> None:
        """Wait until an item can be taken. Raises RoadClosed when none will come any more."""
        while not self._items:
            if self.closed:
                raise RoadClosed(self.name)
            _wake(self._putters)
            await _wait(self._getters)

    async def more(self) -> None:
        """Wait until something more is put or the road is closed. Raises RoadClosed if it is: nothing would come."""
        if self.closed:
            raise RoadClosed(self.name)
        await _wait(self._getters)

    async def ended(self) -> None:
        """Wait until the road is closed and everything on it has been taken."""
        while not self.closed or self._items:
            await _wait(self._putters)

    async def room(self) -> None:
        """Wait until a put would not wait (for a rendezvous: until somebody is getting). Raises RoadClosed."""
        while not self.closed and not self._has_room():
            await _wait(self._putters)
        if self.closed:
            raise RoadClosed(self.name)

    async def drained(self) -> None:
        """Wait until the road is empty."""
        while self._items:
            await _wait(self._putters)

    def settle(self) -> None:
        """Say, as the one who takes from this road, that all that was taken has been dealt with, for good or ill."""
        self._settled = self._accepted - len(self._items)
        _wake(self._settlers)

    async def settled(self, number: int) -> None:
        """Wait until the item with this number has been dealt with, or the road has ended."""
        while self._settled < number and not (self.closed and not self._items):
            await _wait(self._settlers)

    def take(self, item: T) -> None:
        """Take this very item off the road. Raises ValueError if it is no longer there."""
        _take_out(self._items, item, self.name)
        _wake(self._putters)

    def purge(self, unwanted: Callable[[T], bool]) -> tuple[T, ...]:
        """Take every item for which `unwanted` holds off the road and give them, oldest first."""
        gone = tuple(item for item in self._items if unwanted(item))
        if gone:
            self._items = deque(item for item in self._items if not unwanted(item))
            _wake(self._putters)
        return gone

    def producer_done(self) -> None:
        """One producer will put nothing more; with the last one the road ends."""
        self._producers -= 1
        if self.closed:
            _wake(self._getters)
            _wake(self._putters)
            _wake(self._settlers)

    def _has_room(self) -> bool:
        return len(self._items) < (self.size or sum(not getter.done() for getter in self._getters))

    def _append(self, item: T) -> None:
        self._items.append(item)
        self._accepted += 1
        _wake(self._getters)


async def _wait(line: deque[asyncio.Future[None]]) -> None:
    turn = asyncio.get_running_loop().create_future()
    line.append(turn)
    try:
        await turn
    finally:
        if turn in line:
            line.remove(turn)


def _wake(line: deque[asyncio.Future[None]]) -> None:
    """Wake everyone in a line: they wait for different things, so each looks again for itself."""
    while line:
        turn = line.popleft()
        if not turn.done():
            turn.set_result(None)


def _take_out(items: deque[T], item: T, road: str) -> None:
    for index, held in enumerate(items):
        if held is item:
            del items[index]
            return
    raise ValueError(f"not on the road {road}")


async def first_of(*roads: Road[T]) -> Road[T]:
    """Wait until a road has an item and give that road; the earlier argument wins.

    Raises RoadClosed when all of them have ended.
    """
    while True:
        for road in roads:
            if len(road):
                return road
        open_roads = [road for road in roads if not road.closed]
        if not open_roads:
            raise RoadClosed(" and ".join(road.name for road in roads))
        await _any(*(road.ready() for road in open_roads))


async def _any(*waits: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
