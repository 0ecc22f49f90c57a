"""Plays a whole show on virtual time with scripted and volatile adapters, and gives its journal."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import msgspec

from vtuber.adapters.chat.scripted import Scripted as ScriptedChat
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.adapters.stage.recorder import Recorder
from vtuber.clock import Clock, run_virtual
from vtuber.core.guard import Guard
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Chat, Dropped, Event, Language, Operation, Performed
from vtuber.persona import Exchange, Languages, Persona, Stock
from vtuber.ports import FromChat, LanguageModel
from vtuber.settings import Settings
from vtuber.show import Parts, Show

T = TypeVar("T")


def _lines(en: str, ja: str) -> dict[Language, tuple[str, ...]]:
    return {"en": (en,), "ja": (ja,)}


PERSONA = Persona(
    schema=1,
    name={"en": "Ada", "ja": "エイダ"},
    about={"en": "You are Ada.", "ja": "あなたはエイダ。"},
    languages=Languages(primary="en"),
    lines=Stock(
        opening=_lines("Welcome to the show.", "ようこそ。"),
        closing=_lines("Good night.", "おやすみ。"),
        holding=_lines("Let me think about that.", "ちょっと考えるね。"),
        answer_intro=_lines("{name}, about your question.", "{name}、さっきの質問だけど。"),
        too_hard=_lines("Sorry {name}, I could not work it out.", "{name}、ごめん、わからなかった。"),
        fallback=_lines("I lost my thread.", "あれ、なんだっけ。"),
        decline=_lines("Let us talk about something else.", "別の話にしよう。"),
        thanks=_lines("Thank you for {amount}, {name}.", "{name}、{amount}ありがとう。"),
        raid=_lines("Welcome {name} and {count} friends.", "{name}と{count}人、ようこそ。"),
        first_time=_lines("Nice to meet you, {name}.", "{name}、はじめまして。"),
        idle=_lines("It is quiet tonight.", "静かだね。"),
    ),
    examples={"en": (Exchange(viewer="hi", she="Hello!"),), "ja": (Exchange(viewer="やあ", she="やっほー"),)},
)
HARD = "please explain step by step"  # a message that holds this is hard in these shows …
GREY = "what would happen if"  # … and one that holds this may be: the fast model is asked first


def chat(number: int, text: str, *, viewer: str = "mika", **more: Any) -> Chat:
    """Make a message; the viewer's id is made from the name."""
    fields = {"platform": "twitch", "viewer_id": f"twitch:{viewer}", "name": viewer, "text": text} | more
    return Chat(id=f"twitch:ada:{number}", at_ms=0, **fields)


@dataclass
class Played:
    """A show that is over."""

    events: list[Event]
    recorder: Recorder
    fast: LanguageModel
    show: Show
    loop_s: float

    def of(self, kind: type[T]) -> list[T]:
        """Give the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def said(self) -> list[str]:
        """Give what was performed, in order."""
        return [event.text for event in self.of(Performed)]


@dataclass(kw_only=True)
class Script:
    """What to play: (delay in ms, event) pairs, and what differs from the usual parts."""

    heard: Sequence[tuple[float, FromChat]]
    fast: LanguageModel | None = None
    deep: LanguageModel | None = None
    persona: Persona = PERSONA
    settings: Settings = field(default_factory=Settings)
    guard: Guard = field(default_factory=lambda: Guard(("slurword",), ("forbidden phrase",)))
    change: Callable[[Parts], Parts] = lambda parts: parts
    meddle: Callable[[Show], Iterable[tuple[float, Callable[[], None]]]] = lambda _show: ()


def replies(text: str, *, thinking: str = "", tokens_per_s: float = 50.0) -> Scripted:
    """Make a model that always says this."""
    scripture = Scripture(text=text, thinking=thinking)
    return Scripted(replies=lambda _request: scripture, pace=Pace(tokens_per_s=tokens_per_s))


def play(script: Script) -> Played:
    """Play a show to its end on virtual time."""
    return run_virtual(_play(script))


async def _play(script: Script) -> Played:
    clock, events, recorder, embedder = Clock(0), list[Event](), Recorder(), HashingEmbedder()
    memory = await SqliteMemory.open(
        ":memory:", stream_id="s", embedder=embedder, vectors=ExactVectors(), warn=lambda _sentence: None
    )
    fast = script.fast or replies("Hello there! Nice to see you.")
    parts = Parts(
        sources=(ScriptedChat(script.heard, clock),),
        fast=fast,
        deep=script.deep or replies("It is because of the tides. The moon pulls.", thinking="The moon, then the sea."),
        memory=memory,
        embedder=embedder,
        voices=ScriptedVoice(delay_ms=100),
        outputs=(recorder,),
        persona=script.persona,
        settings=script.settings,
        guard=script.guard,
        difficulty=lambda text, _similarity=None: 0.9 if HARD in text else 0.5 if GREY in text else 0.02,
        stream_id="s",
        character="ada",
        note=events.append,
    )
    show = Show(script.change(parts), clock)

    async def meddle() -> None:
        for delay_ms, act in script.meddle(show):
            await clock.sleep(delay_ms)
            act()

    try:
        async with asyncio.TaskGroup() as group:
            meddling = group.create_task(meddle())
            await show.run()
            meddling.cancel()
    finally:
        await memory.close()
    return Played(events, recorder, fast, show, asyncio.get_running_loop().time())


def hands(
    *orders: tuple[float, Operation, dict[str, Any]],
) -> Callable[[Show], Iterable[tuple[float, Callable[[], None]]]]:
    """Give the operator's orders as a script's `meddle`: after how many ms since the last one, what, and its fields."""

    def meddle(show: Show) -> Iterable[tuple[float, Callable[[], None]]]:
        for delay, op, fields in orders:
            yield delay, partial(show.interrupt, op, **fields)

    return meddle


WELCOME, GOOD_NIGHT = "Welcome to the show.", "Good night."


def reasons(played: Played) -> dict[str, str]:
    return {event.cause: event.reason for event in played.of(Dropped)}


def adds_up(played: Played) -> None:
    numbers = summarise(tell(played.events))
    came = sum(isinstance(event, Chat) for event in played.events)
    dropped = msgspec.convert(numbers["dropped"], dict[str, int])
    assert came == msgspec.convert(numbers["answered"], int) + sum(dropped.values())
