"""A copy of a character's event memory, also of one that a show is writing to at this moment."""

import sqlite3
from contextlib import closing
from pathlib import Path

from vtuber.adapters.memory import database


def copy(path: Path, to: Path) -> None:
    """Copy a store as it is now, with what is committed and not yet in its file; its vectors are built anew there.

    Raises MemoryStoreError.
    """
    with database.translating(path):
        to.parent.mkdir(parents=True, exist_ok=True)
        with closing(database.read_only(path)) as there, closing(sqlite3.connect(to)) as here:
            there.conn.backup(here)
