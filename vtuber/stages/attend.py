"""Attend: waits for room, then chooses, as late as possible, which messages make the next turn."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress

from vtuber.channel import RoadClosed
from vtuber.core.attention import Audience, Choice, Gate, choose, stale
from vtuber.events import Chat, Dropped, Notice, Turn, kind
from vtuber.settings import Attention
from vtuber.stages.roads import Roads

_PATIENCE = 3  # alone, she waits twice as long before each further word, up to 2 ** 3 times


class Attendance:
    """Who has had turns, and how many there were: what the next choice depends on."""

    def __init__(
        self,
        settings: Attention,
        her_names: Callable[[], tuple[str, ...]],
        gate: Gate,
        aired: Collection[str],
        prefix: str,
        ahead_ms: Callable[[], int],
    ) -> None:
        """`aired`: ids of what she has begun to answer aloud. `prefix`: of her turns' ids.

        `ahead_ms`: how long before she falls silent the next turn may be chosen.
        """
        self.settings = settings
        self.her_names = her_names
        self.gate = gate
        self.aired = aired
        self.prefix = prefix
        self.ahead_ms = ahead_ms
        self.turns = 0
        self.greeted = False
        self.alone = 0  # turns in a row in which she talked to nobody
        self.answered: deque[str] = deque(maxlen=8)
        self.paid_last = False

    def audience(self) -> Audience:
        """Give what the choice needs to know."""
        return Audience(
            her_names=self.her_names(),
            answered=tuple(self.answered),
            paid_last=self.paid_last,
            merge_ms=round(self.settings.merge_s * 1000),
        )

    def next_id(self) -> str:
        """Give the id of a new turn."""
        self.turns += 1
        return f"{self.prefix}.{self.turns:04d}"


async def next_turn(state: Attendance, roads: Roads) -> Turn:
    """Wait until think has room, then choose. Raises RoadClosed when nobody is left to be answered."""
    await roads.turns.room()
    if not state.greeted:
        state.greeted = True
        return _turn(state, roads, purpose="greeting")
    max_age = round(state.settings.max_age_s * 1000)
    idle_ms = round(state.settings.idle_s * 1000 * 2 ** min(state.alone, _PATIENCE))
    idle_from = roads.clock.now() + idle_ms
    while True:
        await _her_turn(state, roads)
        now = roads.clock.now()
        idle_from = max(idle_from, roads.silence.at_ms + idle_ms)
        _forget_stale(state, roads, now, max_age)
        choice, ripens = choose(roads.chat.waiting(), now, state.audience(), max_age)
        if choice:
            return _take(choice, state, roads)
        if roads.chat.closed and not ripens:
            for heard in roads.chat.purge(lambda _heard: True):
                _drop(roads, heard, "low_score")
            raise RoadClosed(roads.chat.name)
        if now >= idle_from:
            state.alone += 1
            return _turn(state, roads, purpose="idle")
        await _wait(roads, min(ripens or idle_from, idle_from))


async def _her_turn(state: Attendance, roads: Roads) -> None:
    """Wait until what is chosen now is heard next: what is chosen while she goes on speaking is old in its turn."""
    while roads.interrupts.paused or len(roads.answers) or roads.silence.left_ms() > state.ahead_ms():
        await roads.interrupts.unpaused()
        await roads.answers.drained()
        await roads.silence.near(state.ahead_ms())


def _take(choice: Choice, state: Attendance, roads: Roads) -> Turn:
    for one in choice.heard:
        roads.chat.take(one)
    state.alone = 0
    state.answered.append(choice.heard[-1].viewer_id)
    state.paid_last = any(chat.money for chat in choice.chats)
    return _turn(
        state,
        roads,
        purpose="notice" if choice.notice else "answer",
        chats=choice.chats,
        notice=choice.notice,
        score=choice.score,
        parts=choice.parts,
    )


async def attend(turn: Turn, roads: Roads) -> None:
    """Hand the turn to think, which is waiting for it."""
    await roads.turns.put(turn)


def _forget_stale(state: Attendance, roads: Roads, now: int, max_age: int) -> None:
    for heard in roads.chat.waiting():
        flooded = isinstance(heard, Chat) and state.gate.flooded(heard, now)
        edited = isinstance(heard, Chat) and heard.edit_of in state.aired
        if flooded or edited or stale(heard, now, max_age):
            roads.chat.take(heard)
            _drop(roads, heard, "copypasta" if flooded else "answered_before_edit" if edited else "stale")


def _drop(roads: Roads, heard: Chat | Notice, reason: str) -> None:
    roads.note(
        Dropped(id=f"{heard.id}!{reason}", at_ms=roads.clock.now(), cause=heard.id, reason=reason, item=kind(heard))
    )


async def _wait(roads: Roads, until_ms: int) -> None:
    """Wait for another message or the time, whichever comes first."""
    if roads.chat.closed:
        await roads.clock.until(until_ms)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, (until_ms - roads.clock.now()) / 1000)):
            await roads.chat.more()


def _turn(state: Attendance, roads: Roads, **fields: object) -> Turn:
    number = state.next_id()
    return Turn(id=number, turn=number, at_ms=roads.clock.now(), **fields)  # type: ignore[arg-type]
