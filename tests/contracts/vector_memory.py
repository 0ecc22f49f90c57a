"""What every VectorMemory keeps to: its test inherits this class and says how one is opened."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import numpy as np

from vtuber.clock import run_virtual
from vtuber.ports import Scope, VectorMemory, VectorRow, Vectors

DIM = 8


def towards(*numbers: float) -> Vectors:
    """Give a unit vector whose first numbers these are."""
    vector = np.zeros(DIM, dtype=np.float32)
    vector[: len(numbers)] = numbers
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def row(name: str, *numbers: float, scope: Scope = "viewer") -> VectorRow:
    return VectorRow(id=name, vector=towards(*numbers), scope=scope, viewer_id="t:1" if scope == "viewer" else "")


class VectorMemoryContract:
    """Tests of the port. `opened` gives an empty index."""

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(run_virtual)

    def opened(self, folder: Path) -> AbstractAsyncContextManager[VectorMemory]:
        raise NotImplementedError

    def within(self, folder: Path, work: Callable[[VectorMemory], Coroutine[Any, Any, Any]]) -> Any:
        async def inside() -> Any:
            async with self.opened(folder) as index:
                return await work(index)

        return self.run(inside())

    def test_the_nearest_come_best_first_with_their_cosine(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([row("east", 1, 0), row("north", 0, 1), row("northeast", 1, 1), row("west", -1, 0)])
            return await index.nearest(towards(1, 0.1), "viewer", 3)

        found = self.within(tmp_path, work)
        assert [name for name, _ in found] == ["east", "northeast", "north"]
        expected = [float(towards(1, 0.1) @ towards(*way)) for way in ((1, 0), (1, 1), (0, 1))]
        assert np.allclose([cosine for _, cosine in found], expected, atol=1e-3)

    def test_a_scope_never_sees_another(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([row("hers", 1, 0, scope="lore"), row("theirs", 1, 0), row("said", 1, 0, scope="self")])
            return [await index.nearest(towards(1), scope, 9) for scope in ("viewer", "lore", "self")]

        assert [[name for name, _ in found] for found in self.within(tmp_path, work)] == [
            ["theirs"],
            ["hers"],
            ["said"],
        ]

    def test_a_known_id_is_replaced(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([row("a", 1, 0)])
            await index.upsert([row("a", 0, 1)])
            return await index.count(), await index.nearest(towards(0, 1), "viewer", 5)

        count, found = self.within(tmp_path, work)
        assert count == 1
        assert found[0][0] == "a"
        assert found[0][1] > 0.999

    def test_deleted_rows_are_not_found_and_unknown_ids_do_no_harm(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.delete(["never there"])
            await index.upsert([row("a", 1, 0), row("b", 1, 0.2), row("c", 1, 0, scope="lore")])
            await index.delete(["a", "c", "never there"])
            await index.delete([])
            return await index.count(), await index.nearest(towards(1), "viewer", 5)

        count, found = self.within(tmp_path, work)
        assert (count, [name for name, _ in found]) == (1, ["b"])

    def test_an_empty_index_finds_nothing(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([])
            return await index.count(), await index.nearest(towards(1), "lore", 5)

        assert self.within(tmp_path, work) == (0, ())

    def test_more_rows_than_one_batch_are_all_kept(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([row(f"r{at}", 1, at / 10) for at in range(37)])
            return (
                await index.count(),
                await index.nearest(towards(1), "viewer", 100),
                await index.nearest(towards(1), "viewer", 0),
            )

        count, found, none = self.within(tmp_path, work)
        assert count == 37
        assert [name for name, _ in found] == [f"r{at}" for at in range(37)]
        assert none == ()

    def test_after_erasing_it_is_empty_and_takes_other_vectors(self, tmp_path: Path) -> None:
        async def work(index: VectorMemory) -> Any:
            await index.upsert([row("a", 1, 0), row("b", 1, 0, scope="lore")])
            await index.erase()
            count = await index.count()
            longer = np.ones(DIM * 2, dtype=np.float32) / np.float32(np.sqrt(DIM * 2))
            await index.upsert([VectorRow(id="new", vector=longer, scope="viewer")])
            return count, await index.nearest(longer, "viewer", 5)

        count, found = self.within(tmp_path, work)
        assert count == 0
        assert [name for name, _ in found] == ["new"]
