"""A show: lays the roads, starts the stages, and ends when everything has been heard, answered and performed."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import msgspec

from vtuber.channel import RoadClosed
from vtuber.clock import Clock
from vtuber.core import prompt
from vtuber.core.attention import Gate
from vtuber.core.guard import Guard
from vtuber.core.routing import Difficulty
from vtuber.errors import ModelError, SpeechError
from vtuber.events import SCHEMA, Closed, Event, Interrupt, Opened
from vtuber.persona import Persona
from vtuber.ports import ChatSource, Embedder, EventMemory, FromChat, LanguageModel, SpeechEngine, StageOutput
from vtuber.settings import Settings
from vtuber.stages.attend import Attendance, attend, next_turn
from vtuber.stages.listen import listen
from vtuber.stages.mind import Mind, note_failure
from vtuber.stages.part import Farewell, last_turn, part
from vtuber.stages.perform import perform
from vtuber.stages.ponder import own_up, ponder
from vtuber.stages.remember import next_batch, remember
from vtuber.stages.roads import Roads, lay
from vtuber.stages.speak import Mouth, next_clause, speak
from vtuber.stages.think import end_reply, think
from vtuber.supervisor import Limits, Stage, supervise


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a show is made of."""

    sources: tuple[ChatSource, ...]
    fast: LanguageModel
    deep: LanguageModel
    memory: EventMemory
    embedder: Embedder
    voices: SpeechEngine
    outputs: tuple[StageOutput, ...]
    persona: Persona
    settings: Settings
    guard: Guard
    difficulty: Difficulty
    stream_id: str
    character: str
    note: Callable[[Event], None]
    limits: Limits = Limits()


class Show:
    """One character on one stream. `run` plays it to its end; `interrupt` is the operator's hand."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self.parts = parts
        self.clock = clock
        self.roads = lay(clock, parts.note, sources=len(parts.sources), chat_size=parts.settings.attention.road_size)
        self._interrupts = 0
        self.mind = Mind(
            persona=parts.persona,
            fast=parts.fast,
            deep=parts.deep,
            memory=parts.memory,
            embedder=parts.embedder,
            guard=parts.guard,
            difficulty=parts.difficulty,
            settings=parts.settings.thinking,
            dice=random.Random(parts.settings.seed),
        )

    async def run(self) -> None:
        """Play the show: open, run every stage until its road ends, close. Raises what an output raises on opening."""
        parts, roads = self.parts, self.roads
        base = self.clock.now()
        for output in parts.outputs:
            await output.open(base)
        await self._prepare_voices()
        roads.note(
            Opened(
                id=parts.stream_id,
                at_ms=base,
                schema=SCHEMA,
                character=parts.character,
                stream_id=parts.stream_id,
                seed=parts.settings.seed,
                models={"fast": parts.fast.name, "deep": parts.deep.name},
            )
        )
        async with asyncio.TaskGroup() as group:
            warming = group.create_task(self._warm(), name="warm")
            async with asyncio.TaskGroup() as stages:
                for stage in self.stages():
                    stages.create_task(
                        supervise(stage, clock=self.clock, note=roads.note, limits=parts.limits), name=stage.name
                    )
            warming.cancel()
        for output in parts.outputs:
            await output.close()
        roads.note(
            Closed(
                id=f"{parts.stream_id}/closed",
                at_ms=self.clock.now(),
                reason="stopped" if roads.interrupts.stopped else "end",
            )
        )

    def interrupt(self, op: str, **target: Any) -> None:
        """Send an interrupt to every stage, ahead of its input."""
        self._interrupts += 1
        number = f"{self.parts.stream_id}/interrupt-{self._interrupts}"
        self.roads.interrupts.send(Interrupt(id=number, at_ms=self.clock.now(), op=op, **target))  # type: ignore[arg-type]

    def stages(self) -> list[Stage]:
        """Give the stages in the order in which values flow."""
        parts, roads, mind = self.parts, self.roads, self.mind
        names = tuple(dict.fromkeys(parts.persona.name.values()))
        gate = Gate(bots=parts.settings.attention.bots, own_names=names)
        attendance = Attendance(parts.settings.attention, names, gate, parts.stream_id)
        mouth, farewell = Mouth(), Farewell(f"{parts.stream_id}.closing")
        return [
            *(
                Stage(
                    name=f"listen_{source.name}",
                    take=partial(_next_heard, source.events(), roads),
                    handle=partial(listen, gate=gate, roads=roads),
                    feeds=(roads.chat, roads.memory),
                )
                for source in parts.sources
            ),
            Stage(
                name="attend",
                take=partial(next_turn, attendance, roads),
                handle=partial(attend, roads=roads),
                feeds=(roads.turns,),
            ),
            Stage(
                name="think",
                take=roads.turns.get,
                handle=partial(think, mind=mind, roads=roads),
                feeds=(roads.replies, roads.questions),
                amends=partial(end_reply, mind=mind, roads=roads),
            ),
            Stage(
                name="ponder",
                take=roads.questions.get,
                handle=partial(ponder, mind=mind, roads=roads),
                feeds=(roads.answers,),
                amends=partial(own_up, mind=mind, roads=roads),
            ),
            Stage(
                name="part",
                take=partial(last_turn, farewell, roads),
                handle=partial(part, mind=mind, roads=roads),
                feeds=(roads.replies,),
            ),
            Stage(
                name="speak",
                take=partial(next_clause, mouth, roads),
                handle=partial(speak, engine=parts.voices, persona=parts.persona, roads=roads),
                feeds=(roads.speech,),
            ),
            Stage(
                name="perform",
                take=roads.speech.get,
                handle=partial(perform, outputs=parts.outputs, roads=roads),
                feeds=(roads.memory,),
            ),
            Stage(
                name="remember",
                take=partial(next_batch, roads.memory),
                handle=partial(remember, memory=parts.memory, roads=roads),
            ),
        ]

    async def _warm(self) -> None:
        """Load the models while she says hello, and let the fast one read the prompt that every turn begins with."""
        try:
            await self.parts.fast.prepare(prompt.prefix(self.parts.persona))
        except ModelError as error:
            note_failure("model_fast", error, self.parts.stream_id, self.roads)
        self.mind.warm.set()
        try:
            await self.parts.deep.prepare()
        except ModelError as error:
            note_failure("model_deep", error, self.parts.stream_id, self.roads)

    async def _prepare_voices(self) -> None:
        try:
            await self.parts.voices.prepare()
        except SpeechError as error:
            note_failure("voices", error, self.parts.stream_id, self.roads)


async def _next_heard(events: AsyncIterator[FromChat], roads: Roads) -> FromChat:
    """Give the next thing a source hears, until it ends or the show is stopped. Raises RoadClosed."""
    async with roads.interrupts.scope(lambda interrupt: interrupt.op == "stop"):
        if not roads.interrupts.stopped:
            async for heard in events:
                return heard
    await events.aclose()  # type: ignore[attr-defined]
    raise RoadClosed("source")
