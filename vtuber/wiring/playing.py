"""Plays a show: whatever the sources and models are, the rest of it is put together here."""

import asyncio
import random
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from vtuber.adapters.chat.scripted import Scripted
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.speech.silent import SilentVoice
from vtuber.adapters.stage.files import FilesOutput
from vtuber.clock import Clock
from vtuber.core.attention import stale
from vtuber.core.guard import Guard
from vtuber.errors import UserMistake
from vtuber.events import Event
from vtuber.interrupts import Interrupts
from vtuber.journal import Journal
from vtuber.persona import Persona
from vtuber.ports import ChatSource, Embedder, EventMemory, Left, SpeechEngine, StageOutput, Tool
from vtuber.reins import Reins
from vtuber.settings import Models as ModelSettings
from vtuber.settings import Settings
from vtuber.show import Parts, Show, no_model, prefix
from vtuber.stages.obey import OpenModel
from vtuber.wiring.character import difficulty, guard_for, read_character
from vtuber.wiring.memory import open_memory, volatile_memory
from vtuber.wiring.models import Cast, crowded, modest
from vtuber.wiring.routing import similarity
from vtuber.wiring.stage import Taps, outputs_of, say, voices_of
from vtuber.wiring.tools import open_tools


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is played, by whom, and where it is kept."""

    character: str
    home: Path
    folder: Path  # of the run
    memory: Path  # the folder of her memory
    settings: Settings
    stream_id: str
    part: int = 0  # how often this stream was resumed before
    heard_from: tuple[str, ...] = ()  # of a live show, as Opened.sources
    instant: bool = False  # on virtual time, with volatile and scripted parts
    silent: bool = False
    pace: float = 1.0  # of a silent show: so many times faster than speech
    greets: bool = True  # says hello and good-bye by herself
    live_view: bool = True
    sound: bool = True
    keys: str = ""  # what the operator's keys do, for the live view

    @property
    def seen(self) -> Path:
        """The folder of what was heard and seen: a resumed show does not write over its first part."""
        return self.folder / f"part-{self.part + 1}" if self.part else self.folder


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What sources are made from when a show opens."""

    clock: Clock
    reins: Reins
    left: Left
    memory: EventMemory


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """The sources of a show, and those of them that want to see every event."""

    sources: tuple[ChatSource, ...]
    taps: Taps = ()
    closes: tuple[Callable[[], None], ...] = ()  # what lets go of a source that was never heard


Hear: TypeAlias = Callable[[Opening], Hearing]
Models: TypeAlias = AbstractAsyncContextManager[Cast]


async def perform(
    plan: Plan, models: Models, hear: Hear, *, base_ms: int = 0, other: OpenModel = no_model, taps: Taps = ()
) -> None:
    """Play a show to its end. `base_ms` is where the stream's clock starts; `other` opens a model to switch to.

    `taps` see every event. Raises UserMistake and what the parts raise on opening.
    """
    who = read_character(plan.character, plan.home)
    async with AsyncExitStack() as closing:
        cast = await closing.enter_async_context(models)  # first: what is wrong with them leaves no run behind
        plan = msgspec.structs.replace(plan, settings=modest(plan.settings, cast.stand_ins))
        memory, embedder = await closing.enter_async_context(_memory(plan, who))
        left = await memory.left()
        clock = Clock(max(base_ms, left.last_ms if plan.part else 0))
        tools = await closing.enter_async_context(_tools(plan, clock))
        journal = Journal(plan.folder / "journal.jsonl", warn=say, resume=plan.part > 0)
        closing.callback(journal.close)
        all_taps = [journal.note, *taps]

        def note(event: Event) -> None:
            for tap in all_taps:
                tap(event)

        interrupts = Interrupts(tap=note)
        reins = Reins(f"{prefix(plan.stream_id, plan.part)}/by-hand", clock, interrupts)
        voices, outputs, more = await closing.enter_async_context(_stage(plan, who))
        heard = hear(Opening(clock=clock, reins=reins, left=left, memory=memory))
        all_taps += [*heard.taps, *more]
        for close in heard.closes:
            closing.callback(close)
        show = Show(
            Parts(
                sources=(*_left_over(plan, left, clock), *heard.sources),
                memory=memory,
                embedder=embedder,
                similarity=similarity(embedder),
                tools=tools,
                voices=voices,
                outputs=outputs,
                note=note,
                interrupts=interrupts,
                left=left,
                open_model=other,
                **_planned(plan, who, cast),
            ),
            clock,
        )
        await _recorded(show, journal, reins)


