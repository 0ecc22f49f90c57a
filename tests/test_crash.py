"""A live show that is killed at any moment goes on where it was: nothing acknowledged is lost, nothing answered twice."""

import asyncio
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest

from vtuber import journal
from vtuber.adapters.chat.local_client import LocalClient, connect
from vtuber.errors import ChatSourceLost, UserMistake
from vtuber.events import Airing, Skipped, Turn

_EVERY_S = 0.08  # between two messages
_LIVES_S = (0.05, 4.0)  # how long a show lives after it has taken its first message


class Siege:
    """Somebody writes without pause; the show is killed again and again."""

    def __init__(self, home: Path, dice: random.Random) -> None:
        self.home, self.run, self.dice = home, home / "run", dice
        self.acknowledged: list[str] = []
        self.open: list[str] = []  # sent and not acknowledged: sent again
        self.restarts_s: list[float] = []
        self.number = 0
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    async def life(self, *, resume: bool, killed: bool) -> None:
        """Start the show, write to it, and kill it, or stop it in order."""
        where = ("--resume", str(self.run)) if resume else ("--out", str(self.run), "--character", "efu")
        began = time.monotonic()
        show = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vtuber", "run", "--home", str(self.home), *where,
            "--fast", "scripted", "--deep", "scripted", "--silent", "--port", str(self.port),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(60):
                client = await self._there(show)
                async with client as there:
                    await self._send(there, self.open[0] if self.open else self._new())
                    self.restarts_s.append(time.monotonic() - began)
                    with suppress(ChatSourceLost, TimeoutError):
                        async with asyncio.timeout(self.dice.uniform(*_LIVES_S) if killed else 6.0):
                            await self._write(there)
                    if not killed:
                        await there.operate("stop")
                if killed:
                    show.kill()
                await show.wait()
        except ChatSourceLost:
            pass
        finally:
            if show.returncode is None:
                show.kill()
                await show.wait()
        assert killed or show.returncode == 0

    async def _there(self, show: asyncio.subprocess.Process):
        token = self.home / "local-token"
        while True:
            with suppress(UserMistake, OSError):
                key = await asyncio.to_thread(token.read_text)
                async with connect(self.port, key):
                    return connect(self.port, key)
            assert show.returncode is None, (await show.stderr.read()).decode() if show.stderr else ""
            await asyncio.sleep(0.02)

    async def _write(self, there: LocalClient) -> None:
        async with asyncio.TaskGroup() as group:
            for native in tuple(self.open):
                group.create_task(self._send(there, native))
            while True:
                group.create_task(self._send(there, self._new()))
                await asyncio.sleep(_EVERY_S)

    def _new(self) -> str:
        self.number += 1
        self.open.append(f"n{self.number}")
        return self.open[-1]

    async def _send(self, there: LocalClient, native: str) -> None:
        number = int(native[1:])
        await there.send(
            f"what do you say to number {number}?", name=f"viewer {number % 40}", user=str(number % 40), id=native
        )
        if native in self.open:
            self.open.remove(native)
        self.acknowledged.append(native)


def _rows(home: Path, statement: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(home / "memory" / "efu.sqlite")) as db:
        return db.execute(statement).fetchall()


@pytest.mark.real
@pytest.mark.timeout(1800)
@pytest.mark.asyncio
async def test_a_show_killed_at_random_moments_loses_nothing_acknowledged_and_answers_nothing_twice(tmp_path: Path):
    kills = int(os.environ.get("VTUBER_KILLS", "3"))
    siege = Siege(tmp_path, random.Random(kills))
    for round_ in range(kills):
        await siege.life(resume=round_ > 0, killed=True)
    await siege.life(resume=True, killed=False)
    assert _rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    kept = {row[0].rpartition(":")[2] for row in _rows(tmp_path, "SELECT id FROM events WHERE kind = 'chat'")}
    assert set(siege.acknowledged) <= kept
    events = list(journal.read(siege.run / "journal.jsonl"))
    torn = [event for event in events if isinstance(event, Skipped)]
    assert len(torn) <= kills
    turns = {event.id: event.asked for event in events if isinstance(event, Turn)}
    spoken = {turn for (turn,) in _rows(tmp_path, "SELECT DISTINCT turn FROM events WHERE kind = 'performed'")}
    answered = Counter(asked for turn in spoken for asked in turns.get(turn, ()))
    assert answered, "something was answered"
    assert [asked for asked, times in answered.items() if times > 1] == []
    aired = Counter(asked for event in events if isinstance(event, Airing) for asked in event.asked)
    assert [asked for asked, times in aired.items() if times > 1] == []
    print(  # noqa: T201 - figures for who runs it
        f"kills {kills}, acknowledged {len(siege.acknowledged)}, answered {len(answered)}, torn lines {len(torn)}, "
        f"restart p50 {sorted(siege.restarts_s)[len(siege.restarts_s) // 2]:.2f} s max {max(siege.restarts_s):.2f} s"
    )
