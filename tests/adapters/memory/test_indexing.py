import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.contracts.event_memory import CAT, chat
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.words import WordsOnly
from vtuber.adapters.memory import reading, writing
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.indexing import Indexing
from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.ports import VectorRow


@asynccontextmanager
async def running(store: Any, vectors: Any, embedder: Any = None):
    """Keep an index until the block ends."""
    told = []
    indexing = Indexing(store, embedder or HashingEmbedder(), vectors, told.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(indexing.run())
        yield indexing, told
        indexing.stop()


async def opened(count: int = 0):
    store = DatabaseThread(None)
    await store.open()
    lines = [chat(f"c{at}", f"I have exactly {at} spoons", at=at) for at in range(count)]
    await store.call(partial(writing.add, events=lines, stream_id="s"))
    return store


async def outbox(store: Any):
    return await store.call(lambda db: db.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])


async def test_all_that_waits_is_indexed_and_the_outbox_is_empty():
    store, vectors = await opened(30), ExactVectors()
    async with running(store, vectors) as (indexing, told):
        await indexing.drained()
        assert (await vectors.count(), await outbox(store), told) == (30, 0, [])
        await store.call(partial(writing.add, events=[chat("x", CAT)], stream_id="s"))
        indexing.wake()
        await asyncio.sleep(0.1)
        assert await vectors.count() == 31


async def test_what_is_left_at_the_end_is_still_done():
    store, vectors = await opened(), ExactVectors()
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
        await store.call(partial(writing.add, events=[chat("x", CAT)], stream_id="s"))
    assert await vectors.count() == 1


async def test_removed_memories_leave_the_index():
    store, vectors = await opened(3), ExactVectors()
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
        await store.call(partial(writing.remove_memory, memory_id="memory:c1"))
        await indexing.drained()
        assert await vectors.count() == 2


async def test_an_index_that_lost_rows_is_rebuilt_from_the_store_without_the_embedder():
    store, vectors = await opened(20), ExactVectors()
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
    await vectors.delete(["memory:c3"])
    await vectors.upsert([VectorRow(id="stray", vector=np.ones(384, dtype=np.float32), scope="viewer")])
    await vectors.delete(["memory:c4"])

    class Idle(HashingEmbedder):
        async def embed(self, texts: Sequence[str], kind: Any) -> Any:
            raise AssertionError("the vectors are in the store")

    async with running(store, vectors, Idle()) as (indexing, told):
        await indexing.drained()
        names = {name for name, _ in await vectors.nearest(np.ones(384, dtype=np.float32), "viewer", 99)}
    assert names == {f"memory:c{at}" for at in range(20)}
    assert told == []


async def test_a_new_model_makes_new_vectors_for_everything():
    store, vectors = await opened(12), ExactVectors()
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
    other = HashingEmbedder(dim=16)
    other.model_id = "hashing-16"
    async with running(store, vectors, other) as (indexing, told):
        await indexing.drained()
        found = await vectors.nearest(np.ones(16, dtype=np.float32), "viewer", 99)
        assert indexing.re_embedded == (12, 12)
    assert (len(found), len(told)) == (12, 2)
    assert await store.call(partial(reading.indexable, model_id="hashing-16")) == 12


async def test_what_was_cut_off_between_store_and_index_is_finished():
    store, vectors = await opened(5), ExactVectors()
    waiting = await store.call(partial(reading.to_embed, limit=9))
    made = await HashingEmbedder().embed([text for _, text in waiting], "passage")
    pairs = [(name, vector) for (name, _), vector in zip(waiting, made, strict=True)]
    await store.call(partial(reading.embedded, vectors=pairs, model_id="hashing-1"))
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
    assert await vectors.count() == 5


async def test_without_an_embedder_vectors_and_index_stay_as_they_are():
    store, vectors = await opened(5), ExactVectors()
    async with running(store, vectors) as (indexing, _):
        await indexing.drained()
    await store.call(partial(writing.add, events=[chat("x", CAT)], stream_id="s"))
    async with running(store, vectors, WordsOnly()) as (indexing, told):
        await indexing.drained()
        assert (await vectors.count(), indexing.ready, told) == (5, False, [])
    assert await store.call(partial(reading.indexable, model_id="hashing-1")) == 5
    async with running(store, vectors) as (indexing, told):
        await indexing.drained()
        assert (await vectors.count(), indexing.re_embedded, told) == (6, (0, 0), [])


async def test_a_fault_of_its_own_is_said_and_does_not_end_the_show():
    class Faulty(ExactVectors):
        async def count(self) -> Any:
            raise ZeroDivisionError("oops")

    store = await opened(2)
    async with running(store, Faulty()) as (indexing, told):
        await indexing.drained()
    assert told == ["The index of memories is not kept up (ZeroDivisionError: oops)."]


async def test_while_chat_is_written_it_rests_between_steps_and_afterwards_catches_up():
    store, vectors, loop = await opened(60), ExactVectors(), asyncio.get_running_loop()
    steps: list[float] = []

    class Noted(HashingEmbedder):
        async def embed(self, texts: Sequence[str], kind: Any) -> Any:
            steps.append(loop.time())
            indexing.wake()  # chat goes on meanwhile
            return await super().embed(texts, kind)

    indexing = Indexing(store, Noted(), vectors, pytest.fail)
    async with asyncio.TaskGroup() as group:
        group.create_task(indexing.run())
        await asyncio.sleep(2)
        indexing.stop()
    assert len(steps) == 4
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(steps))
    assert await vectors.count() == 60


async def test_a_stop_does_not_wait_for_a_rest():
    store, vectors, loop = await opened(60), ExactVectors(), asyncio.get_running_loop()
    indexing = Indexing(store, HashingEmbedder(), vectors, pytest.fail)
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(indexing.run())
        indexing.wake()
        await asyncio.sleep(0.05)
        indexing.stop()
    assert loop.time() - began < 0.2
    assert await vectors.count() == 60


async def test_the_index_is_not_asked_before_it_was_looked_at():
    store, asked = await opened(3), asyncio.Event()

    class Slow(ExactVectors):
        async def count(self) -> Any:
            await asked.wait()
            return await super().count()

    vectors = Slow()
    async with running(store, ExactVectors()) as (indexing, _):
        await indexing.drained()
    async with running(store, vectors) as (indexing, told):
        await asyncio.sleep(1)
        assert not indexing.ready
        asked.set()
        await indexing.drained()
        assert (indexing.ready, told) == (True, [])
