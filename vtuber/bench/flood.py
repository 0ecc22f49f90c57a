"""A flooded chat: what it costs, whether what is answered is fresh, paid messages are kept, nobody is favoured."""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count
from pathlib import Path

import msgspec

from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.bench.stand import parts, persona, spread, varied
from vtuber.clock import Clock
from vtuber.events import Chat, Dropped, Event, Generated, Money, Performed, Turn
from vtuber.journal import Journal
from vtuber.persona import Languages, Persona
from vtuber.ports import FromChat
from vtuber.show import Show

_BURST = 2_000
_BURST_EVERY_S = 10.0
_VIEWERS = 500
_FIRST_PAID = 100  # so many messages come before it
_GRAIN_S = 0.005  # chat comes in packets, several messages in one where it is busy
_LAG_EVERY_S = 0.005
_TOLD_EVERY = 200  # looks at the lag: the progress is told about once a second
_WORDS = (
    "hello there everyone", "what game is this?", "that was so close", "lol nice", "how was your day today?",
    "草", "今日の配信たのしい", "何のゲーム？", "GG", "can you sing something for us?", "初見です", "that hat is great",
)  # fmt: skip


class _Flood:
    """Messages at a rate, with bursts, whose number is kept to the plan however late the show takes them."""

    name = "flood"

    def __init__(self, rate: int, seconds: float, paid: float, clock: Clock) -> None:
        self.rate, self.seconds, self._clock = rate, seconds, clock
        self._paid_every = round(1 / paid) if paid else sys.maxsize
        self._dice = random.Random(0)
        self.sent = 0
        self.behind_s = 0.0  # how far the show was behind the plan at worst

    async def events(self) -> AsyncIterator[FromChat]:
        """Give the flood, then end."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (passed := loop.time() - began) < self.seconds:
            due = int(passed * self.rate) + _BURST * (1 + int(passed / _BURST_EVERY_S)) - self.sent
            if due <= 0:
                await asyncio.sleep(max(_GRAIN_S, 1 / self.rate))
                continue
            self.behind_s = max(self.behind_s, (due - _BURST) / self.rate)
            for _ in range(due):
                yield self._message()

    def _message(self) -> Chat:
        self.sent += 1
        number, now = self.sent, self._clock.now()
        viewer = int(self._dice.paretovariate(1.1)) % _VIEWERS
        paid = number % self._paid_every == _FIRST_PAID % self._paid_every
        return Chat(
            id=f"bench:c:{number}", at_ms=now, platform="bench", viewer_id=f"bench:{viewer}", name=f"viewer {viewer}",
            text=f"{_WORDS[number % len(_WORDS)]} {number}", sent_at_ms=now, received_at_ms=now,
            money=Money("500", "JPY") if paid else None, form="paid" if paid else "text",
        )  # fmt: skip


class _Tally:
    """Counts a show's events without keeping them."""

    def __init__(self) -> None:
        self.heard = self.replies = self.calls = 0
        self.fates: Counter[str] = Counter()
        self.paid: dict[str, str] = {}  # event id -> what became of it
        self.open: dict[str, Turn] = {}  # chosen and not yet heard
        self.lengths_ms: dict[str, int] = {}  # turn -> from its first word to its last
        self.began = 0  # the last of them
        self.ages_ms: list[int] = []
        self.viewers: Counter[str] = Counter()

    def note(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, Chat):
            self.heard += 1
            if event.money:
                self.paid[event.id] = "waiting"
        elif isinstance(event, Turn):
            self.open[event.id] = event
        elif isinstance(event, Generated):
            self.calls += 1
        elif isinstance(event, Dropped) and event.item == "chat":
            self._ended(event.cause, event.reason)
        elif isinstance(event, Performed):
            self._heard(event)

    def cut_off(self) -> int:
        """Give how many messages had been chosen, and were not answered yet when the show ended."""
        return sum(len(turn.chats) for turn in self.open.values())

    def _heard(self, performed: Performed) -> None:
        if turn := self.open.pop(performed.turn, None):
            self.replies += bool(turn.chats)
            self.began = performed.started_ms
            for chat in turn.chats:
                self._ended(chat.id, "answered")
            if turn.chats:
                self.viewers[turn.chats[-1].viewer_id] += 1
            if turn.chats and not turn.chats[-1].money:
                self.ages_ms.append(performed.started_ms - turn.chats[-1].at_ms)
        self.lengths_ms[performed.turn] = performed.at_ms - self.began

    def _ended(self, event_id: str, fate: str) -> None:
        self.fates[fate] += 1
        if event_id in self.paid:
            self.paid[event_id] = "waiting" if fate == "show_ended" else fate


