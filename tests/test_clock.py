"""Virtual time: a sleep costs nothing, the order is always the same, a hang raises, the outside world is refused."""

import asyncio
import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber.clock import Clock, Deadlock, Ending, run_virtual


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5_000)), max_size=6), st.integers(0, 2_000))
@settings(deadline=None)
def test_whoever_waits_for_the_end_of_something_is_woken_so_long_before_it_whatever_becomes_of_it(
    moves: list[tuple[int, int]], lead: int
):
    async def scenario() -> tuple[int, int, list[tuple[int, int]]]:
        clock = Clock(0)
        ending = Ending(clock)
        ending.move(3_000)
        known = [(0, 3_000)]

        async def move() -> None:
            for wait, left in moves:
                await clock.sleep(wait)
                ending.move(clock.now() + left)
                known.append((clock.now(), clock.now() + left))

        async with asyncio.TaskGroup() as group:
            moving = group.create_task(move())
            await ending.near(lead)
            woken, left = clock.now(), ending.left_ms()
            moving.cancel()
        return woken, left, known

    woken, left, known = run_virtual(scenario())
    assert left <= lead
    ends = [*(at for at, _ in known[1:]), woken]
    for (_, end), until in zip(known, ends, strict=True):
        assert end - lead >= until or until == woken, "it was woken as soon as that was near"
    assert woken == max(known[-1][0], known[-1][1] - lead)


def test_a_day_on_virtual_time_passes_at_once():
    began = time.monotonic()

    async def scenario() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert run_virtual(scenario()) == pytest.approx(86_400)
    assert time.monotonic() - began < 5


def test_the_clock_starts_at_its_base_and_passes_with_the_loop():
    async def scenario() -> list[int]:
        await asyncio.sleep(7)  # before the show opens
        clock = Clock(1_700_000_000_000)
        seen = [clock.now()]
        await clock.sleep(1500)
        seen.append(clock.now())
        await clock.until(1_700_000_002_000)
        seen.append(clock.now())
        await clock.until(1_700_000_001_000)  # long ago: does not wait
        await clock.sleep(-5)
        seen.append(clock.now())
        return [at - 1_700_000_000_000 for at in seen]

    assert run_virtual(scenario()) == [0, 1500, 2000, 2000]


@given(st.lists(st.integers(0, 5000), max_size=20))
@settings(deadline=None)
def test_sleepers_wake_in_the_order_of_their_times_and_of_their_start_among_equals(naps: list[int]):
    async def scenario() -> list[tuple[int, int]]:
        clock = Clock(0)
        woken: list[tuple[int, int]] = []

        async def nap(number: int, milliseconds: int) -> None:
            await clock.sleep(milliseconds)
            assert clock.now() == milliseconds
            woken.append((milliseconds, number))

        async with asyncio.TaskGroup() as group:
            for number, milliseconds in enumerate(naps):
                group.create_task(nap(number, milliseconds))
        return woken

    woken = run_virtual(scenario())
    assert [at for at, _ in woken] == sorted(naps)
    assert woken == run_virtual(scenario())


BUSY = """
import asyncio
from vtuber.channel import Road, first_of
from vtuber.clock import run_virtual

async def worker(name, road, log):
    async with asyncio.timeout(50):
        for step in range(20):
            await asyncio.sleep(len(name) * step % 7 / 10)
            await road.put(f"{name}{step}")
    road.producer_done()

async def show():
    log = []
    roads = [Road(str(number), number, producers=2) for number in range(3)]
    async with asyncio.TaskGroup() as group:
        for number, road in enumerate(roads):
            for name in ("a", "bbb"):
                group.create_task(worker(name, road, log))
        for _ in range(120):
            road = await first_of(*roads)
            log.append(f"{road.name}{await road.get()}@{asyncio.get_running_loop().time():.3f}")
    return log

print(" ".join(run_virtual(show())))
"""


def test_the_same_work_gives_the_same_order_whatever_the_hash_seed():
    def order(seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", BUSY]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    first = order("0")
    assert len(first.split()) == 120
    assert order("1") == first
    assert order("random") == first


def test_a_wait_that_nobody_could_end_raises_instead_of_hanging():
    cleaned: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("cleaned up")

    with pytest.raises(Deadlock, match="nothing is scheduled"):
        run_virtual(hang())
    assert cleaned == ["cleaned up"]


def test_a_time_out_is_something_scheduled_so_that_it_is_no_deadlock():
    async def scenario() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(scenario()) == pytest.approx(90)


def test_an_executor_call_takes_no_virtual_time_and_nobody_overtakes_it():
    async def scenario() -> list[str]:
        log: list[str] = []

        def blocking(word: str) -> int:
            log.append(word)
            return threading.get_ident()

        async def other() -> None:
            log.append("other")

        async with asyncio.TaskGroup() as group:
            group.create_task(other())
            thread = await asyncio.to_thread(blocking, "call")
            log.append("back")
        assert thread == threading.get_ident()
        assert asyncio.get_running_loop().time() == 0
        return log

    assert run_virtual(scenario()) == ["call", "back", "other"]


def test_an_error_in_an_executor_call_reaches_whoever_awaits_it():
    async def scenario() -> None:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        lost = asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0)
        assert isinstance(lost.exception(), ZeroDivisionError)

    run_virtual(scenario())


def test_sockets_and_child_processes_are_refused():
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        outside = (
            lambda: asyncio.open_connection("127.0.0.1", 9),
            lambda: asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0),
            lambda: loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0)),
            lambda: asyncio.create_subprocess_exec(sys.executable, "--version"),
            lambda: asyncio.create_subprocess_shell("exit"),
        )
        for reach in outside:
            with pytest.raises(RuntimeError, match="virtual time"):
                await reach()

    run_virtual(scenario())


def test_the_result_and_the_error_of_the_work_come_out():
    async def fine() -> int:
        return 42

    async def wrong() -> None:
        raise KeyError

    assert run_virtual(fine()) == 42
    with pytest.raises(KeyError):
        run_virtual(wrong())
