from typing import Any

from vtuber.adapters.stage.recorder import Recorder
from vtuber.clock import Clock
from vtuber.errors import StageOutputError
from vtuber.events import Failed
from vtuber.interrupts import Interrupts
from vtuber.stages.roads import lay
from vtuber.stages.showing import on_each


class Broken(Recorder):
    name = "broken"

    async def muse(self, musing: object) -> None:
        raise StageOutputError("secret words of the system")


async def test_a_broken_output_is_noted_by_its_name_and_the_others_are_told():
    noted: list[Any] = []
    roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=2)
    first, broken, last = Recorder(), Broken(), Recorder()
    await on_each((first, broken, last), lambda output: output.muse(None), "turn-1", roads)
    assert (first.mused, last.mused) == ([None], [None])
    assert [(type(event), event.stage, event.turn, event.error) for event in noted] == [
        (Failed, "output_broken", "turn-1", "StageOutputError")
    ]
