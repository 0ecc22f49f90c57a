import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from vtuber.adapters.model.deadlines import DEEP, FAST, Deadlines, timed
from vtuber.errors import ModelTimeout
from vtuber.ports import Delta

LIMITS = Deadlines(first_token_s=5, stall_s=3, total_s=20)


class Slow:
    """A stream that waits before each piece, and remembers that it was closed."""

    def __init__(self, *waits: float) -> None:
        self.waits = waits
        self.closed_at = -1.0

    async def stream(self) -> AsyncGenerator[Delta, None]:
        try:
            for wait in self.waits:
                await asyncio.sleep(wait)
                yield Delta("a")
        finally:
            self.closed_at = asyncio.get_running_loop().time()


async def collected(slow: Slow, limits: Deadlines = LIMITS, reading: float = 0.0) -> str:
    said = ""
    async with aclosing(timed(slow.stream(), limits)) as deltas:
        async for delta in deltas:
            said += delta.content
            await asyncio.sleep(reading)
    return said


async def test_a_stream_in_time_is_passed_on():
    assert await collected(Slow(4.9, 2.9, 2.9)) == "aaa"


@pytest.mark.parametrize(
    ("waits", "says", "after"),
    [((5.1,), "nothing within 5 s", 5), ((1, 3.1), "nothing more for 3 s", 4), ((2.5,) * 9, "more than 20 s", 20)],
)
async def test_a_late_stream_is_closed_at_its_limit(waits: tuple[float, ...], says: str, after: float):
    slow, began = Slow(*waits), asyncio.get_running_loop().time()
    with pytest.raises(ModelTimeout, match=says):
        await collected(slow)
    assert slow.closed_at - began == pytest.approx(after)


async def test_the_readers_own_time_does_not_count():
    assert await collected(Slow(*(1,) * 10), reading=60) == "a" * 10


async def test_a_stream_that_is_left_early_is_closed():
    slow = Slow(1, 1)
    async with aclosing(timed(slow.stream(), LIMITS)) as deltas:
        await anext(deltas)
    assert slow.closed_at > 0


def test_a_viewer_waits_for_the_fast_tier_and_the_deep_one_has_time():
    assert FAST.total_s < DEEP.total_s
    assert FAST.stall_s < DEEP.stall_s
