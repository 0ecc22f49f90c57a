"""A show: lays the roads, starts the stages, and ends when everything has been heard, answered and performed."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from vtuber.clock import Clock
from vtuber.core.attention import Gate
from vtuber.core.guard import Guard
from vtuber.core.pondering import Desk
from vtuber.errors import SpeechError, StageOutputError, UserMistake
from vtuber.events import SCHEMA, Clause, Closed, Event, Opened, Operation, Performed, Tier
from vtuber.interrupts import Interrupts
from vtuber.persona import Persona
from vtuber.ports import (
    ChatSource,
    Embedder,
    EventMemory,
    LanguageModel,
    Left,
    SpeechEngine,
    StageOutput,
    Tool,
    Vectors,
)
from vtuber.reins import Reins
from vtuber.settings import Settings
from vtuber.stages.attend import Attendance, attend, next_turn
from vtuber.stages.delivering import own_up
from vtuber.stages.ladder import Ladder
from vtuber.stages.listen import Ear, listen
from vtuber.stages.mind import Mind
from vtuber.stages.notes import note_failure
from vtuber.stages.obey import OpenModel, ReadCharacter, obey, switch
from vtuber.stages.part import Farewell, last_turn, part
from vtuber.stages.perform import perform
from vtuber.stages.ponder import expire, next_expired, ponder
from vtuber.stages.remember import next_batch, remember
from vtuber.stages.roads import Roads, lay
from vtuber.stages.speak import Mouth, next_clause, speak
from vtuber.stages.talk import Talk
from vtuber.stages.think import end_reply, next_to_think, think
from vtuber.stages.warm import warm
from vtuber.supervisor import Limits, Stage, supervise


def _unsaid(_sentence: str) -> None:
    pass


async def _nothing() -> None:
    pass


def _no_character() -> tuple[Persona, Guard]:
    raise UserMistake("This show's character comes from no file: there is nothing to read again.")


async def no_model(spec: str, tier: Tier) -> LanguageModel:
    """Refuse to open another model: the show is of a kind that knows none. Raises UserMistake."""
    raise UserMistake(f"This show cannot open {spec} for the {tier} tier.")


def prefix(stream_id: str, part: int) -> str:
    """Give what the ids of a show's turns begin with: a resumed show counts anew."""
    return f"{stream_id}+{part}" if part else stream_id


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
    difficulty: Callable[[str, float | None], float]  # of a text and the similarity of its vector: 0..1
    stream_id: str
    character: str
    note: Callable[[Event], None]
    fast_next: tuple[LanguageModel, ...] = ()  # who answers while `fast` is down
    deep_next: tuple[LanguageModel, ...] = ()
    tools: tuple[Tool, ...] = ()
    similarity: Callable[[Vectors], float] | None = None  # how near a vector of `embedder` lies to hard questions
    interrupts: Interrupts | None = None  # where somebody else holds the reins too
    read_character: ReadCharacter = _no_character
    open_model: OpenModel = no_model
    tell: Callable[[str], None] = _unsaid  # the operator's terminal
    when_warm: Callable[[], Awaitable[None]] = _nothing  # called once both models were loaded
    left: Left = Left()
    part: int = 0  # how often this stream was resumed before
    heard_from: tuple[str, ...] = ()  # of a live show, as Opened.sources
    greets: bool = True  # says hello and good-bye by herself
    limits: Limits = Limits()


