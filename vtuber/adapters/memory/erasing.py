"""Forgetting a viewer for good: rows, search words, free pages and the log beside the file, and the proof of it."""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlite_utils import Database

from vtuber.adapters.memory import rows, writing
from vtuber.events import Chat

_PENDING = "erasing"  # a fact of the store: rows are gone, their traces perhaps not yet
_SHORTEST = 12  # bytes: a shorter text may be anybody's
_MOST = 100  # texts to look for


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows were, and what to look for afterwards."""

    rows: dict[str, int]
    needles: tuple[bytes, ...]


def forget_rows(db: Database, viewer_id: str) -> Forgotten:
    """Delete everything of a viewer, and what she said to them, in one transaction.

    A ban goes too: it names them. The operator who wants to keep a viewer out bans them on the platform or anew.
    """
    with db.atomic():
        said = db.execute(_SAID, [viewer_id]).fetchall()
        filed = db.execute("SELECT id, text FROM memories WHERE viewer_id = ?", [viewer_id]).fetchall()
        proofs = db.execute(_EVIDENCE, [viewer_id]).fetchone()[0]
        gone = {"memories": len(filed), "memory_words": len(filed), "memory_evidence": int(proofs)}
        for memory_id, _ in filed:
            writing.remove_memory(db, memory_id)
            db.execute("DELETE FROM outbox WHERE memory_id = ?", [memory_id])  # the index is erased as a whole
        gone["answers"] = db.execute(_DELETE_ANSWERS, [viewer_id]).rowcount
        gone["bans"] = db.execute("DELETE FROM bans WHERE viewer_id = ?", [viewer_id]).rowcount
        gone["performed"] = sum(db.execute(sql, [viewer_id]).rowcount for sql in (_DELETE_BESIDE, _DELETE_TOLD))
        gone["events"] = db.execute("DELETE FROM events WHERE viewer_id = ?", [viewer_id]).rowcount
        _unmention(db, viewer_id)
        writing.set_fact(db, _PENDING, "1")
    texts = {text for (text,) in said} | {text for _, text in filed} | {rows.words(text) for _, text in filed}
    long = sorted(
        {text.encode() for text in texts if len(text.encode()) >= _SHORTEST}, key=lambda text: (-len(text), text)
    )
    return Forgotten(rows=gone, needles=(viewer_id.encode(), *long[:_MOST]))


def unfinished(db: Database) -> bool:
    """Tell whether a forgetting was cut off before its traces were wiped."""
    return writing.fact(db, _PENDING) == "1"


def scrub(db: Database) -> None:
    """Wipe what deleted rows leave behind: search segments, free pages, the write-ahead log."""
    with db.atomic():
        db.execute("INSERT INTO memory_words (memory_words) VALUES ('optimize')")
    db.vacuum()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def finish(db: Database) -> None:
    """Note that the traces are wiped."""
    with db.atomic():
        db.execute("DELETE FROM facts WHERE name = ?", [_PENDING])


def residues(held: Iterable[Path | bytes], needles: Sequence[bytes]) -> tuple[bytes, ...]:
    """Give the needles that are in any of the files, folders or images, in the order given."""
    found: set[bytes] = set()
    for image in held:
        for data in _images(image):
            found.update(needle for needle in needles if needle not in found and data.find(needle) >= 0)
    return tuple(needle for needle in needles if needle in found)


def unexplained(db: Database, needles: Iterable[bytes]) -> tuple[bytes, ...]:
    """Give the needles that no row holds which was meant to stay (another viewer said the same, or it is lore)."""
    return tuple(needle for needle in needles if not _kept(db, needle.decode()))


_WORDED = (
    ("events", "body"),
    ("events", "id"),
    # as they lie side by side in the file: an id and the name after it may look like a longer id
    ("events", "scope || platform || channel || viewer_id || name || turn || reply_to || text"),
    ("memories", "id || scope || viewer_id || subject || facet || value || text"),
    ("memory_words", "words"),
    ("answers", "event_id || turn"),
    ("bans", 'viewer_id || "by"'),
)
_EVIDENCE = "SELECT COUNT(*) FROM memory_evidence e JOIN memories m ON m.id = e.memory_id WHERE m.viewer_id = ?"
_SAID = "SELECT DISTINCT text FROM events WHERE viewer_id = ? AND kind != 'performed'"
_DELETE_TOLD = "DELETE FROM events WHERE kind = 'performed' AND viewer_id = ?"
_DELETE_ANSWERS = """
DELETE FROM answers WHERE event_id IN (SELECT id FROM events WHERE viewer_id = ? AND kind != 'performed')
"""
# before that: a clause of the same turn that names nobody was said to the same viewer
_DELETE_BESIDE = """
DELETE FROM events WHERE kind = 'performed' AND viewer_id = '' AND turn != ''
  AND turn IN (SELECT turn FROM events WHERE kind = 'performed' AND viewer_id = ?)
"""


def _unmention(db: Database, viewer_id: str) -> None:
    """Take the viewer's id out of what others replied to them."""
    held = db.execute("SELECT n, body FROM events WHERE instr(body, ?)", [viewer_id]).fetchall()
    for number, body in held:
        event = rows.from_body(body)
        if isinstance(event, Chat) and event.reply_to_viewer == viewer_id:
            plain = rows.body(msgspec.structs.replace(event, reply_to_viewer=""))
            db.execute("UPDATE events SET body = ? WHERE n = ?", [plain, number])


def _kept(db: Database, text: str) -> bool:
    return any(
        db.execute(f"SELECT 1 FROM {table} WHERE instr({column}, ?) LIMIT 1", [text]).fetchone()  # noqa: S608 - our own names
        for table, column in _WORDED
    )


def _longest_first(text: bytes) -> tuple[int, bytes]:
    return -len(text), text


def _images(image: Path | bytes) -> Iterator[bytes | mmap.mmap]:
    if isinstance(image, bytes):
        yield image
    elif image.is_dir():
        for path in sorted(image.rglob("*")):
            if path.is_file():
                yield from _images(path)
    elif image.exists() and image.stat().st_size:
        with _mapped(image) as data:
            yield data


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data
