import sqlite3
from pathlib import Path
from typing import Any

import pytest

from vtuber.adapters.memory import database
from vtuber.errors import MemoryStoreError, StoreBusy


def test_a_commit_is_on_disk_and_deleted_rows_are_overwritten(tmp_path: Path):
    db = database.connect(tmp_path / "deep" / "m.sqlite")
    read = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")
    }
    assert read == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    db.close()


def test_looking_changes_nothing(tmp_path: Path):
    database.connect(tmp_path / "m.sqlite").close()
    db = database.read_only(tmp_path / "m.sqlite")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.conn.execute("DELETE FROM events")
    db.close()


def test_places_belong_to_a_character(tmp_path: Path):
    assert database.store_path(tmp_path, "mio") == tmp_path / "memory" / "mio.sqlite"
    assert database.index_path(tmp_path, "mio") == tmp_path / "memory" / "vectors" / "mio"
    assert database.store_path(tmp_path, "mio") in database.files(database.store_path(tmp_path, "mio"))


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (sqlite3.OperationalError("database is locked"), StoreBusy, "in use"),
        (sqlite3.OperationalError("database or disk is full"), MemoryStoreError, "Make room"),
        (sqlite3.DatabaseError("database disk image is malformed"), MemoryStoreError, "is damaged"),
        (sqlite3.OperationalError("attempt to write a readonly database"), MemoryStoreError, "may be written"),
        (PermissionError(13, "Permission denied"), MemoryStoreError, "may be written"),
    ],
)
def test_each_fault_has_its_plain_sentence(tmp_path: Path, fault: Any, kind: Any, said: Any):
    with pytest.raises(MemoryStoreError, match=said) as told, database.translating(tmp_path / "m.sqlite"):
        raise fault
    assert type(told.value) is kind
    assert str(tmp_path / "m.sqlite") in str(told.value)


def test_what_is_no_fault_of_the_store_passes():
    with pytest.raises(KeyError), database.translating(None):
        raise KeyError("x")
