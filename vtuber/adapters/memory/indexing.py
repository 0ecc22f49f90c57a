"""Feeding the vector index from the outbox: memories get their vectors in the background, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from vtuber.adapters.memory import reading, writing
from vtuber.adapters.memory.re_embedding import ReEmbedding
from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.errors import EmbedderError, MemoryStoreError
from vtuber.ports import Embedder, VectorMemory

_AT_ONCE = 16
_REST_S = 0.2  # at least as long, and as long as the last step took, while chat is being written
_FLUSH_S = 5.0  # stopping waits so long for vectors; the rest is done at the next start


class Indexing:
    """Keeps the index up to date with the event memory. What fails is said once and tried again with the next event."""

    def __init__(
        self, store: DatabaseThread, embedder: Embedder, vectors: VectorMemory, warn: Callable[[str], None]
    ) -> None:
        self._store = store
        self._embedder = embedder
        self.vectors = vectors
        self._warn = warn
        self._told: set[str] = set()
        self._wake = asyncio.Event()
        self._wake.set()
        self._stop_by: float | None = None  # on the event loop's clock
        self._stopping = asyncio.Event()
        self._draining = asyncio.Lock()
        self._change = ReEmbedding(store, embedder, warn)
        self._begun = asyncio.Event()  # the index was looked at
        self.ready = False  # it is in line with the memory, or was once
        self.alone = asyncio.Lock()  # held while the index is written

    async def run(self) -> None:
        """Bring the index in line, then feed it until `stop`. Never raises."""
        await self._try(self._catch_up)
        self._begun.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._try(partial(self._drain, self._make_way))
            if self._stop_by is not None:
                return

    @property
    def re_embedded(self) -> tuple[int, int]:
        """How many memories have new vectors since the embedder changed, and of how many; (0, 0) without a change."""
        return self._change.done, self._change.total

    def wake(self) -> None:
        """Say that something waits."""
        self._wake.set()

    def stop(self) -> None:
        """Have `run` finish what waits and end."""
        self._stop_by = asyncio.get_running_loop().time() + _FLUSH_S
        self._stopping.set()
        self._wake.set()

    def say_once(self, error: Exception) -> None:
        """Tell the operator what went wrong, each thing once."""
        if str(error) not in self._told:
            self._told.add(str(error))
            self._warn(str(error))

    async def drained(self) -> None:
        """Wait until all that waits is embedded and indexed. Raises EmbedderError, MemoryStoreError."""
        await self._begun.wait()
        await self._drain()

    async def _drain(self, between: Callable[[float], Awaitable[None]] | None = None) -> None:
        """Embed and index all that waits; what fails stays in the outbox. Without an embedder it all waits.

        `between` is awaited after each step with the seconds that it took.
        """
        loop = asyncio.get_running_loop()
        async with self._draining:
            began = loop.time()
            while self._embedder.dim and not self._late() and await self._step():
                if between is not None:
                    await between(loop.time() - began)
                began = loop.time()

    async def _make_way(self, took_s: float) -> None:
        """Rest if more was written meanwhile: a flood is written down undisturbed, and its vectors come later."""
        if not self._wake.is_set() or self._stop_by is not None:
            return
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(_REST_S, took_s)):
                await self._stopping.wait()

    async def _step(self) -> bool:
        """Do some of what waits: what is new first, and a change of embedders last; it goes on at the next start."""
        return await self._embed() or await self._obey() or (self._stop_by is None and await self._change.some())

    async def erase_alone(self) -> None:
        """Erase the index and order it anew for `run` to fill; the caller holds `alone`. Raises MemoryStoreError."""
        await self.vectors.erase()
        await self._store.call(partial(reading.order_all, model_id=self._embedder.model_id))
        self.ready = True
        self.wake()

    def _late(self) -> bool:
        return self._stop_by is not None and asyncio.get_running_loop().time() > self._stop_by

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (EmbedderError, MemoryStoreError) as error:
            self.say_once(error)
        except Exception as error:  # noqa: BLE001 - a fault here must not end the show: memories are then found by words
            self.say_once(MemoryStoreError(f"The index of memories is not kept up ({type(error).__name__}: {error})."))

    async def _catch_up(self) -> None:
        """Finish what was begun, rebuild what was lost; after a change of embedders begin with an empty index."""
        if not self._embedder.dim:
            return
        model = self._embedder.model_id
        await self._change.begin()
        held = await self._store.call(partial(writing.fact, name=reading.INDEX_MODEL))
        in_line = held == model or not (held or self._change.total)
        while in_line and not self._late() and await self._obey():
            pass
        wanted = await self._store.call(partial(reading.indexable, model_id=model))
        if not self._late() and (not in_line or wanted != await self.vectors.count()):
            async with self.alone:
                await self.erase_alone()
        elif not held:
            await self._store.call(partial(reading.order_all, model_id=model))
        self.ready = in_line or self.ready

    async def _embed(self) -> bool:
        waiting = await self._store.call(partial(reading.to_embed, limit=_AT_ONCE))
        if not waiting:
            return False
        vectors = await self._embedder.embed([text for _, text in waiting], "passage")
        pairs = [(name, vector) for (name, _), vector in zip(waiting, vectors, strict=True)]
        await self._store.call(partial(reading.embedded, vectors=pairs, model_id=self._embedder.model_id))
        return True

    async def _obey(self) -> bool:
        """Carry out some orders; a row that is gone meanwhile is deleted from the index as well."""
        async with self.alone:
            orders = await self._store.call(partial(reading.orders, limit=_AT_ONCE))
            if not orders:
                return False
            names = sorted({name for _, _, name in orders})
            there = await self._store.call(partial(reading.index_rows, model_id=self._embedder.model_id, ids=names))
            await self.vectors.upsert(there)
            await self.vectors.delete(sorted(set(names) - {row.id for row in there}))
            await self._store.call(partial(reading.done, numbers=[number for number, _, _ in orders]))
        return True
