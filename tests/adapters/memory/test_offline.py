import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.event_memory import CAT, ban, chat
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory import database, offline, writing
from vtuber.adapters.memory.thread import DatabaseThread
from vtuber.clock import run_virtual
from vtuber.errors import EmbedderError, MemoryStoreError, NotFound, StoreBusy, UserMistake


@pytest.fixture
def path(tmp_path: Path):
    place = tmp_path / "m.sqlite"
    db = database.connect(place)
    said = [chat("a", CAT, viewer="t:1"), chat("b", "I play the drums every day", viewer="t:2")]
    twins = [chat("x", "hi", viewer="t:8"), chat("y", "hi", viewer="u:8")]
    writing.add(db, [*said, *twins], "s")
    db.close()
    return place


def test_looking_where_there_is_no_memory_says_so_and_makes_none(tmp_path: Path):
    with pytest.raises(NotFound, match="no memory yet"), offline.looking(tmp_path / "none.sqlite"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_looking_at_something_else_says_that_it_is_damaged(tmp_path: Path):
    (tmp_path / "m.sqlite").write_bytes(b"no database at all " * 100)
    with pytest.raises(MemoryStoreError, match="damaged"), offline.looking(tmp_path / "m.sqlite"):
        pass


def test_one_can_look_while_a_show_writes(path: Path):
    async def both() -> Any:
        store = DatabaseThread(path)
        await store.open()
        with offline.looking(path) as db:
            before = db.execute("SELECT COUNT(*) FROM events").fetchone()[0]
        store.shut()
        return before

    assert run_virtual(both()) == 4


def test_a_viewer_of_whom_only_a_ban_is_kept_can_be_forgotten(path: Path):
    db = database.connect(path)
    writing.add(db, [ban("t:77")], "s")
    db.close()
    with offline.looking(path) as look:
        assert offline.named(look, "t:77") == "t:77"
    receipt = offline.forget(path, path.parent / "vectors", "t:77")
    assert receipt.verified
    assert receipt.rows["bans"] == 1


def test_a_viewer_is_named_by_id_or_by_a_name_that_is_theirs_alone(path: Path):
    with offline.looking(path) as db:
        assert offline.named(db, "t:1") == "t:1"
        assert offline.named(db, "2") == "t:2"
        with pytest.raises(UserMistake, match="several viewers"):
            offline.named(db, "8")
        with pytest.raises(NotFound, match="Did you mean"):
            offline.named(db, "t:12")
        with pytest.raises(NotFound, match="memory viewers"):
            offline.named(db, "somebody else altogether")


def test_the_operator_finds_memories_of_everybody_or_one(path: Path):
    def find(text: str, viewer: str) -> Any:
        return [found.text for found in asyncio.run(offline.search(path, text, viewer, 5, HashingEmbedder()))]

    assert find("the cat called Biscuit", "") == [CAT]
    assert find("who plays drums", "") == ["I play the drums every day"]
    assert find("the cat called Biscuit", "t:2") == []


def test_without_an_embedder_words_still_find(path: Path):
    class Broken(HashingEmbedder):
        async def embed(self, texts: Sequence[str], kind: Any) -> Any:
            raise EmbedderError("not there")

    assert [found.text for found in asyncio.run(offline.search(path, "cat Biscuit", "", 5, Broken()))] == [CAT]


def test_forgetting_removes_rows_and_index_and_proves_it(path: Path):
    index = path.parent / "vectors" / "m"
    index.mkdir(parents=True)
    (index / "old").write_bytes(b"t:1 " + CAT.encode())
    receipt = offline.forget(path, index, "t:1")
    assert receipt.verified
    assert receipt.rows["events"] == receipt.rows["memories"] == 1
    assert not index.exists()
    assert not any(CAT.encode() in file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
    with offline.looking(path) as db:
        assert db.execute("SELECT COUNT(*) FROM events").fetchone()[0] == 3


def test_a_running_show_must_be_closed_first(path: Path):
    async def while_open() -> Any:
        store = DatabaseThread(path)
        await store.open()
        try:
            offline.forget(path, path.parent / "vectors" / "m", "t:1")
        finally:
            store.shut()

    with pytest.raises(StoreBusy):
        run_virtual(while_open())
    with offline.looking(path) as db:
        assert db.execute("SELECT COUNT(*) FROM events").fetchone()[0] == 4
