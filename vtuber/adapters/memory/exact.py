"""A vector index in plain memory that compares with every row: for instant replay, tests and small tools."""

from collections.abc import Sequence

import numpy as np

from vtuber.ports import Scope, VectorRow, Vectors


class ExactVectors:
    """A dict of rows; gone when the program ends. At 100,000 rows a search takes some tens of milliseconds."""

    def __init__(self) -> None:
        self._rows: dict[str, VectorRow] = {}

    async def upsert(self, rows: Sequence[VectorRow]) -> None:
        """Add or replace rows."""
        self._rows.update((row.id, row) for row in rows)

    async def nearest(self, vector: Vectors, scope: Scope, k: int) -> tuple[tuple[str, float], ...]:
        """Give (id, cosine) of the k nearest rows of a scope, best first."""
        rows = [row for row in self._rows.values() if row.scope == scope]
        if not rows or k <= 0:
            return ()
        cosines = np.stack([row.vector for row in rows]) @ vector
        best = sorted(zip(cosines.tolist(), (row.id for row in rows), strict=True), key=lambda hit: (-hit[0], hit[1]))
        return tuple((name, cosine) for cosine, name in best[:k])

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove rows; an unknown id is not an error."""
        for name in ids:
            self._rows.pop(name, None)

    async def count(self) -> int:
        """Give the number of rows."""
        return len(self._rows)

    async def erase(self) -> None:
        """Forget every row."""
        self._rows.clear()

    async def close(self) -> None:
        """Forget every row."""
        self._rows.clear()
