"""Reads a whole Chroma folder in a process of its own: a torn one may end the process that reads it.

Started as a program with the folder as its argument; exit code 0 means that every row could be read.
"""

import contextlib
import sys
from pathlib import Path
from typing import Any

PAGE = 1000


def client(folder: Path) -> Any:
    """Open the folder with Chroma: no telemetry, no network."""
    import chromadb  # noqa: PLC0415 - takes a second to import: only where there is a folder to open
    from chromadb.config import Settings  # noqa: PLC0415

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def read_all(folder: Path) -> int:
    """Read every vector and search once in each collection; give the number of rows."""
    rows = 0
    with contextlib.closing(client(folder)) as opened:
        for collection in opened.list_collections():
            held = opened.get_collection(collection.name, embedding_function=None)
            for at in range(0, held.count(), PAGE):
                page = held.get(include=["embeddings"], limit=PAGE, offset=at)
                rows += len(page["ids"])
                held.query(query_embeddings=page["embeddings"][:1], n_results=1, include=["distances"])
    return rows


if __name__ == "__main__":
    read_all(Path(sys.argv[1]))
