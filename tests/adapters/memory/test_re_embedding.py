import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.adapters.memory.test_recall_quality import ENGLISH, JAPANESE
from tests.contracts.event_memory import LORE, chat
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.core.recall import rank
from vtuber.errors import EmbedderError
from vtuber.ports import Query

LINES = [f"I once visited the village number{at} in the mountains" for at in range(40)]


class Stopping:
    """An embedder that files so many memories and then waits until `go` is set; it keeps what it was given to file."""

    def __init__(self, inner: Any, most: int = 10**9) -> None:
        self.inner, self.model_id, self.dim = inner, inner.model_id, inner.dim
        self.most = most
        self.filed: list[str] = []
        self.waiting, self.go = asyncio.Event(), asyncio.Event()

    async def embed(self, texts: Sequence[str], kind: Any) -> Any:
        if kind == "passage":
            if len(self.filed) + len(texts) > self.most:
                self.waiting.set()
                await self.go.wait()
            self.filed += texts
        return await self.inner.embed(texts, kind)


def hashing(dim: int, name: str = "") -> HashingEmbedder:
    made = HashingEmbedder(dim)
    made.model_id = name or f"hashing-{dim}"
    return made


@asynccontextmanager
async def opened(path: Path | str, embedder: Any, *, vectors: Any = None, warn: Any = None, lore: Any = None):
    memory = await SqliteMemory.open(
        path,
        stream_id="s",
        embedder=embedder,
        vectors=vectors or ExactVectors(),
        warn=warn or (lambda _: None),
        lore=lore,
    )
    try:
        yield memory
    finally:
        if isinstance(embedder, Stopping):
            embedder.go.set()  # what it is doing is finished, and nothing more is begun
        await memory.close()


async def filled(path: Path, embedder: Any, vectors: Any = None, lines: Sequence[str] = LINES):
    async with opened(path, embedder, vectors=vectors, lore=LORE) as memory:
        await memory.add([chat(f"c{at}", line, at=at) for at, line in enumerate(lines)])
        await memory.indexed()


async def dense(memory: Any, text: str) -> dict[str, float]:
    """Give the cosines of all that recall proposes."""
    found = await memory.recall(Query(text=text, viewer_id="t:1", at_ms=10**6, limit=99))
    return {one.text: one.dense for one in found}


async def by_words(memory: Any, text: str) -> str:
    """Give what shares most words with a text."""
    found = await memory.recall(Query(text=text, viewer_id="t:1", at_ms=10**6, limit=99))
    return max(found, key=lambda one: one.lexical).text


async def models(memory: Any) -> dict[str, int]:
    read = "SELECT emb_model, COUNT(*) FROM memories GROUP BY emb_model"
    return dict(await memory._store.call(lambda db: db.execute(read).fetchall()))


async def test_lore_and_the_newest_memories_come_first_and_progress_is_told(tmp_path: Path):
    await filled(tmp_path / "m.sqlite", hashing(64))
    total, told = len(LINES) + len(LORE), []
    embedder = Stopping(hashing(16), most=len(LORE) + 8)
    async with opened(tmp_path / "m.sqlite", embedder, warn=told.append) as memory:
        await embedder.waiting.wait()
        assert memory._indexing.re_embedded == (len(LORE) + 8, total)
        assert embedder.filed == [*LORE, *reversed(LINES[-8:])]
        assert len(told) == 1
        assert f"{total} memories get new vectors from hashing-16 in the background" in told[0]
        embedder.go.set()
        await memory.indexed()
        assert memory._indexing.re_embedded == (total, total)
        assert told[1:] == ["The memories have their new vectors from hashing-16."]


async def test_meanwhile_a_memory_is_found_by_its_words_or_by_its_new_vector_and_never_by_an_old_one(tmp_path: Path):
    await filled(tmp_path / "m.sqlite", hashing(16, "old"))
    embedder = Stopping(hashing(16, "new"), most=len(LORE) + 8)
    async with opened(tmp_path / "m.sqlite", embedder) as memory:
        await embedder.waiting.wait()
        cosines = await dense(memory, LINES[3])
        assert {text for text, cosine in cosines.items() if cosine} == {*LORE, *LINES[-8:]}
        assert await by_words(memory, LINES[3]) == LINES[3]
        await memory.add([chat("new", "my parrot is called Admiral", at=99)])
        embedder.go.set()
        await memory.indexed()
        assert all((await dense(memory, LINES[3])).values())


@pytest.mark.parametrize("name", ["", "the same name"])
async def test_vectors_of_another_length_are_made_anew_also_under_the_same_name(tmp_path: Path, name: str):
    await filled(tmp_path / "m.sqlite", hashing(64, name))
    async with opened(tmp_path / "m.sqlite", hashing(16, name)) as memory:
        await memory.indexed()
        assert memory._indexing.re_embedded == (len(LINES) + len(LORE),) * 2
        assert (await dense(memory, LINES[3]))[LINES[3]] == pytest.approx(1.0, abs=0.01)


async def test_what_was_cut_off_goes_on_where_it_was(tmp_path: Path):
    await filled(tmp_path / "m.sqlite", hashing(64))
    begun = Stopping(hashing(16), most=20)
    async with opened(tmp_path / "m.sqlite", begun):
        await begun.waiting.wait()
    rest = Stopping(hashing(16))
    async with opened(tmp_path / "m.sqlite", rest) as memory:
        await memory.indexed()
        assert await models(memory) == {"hashing-16": len(LINES) + len(LORE)}
        assert await memory._vectors.count() == len(LINES) + len(LORE)
    assert sorted(begun.filed + rest.filed) == sorted([*LINES, *LORE])


