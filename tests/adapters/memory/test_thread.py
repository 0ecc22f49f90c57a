from pathlib import Path

import pytest

from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.errors import MemoryStoreError, StoreBusy


async def test_work_is_done_one_piece_after_the_other(tmp_path: Path):
    store = DatabaseThread(tmp_path / "m.sqlite")
    await store.open()
    await store.call(lambda db: db.execute("CREATE TABLE t (n)"))
    for number in range(3):
        await store.call(lambda db, n=number: db.execute("INSERT INTO t VALUES (?)", [n]))
    assert await store.call(lambda db: db.execute("SELECT SUM(n) FROM t").fetchone()[0]) == 3
    store.shut()


async def test_sqlites_errors_become_our_own_and_the_store_goes_on():
    store = DatabaseThread(None)
    await store.open()
    with pytest.raises(MemoryStoreError, match="no such table"):
        await store.call(lambda db: db.execute("SELECT * FROM nowhere"))
    assert await store.call(lambda db: db.execute("SELECT 7").fetchone()[0]) == 7
    store.shut()


async def test_while_files_are_looked_at_the_store_is_closed_and_open_again_after(tmp_path: Path):
    store = DatabaseThread(tmp_path / "m.sqlite")
    await store.open()
    seen = await store.call(lambda _db: store.closed_for(lambda: sorted(file.name for file in tmp_path.iterdir())))
    assert "m.sqlite" in seen
    assert "m.sqlite-wal" not in seen  # a closed store has no log beside it
    assert await store.call(lambda db: db.execute("SELECT COUNT(*) FROM events").fetchone()[0]) == 0
    with pytest.raises(StoreBusy):
        await DatabaseThread(tmp_path / "m.sqlite").open()
    store.shut()


async def test_after_shutting_it_says_that_it_is_closed():
    store = DatabaseThread(None)
    with pytest.raises(MemoryStoreError, match="closed"):
        await store.call(lambda _db: 1)
