"""A store without a show: opened for looking, searched by the operator, and made to forget a viewer."""

import difflib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from vtuber.adapters.memory import database, erasing, overview, reading
from vtuber.adapters.memory.lock import OwnerLock
from vtuber.adapters.memory.reading import Found
from vtuber.core.recall import rank
from vtuber.errors import EmbedderError, NotFound, UserMistake
from vtuber.events import Recollection
from vtuber.ports import Embedder, Query, Receipt


@contextmanager
def looking(path: Path) -> Iterator[Database]:
    """Open a store for looking, also while a show writes it. Raises NotFound and MemoryStoreError."""
    if not path.is_file():
        raise NotFound(
            f"There is no memory yet at {path}. It is made by the first show; --home or --store say where to look."
        )
    with database.translating(path), closing(database.read_only(path)) as db:
        yield db


def named(db: Database, wanted: str) -> str:
    """Give the id of the viewer meant by an id or a name. Raises NotFound with the nearest names, UserMistake."""
    everybody = overview.viewers(db)
    if overview.known(db, wanted):
        return wanted
    bearing = [
        viewer.viewer_id for viewer in everybody if wanted.casefold() in {name.casefold() for name in viewer.names}
    ]
    if len(bearing) == 1:
        return bearing[0]
    if bearing:
        raise UserMistake(f"{wanted} is the name of several viewers: {', '.join(bearing)}. Give one of these ids.")
    known = {name for viewer in everybody for name in (*viewer.names, viewer.viewer_id)}
    near = difflib.get_close_matches(wanted, sorted(known), n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "The command `vtuber memory viewers` lists them."
    raise NotFound(f"Nobody called {wanted} is remembered. {hint}")


async def search(path: Path, text: str, viewer_id: str, limit: int, embedder: Embedder) -> tuple[Recollection, ...]:
    """Give the memories nearest to a text among everybody's, or one viewer's; by words only where the vectors fail."""
    try:
        found = Found(vector=(await embedder.embed([text], "query"))[0], model_id=embedder.model_id)
    except EmbedderError:
        found = Found()
    with looking(path) as db:
        now_ms = overview.stats(db).last_ms + 1  # the store's own time: its newest event is past
        query = Query(text=text, viewer_id=viewer_id, at_ms=now_ms, limit=max(50, limit))
        return rank(reading.operator_candidates(db, query, found), text, now_ms, limit)


def forget(path: Path, index: Path, viewer_id: str) -> Receipt:
    """Delete everything of a viewer and prove it. The vector index goes as a whole: the next show rebuilds it.

    Raises StoreBusy while a show has the store open, MemoryStoreError.
    """
    with ExitStack() as held:
        for place in (path, index):
            lock = OwnerLock(place.with_name(place.name + ".lock"))
            lock.acquire()
            held.callback(lock.release)
        with database.translating(path):
            if index.exists():
                shutil.rmtree(index)
            with closing(database.connect(path)) as db:
                forgotten = erasing.forget_rows(db, viewer_id)
                erasing.scrub(db)
            left = erasing.residues((*database.files(path), index), forgotten.needles)
            with closing(database.connect(path)) as db:
                left = erasing.unexplained(db, left)
                erasing.finish(db)
    return Receipt(viewer_id=viewer_id, rows=forgotten.rows, verified=not left)
