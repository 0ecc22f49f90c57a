from pathlib import Path

import pytest

from tests.contracts.event_memory import CAT, chat
from vtuber.adapters.memory import database, offline, writing
from vtuber.adapters.memory.copying import copy
from vtuber.errors import MemoryStoreError


def test_a_copy_holds_what_a_running_show_has_committed_and_leaves_the_original_as_it_is(tmp_path: Path):
    real, other = tmp_path / "m.sqlite", tmp_path / "deep" / "er" / "m.sqlite"
    show = database.connect(real)  # stays open: what it wrote lies in the write-ahead log
    writing.add(show, [chat("a", CAT, viewer="t:1")], "s")
    held = real.read_bytes()
    assert CAT.encode() not in held
    copy(real, other)
    with offline.looking(other) as db:
        assert [row["text"] for row in db["events"].rows] == [CAT]
    assert real.read_bytes() == held
    writing.add(show, [chat("b", "later", viewer="t:1")], "s")
    show.close()
    with offline.looking(other) as db:
        assert db["events"].count == 1


def test_a_copy_can_be_written_and_the_original_does_not_change(tmp_path: Path):
    real, other = tmp_path / "m.sqlite", tmp_path / "copy.sqlite"
    show = database.connect(real)
    writing.add(show, [chat("a", CAT, viewer="t:1")], "s")
    show.close()
    copy(real, other)
    before = real.read_bytes()
    mine = database.connect(other)
    writing.add(mine, [chat("b", "only here", viewer="t:1")], "s")
    mine.close()
    assert real.read_bytes() == before


def test_what_is_no_memory_is_not_copied(tmp_path: Path):
    (tmp_path / "m.sqlite").write_bytes(b"no database at all " * 100)
    with pytest.raises(MemoryStoreError, match="damaged"):
        copy(tmp_path / "m.sqlite", tmp_path / "copy.sqlite")
