"""One owner at a time: a lock file that the system frees by itself when its process ends, however it ends."""

import sqlite3
from pathlib import Path

from vtuber.errors import MemoryStoreError, StoreBusy


class OwnerLock:
    """SQLite's own exclusive lock on an empty file: the same on every system, and never stale after a kill."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None

    def acquire(self) -> None:
        """Take the lock. Raises StoreBusy where another owner has it, MemoryStoreError where no file can be made."""
        connection = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            connection.execute("BEGIN EXCLUSIVE")
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            if "locked" in str(error):
                raise StoreBusy(
                    f"The memory in {self._path.parent} is in use by another show of this character. "
                    "End that one first, or start this one with another data home (--home)."
                ) from error
            raise MemoryStoreError(
                f"The memory in {self._path.parent} cannot be opened ({error}), so nothing could be remembered. "
                "Check that the folder is there and may be written."
            ) from error
        self._held = connection

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._held is not None:
            self._held.close()
            self._held = None
