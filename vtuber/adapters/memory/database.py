"""Opening the event memory's file, where its pieces lie, and SQLite's errors in plain words."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from vtuber.adapters.memory.schema import migrations
from vtuber.errors import MemoryStoreError, StoreBusy

_BUSY_S = 5.0


def store_path(home: Path, character: str) -> Path:
    """Give where a character's event memory lies in the data home."""
    return home / "memory" / f"{character}.sqlite"


def index_path(home: Path, character: str) -> Path:
    """Give where a character's vector index lies in the data home."""
    return home / "memory" / "vectors" / character


def files(path: Path) -> tuple[Path, ...]:
    """Give the files that a store may consist of."""
    return (path, *(path.with_name(path.name + tail) for tail in ("-wal", "-shm", "-journal")))


def connect(path: Path | None) -> Database:
    """Open or make a store for writing, brought to the newest tables; None for one in plain memory.

    A commit is on disk when it returns (WAL, synchronous FULL); deleted rows are overwritten (secure_delete).
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path or ":memory:", timeout=_BUSY_S, check_same_thread=False)
    db = Database(connection)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    migrations.apply(db)
    return db


def read_only(path: Path) -> Database:
    """Open a store for looking, also while a show has it open."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)
    connection.execute("SELECT 1 FROM events LIMIT 1").fetchall()
    return Database(connection)


class translating:  # noqa: N801 - used as a statement
    """Turn what SQLite and the file system raise into our own errors, in words for the operator."""

    def __init__(self, path: Path | None) -> None:
        self._place = str(path) if path else "plain memory"

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise _told(self._place, error) from error


def _told(place: str, error: Exception) -> MemoryStoreError:
    said = str(error)
    if "locked" in said:
        return StoreBusy(f"The event memory in {place} is in use by another program. Close that one and try again.")
    if "malformed" in said or "not a database" in said:
        return MemoryStoreError(
            f"The event memory in {place} is damaged ({said}), so nothing can be remembered. "
            "Put a copy of it back, or move the file away to begin afresh."
        )
    if "full" in said:
        return MemoryStoreError(
            f"There is no room left on the disk of {place}: what is said now will not be remembered. Make room on it."
        )
    return MemoryStoreError(
        f"The event memory in {place} failed ({said}): what is said now may not be remembered. "
        "Check that its folder is there and may be written."
    )