def measure(rate: int, seconds: float, progress: Callable[[float], None], paid: float = 0.0002) -> dict[str, object]:
    """Flood a show at `rate` messages a second; `progress` is told the seconds that have passed.

    `paid` is the share of paid messages. Of those, "held" ones had no room and lie in memory, to be answered when the
    stream is resumed; "waiting" ones had room, and the flood ended before their turn.
    """
    with tempfile.TemporaryDirectory(prefix="vtuber-bench-") as folder:
        return asyncio.run(_measure(partial(_Flood, rate, seconds, paid), Path(folder), progress))


async def _measure(
    flood_of: Callable[[Clock], _Flood], folder: Path, progress: Callable[[float], None]
) -> dict[str, object]:
    clock, tally, embedder = Clock(0), _Tally(), HashingEmbedder()
    flood = flood_of(clock)
    journal = Journal(folder / "journal.jsonl")
    memory = await SqliteMemory.open(
        folder / "bench.sqlite", stream_id="bench", embedder=embedder, vectors=ExactVectors(), warn=lambda _words: None
    )

    def note(event: Event) -> None:
        tally.note(event)
        journal.note(event)

    numbers = count()
    model = Scripted(replies=lambda _request: _reply(next(numbers)), pace=Pace(first_token_ms=600, tokens_per_s=50))
    lags: list[float] = []
    before, used = _resident_mb(), time.process_time()
    began = time.monotonic()
    async with parts([flood], model, note, memory=memory, embedder=embedder, persona=_grateful()) as whole:
        show = Show(whole, clock)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(journal.run(clock))
            watching = group.create_task(_watch(lags, began, progress))
            playing = group.create_task(show.run())
            await asyncio.sleep(flood.seconds)
            share = (time.process_time() - used) / (time.monotonic() - began)
            grown = _resident_mb() - before
            await asyncio.sleep(1.0)  # the last messages are heard
            show.interrupt("stop")
            await playing
            watching.cancel()
            journal.close()
            await writing
    await memory.close()
    return _figures(flood, tally) | {
        "cpu_share": round(share, 3),
        "loop_lag_ms": spread([lag * 1000 for lag in lags], 2),
        "memory_mb": round(grown, 1),
    }


def _figures(flood: _Flood, tally: _Tally) -> dict[str, object]:
    cut_off, dropped = tally.cut_off(), Counter(tally.fates)
    answered = dropped.pop("answered", 0)
    return {
        "rate": flood.rate,
        "seconds": flood.seconds,
        "sent": flood.sent,
        "behind_s": round(flood.behind_s, 2),
        "heard": tally.heard,
        "answered": answered,
        "dropped": dict(dropped.most_common()),
        "cut_off": cut_off,
        "adds_up": tally.heard == answered + dropped.total() + cut_off,
        "replies": tally.replies,
        "model_calls": tally.calls,
        "answered_age_ms": spread([float(age) for age in tally.ages_ms], 0),
        "reply_ms": spread([float(length) for length in tally.lengths_ms.values()], 0),
        "paid": {"sent": len(tally.paid), **Counter(tally.paid.values())},
        "greatest_share": round(max(tally.viewers.values(), default=0) / max(1, tally.replies), 3),
    }


def _grateful() -> Persona:
    """Give a character who thanks for money, and speaks English to all: her model has no other replies."""
    who = persona("en")
    lines = msgspec.structs.replace(who.lines, thanks={"en": ("Thank you so much, {name}.",)})
    languages = Languages(primary="en", reply_in_viewer_language=False)
    return msgspec.structs.replace(who, lines=lines, languages=languages)


def _reply(number: int) -> Scripture:
    return Scripture(text="".join(varied("en", number)))


async def _watch(lags: list[float], began: float, progress: Callable[[float], None]) -> None:
    """Note by how much the event loop wakes too late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        lags.append(loop.time() - due)
        if len(lags) % _TOLD_EVERY == 0:
            progress(time.monotonic() - began)


def _resident_mb() -> float:
    """Give the memory in use; 0 where the system does not say in a file."""
    if sys.platform != "linux":
        return 0.0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
