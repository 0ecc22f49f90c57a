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
from vtuber.errors import ModelError, SpeechError, StageOutputError
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
from vtuber.stages.think import end_reply, next_to_think, think
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
    difficulty: Callable[[str], float]
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
        self.outputs: list[StageOutput] = []  # those that could be opened
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
        """Play the show: open, run every stage until its road ends, close."""
        parts, roads = self.parts, self.roads
        base = self.clock.now()
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
        await self._open_outputs()
        await self._prepare_voices()
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
        settings, names = self.parts.settings.attention, self.mind.her_names
        gate = Gate(bots=settings.bots, own_names=names)
        attendance = Attendance(settings, names, gate, self.parts.stream_id)
        return [*self._hearing(gate), *self._minding(attendance), *self._performing()]

    def _hearing(self, gate: Gate) -> list[Stage]:
        roads = self.roads
        return [
            Stage(
                name=f"listen_{source.name}",
                take=partial(_next_heard, source.events(), roads),
                handle=partial(listen, gate=gate, roads=roads),
                feeds=(roads.chat, roads.memory),
            )
            for source in self.parts.sources
        ]

    def _minding(self, attendance: Attendance) -> list[Stage]:
        roads, mind = self.roads, self.mind
        take = partial(next_turn, attendance, roads)
        think_, ponder_ = partial(think, mind=mind, roads=roads), partial(ponder, mind=mind, roads=roads)
        end, own = partial(end_reply, mind=mind, roads=roads), partial(own_up, mind=mind, roads=roads)
        thoughts = (roads.replies, roads.questions)
        return [
            Stage(name="attend", take=take, handle=partial(attend, roads=roads), feeds=(roads.turns,)),
            Stage(name="think", take=partial(next_to_think, mind, roads), handle=think_, feeds=thoughts, amends=end),
            Stage(name="ponder", take=roads.questions.get, handle=ponder_, feeds=(roads.answers,), amends=own),
        ]

    def _performing(self) -> list[Stage]:
        parts, roads, mind = self.parts, self.roads, self.mind
        mouth, farewell = Mouth(), Farewell(f"{parts.stream_id}.closing")
        good_bye = partial(part, mind=mind, roads=roads)
        voice = partial(speak, engine=parts.voices, persona=parts.persona, roads=roads)
        show = partial(perform, outputs=self.outputs, roads=roads)
        keep = partial(remember, memory=parts.memory, roads=roads)
        return [
            Stage(name="part", take=partial(last_turn, farewell, roads), handle=good_bye, feeds=(roads.replies,)),
            Stage(name="speak", take=partial(next_clause, mouth, roads), handle=voice, feeds=(roads.speech,)),
            Stage(name="perform", take=roads.speech.get, handle=show, feeds=(roads.memory,)),
            Stage(name="remember", take=partial(next_batch, roads.memory), handle=keep),
        ]

    async def _open_outputs(self) -> None:
        """Open every output; one that cannot be opened is left out, on record, and the show goes on with the others."""
        for output in self.parts.outputs:
            try:
                await output.open(self.clock.now())
            except StageOutputError as error:
                note_failure(f"output_{output.name}", error, self.parts.stream_id, self.roads)
            else:
                self.outputs.append(output)

    async def _close_outputs(self) -> None:
        for output in self.outputs:
            try:
                await output.close()
            except StageOutputError as error:
                note_failure(f"output_{output.name}", error, self.parts.stream_id, self.roads)

    async def _warm(self) -> None:
        """Load the models while she says hello, and let the fast one read the prompt that every turn begins with."""
        try:
            await self.parts.fast.prepare(prompt.prefix(self.parts.persona, self.parts.persona.languages.primary))
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
