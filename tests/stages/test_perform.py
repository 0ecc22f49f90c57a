import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from tests.playing import GOOD_NIGHT, WELCOME, Script, adds_up, chat, hands, play, replies
from vtuber.events import Dropped, Event, Failed, Performed, Retract
from vtuber.ports import EventMemory
from vtuber.settings import Attention, Settings
from vtuber.show import Parts


def test_an_output_that_breaks_does_not_silence_the_others():
    class Broken:
        name = "broken"

        async def open(self, base_ms: int) -> None: ...

        async def start(self, cue: object) -> None:
            from vtuber.errors import StageOutputError  # noqa: PLC0415

            raise StageOutputError("no disk")

        async def end(self, cue: object, performed: object) -> None: ...

        async def muse(self, musing: object) -> None: ...

        async def close(self) -> None: ...

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, outputs=(Broken(), *parts.outputs))

    played = play(Script(heard=[(0, chat(1, "how are you?"))], change=change))
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]
    assert [cue.text for cue in played.recorder.started] == played.said()
    assert {event.stage for event in played.of(Failed)} == {"output_broken"}


def test_an_answer_to_a_message_deleted_meanwhile_is_cut_off():
    heard = [(0, chat(1, "how are you?")), (4500, Retract(id="r", at_ms=0, target_event="twitch:ada:1"))]
    slow = replies("This goes on and on for a while, you know. And on.", tokens_per_s=5)
    played = play(Script(heard=heard, fast=slow, settings=Settings(attention=Attention(idle_s=1000))))
    cut = [event for event in played.of(Performed) if not event.whole]
    assert cut or "interrupted_retract" in {event.reason for event in played.of(Dropped)}
    assert "And on." not in played.said()


def test_what_is_hushed_while_it_waits_for_a_slow_disk_is_not_heard():
    class Slow:
        def __init__(self, memory: EventMemory) -> None:
            self._memory = memory

        def __getattr__(self, name: str) -> Any:
            return getattr(self._memory, name)

        async def add(self, events: Sequence[Event]) -> None:
            await asyncio.sleep(0.9)
            await self._memory.add(events)

    heard = [(20_000, chat(1, "how are you?"))]
    quiet = Settings(attention=Attention(idle_s=1000))
    change = lambda parts: msgspec.structs.replace(parts, memory=Slow(parts.memory))  # noqa: E731 - as the script has it
    first = play(Script(heard=heard, change=change, settings=quiet)).of(Performed)[1]
    assert first.text == "Hello there!"
    orders = hands((first.started_ms - 100, "hush", {}))
    played = play(Script(heard=heard, change=change, settings=quiet, meddle=orders))
    assert played.said() == [WELCOME, GOOD_NIGHT]
    assert "interrupted_hush" in {event.reason for event in played.of(Dropped) if event.item == "clause"}
    adds_up(played)
