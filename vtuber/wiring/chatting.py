"""A talk in the terminal: a person types, and she answers from a copy of her memory, or from the real one."""

import asyncio
import os
import sys
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from vtuber.adapters.chat.typed import Typed, lines
from vtuber.adapters.memory.copying import copy
from vtuber.adapters.stage.talk import TalkView
from vtuber.settings import Settings
from vtuber.wiring.character import read_character
from vtuber.wiring.live import operate
from vtuber.wiring.models import open_cast, open_one
from vtuber.wiring.playing import Hearing, Opening, Plan, perform
from vtuber.wiring.stage import Taps, say

_IDLE_S = 300.0  # somebody who is typing wants no small talk
_PACE = 8.0  # read, not heard
_MAX_AGE_S = 180.0  # a slow model keeps a person waiting; what was typed does not grow old meanwhile


class ChatOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a person chose for a talk; the settings say who plays and which models answer."""

    home: Path
    settings: Settings
    name: str  # what she calls the person
    real: bool = False  # on her real memory, which then remembers the talk
    voice: bool = False  # heard too
    keyboard: int = 0  # the file descriptor of what is typed


def chat(options: ChatOptions, taps: Taps = ()) -> None:
    """Talk until the person leaves or the lines end. `taps` see every event.

    Raises UserMistake and what the parts raise on opening.
    """
    with TemporaryDirectory(prefix="vtuber-chat-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        memory = _real(options) if options.real else _copied(options, folder / "memory")
        asyncio.run(_chat(options, folder, memory, taps))


async def _chat(options: ChatOptions, folder: Path, memory: Path, taps: Taps) -> None:
    now = round(time.time() * 1000)
    settings = _unhurried(options.settings)
    plan = Plan(
        character=settings.character,
        home=options.home,
        folder=folder,
        memory=memory,
        settings=settings,
        stream_id=f"chat-{now}",
        silent=not options.voice,
        pace=_PACE,
        greets=False,
        live_view=False,
        sound=options.voice,
    )
    log = folder / "model.log"
    models = open_cast(settings.models, log=log, tell=say)
    other = partial(open_one, models=settings.models, log=log)
    async with AsyncExitStack() as closing:
        hear = partial(_hear, options, closing)
        await perform(plan, models, hear, base_ms=now, other=other, taps=taps)


def _hear(options: ChatOptions, closing: AsyncExitStack, opening: Opening) -> Hearing:
    """Listen to the keyboard, and show the talk beside it."""
    who = read_character(options.settings.character, options.home)
    view = TalkView(
        who.name[who.languages.primary],
        lambda: typed.label,
        prompting=os.isatty(options.keyboard) and sys.stdout.isatty(),
    )
    closing.push_async_callback(view.close)
    typed = Typed(lines(options.keyboard), opening.clock, partial(operate, opening), view.tell, name=options.name)
    return Hearing(sources=(typed,), taps=(view.note,))


def _real(options: ChatOptions) -> Path:
    memory = options.home / "memory"
    say(f"She plays on her real memory in {memory}: this talk is remembered.")
    return memory


def _copied(options: ChatOptions, memory: Path) -> Path:
    name = f"{Path(options.settings.character).name}.sqlite"
    real = options.home / "memory" / name
    if real.is_file():
        copy(real, memory / name)
        say(f"She plays on a copy of her memory in {real}: nothing of this talk is kept (--real: the memory itself).")
    else:
        say(f"She has no memory yet in {real.parent}: she begins with none, and nothing of this talk is kept.")
    return memory


def _unhurried(settings: Settings) -> Settings:
    """Give the settings for one person who types: she answers each line, waits for a slow model, and is silent then."""
    attention = msgspec.structs.replace(settings.attention, idle_s=_IDLE_S, max_age_s=_MAX_AGE_S, merge_s=0)
    return msgspec.structs.replace(settings, attention=attention)
