import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.vector_memory import VectorMemoryContract, row, towards
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.errors import MemoryStoreError, StoreBusy

pytestmark = pytest.mark.real


@asynccontextmanager
async def opened(folder: Path, warn: Any = pytest.fail):
    index = await ChromaVectors.open(folder / "vectors" / "m", warn=warn)
    try:
        yield index
    finally:
        await index.close()


class TestChromaVectors(VectorMemoryContract):
    run = staticmethod(asyncio.run)

    def opened(self, folder: Path):
        return opened(folder)


def filled(folder: Path, rows: int = 40):
    async def fill() -> Any:
        async with opened(folder) as index:
            await index.upsert([row(f"r{at}", 1, at / 100) for at in range(rows)])

    asyncio.run(fill())
    return folder / "vectors" / "m"


def reopened(folder: Path):
    told = []

    async def look() -> Any:
        async with opened(folder, warn=told.append) as index:
            return await index.count(), await index.nearest(towards(1), "viewer", 1)

    return *asyncio.run(look()), told


def test_rows_are_there_after_reopening(tmp_path: Path):
    filled(tmp_path)
    count, found, told = reopened(tmp_path)
    assert (count, found[0][0], told) == (40, "r0", [])


@pytest.mark.parametrize("fault", ["data cut", "data gone", "database cut"])
def test_a_torn_folder_is_thrown_away_and_said_once(tmp_path: Path, fault: Any):
    folder = filled(tmp_path, 1_100) / "g1"  # as many as Chroma needs before it writes its graph
    if fault == "database cut":
        whole = (folder / "chroma.sqlite3").read_bytes()
        (folder / "chroma.sqlite3").write_bytes(whole[: len(whole) // 2])
    for data in folder.rglob("data_level0.bin"):
        if fault == "data cut":
            data.write_bytes(data.read_bytes()[:100])
        elif fault == "data gone":
            data.unlink()
    count, found, told = reopened(tmp_path)
    assert (count, found) == (0, ())
    assert len(told) == 1
    assert "built anew" in told[0]


def test_after_a_crash_the_folder_is_read_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = filled(tmp_path)
    (folder.parent / "m.sealed").unlink()
    asked = []
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda program, **more: asked.append(program) or real(program, **more))
    count, _, told = reopened(tmp_path)
    assert (count, told) == (40, [])
    assert len(asked) == 1
    assert reopened(tmp_path)[0] == 40
    assert len(asked) == 1  # not after a show that ended well


def test_a_folder_that_kills_its_reader_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = filled(tmp_path)
    (folder.parent / "m.sealed").unlink()
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: subprocess.CompletedProcess([], -signal.SIGSEGV))
    count, _, told = reopened(tmp_path)
    assert (count, len(told)) == (0, 1)


def test_opening_after_a_crash_reads_nothing_and_closing_again_leaves_that_to_the_next_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = filled(tmp_path)
    (folder.parent / "m.sealed").unlink()
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: pytest.fail("it was not asked for anything yet"))

    async def look() -> None:
        async with opened(tmp_path):
            pass

    asyncio.run(look())
    assert not (folder.parent / "m.sealed").exists()


def test_a_second_process_is_told_that_the_index_is_in_use(tmp_path: Path):
    program = (
        "import asyncio, sys; from pathlib import Path; from vtuber.adapters.memory.chroma import ChromaVectors\n"
        "asyncio.run(ChromaVectors.open(Path(sys.argv[1]), warn=print))"
    )

    async def both() -> Any:
        async with opened(tmp_path):
            folder = str(tmp_path / "vectors" / "m")
            return await asyncio.to_thread(
                subprocess.run, [sys.executable, "-c", program, folder], capture_output=True, text=True, check=False
            )

    second = asyncio.run(both())
    assert second.returncode == 1
    assert "StoreBusy" in second.stderr
    with pytest.raises(StoreBusy):
        asyncio.run(_twice(tmp_path))


async def _twice(folder: Path) -> Any:
    async with opened(folder), opened(folder):
        pass


def test_erasing_leaves_no_byte_of_a_vector(tmp_path: Path):
    odd = np.random.default_rng(7).normal(size=8).astype(np.float32)

    async def erase() -> Any:
        async with opened(tmp_path) as index:
            await index.upsert([row("secret-id", *odd.tolist())])
            await index.delete(["secret-id"])
            await index.erase()
            await index.upsert([row("other", 1, 0)])

    asyncio.run(erase())
    assert [place.name for place in (tmp_path / "vectors" / "m").glob("g*")] == ["g2"]
    # Chroma writes memory that it never filled into its .bin files: freed bytes of this very process may lie there.
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".bin"]
    held = b"".join(file.read_bytes() for file in files)
    assert b"secret-id" not in held
    assert (odd / np.linalg.norm(odd)).astype(np.float32).tobytes() not in held


def test_chromas_faults_become_our_own(tmp_path: Path):
    async def wrong_length() -> Any:
        async with opened(tmp_path) as index:
            await index.upsert([row("a", 1)])
            await index.nearest(np.ones(3, dtype=np.float32), "viewer", 1)

    with pytest.raises(MemoryStoreError, match="found by their words"):
        asyncio.run(wrong_length())


def test_nothing_of_it_looks_for_the_network_or_torch(tmp_path: Path):
    program = (
        "import asyncio, socket, sys\n"
        "def refuse(*_): raise OSError('no network here')\n"
        "socket.socket.connect = refuse\n"
        "from pathlib import Path\n"
        "from vtuber.adapters.embed.packaged import PackagedEmbedder\n"
        "from vtuber.adapters.memory.chroma import ChromaVectors\n"
        "from vtuber.adapters.memory.sqlite import SqliteMemory\n"
        "from vtuber.events import Chat\n"
        "from vtuber.ports import Query\n"
        "async def live(home):\n"
        "    vectors = await ChromaVectors.open(home / 'vectors' / 'm', warn=print)\n"
        "    memory = await SqliteMemory.open(home / 'm.sqlite', stream_id='s', embedder=PackagedEmbedder(),"
        " vectors=vectors, warn=print, lore=['She lives in a lighthouse.'])\n"
        "    said = Chat(id='a', at_ms=1, platform='t', viewer_id='t:1', text='my cat is called Biscuit')\n"
        "    await memory.add([said])\n"
        "    await memory.indexed()\n"
        "    found = await memory.recall(Query(text='cat?', viewer_id='t:1', at_ms=9))\n"
        "    assert len(found) == 2 and all(c.dense for c in found), found\n"
        "    await memory.close()\n"
        "asyncio.run(live(Path(sys.argv[1])))\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'tensorflow'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
