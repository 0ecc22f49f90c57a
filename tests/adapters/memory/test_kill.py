"""A writer is killed in the middle of its work: what was acknowledged is there, be it said, answered or banned."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.ports import Query

WRITER = """
import asyncio, sys
from pathlib import Path
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.events import Airing, Chat, Interrupt

def chat(at):
    return Chat(id=f"c{at}", at_ms=at, platform="t", viewer_id="t:1", text=f"I saw sheep{at} on the hill")

async def write(path, first):
    embedder, vectors = HashingEmbedder(), ExactVectors()
    memory = await SqliteMemory.open(path, stream_id="s", embedder=embedder, vectors=vectors, warn=print)
    number = first
    while True:
        new = range(number, number + number % 7 + 1)
        answers = [Airing(id=f"a{at}", at_ms=at, asked=(f"c{at}",)) for at in new if at % 3]
        bans = [Interrupt(id=f"b{at}", at_ms=at, op="ban", target_viewer=f"t:troll{at}") for at in new]
        await memory.add([*map(chat, new), *answers, *bans])
        number = new.stop
        print(number, flush=True)

asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
"""


async def survey(path: Path, last: Any):
    memory = await SqliteMemory.open(
        path, stream_id="s", embedder=HashingEmbedder(), vectors=ExactVectors(), warn=print
    )
    try:
        count = await memory._store.call(lambda db: db.execute("SELECT COUNT(*) FROM events").fetchone()[0])
        sound = await memory._store.call(lambda db: db.execute("PRAGMA integrity_check").fetchone()[0])
        halves = await memory._store.call(
            lambda db: db.execute(
                "SELECT (SELECT COUNT(*) FROM memories), (SELECT COUNT(*) FROM memory_words),"
                " (SELECT COUNT(*) FROM memory_evidence)"
            ).fetchone()
        )
        left = await memory.left()
        found = await memory.recall(Query(text=f"sheep{last}", viewer_id="t:1", at_ms=10**9))
        return count, sound, set(halves), any(f"sheep{last} " in one.text for one in found), left
    finally:
        await memory.close()


@pytest.mark.real
def test_no_acknowledged_event_is_lost_when_the_process_is_killed(tmp_path: Path):
    acknowledged = 0
    for lines in (3, 17, 40):
        program = [sys.executable, "-c", WRITER, str(tmp_path / "m.sqlite"), str(acknowledged)]
        with subprocess.Popen(program, stdout=subprocess.PIPE) as writer:
            for _ in range(lines):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().split()
        acknowledged = int(rest[-1]) if rest else acknowledged
        count, sound, halves, found, left = asyncio.run(survey(tmp_path / "m.sqlite", acknowledged - 1))
        assert count >= acknowledged
        assert sound == "ok"
        assert halves == {count}  # no event without its memory, search words and evidence
        assert found
        assert left.banned == {f"t:troll{at}" for at in range(count)}  # nor without what was kept with it
        assert [event.id for event in left.unanswered] == [f"c{at}" for at in range(0, count, 3)][-500:]
        assert (left.last_heard, left.last_ms) == (f"c{count - 1}", count - 1)
        acknowledged = count
