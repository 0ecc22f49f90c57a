"""A live show: chat from Twitch, OneComme and programs on this machine, until the operator stops it."""

import asyncio
import os
import random
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import msgspec

from vtuber.adapters.chat.local_door import token
from vtuber.adapters.chat.local_socket import LocalSocket
from vtuber.adapters.chat.onecomme_live import OneCommeLive
from vtuber.adapters.chat.twitch_live import TwitchLive
from vtuber.adapters.controls.keys import FOOTER, Keys
from vtuber.core.who import viewer_meant
from vtuber.events import Operation
from vtuber.settings import Settings
from vtuber.wiring.models import open_cast, open_one
from vtuber.wiring.playing import Hearing, Opening, Plan, perform
from vtuber.wiring.resuming import Earlier
from vtuber.wiring.stage import Taps, say


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a person chose for a live show; the settings say where chat comes from and who answers."""

    folder: Path  # of the run
    home: Path
    settings: Settings
    stream_id: str
    base_ms: int  # unix time
    resume: Earlier | None = None
    silent: bool = False
    live_view: bool = True
    sound: bool = True


def run(options: LiveOptions, taps: Taps = ()) -> None:
    """Play a live show until the person stops it. Raises UserMistake and what the parts raise on opening."""
    asyncio.run(play_live(options, taps))


def sources_of(settings: Settings) -> tuple[str, ...]:
    """Give where chat comes from, as Opened.sources: "twitch:NAME", "onecomme"."""
    wanted = settings.sources
    hub = ("onecomme",) if wanted.onecomme.on else ()
    return (*(f"twitch:{name}" for name in wanted.twitch.channels), *hub)


async def play_live(options: LiveOptions, taps: Taps = ()) -> None:
    """Play a live show until it is stopped or cancelled. Raises as `run`."""
    settings, resume = options.settings, options.resume
    plan = Plan(
        character=settings.character,
        home=options.home,
        folder=options.folder,
        memory=options.home / "memory",
        settings=settings,
        stream_id=resume.stream_id if resume else options.stream_id,
        part=resume.part if resume else 0,
        heard_from=sources_of(settings),
        silent=options.silent,
        live_view=options.live_view,
        sound=options.sound,
        keys=FOOTER if options.live_view and os.isatty(0) else "",
    )
    log = options.folder / "model.log"
    models = open_cast(settings.models, log=log, tell=say)
    other = partial(open_one, models=settings.models, log=log)
    openings: list[Opening] = []  # one, as soon as the show opens: a key before that does nothing
    keys = Keys(partial(_by_key, openings), say, turn_now=partial(_turn_now, openings))
    async with keys if options.live_view else nullcontext():
        hear = partial(_hear, options, openings)
        await perform(plan, models, hear, base_ms=options.base_ms, other=other, taps=(*taps, keys.note))


def _by_key(openings: list[Opening], op: Operation, fields: dict[str, str]) -> None:
    for opening in openings:
        operate(opening, op, fields)


def _turn_now(openings: list[Opening]) -> str:
    return "".join(opening.reins.interrupts.in_hand("perform", "speak") for opening in openings)


def _hear(options: LiveOptions, openings: list[Opening], opening: Opening) -> Hearing:
    """Open the ears."""
    openings.append(opening)
    wanted, dice = options.settings.sources, random.Random()
    local = _local(options, opening)
    chats = (
        *((TwitchLive(wanted.twitch, opening.clock, dice),) if wanted.twitch.channels else ()),
        *((OneCommeLive(wanted.onecomme, opening.clock, dice),) if wanted.onecomme.on else ()),
    )
    return Hearing(
        sources=(*chats, *local), taps=tuple(one.note for one in local), closes=tuple(one.close for one in local)
    )


def _local(options: LiveOptions, opening: Opening) -> tuple[LocalSocket, ...]:
    wanted = options.settings.sources.local
    if not wanted.on:
        return ()
    key = token(options.home / "local-token")
    return (LocalSocket(key, opening.clock, partial(operate, opening), port=wanted.port),)


def operate(opening: Opening, op: Operation, fields: dict[str, str]) -> None:
    """Do what a program or a key asks; a viewer may be named as people name her."""
    if op == "ban":
        viewer = viewer_meant(fields.get("user", ""), opening.memory.recent())
        if not viewer:
            say(f"Nobody called {fields.get('user', '')} has written lately: nobody was banned.")
            return
        opening.reins.order("ban", target_viewer=viewer)
    elif op == "say":
        opening.reins.order("say", say=fields["text"])
    elif op == "switch":
        opening.reins.order("switch", tier=fields["tier"], model=fields["model"])
    else:
        opening.reins.order(op)