async def _recorded(show: Show, journal: Journal, reins: Reins) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(journal.run(show.clock), name="journal")
        with _ctrl_c(reins):
            await show.run()
        journal.close()


def _planned(plan: Plan, who: Persona, cast: Cast) -> dict[str, Any]:
    """Give the parts of a show that are known before it opens."""
    return {
        "fast": cast.fast[0],
        "fast_next": cast.fast[1:],
        "deep": cast.deep[0],
        "deep_next": cast.deep[1:],
        "persona": who,
        "settings": plan.settings,
        "guard": guard_for(who),
        "difficulty": difficulty(),
        "stream_id": plan.stream_id,
        "character": plan.character,
        "part": plan.part,
        "heard_from": plan.heard_from,
        "greets": plan.greets,
        "read_character": partial(_read_again, plan),
        "tell": say,
        "when_warm": partial(_say_if_crowded, cast, plan.settings.models),
    }


async def _say_if_crowded(cast: Cast, models: ModelSettings) -> None:
    if sentence := await crowded((cast.fast[0], cast.deep[0]), models):
        say(sentence)


def _left_over(plan: Plan, left: Left, clock: Clock) -> tuple[ChatSource, ...]:
    """Give what the earlier part heard and did not answer, as far as it is not too old to be answered."""
    if not plan.part:
        return ()
    max_age, now = round(plan.settings.attention.max_age_s * 1000), clock.now()
    fresh = [one for one in left.unanswered if not stale(one, now, max_age) and one.viewer_id not in left.banned]
    return (Scripted([(0.0, one) for one in fresh], clock),)


def _read_again(plan: Plan) -> tuple[Persona, Guard]:
    """Read the character again. Raises UserMistake, told to the operator."""
    try:
        who = read_character(plan.character, plan.home)
        return who, guard_for(who)
    except UserMistake as error:
        say(f"{error} She goes on as she was.")
        raise


def _tools(plan: Plan, clock: Clock) -> AbstractAsyncContextManager[tuple[Tool, ...]]:
    """Open her tools; on virtual time only those that ask nobody outside, with dice that fall the same each time."""
    wanted, private = plan.settings.tools, plan.settings.privacy.redact
    if plan.instant:
        wanted = msgspec.structs.replace(wanted, web_search="", mcp={})
    dice = random.Random(plan.settings.seed if plan.instant else None)
    return open_tools(wanted, now_ms=clock.now, dice=dice, warn=say, private=private)


def _memory(plan: Plan, who: Persona) -> AbstractAsyncContextManager[tuple[SqliteMemory, Embedder]]:
    if plan.instant:
        return volatile_memory(plan.stream_id, who)
    return open_memory(plan.memory, Path(plan.character).name, plan.stream_id, who, plan.settings.memory.embedder)


@asynccontextmanager
async def _stage(plan: Plan, who: Persona) -> AsyncIterator[tuple[SpeechEngine, tuple[StageOutput, ...], Taps]]:
    if plan.instant:
        yield SilentVoice(), (FilesOutput(plan.seen, credits_=who.credits, now=plan.folder),), ()
        return
    chain = voices_of(who)
    try:
        folders = plan.seen, plan.folder
        outputs, taps = outputs_of(who, folders, chain, live_view=plan.live_view, sound=plan.sound, keys=plan.keys)
        yield SilentVoice(plan.pace) if plan.silent else chain, outputs, taps
    finally:
        await chain.close()


@contextmanager
def _ctrl_c(reins: Reins) -> Iterator[None]:
    """Let the first Ctrl-C end the show in order; the second one ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        loop.call_soon_threadsafe(partial(reins.order, "stop"))

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
