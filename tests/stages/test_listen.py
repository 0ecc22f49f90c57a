import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.playing import Script, adds_up, chat, play, reasons
from vtuber.channel import RoadClosed
from vtuber.clock import Clock
from vtuber.events import Interrupt, Recalled, Remembered, Retract
from vtuber.interrupts import Interrupts
from vtuber.stages.listen import Ear
from vtuber.stages.roads import lay


def test_a_deleted_message_is_not_answered_nor_recalled():
    heard = [
        (0, chat(0, "how are you?")),
        (20, chat(1, "my password is hunter2, ok?", viewer="taro")),
        (30, Retract(id="r", at_ms=0, target_event="twitch:ada:1")),
        (9000, chat(2, "what is my password?", viewer="taro")),
    ]
    played = play(Script(heard=heard))
    assert reasons(played)["twitch:ada:1"] == "retracted"
    assert all("hunter2" not in item.text for event in played.of(Recalled) for item in event.items)
    adds_up(played)


def test_what_is_never_answered_is_still_remembered():
    played = play(Script(heard=[(0, chat(1, "!uptime")), (10, chat(2, ":wave: :wave:", emotes=2))]))
    assert reasons(played) == {"twitch:ada:1": "command", "twitch:ada:2": "emotes"}
    assert {"twitch:ada:1", "twitch:ada:2"} <= {event.cause for event in played.of(Remembered)}


class Chatter:
    """Never ends, and never waits unless told to."""

    def __init__(self, *, pauses: bool = False) -> None:
        self.pauses = pauses
        self.closed = False

    async def events(self) -> AsyncIterator[Any]:
        number = 0
        try:
            while True:
                number += 1
                yield chat(number, "hello")
                if self.pauses:
                    await asyncio.sleep(100)
        finally:
            self.closed = True


def roads_of() -> Any:
    return lay(Clock(0), lambda _event: None, interrupts=Interrupts(), sources=1, chat_size=64)


async def test_however_much_is_heard_the_others_have_their_turn():
    ear, others = Ear(Chatter().events(), roads_of()), 0

    async def count() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        counting = group.create_task(count())
        for _ in range(160):
            await ear.next()
        counting.cancel()
    assert others >= 10


async def test_a_stop_ends_the_hearing_even_while_nothing_is_said():
    roads, source = roads_of(), Chatter(pauses=True)
    ear = Ear(source.events(), roads)
    await ear.next()
    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(heard_next(ear))
        await asyncio.sleep(1)
        roads.interrupts.send(Interrupt(id="i", at_ms=1_000, op="stop"))
    assert hearing.result() == "the end"
    assert source.closed


async def heard_next(ear: Ear) -> str:
    try:
        return (await ear.next()).id
    except RoadClosed:
        return "the end"


async def test_what_a_source_raises_goes_to_its_stage():
    async def broken() -> AsyncIterator[Any]:
        yield chat(1, "hello")
        raise ValueError("torn")

    ear = Ear(broken(), roads_of())
    await ear.next()
    with pytest.raises(ValueError, match="torn"):
        await ear.next()
