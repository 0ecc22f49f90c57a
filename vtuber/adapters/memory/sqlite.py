"""The event memory in SQLite: the one truth of who said what, and the memories that grow out of it."""

from asyncio import TaskGroup
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from sqlite_utils import Database

from vtuber.adapters.memory import database, erasing, reading, writing
from vtuber.adapters.memory.indexing import Indexing
from vtuber.adapters.memory.reading import Found
from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.errors import EmbedderError, MemoryStoreError
from vtuber.events import Chat, Event, Notice, Retract
from vtuber.ports import Candidate, Embedder, Left, Query, Receipt, VectorMemory

_PROPOSED = 50  # rows that the index proposes …
_PROPOSED_OLD = 200  # … and of a viewer with very many memories, of whom it knows no more than the scope


class SqliteMemory:
    """Event memory and forgetter in one; open it with `SqliteMemory.open`."""

    def __init__(self, store: DatabaseThread, stream_id: str, embedder: Embedder, indexing: Indexing) -> None:
        self._store = store
        self._stream_id = stream_id
        self._embedder = embedder
        self._indexing = indexing
        self._vectors = indexing.vectors
        self._recent: tuple[Event, ...] = ()
        self._tasks = AsyncExitStack()

    @classmethod
    async def open(
        cls,
        path: Path | str,
        *,
        stream_id: str,
        embedder: Embedder,
        vectors: VectorMemory,
        warn: Callable[[str], None],
        lore: Sequence[str] | None = None,
    ) -> "SqliteMemory":
        """Open or make the memory in a file; ":memory:" is gone when it closes. It closes `vectors` with itself.

        `lore` are the character's paragraphs; None leaves those that are there. `warn` is told, once each, what goes
        wrong in the background. Raises StoreBusy where another process has it, MemoryStoreError where it cannot be
        read or made.
        """
        store = DatabaseThread(None if str(path) == ":memory:" else Path(path))
        memory = cls(store, stream_id, embedder, Indexing(store, embedder, vectors, warn))
        async with AsyncExitStack() as undo:
            undo.callback(store.shut)
            await store.open()
            await memory._start(lore)
            undo.pop_all()
        return memory

    async def _start(self, lore: Sequence[str] | None) -> None:
        if await self._store.call(erasing.unfinished):  # cut off in the middle of a forgetting
            await self._vectors.erase()
            await self._store.call(erasing.scrub)
            await self._store.call(erasing.finish)
        if lore is not None:
            await self._store.call(partial(writing.sync_lore, paragraphs=lore))
        self._recent = await self._store.call(partial(reading.recent, limit=writing.RECENT))
        group = await self._tasks.enter_async_context(TaskGroup())
        group.create_task(self._indexing.run())

    async def add(self, events: Sequence[Event]) -> None:
        """Keep Chat, Notice, System, Airing and Performed events and bans; on disk when this returns.

        Raises MemoryStoreError; then none of them is kept, and the next call may succeed.
        """
        if events:
            await self._store.call(partial(self._add, events=tuple(events)))
            if any(isinstance(event, Chat | Notice) for event in events):  # nothing else becomes a memory
                self._indexing.wake()

    async def retract(self, retract: Retract) -> int:
        """Take back what a platform deleted; give how many events. Raises MemoryStoreError.

        A viewer's or everybody's messages are meant as those of this stream: a time-out empties no long memory.
        """
        count = await self._store.call(partial(self._retract, order=retract))
        self._indexing.wake()
        return count

    def recent(self, limit: int = writing.RECENT) -> tuple[Event, ...]:
        """Give the last events (at most 300), oldest first, from memory at hand."""
        return self._recent[-limit:] if limit > 0 else ()

    async def recall(self, query: Query) -> tuple[Candidate, ...]:
        """Give what may answer: the viewer's own memories and lore, never another's. Raises MemoryStoreError."""
        found = await self._propose(query)
        return await self._store.call(partial(reading.candidates, query=query, found=found))

    async def left(self) -> Left:
        """Give what an earlier part of this stream left behind. Raises MemoryStoreError."""
        return await self._store.call(partial(reading.left, stream_id=self._stream_id))

    async def forget(self, viewer_id: str) -> Receipt:
        """Delete everything of a viewer from every table, the index and the files. Raises MemoryStoreError."""
        async with self._indexing.alone:
            forgotten = await self._store.call(partial(self._forget, viewer_id=viewer_id))
            await self._indexing.erase_alone()
            left = await self._store.call(partial(self._wipe, needles=forgotten.needles))
            left = await self._store.call(partial(erasing.unexplained, needles=left))
            await self._store.call(erasing.finish)
        return Receipt(viewer_id=viewer_id, rows=forgotten.rows, verified=not left)

    @property
    def re_embedding(self) -> tuple[int, int]:
        """How many memories have new vectors since the embedder changed, and of how many."""
        return self._indexing.re_embedded

    async def indexed(self) -> None:
        """Wait until every memory has its vector. Raises EmbedderError and MemoryStoreError."""
        await self._indexing.drained()

    async def close(self) -> None:
        """Write what is left and close."""
        self._indexing.stop()
        try:
            await self._tasks.aclose()
            await self._vectors.close()
        finally:
            self._store.shut()

    async def _propose(self, query: Query) -> Found:
        """Ask embedder and index; without them memories are found by their words."""
        vector = query.vector
        hits: tuple[tuple[str, float], ...] = ()
        try:
            if vector is None:
                vector = (await self._embedder.embed([query.text], "query"))[0]
            if not self._indexing.ready:
                return Found(vector=vector, model_id=self._embedder.model_id)
            hits = await self._vectors.nearest(vector, "lore", _PROPOSED)
            own = reading.owner(query.viewer_id)
            if own and await self._store.call(partial(reading.memories_of, viewer_id=own)) > reading.SCANNED:
                hits += await self._vectors.nearest(vector, "viewer", _PROPOSED_OLD)
        except (EmbedderError, MemoryStoreError) as error:
            self._indexing.say_once(error)
        return Found(vector=vector, model_id=self._embedder.model_id, proposed=tuple(name for name, _ in hits))

    def _add(self, db: Database, events: tuple[Event, ...]) -> None:
        new = writing.add(db, events, self._stream_id)
        self._recent = (*self._recent, *new)[-writing.RECENT :]

    def _retract(self, db: Database, order: Retract) -> int:
        count = writing.retract(db, order, self._stream_id)
        self._recent = reading.recent(db, writing.RECENT)
        return count

    def _forget(self, db: Database, viewer_id: str) -> erasing.Forgotten:
        forgotten = erasing.forget_rows(db, viewer_id)
        self._recent = reading.recent(db, writing.RECENT)
        return forgotten

    def _wipe(self, db: Database, needles: Sequence[bytes]) -> tuple[bytes, ...]:
        """Wipe the traces of deleted rows, look for them in the bytes, and give what is still there."""
        erasing.scrub(db)
        path = self._store.path
        if path is None:
            return erasing.residues([db.conn.serialize()], needles)
        return self._store.closed_for(lambda: erasing.residues(database.files(path), needles))
