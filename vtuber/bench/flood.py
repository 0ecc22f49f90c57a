"""A flooded chat: what it costs, whether what is answered is fresh, paid messages are kept, nobody is favoured."""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.bench.stand import parts, sample, spread
from vtuber.clock import Clock
from vtuber.events import Chat, Dropped, Event, Generated, Money, Performed, Turn
from vtuber.journal import Journal
from vtuber.ports import FromChat, ModelRequest
from vtuber.settings import Settings
from vtuber.show import Show

_BURST = 2_000
_BURST_EVERY_S = 10.0
_VIEWERS = 500
_PAID_EVERY = 5_000  # messages; and one in the first second
_LAG_EVERY_S = 0.005
_WORDS = (
    "hello there everyone", "what game is this?", "that was so close", "lol nice", "how was your day today?",
    "草", "今日の配信たのしい", "何のゲーム？", "GG", "can you sing something for us?", "初見です", "that hat is great",
)  # fmt: skip


class _Flood:
    """Messages at a rate, with bursts, whose number is kept to the plan however late the show takes them."""

    name = "flood"

    def __init__(self, rate: int, seconds: float, clock: Clock) -> None:
        self._rate, self._seconds, self._clock = rate, seconds, clock
        self._dice = random.Random(0)
        self.sent = 0
        self.behind_s = 0.0  # how far the show was behind the plan at worst

    async def events(self) -> AsyncIterator[FromChat]:
        """Give the flood, then end."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (passed := loop.time() - began) < self._seconds:
            due = int(passed * self._rate) + _BURST * (1 + int(passed / _BURST_EVERY_S)) - self.sent
            if due <= 0:
                await asyncio.sleep(1 / self._rate)
                continue
            self.behind_s = max(self.behind_s, (due - _BURST) / self._rate)
            for _ in range(due):
                yield self._message()

    def _message(self) -> Chat:
        self.sent += 1
        number, now = self.sent, self._clock.now()
        viewer = int(self._dice.paretovariate(1.1)) % _VIEWERS
        paid = number % _PAID_EVERY == 100  # noqa: PLR2004 - the first one early
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
        self.paid: set[str] = set()
        self.sent: dict[str, int] = {}
        self.turns: dict[str, Turn] = {}
        self.spoken: set[str] = set()
        self.ages_ms: list[int] = []
        self.viewers: Counter[str] = Counter()

    @property
    def cut_off(self) -> int:
        """How many messages were chosen and not answered: the last turn, when the flood ends."""
        return sum(len(turn.chats) for turn in self.turns.values() if turn.id not in self.spoken)

    def note(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, Chat):
            self.heard += 1
            if event.money:
                self.paid.add(event.id)
        elif isinstance(event, Turn):
            self.turns[event.id] = event
        elif isinstance(event, Generated):
            self.calls += 1
        elif isinstance(event, Dropped) and event.item == "chat":
            self.fates[event.reason] += 1
        elif isinstance(event, Performed) and event.turn in self.turns and event.turn not in self.spoken:
            self._answered(self.turns[event.turn], event)

    def _answered(self, turn: Turn, performed: Performed) -> None:
        self.spoken.add(turn.id)
        if not turn.chats:
            return
        self.replies += 1
        self.fates["answered"] += len(turn.chats)
        self.paid -= {chat.id for chat in turn.chats}
        self.viewers[turn.chats[-1].viewer_id] += 1
        if not turn.chats[-1].money:
            self.ages_ms.append(performed.started_ms - turn.chats[-1].at_ms)


def measure(rate: int, seconds: float, progress: Callable[[float], None]) -> dict[str, object]:
    """Flood a show at `rate` messages a second; `progress` is told the seconds that have passed."""
    with tempfile.TemporaryDirectory(prefix="vtuber-bench-") as folder:
        return asyncio.run(_measure(rate, seconds, Path(folder), progress))


async def _measure(rate: int, seconds: float, folder: Path, progress: Callable[[float], None]) -> dict[str, object]:
    clock, tally, embedder = Clock(0), _Tally(), HashingEmbedder()
    flood = _Flood(rate, seconds, clock)
    journal = Journal(folder / "journal.jsonl")
    memory = await SqliteMemory.open(
        folder / "bench.sqlite", stream_id="bench", embedder=embedder, vectors=ExactVectors(), warn=lambda _words: None
    )

    def note(event: Event) -> None:
        tally.note(event)
        journal.note(event)

    model = Scripted(replies=_reply, pace=Pace(first_token_ms=600, tokens_per_s=50))
    lags: list[float] = []
    before, used = _resident_mb(), time.process_time()
    began = time.monotonic()
    async with parts([flood], model, note, memory=memory, embedder=embedder, settings=Settings()) as whole:
        show = Show(whole, clock)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(journal.run(clock))
            watching = group.create_task(_watch(lags, began, progress))
            playing = group.create_task(show.run())
            await asyncio.sleep(seconds)
            share = (time.process_time() - used) / (time.monotonic() - began)
            grown = _resident_mb() - before
            await asyncio.sleep(1.0)  # the last messages are heard
            show.interrupt("stop")
            await playing
            watching.cancel()
            journal.close()
            await writing
    await memory.close()
    return _figures(rate, seconds, flood, tally) | {
        "cpu_share": round(share, 3),
        "loop_lag_ms": spread([lag * 1000 for lag in lags], 2),
        "memory_mb": round(grown, 1),
    }


def _figures(rate: int, seconds: float, flood: _Flood, tally: _Tally) -> dict[str, object]:
    answered = sum(tally.viewers.values())
    return {
        "rate": rate,
        "seconds": seconds,
        "sent": flood.sent,
        "behind_s": round(flood.behind_s, 2),
        "heard": tally.heard,
        "answered": tally.fates["answered"],
        "dropped": {name: count for name, count in tally.fates.most_common() if name != "answered"},
        "adds_up": tally.heard == sum(tally.fates.values()) + tally.cut_off,
        "replies": tally.replies,
        "model_calls": tally.calls,
        "answered_age_ms": spread([float(age) for age in tally.ages_ms], 0),
        "paid_open": len(tally.paid),
        "greatest_share": round(max(tally.viewers.values(), default=0) / max(1, answered), 3),
    }


def _reply(_request: ModelRequest) -> Scripture:
    return Scripture(text=sample("en").text)


async def _watch(lags: list[float], began: float, progress: Callable[[float], None]) -> None:
    """Note by how much the event loop wakes too late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        lags.append(loop.time() - due)
        progress(time.monotonic() - began)


def _resident_mb() -> float:
    """Give the memory in use; 0 where the system does not say in a file."""
    if sys.platform != "linux":
        return 0.0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
