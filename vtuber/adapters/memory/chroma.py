"""The vector index in Chroma: one folder, one owner, one worker thread; it can be rebuilt at any time."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from vtuber.adapters.memory import chroma_probe
from vtuber.adapters.memory.lock import OwnerLock
from vtuber.errors import MemoryStoreError, VtuberError
from vtuber.ports import Scope, VectorRow, Vectors

T = TypeVar("T")

_AT_ONCE = 10  # rows an add: Chroma holds the interpreter's lock for the whole call, and a show must not stutter
_BREATH_S = 0.01  # for the same reason, after each
_SCOPES: tuple[Scope, ...] = ("viewer", "lore", "self")
_PROBE_S = 60.0


class ChromaVectors:
    """A collection a scope, cosine distance; only ids and vectors, no texts. Open it with `ChromaVectors.open`."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn
        self._lock = OwnerLock(folder.with_name(folder.name + ".lock"))
        self._seal = folder.with_name(folder.name + ".sealed")  # the files' sizes, written when a show ends well
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chroma")
        self._client: Any = None
        self._place = folder / "g1"  # Chroma's own folder; an erased index goes on in the next
        self._held: dict[str, Any] = {}
        self._looked = False  # whether the folder was looked at since it was opened

    @classmethod
    async def open(cls, folder: Path, *, warn: Callable[[str], None]) -> "ChromaVectors":
        """Open the index in `folder`. Its first use looks at it; a damaged one is thrown away, and `warn` says so.

        Raises StoreBusy where another process has it, MemoryStoreError where it cannot be made.
        """
        index = cls(folder, warn)
        with ExitStack() as undo:
            undo.callback(index._worker.shutdown, wait=False)
            await index._call(index._open)
            undo.pop_all()
        return index

    async def upsert(self, rows: Sequence[VectorRow]) -> None:
        """Add or replace rows. Raises MemoryStoreError."""
        by_scope: dict[Scope, dict[str, VectorRow]] = {}
        for row in rows:
            by_scope.setdefault(row.scope, {})[row.id] = row
        for scope, unique in by_scope.items():
            wanted = list(unique.values())
            for at in range(0, len(wanted), _AT_ONCE):
                await self._call(partial(self._upsert, scope, wanted[at : at + _AT_ONCE]))
                await asyncio.sleep(_BREATH_S)

    async def nearest(self, vector: Vectors, scope: Scope, k: int) -> tuple[tuple[str, float], ...]:
        """Give (id, cosine) of the k nearest rows of a scope, best first. Raises MemoryStoreError."""
        return await self._call(partial(self._nearest, vector, scope, k))

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove rows; an unknown id is not an error. Raises MemoryStoreError."""
        if ids:
            await self._call(partial(self._delete, list(ids)))

    async def count(self) -> int:
        """Give the number of rows. Raises MemoryStoreError."""
        return await self._call(lambda: sum(self._collection(scope).count() for scope in _SCOPES))

    async def erase(self) -> None:
        """Remove every row and the files that held them: Chroma itself leaves deleted vectors in its files."""
        await self._call(self._erase)

    async def close(self) -> None:
        """Close the index and let others open it."""
        try:
            await self._call(self._close)
        finally:
            self._lock.release()
            self._worker.shutdown(wait=False)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, _translated, work)

    def _open(self) -> None:
        self._lock.acquire()
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            self._place = _newest(self._folder)
            undo.pop_all()

    def _look(self) -> None:
        """Throw a damaged folder away. After a crash that takes seconds, which a starting show need not wait for."""
        if self._looked:
            return
        self._looked = True
        if self._place.exists() and not self._sound():
            self._warn(
                "The index of memories was damaged and is built anew from the event memory: nothing is lost, "
                "and memories are found by their words only until that is done."
            )
            self._erase()
        self._seal.unlink(missing_ok=True)

    def _sound(self) -> bool:
        """Tell whether the files are as a show left them; if not, have them read by a process that may die of it."""
        if self._seal.exists() and self._seal.read_bytes() == _sizes(self._place):
            return True
        program = [sys.executable, "-m", chroma_probe.__name__, str(self._place)]
        try:
            return subprocess.run(program, capture_output=True, timeout=_PROBE_S, check=False).returncode == 0  # noqa: S603 - our own module
        except (OSError, subprocess.TimeoutExpired):
            return False

    def _collection(self, scope: str) -> Any:
        if self._client is None:
            self._look()
            self._client = chroma_probe.client(self._place)
        if scope not in self._held:
            self._held[scope] = self._client.get_or_create_collection(
                scope,
                embedding_function=None,  # its default would fetch a model from the network
                configuration={"hnsw": {"space": "cosine"}},
            )
        return self._held[scope]

    def _upsert(self, scope: Scope, rows: Sequence[VectorRow]) -> None:
        vectors = np.stack([row.vector for row in rows]).astype(np.float32)
        self._collection(scope).upsert(ids=[row.id for row in rows], embeddings=vectors)

    def _nearest(self, vector: Vectors, scope: Scope, k: int) -> tuple[tuple[str, float], ...]:
        held = self._collection(scope)
        wanted = min(k, held.count())
        if wanted <= 0:
            return ()
        found = held.query(query_embeddings=vector.reshape(1, -1), n_results=wanted, include=["distances"])
        return tuple(
            (name, 1.0 - float(distance)) for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        )

    def _delete(self, ids: list[str]) -> None:
        for scope in _SCOPES:
            self._collection(scope).delete(ids=ids)

    def _shut(self) -> None:
        client, self._client = self._client, None
        self._held.clear()
        if client is not None:
            client.close()

    def _close(self) -> None:
        self._shut()
        if self._looked and self._place.exists():
            self._seal.write_bytes(_sizes(self._place))

    def _erase(self) -> None:
        """Go on in a new folder: Chroma may still write to the old one for a moment, and knows it by its name."""
        with suppress(MemoryStoreError), _translating():
            self._shut()
        self._looked = True
        old, self._place = self._place, self._folder / f"g{int(self._place.name[1:]) + 1}"
        self._place.mkdir(parents=True)
        if old.exists():
            shutil.rmtree(old)


def _newest(folder: Path) -> Path:
    """Give the folder in use, and remove what an interrupted erasing left."""
    made = sorted(folder.glob("g[0-9]*"), key=lambda place: int(place.name[1:]))
    for older in made[:-1]:
        shutil.rmtree(older)
    return made[-1] if made else folder / "g1"


def _sizes(place: Path) -> bytes:
    files = sorted(file for file in place.rglob("*") if file.is_file())
    return "\n".join(f"{file.relative_to(place.parent).as_posix()} {file.stat().st_size}" for file in files).encode()


def _translated(work: Callable[[], T]) -> T:
    with _translating():
        return work()


class _translating:  # noqa: N801 - used as a statement
    """Turn what Chroma raises into our own error; its Rust part panics with a class that is no Exception."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None or kind is None or isinstance(error, VtuberError | KeyboardInterrupt | SystemExit):
            return
        raise MemoryStoreError(
            f"The index of memories failed ({kind.__name__}: {str(error)[:120]}). She goes on; "
            "memories are found by their words only until the next start."
        ) from error
