"""An interrupt ends at once what it concerns, and nothing else."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from vtuber.clock import run_virtual
from vtuber.events import Interrupt
from vtuber.interrupts import Interrupts


async def idle() -> None:
    """Let everyone go as far as they can: on virtual time a sleep ends only when nothing else is left to do."""
    await asyncio.sleep(0.001)


def interrupt(op: Any = "skip", **fields: Any) -> Interrupt:
    return Interrupt(id="i", at_ms=0, op=op, **fields)


async def test_an_interrupt_ends_the_scope_that_it_concerns_and_no_other():
    interrupts = Interrupts()
    begun = asyncio.get_running_loop().time()
    log: list[str] = []

    async def work(name: str, op: str) -> None:
        async with interrupts.scope(lambda sent: sent.op == op) as cut:
            await asyncio.sleep(10)
            log.append(f"{name} came to its end")
        log.append(
            f"{name} was cut by {cut.by.op if cut.by else None} at {asyncio.get_running_loop().time() - begun:g}"
        )

    async with asyncio.TaskGroup() as group:
        group.create_task(work("reply", "skip"))
        group.create_task(work("pondering", "stop"))
        await asyncio.sleep(2)
        interrupts.send(interrupt("skip"))
    assert log == ["reply was cut by skip at 2", "pondering came to its end", "pondering was cut by None at 10"]


async def test_an_interrupt_ends_a_stream_so_that_its_source_sees_the_close():
    interrupts = Interrupts()
    closed: list[str] = []

    async def tokens() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "token"
                await asyncio.sleep(1)
        finally:
            closed.append("closed")

    async def reply() -> int:
        heard = 0
        async with interrupts.scope(lambda _sent: True), aclosing(tokens()) as stream:
            async for _token in stream:
                heard += 1
        assert closed == ["closed"]
        return heard

    async with asyncio.TaskGroup() as group:
        replying = group.create_task(reply())
        await asyncio.sleep(2.5)
        interrupts.send(interrupt("hush"))
    assert replying.result() == 3


async def test_a_cancellation_from_outside_goes_through_a_scope_even_at_the_moment_of_an_interrupt():
    interrupts = Interrupts()

    async def reply() -> None:
        async with interrupts.scope(lambda _sent: True):
            await asyncio.sleep(10)

    for both in (False, True):
        replying = asyncio.ensure_future(reply())
        await idle()
        if both:
            interrupts.send(interrupt())
        replying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await replying


async def test_a_time_out_of_the_work_itself_is_not_taken_for_an_interrupt():
    interrupts = Interrupts()
    with pytest.raises(TimeoutError):
        async with interrupts.scope(lambda _sent: True), asyncio.timeout(1):
            await asyncio.sleep(2)


async def test_an_error_of_the_work_goes_through_a_scope_and_leaves_none_open():
    interrupts = Interrupts()
    with pytest.raises(KeyError):
        async with interrupts.scope(lambda _sent: True):
            raise KeyError
    interrupts.send(interrupt())
    await idle()  # nothing is left that could be ended


async def test_a_scope_within_a_scope_ends_alone():
    interrupts = Interrupts()
    async with interrupts.scope(lambda sent: sent.op == "stop") as outer:
        async with asyncio.TaskGroup() as group:
            async with interrupts.scope(lambda sent: sent.op == "skip") as inner:
                group.create_task(asyncio.sleep(0.5)).add_done_callback(
                    lambda _task: interrupts.send(interrupt("skip"))
                )
                await asyncio.sleep(10)
            assert inner.by is not None
        await asyncio.sleep(1)
    assert outer.by is None


async def test_an_interrupt_is_tapped_then_obeyed_and_only_then_ends_scopes():
    seen: list[str] = []
    interrupts = Interrupts(tap=lambda sent: seen.append(f"tap {sent.op}"))
    interrupts.obey_first(lambda sent: seen.append(f"purge {sent.op}"))

    async def work() -> None:
        async with interrupts.scope(lambda _sent: True):
            await asyncio.sleep(10)
        seen.append("ended")

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        await idle()
        interrupts.send(interrupt("ban"))
    assert seen == ["tap ban", "purge ban", "ended"]


async def test_only_the_first_interrupt_counts_for_a_scope():
    interrupts = Interrupts()

    async def work() -> Interrupt | None:
        async with interrupts.scope(lambda _sent: True) as cut:
            await asyncio.sleep(10)
        return cut.by

    working = asyncio.ensure_future(work())
    await idle()
    interrupts.send(interrupt("skip"))
    interrupts.send(interrupt("hush"))
    by = await working
    assert by is not None
    assert by.op == "skip"


async def test_a_stop_is_remembered():
    interrupts = Interrupts()
    interrupts.send(interrupt("skip"))
    assert not interrupts.stopped
    interrupts.send(interrupt("stop"))
    assert interrupts.stopped


@pytest.mark.parametrize("end", ["resume", "stop"])
def test_a_pause_holds_until_it_is_resumed_or_the_show_stops(end: str):
    async def scenario() -> None:
        interrupts = Interrupts()
        await interrupts.unpaused()
        interrupts.send(interrupt("pause"))
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(interrupts.unpaused())
            await idle()
            assert not waiting.done()
            interrupts.send(interrupt(end))

    run_virtual(scenario())


async def test_it_is_known_which_turn_a_stage_has_in_hand():
    interrupts = Interrupts()
    async with interrupts.scope(lambda _one: False, stage="think", turn="t2"):
        async with interrupts.scope(lambda _one: False, stage="perform", turn="t1"):
            assert interrupts.in_hand("perform", "think") == "t1"
        assert interrupts.in_hand("perform", "think") == "t2"
    assert interrupts.in_hand("perform", "think") == ""


async def test_no_step_that_was_due_when_the_interrupt_came_is_done_any_more():
    interrupts = Interrupts()
    steps: list[str] = []

    async def work() -> None:
        async with interrupts.scope(lambda _sent: True) as cut:
            await due
            steps.append("one more")
        steps.append(f"cut by {cut.by.op if cut.by else None}")

    due = asyncio.get_running_loop().create_future()
    working = asyncio.ensure_future(work())
    await idle()
    due.set_result(None)
    interrupts.send(interrupt("hush"))
    await working
    assert steps == ["cut by hush"]


@pytest.mark.parametrize("waits", [False, True])
async def test_who_sends_an_interrupt_that_concerns_himself_ends_where_he_next_waits(waits: bool):
    interrupts = Interrupts()
    steps: list[str] = []
    async with interrupts.scope(lambda _sent: True) as cut:
        interrupts.send(interrupt("stop"))
        steps.append("sent")
        if waits:
            await asyncio.sleep(10)
            steps.append("waited")
    await asyncio.sleep(1)
    assert (steps, cut.by is not None) == (["sent"], True)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