async def test_going_back_in_the_middle_makes_only_those_anew_that_were_changed(tmp_path: Path):
    await filled(tmp_path / "m.sqlite", hashing(64))
    there = Stopping(hashing(16), most=20)
    async with opened(tmp_path / "m.sqlite", there):
        await there.waiting.wait()
    back = Stopping(hashing(64))
    async with opened(tmp_path / "m.sqlite", back) as memory:
        await memory.indexed()
        assert await memory._vectors.count() == len(LINES) + len(LORE)
    assert sorted(back.filed) == sorted(there.filed)


async def test_an_embedder_that_fails_for_a_while_is_told_once_and_the_rest_is_made_up_for(tmp_path: Path):
    class Failing(Stopping):
        async def embed(self, texts: Sequence[str], kind: Any) -> Any:
            if kind == "passage" and not self.go.is_set():
                raise EmbedderError("The embedder is not there.")
            return await super().embed(texts, kind)

    await filled(tmp_path / "m.sqlite", hashing(64))
    told, embedder = [], Failing(hashing(16))
    async with opened(tmp_path / "m.sqlite", embedder, warn=told.append) as memory:
        await memory.add([chat("x", "hi there everybody")])
        await asyncio.sleep(1)
        assert told[1:] == ["The embedder is not there."]
        assert await models(memory) == {"hashing-64": len(LINES) + len(LORE)}
        embedder.go.set()
        await memory.add([chat("y", "hi")])
        await memory.indexed()
        assert set(await models(memory)) <= {"hashing-16"}


async def test_who_is_forgotten_in_the_middle_gets_no_new_vector(tmp_path: Path):
    await filled(tmp_path / "m.sqlite", hashing(64))
    embedder = Stopping(hashing(16), most=len(LORE) + 8)
    async with opened(tmp_path / "m.sqlite", embedder) as memory:
        await embedder.waiting.wait()
        assert (await memory.forget("t:1")).verified
        embedder.go.set()
        await memory.indexed()
        assert await models(memory) == {"hashing-16": len(LORE)}
        assert await memory._vectors.count() == len(LORE)


CHANGE = """
import asyncio, sys
from pathlib import Path
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.adapters.memory.sqlite import SqliteMemory

class Slow(HashingEmbedder):
    model_id = "hashing-16"
    async def embed(self, texts, kind):
        await asyncio.sleep(0.02)
        print("filed", len(texts), flush=True)
        return await super().embed(texts, kind)

async def change(home):
    vectors = await ChromaVectors.open(home / "vectors" / "m", warn=print)
    memory = await SqliteMemory.open(home / "m.sqlite", stream_id="s", embedder=Slow(16), vectors=vectors, warn=print)
    await memory.indexed()
    print("all", flush=True)
    await asyncio.sleep(60)

asyncio.run(change(Path(sys.argv[1])))
"""


@pytest.mark.real
def test_killed_again_and_again_in_the_middle_it_comes_to_its_end_with_the_index_in_line(tmp_path: Path):
    async def fill() -> None:
        vectors = await ChromaVectors.open(tmp_path / "vectors" / "m", warn=pytest.fail)
        await filled(tmp_path / "m.sqlite", hashing(64), vectors)

    async def survey() -> Any:
        vectors = await ChromaVectors.open(tmp_path / "vectors" / "m", warn=pytest.fail)
        embedder = Stopping(hashing(16))
        async with opened(tmp_path / "m.sqlite", embedder, vectors=vectors) as memory:
            await memory.indexed()
            asked = (await hashing(16).embed([LINES[3]], "query"))[0]
            (nearest, cosine), *_ = await vectors.nearest(asked, "viewer", 3)
            left = embedder.filed
            return await vectors.count(), await models(memory), nearest, round(cosine, 2), len(left)

    asyncio.run(fill())
    for lines in (2, 3):  # the first is the warning
        with subprocess.Popen([sys.executable, "-c", CHANGE, str(tmp_path)], stdout=subprocess.PIPE) as changing:
            said = [changing.stdout.readline() for _ in range(lines)]
            changing.kill()
        assert said[-1].startswith(b"filed")
    count, by_model, nearest, cosine, left = asyncio.run(survey())
    total = len(LINES) + len(LORE)
    assert (count, by_model) == (total, {"hashing-16": total})
    assert (nearest, cosine) == ("memory:c3", 1.0)
    assert 0 < left < total


async def found_again(memory: Any, talks: Any) -> int:
    """Give how many of what the viewer asks about come back among the first five."""
    came = 0
    for asked, said in talks:
        found = await memory.recall(Query(text=asked, viewer_id="t:1", at_ms=1_000))
        came += said in [one.text for one in rank(found, asked, 1_000, 5)]
    return came


@pytest.mark.real
@pytest.mark.asyncio
async def test_recall_grows_with_the_share_that_is_done(tmp_path: Path):
    talks, real = [*JAPANESE, *ENGLISH], PackagedEmbedder()
    await filled(tmp_path / "m.sqlite", hashing(64), lines=[said for _, said in talks])
    embedder, came = Stopping(real, most=0), []
    vectors = await ChromaVectors.open(tmp_path / "vectors" / "m", warn=pytest.fail)
    async with opened(tmp_path / "m.sqlite", embedder, vectors=vectors) as memory:
        for most in (0, 16 + len(LORE)):
            embedder.most = most
            embedder.go.set()
            embedder.go.clear()
            embedder.waiting.clear()
            await asyncio.wait_for(embedder.waiting.wait(), 60)
            came.append(await found_again(memory, talks))
        embedder.go.set()
        await memory.indexed()
        came.append(await found_again(memory, talks))
    await real.close()
    assert np.all(np.diff(came) > 0)
    assert came[-1] >= 22  # of 30, as with this embedder from the beginning
