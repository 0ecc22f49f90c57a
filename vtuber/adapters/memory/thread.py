"""The one thread on which everything of SQLite happens, with the store's lock and its open connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from vtuber.adapters.memory import database
from vtuber.adapters.memory.lock import OwnerLock
from vtuber.errors import MemoryStoreError

T = TypeVar("T")


class DatabaseThread:
    """Work on the store goes through `call`, one piece after the other; `path` is None for a store in plain memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="memory")
        self._lock = OwnerLock(path.with_name(path.name + ".lock")) if path else None
        self._db: Database | None = None

    async def open(self) -> None:
        """Take the store's lock and open it. Raises StoreBusy and MemoryStoreError."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._open)

    async def call(self, work: Callable[[Database], T]) -> T:
        """Give what the work gives. Raises MemoryStoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._work, work)

    def shut(self) -> None:
        """Close the store and free its lock."""
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._lock is not None:
            self._lock.release()
        self._worker.shutdown(wait=False)

    def closed_for(self, look: Callable[[], T]) -> T:
        """Close the connection, look at the files, and open it again: reading beside it would drop its locks.

        For work that runs in `call`; it must not use the connection it was given any more.
        """
        if self._db is not None:
            self._db.close()
            self._db = None
        try:
            return look()
        finally:
            self._db = database.connect(self.path)

    def _open(self) -> None:
        if self._lock is not None:
            self._lock.acquire()
        with database.translating(self.path):
            self._db = database.connect(self.path)

    def _work(self, work: Callable[[Database], T]) -> T:
        if self._db is None:
            raise MemoryStoreError("The event memory is closed.")
        with database.translating(self.path):
            return work(self._db)
