"""What an operator may look at in a store: memories, the course of events, viewers, figures. Reading only."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlite_utils import Database

from vtuber.core.lexical import normalized

_OWN = "viewer_id != '' AND kind != 'performed'"  # a viewer's own event, not what she said to them
_WHO = f"""
SELECT e.viewer_id, json_group_array(DISTINCT e.name) AS names, COUNT(*) AS events, MIN(e.ts_ms) AS first_ms,
  MAX(e.ts_ms) AS last_ms, (SELECT COUNT(*) FROM memories m WHERE m.viewer_id = e.viewer_id) AS memories
FROM events e WHERE {_OWN} AND e.deleted_ms = 0
GROUP BY e.viewer_id ORDER BY last_ms DESC, e.viewer_id
"""  # noqa: S608 - our own condition


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """A memory as it is shown."""

    id: str
    scope: str
    viewer_id: str
    subject: str
    text: str
    created: int
    status: str
    importance: float
    proof_count: int
    has_vector: bool


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is shown."""

    id: str
    ts_ms: int
    kind: str
    viewer_id: str
    name: str
    text: str
    flags: str


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """A viewer as they are shown."""

    viewer_id: str
    names: tuple[str, ...]
    events: int
    memories: int
    first_ms: int
    last_ms: int


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """A store in figures."""

    events: dict[str, int]  # by kind
    retracted: int
    memories: dict[str, int]  # by scope
    viewers: int
    banned: int  # viewers
    streams: int
    waiting: int  # memories that wait for a vector
    models: dict[str, int]  # vectors by the model that made them
    first_ms: int
    last_ms: int
    file_bytes: int


def memories(db: Database, viewer_id: str, limit: int) -> list[Memory]:
    """Give the newest memories, of one viewer if named."""
    read = db.query(
        "SELECT id, scope, viewer_id, subject, text, created, status, importance, proof_count,"
        " emb IS NOT NULL AS has_vector"
        " FROM memories WHERE :who = '' OR viewer_id = :who ORDER BY created DESC, n DESC LIMIT :limit",
        {"who": viewer_id, "limit": limit},
    )
    return [msgspec.convert({**row, "has_vector": bool(row["has_vector"])}, Memory) for row in read]


def timeline(db: Database, viewer_id: str, limit: int) -> list[Happened]:
    """Give the last events, oldest first: all, or a viewer's with what she answered them."""
    return _happened(db, ":who = '' OR viewer_id = :who", {"who": viewer_id, "limit": limit})


def saying(db: Database, words: str, viewer_id: str, limit: int) -> list[Happened]:
    """Give the last events whose text holds these words, oldest first: all, or what a viewer said themselves."""
    values = {"who": viewer_id, "words": normalized(words), "limit": limit}
    return _happened(db, f"instr(text_norm, :words) AND (:who = '' OR ({_OWN} AND viewer_id = :who))", values)


def viewers(db: Database) -> list[Viewer]:
    """Give the viewers, the last seen first."""
    return [
        msgspec.convert({**row, "names": tuple(msgspec.json.decode(row["names"]))}, Viewer) for row in db.query(_WHO)
    ]


def known(db: Database, viewer_id: str) -> bool:
    """Tell whether any row is a viewer's own, be it a retracted message or a ban; what she told them is hers."""
    own = [f"events WHERE {_OWN}", "memories WHERE viewer_id != ''"]
    if _has_bans(db):
        own.append("bans WHERE viewer_id != ''")
    return viewer_id != "" and any(
        db.execute(f"SELECT 1 FROM {rows} AND viewer_id = ? LIMIT 1", [viewer_id]).fetchone()  # noqa: S608 - our own names
        for rows in own
    )


def stats(db: Database) -> Stats:
    """Give the store in figures."""
    span = _one(db, "SELECT COALESCE(MIN(ts_ms), 0), COALESCE(MAX(ts_ms), 0) FROM events WHERE deleted_ms = 0")
    return Stats(
        events=_counts(db, "SELECT kind, COUNT(*) FROM events WHERE deleted_ms = 0 GROUP BY kind"),
        retracted=_one(db, "SELECT COUNT(*) FROM events WHERE deleted_ms != 0")[0],
        memories=_counts(db, "SELECT scope, COUNT(*) FROM memories GROUP BY scope"),
        viewers=_one(db, f"SELECT COUNT(DISTINCT viewer_id) FROM events WHERE {_OWN}")[0],  # noqa: S608 - our own condition
        banned=_one(db, "SELECT COUNT(*) FROM bans")[0] if _has_bans(db) else 0,
        streams=_one(db, "SELECT COUNT(DISTINCT stream_id) FROM events")[0],
        waiting=_one(db, "SELECT COUNT(*) FROM memories WHERE emb IS NULL")[0],
        models=_counts(db, "SELECT emb_model, COUNT(*) FROM memories WHERE emb IS NOT NULL GROUP BY emb_model"),
        first_ms=span[0],
        last_ms=span[1],
        file_bytes=_one(db, "PRAGMA page_count")[0] * _one(db, "PRAGMA page_size")[0],
    )


def _happened(db: Database, condition: str, values: dict[str, Any]) -> list[Happened]:
    read = db.query(
        "SELECT id, ts_ms, kind, viewer_id, name, text, flags FROM events"  # noqa: S608 - our own conditions
        f" WHERE deleted_ms = 0 AND ({condition}) ORDER BY n DESC LIMIT :limit",
        values,
    )
    return [msgspec.convert(row, Happened) for row in reversed(list(read))]


def _has_bans(db: Database) -> bool:
    """Tell whether the store has the table: one of an older version gets it when the next show opens it."""
    return "bans" in db.table_names()


def _counts(db: Database, sql: str) -> dict[str, int]:
    return {str(name): int(number) for name, number in db.execute(sql).fetchall()}


def _one(db: Database, sql: str) -> Sequence[int]:
    row: Sequence[int] = db.execute(sql).fetchone()
    return row