class Show:
    """One character on one stream. `run` plays it to its end; `interrupt` is the operator's hand."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self.parts = parts
        self.clock = clock
        self.mind = _mind(parts)
        self.roads = lay(
            clock,
            self._note,
            interrupts=parts.interrupts or Interrupts(tap=parts.note),
            sources=len(parts.sources),
            chat_size=parts.settings.attention.road_size,
        )
        self.outputs: list[StageOutput] = []  # those that could be opened
        self._voiced = asyncio.Event()  # the voices are ready, as far as they can be
        self._prefix = prefix(parts.stream_id, parts.part)
        self.reins = Reins(self._prefix, clock, self.roads.interrupts)
        self.roads.interrupts.obey_first(self.mind.talk.take_back)

    def _note(self, event: Event) -> None:
        self.parts.note(event)
        self.mind.talk.note(event)

    async def run(self) -> None:
        """Play the show: open, run every stage until its road ends, close."""
        parts, roads = self.parts, self.roads
        base = self.clock.now()
        roads.note(
            Opened(
                id=self._prefix,
                at_ms=base,
                schema=SCHEMA,
                character=parts.character,
                stream_id=parts.stream_id,
                seed=parts.settings.seed,
                part=parts.part,
                sources=parts.heard_from,
                models={"fast": parts.fast.name, "deep": parts.deep.name},
            )
        )
        async with _opened(parts.outputs, parts.stream_id, roads) as outputs:
            self.outputs += outputs
            await self._play()
        roads.note(
            Closed(
                id=f"{self._prefix}/closed",
                at_ms=self.clock.now(),
                reason="stopped" if roads.interrupts.stopped else "end",
            )
        )

    async def _play(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._prepare_voices(), name="voices")
            load = warm(self.mind, self.parts.tell, self.parts.when_warm, self._prefix, self.roads)
            warming = group.create_task(load, name="warm")
            async with asyncio.TaskGroup() as stages:
                for stage in self.stages():
                    stages.create_task(
                        supervise(stage, clock=self.clock, note=self.roads.note, limits=self.parts.limits),
                        name=stage.name,
                    )
            warming.cancel()
        given = (self.parts.fast, self.parts.deep, *self.parts.fast_next, *self.parts.deep_next)
        self.mind.retired += (one for one in self.mind.models if one not in given)  # whoever gave them closes them
        await self.mind.let_go()

    async def _prepare_voices(self) -> None:
        """Prepare the voices while the chat is heard already."""
        try:
            await self.parts.voices.prepare()
        except SpeechError as error:
            note_failure("voices", error, self.parts.stream_id, self.roads)
        self._voiced.set()

    async def _next_clause(self, mouth: Mouth) -> Clause:
        await self._voiced.wait()
        return await next_clause(mouth, self.mind, self.roads)

    def interrupt(self, op: Operation, **target: Any) -> None:
        """Send an interrupt to every stage, ahead of its input; see Reins.order."""
        self.reins.order(op, **target)

    def stages(self) -> list[Stage]:
        """Give the stages in the order in which values flow."""
        settings, left = self.parts.settings.attention, self.parts.left
        gate = Gate(
            bots=settings.bots,
            own_names=self.mind.her_names,
            own_accounts=settings.own_accounts,
            banned=left.banned,
            heard=left.heard - {one.id for one in left.unanswered},
        )
        mouth, mind = Mouth(), self.mind
        attendance = Attendance(settings, lambda: mind.her_names, gate, mouth.aired, self._prefix, mind.ahead_ms)
        attendance.greeted = mind.greeted = bool(self.parts.part) or not self.parts.greets
        return [*self._hearing(gate), *self._minding(attendance), *self._obeying(gate), *self._performing(mouth)]

    def _hearing(self, gate: Gate) -> list[Stage]:
        roads = self.roads
        return [
            Stage(
                name=f"listen_{source.name}",
                take=Ear(source.events(), roads).next,
                handle=partial(listen, gate=gate, roads=roads),
                feeds=(roads.chat, roads.memory),
            )
            for source in self.parts.sources
        ]

    def _minding(self, attendance: Attendance) -> list[Stage]:
        roads, mind = self.roads, self.mind
        take = partial(next_turn, attendance, roads)
        think_ = partial(think, mind=mind, roads=roads)
        ponder_ = partial(ponder, outputs=self.outputs, mind=mind, roads=roads)
        expire_ = partial(expire, mind=mind, roads=roads)
        end, own = partial(end_reply, mind=mind, roads=roads), partial(own_up, mind=mind, roads=roads)
        thoughts = (roads.replies, roads.questions, roads.orders, roads.switches)
        return [
            Stage(name="attend", take=take, handle=partial(attend, roads=roads), feeds=(roads.turns,)),
            Stage(name="think", take=partial(next_to_think, mind, roads), handle=think_, feeds=thoughts, amends=end),
            Stage(name="ponder", take=roads.questions.get, handle=ponder_, feeds=(roads.answers,), amends=own),
            Stage(name="expire", take=partial(next_expired, roads), handle=expire_, feeds=(roads.answers,)),
        ]

    def _obeying(self, gate: Gate) -> list[Stage]:
        parts, roads, mind = self.parts, self.roads, self.mind
        obey_ = partial(obey, gate=gate, read=parts.read_character, mind=mind, roads=roads)
        switch_ = partial(switch, open_model=parts.open_model, mind=mind, roads=roads)
        return [
            Stage(name="obey", take=roads.orders.get, handle=obey_, feeds=(roads.answers, roads.memory)),
            Stage(name="switch", take=roads.switches.get, handle=switch_),
        ]

    def _performing(self, mouth: Mouth) -> list[Stage]:
        parts, roads, mind = self.parts, self.roads, self.mind
        farewell = Farewell(f"{self._prefix}.closing", said=not parts.greets)
        good_bye = partial(part, mind=mind, roads=roads)
        voice = partial(speak, engine=parts.voices, mouth=mouth, mind=mind, roads=roads)
        show = partial(perform, outputs=self.outputs, roads=roads)
        keep = partial(remember, memory=parts.memory, roads=roads)
        return [
            Stage(name="part", take=partial(last_turn, farewell, roads), handle=good_bye, feeds=(roads.replies,)),
            Stage(
                name="speak", take=partial(self._next_clause, mouth), handle=voice, feeds=(roads.speech, roads.memory)
            ),
            Stage(name="perform", take=roads.speech.get, handle=show, feeds=(roads.memory,)),
            Stage(name="remember", take=partial(next_batch, roads.memory, self.clock), handle=keep),
        ]


def _mind(parts: Parts) -> Mind:
    heard = (event for event in parts.memory.recent() if isinstance(event, Performed))  # where a show goes on
    return Mind(
        persona=parts.persona,
        fast=Ladder("fast", (parts.fast, *parts.fast_next)),
        deep=Ladder("deep", (parts.deep, *parts.deep_next)),
        memory=parts.memory,
        embedder=parts.embedder,
        guard=parts.guard,
        difficulty=parts.difficulty,
        settings=parts.settings.thinking,
        talk=Talk(parts.settings.thinking.portions.talk, heard),
        dice=random.Random(parts.settings.seed),
        desk=Desk(parts.settings.thinking.budget),
        tools={tool.name: tool for tool in parts.tools},
        similarity=parts.similarity,
        private=parts.settings.privacy.redact,
    )


@asynccontextmanager
async def _opened(outputs: Sequence[StageOutput], about: str, roads: Roads) -> AsyncIterator[list[StageOutput]]:
    """Open every output; one that cannot be opened is left out, on record, and the show goes on with the others."""
    opened: list[StageOutput] = []
    for output in outputs:
        try:
            await output.open(roads.clock.now())
        except StageOutputError as error:
            note_failure(f"output_{output.name}", error, about, roads)
        else:
            opened.append(output)
    try:
        yield opened
    finally:
        for output in opened:
            try:
                await output.close()
            except StageOutputError as error:
                note_failure(f"output_{output.name}", error, about, roads)
