"""Changing the embedder: memories get new vectors in the background, a few at a time, while recall goes on.

An old vector stays in its row until the new one takes its place, so that going back costs little; vectors of
different models are never compared. Where it was cut off, the next start goes on.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from sqlite_utils import Database

from vtuber.adapters.memory import reading, writing
from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.ports import Embedder

_AT_ONCE = 8
_REST_S = 0.5  # at most, between two portions
_LENGTH = "index_dim"  # a fact of the store: how long the embedder's vectors were
_OTHER_LENGTH = "other length"  # stands for the model's name on vectors of the same model, but of another length
_TOP = 2**62  # above every row
_STALE = "+emb_model != '' AND emb_model != :model"  # the plus: rows are walked in order, not through an index


class ReEmbedding:
    """The memories that had another embedder's vectors when the store was opened: `done` of `total` are new."""

    def __init__(self, store: DatabaseThread, embedder: Embedder, warn: Callable[[str], None]) -> None:
        self._store = store
        self._embedder = embedder
        self._warn = warn
        self._below = _TOP  # from this row on all is new: the newest memories come first
        self._going = False
        self.done = 0
        self.total = 0

    async def begin(self) -> None:
        """Count what has to be done and say so. Raises MemoryStoreError."""
        model, dim = self._embedder.model_id, self._embedder.dim
        self.total = await self._store.call(partial(_waiting, model=model, dim=dim))
        self._going = self.total > 0
        if self._going:
            self._warn(
                f"The embedder is another one than before: {self.total} memories get new vectors from {model} in the "
                "background; until a memory has its own, it is found by its words only."
            )

    async def some(self) -> bool:
        """Give some memories their new vectors, then rest as long; False if none is left.

        Raises EmbedderError and MemoryStoreError: the same memories are then tried again.
        """
        if not self._going:
            return False
        clock = asyncio.get_running_loop()
        began = clock.time()
        model = self._embedder.model_id
        portion, below = await self._store.call(partial(_portion, model=model, below=self._below))
        if not portion:
            self._going = False
            self._warn(f"The memories have their new vectors from {model}.")
            return False
        vectors = await self._embedder.embed([text for _, text in portion], "passage")
        pairs = [(name, vector) for (name, _), vector in zip(portion, vectors, strict=True)]
        await self._store.call(partial(reading.embedded, vectors=pairs, model_id=model))
        self._below = below
        self.done += len(portion)
        await asyncio.sleep(min(_REST_S, clock.time() - began))  # half of the machine stays the show's
        return True


def _waiting(db: Database, model: str, dim: int) -> int:
    """Give how many memories have a vector of another model or of another length; mark the latter."""
    with db.atomic():
        if writing.fact(db, _LENGTH) != str(dim):
            marked = db.execute(
                "UPDATE memories SET emb_model = ? WHERE emb_model = ? AND length(emb) != ?",
                [_OTHER_LENGTH, model, 2 * dim],  # a number takes two bytes
            )
            if marked.rowcount:
                writing.set_fact(db, reading.INDEX_MODEL, _OTHER_LENGTH)
            writing.set_fact(db, _LENGTH, str(dim))
        return int(db.execute(f"SELECT COUNT(*) FROM memories WHERE {_STALE}", {"model": model}).fetchone()[0])  # noqa: S608 - our own condition


def _portion(db: Database, model: str, below: int) -> tuple[list[tuple[str, str]], int]:
    """Give (memory id, text) of the next rows, lore before all, and the number below which to go on."""
    values = {"model": model, "below": below, "limit": _AT_ONCE}
    lore = f"SELECT id, text FROM memories WHERE scope = 'lore' AND {_STALE} ORDER BY n LIMIT :limit"  # noqa: S608 - our own condition
    if found := db.execute(lore, values).fetchall():
        return found, below
    others = f"SELECT id, text, n FROM memories WHERE n < :below AND {_STALE} ORDER BY n DESC LIMIT :limit"  # noqa: S608 - our own condition
    rest = db.execute(others, values).fetchall()
    return [(name, text) for name, text, _ in rest], rest[-1][2] if rest else 0
