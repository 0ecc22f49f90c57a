"""Reading the event memory: what recall may see, and what the vector index needs."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from sqlite_utils import Database

from vtuber.adapters.memory import rows, writing
from vtuber.adapters.memory.rows import Kept
from vtuber.core.lexical import content, coverage, rarity
from vtuber.events import Chat, Notice
from vtuber.ports import Candidate, Left, Query, VectorRow, Vectors

SCANNED = 2000  # of a viewer's newest memories every vector is compared; the index finds older ones
UNANSWERED, HEARD = 500, 20_000  # of a stream's events so many are given to a show that goes on
INDEX_MODEL = "index_model"  # a fact of the store: whose vectors the index holds

# The one condition under which a memory may be recalled. An unknown viewer (the empty id) owns nothing.
_MAY_SEE = (
    "m.status = 'active' AND (m.scope = 'lore'"
    " OR (m.scope = 'viewer' AND m.viewer_id = :viewer_id AND :viewer_id != '' AND m.created < :at_ms))"
)

# what was taken back before it came is among the heard: it is not to be answered when it comes
_HEARD = "SELECT id FROM events WHERE stream_id = ? AND kind != 'performed' ORDER BY n DESC LIMIT ?"
_LAST_HEARD = (
    "SELECT id FROM events WHERE stream_id = ? AND kind IN ('chat', 'notice', 'system') ORDER BY n DESC LIMIT 1"
)
_LAST_MS = """
SELECT MAX(
  (SELECT COALESCE(MAX(ts_ms), 0) FROM events WHERE stream_id = :stream_id),
  (SELECT COALESCE(MAX(a.at_ms), 0) FROM answers a JOIN events e ON e.id = a.event_id WHERE e.stream_id = :stream_id))
"""
_UNANSWERED = """
WITH unanswered AS (
  SELECT n, flags, body FROM events e WHERE stream_id = :stream_id AND kind IN ('chat', 'notice') AND deleted_ms = 0
    AND NOT instr(flags, 'backlog') AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.event_id = e.id))
SELECT body FROM unanswered
WHERE instr(flags, 'paid') OR n IN (SELECT n FROM unanswered ORDER BY n DESC LIMIT :most) ORDER BY n
"""
_OPERATOR_MAY_SEE = "m.created < :at_ms AND (:viewer_id = '' OR m.viewer_id = :viewer_id)"


class _Sight(msgspec.Struct, frozen=True):
    """What one reader may see: a condition on rows of memories, called m, and its values; and where to look for it."""

    condition: str
    viewer_id: str
    at_ms: int
    scanned: str = "m.scope = 'viewer' AND m.viewer_id = :viewer_id"  # a narrower condition, for the vectors
    whose: tuple[str, ...] = ()  # the owners' words in the search table; none for everybody

    def values(self, **more: object) -> dict[str, Any]:
        """Give the condition's values with others."""
        return {"viewer_id": self.viewer_id, "at_ms": self.at_ms, **more}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What to compare a query with: its vector, the model that made it, and the rows that the index proposes."""

    vector: Vectors | None = None
    model_id: str = ""
    proposed: tuple[str, ...] = ()


def owner(viewer_id: str) -> str:
    """Give whose memories may be recalled for a viewer: nobody's for a weak id (platform:login:name)."""
    return "" if viewer_id.split(":")[1:2] == ["login"] else viewer_id


def candidates(db: Database, query: Query, found: Found) -> tuple[Candidate, ...]:
    """Give the memories that may answer: the viewer's own from before `at_ms` and lore, near in meaning or words.

    Every row that leaves here has passed `_MAY_SEE`, wherever it was proposed. A memory whose only evidence is among
    the messages being answered is no answer to them.
    """
    own = owner(query.viewer_id)
    whose = (rows.whose("lore", ""), *((rows.whose("viewer", own),) if own else ()))
    return _candidates(db, _Sight(_MAY_SEE, own, query.at_ms, whose=whose), query, found)


def operator_candidates(db: Database, query: Query, found: Found) -> tuple[Candidate, ...]:
    """Give the memories that may answer among everybody's, or one viewer's: for the operator, never for a prompt."""
    scanned = "m.scope = 'viewer' AND m.viewer_id = :viewer_id" if query.viewer_id else "m.scope != 'lore'"
    whose = (rows.whose("viewer", query.viewer_id),) if query.viewer_id else ()
    return _candidates(db, _Sight(_OPERATOR_MAY_SEE, query.viewer_id, query.at_ms, scanned, whose), query, found)


def _candidates(db: Database, sight: "_Sight", query: Query, found: Found) -> tuple[Candidate, ...]:
    weights = _weights(db, query.text)
    numbers = {*_nearest(db, sight, query.limit, found), *_sharing(db, sight, query.limit, weights)}
    read = _rows(db, sight, numbers, set(query.answering))
    return tuple(
        Candidate(
            id=row["id"],
            text=row["text"],
            scope=row["scope"],
            viewer_id=row["viewer_id"],
            at_ms=row["created"],
            language=row["lang"],
            dense=_cosine(row, found),
            lexical=coverage(weights, row["text"]),
            importance=row["importance"],
        )
        for row in read
    )


def recent(db: Database, limit: int) -> tuple[Kept, ...]:
    """Give the last events, oldest first."""
    last = db.execute("SELECT body FROM events WHERE deleted_ms = 0 ORDER BY n DESC LIMIT ?", [limit]).fetchall()
    return tuple(rows.from_body(row[0]) for row in reversed(last))


def left(db: Database, stream_id: str) -> Left:
    """Give what an earlier part of a stream left behind.

    Of unanswered events the newest 500 and every paid one, of heard ones the newest 20,000; both in order of arrival.
    """
    heard = [row[0] for row in db.execute(_HEARD, [stream_id, HEARD])]
    last_heard = db.execute(_LAST_HEARD, [stream_id]).fetchone()
    waiting = db.execute(_UNANSWERED, {"stream_id": stream_id, "most": UNANSWERED}).fetchall()
    events = (rows.from_body(body) for (body,) in waiting)
    return Left(
        unanswered=tuple(event for event in events if isinstance(event, Chat | Notice)),
        heard=frozenset(heard),
        last_heard=last_heard[0] if last_heard else "",
        last_ms=_number(db, _LAST_MS, {"stream_id": stream_id}),
        banned=frozenset(row[0] for row in db.execute("SELECT viewer_id FROM bans")),
    )


def memories_of(db: Database, viewer_id: str) -> int:
    """Give how many memories a viewer owns."""
    return _number(db, "SELECT COUNT(*) FROM memories WHERE scope = 'viewer' AND viewer_id = ?", [viewer_id])


def to_embed(db: Database, limit: int) -> list[tuple[str, str]]:
    """Give (memory id, text) of memories that wait for a vector, oldest first."""
    return db.execute(
        "SELECT DISTINCT m.id, m.text FROM outbox o JOIN memories m ON m.id = o.memory_id WHERE o.op = 'embed'"
        " ORDER BY o.n LIMIT ?",
        [limit],
    ).fetchall()


def embedded(db: Database, vectors: Sequence[tuple[str, Vectors]], model_id: str) -> None:
    """Store vectors and pass their memories on to the index; a memory that is gone meanwhile is left out."""
    with db.atomic():
        for memory_id, vector in vectors:
            db.execute("DELETE FROM outbox WHERE op = 'embed' AND memory_id = ?", [memory_id])
            stored = db.execute(
                "UPDATE memories SET emb = ?, emb_model = ? WHERE id = ?", [rows.to_blob(vector), model_id, memory_id]
            )
            if stored.rowcount:
                db.execute("INSERT INTO outbox (op, memory_id, version) VALUES ('upsert', ?, 1)", [memory_id])


def orders(db: Database, limit: int) -> list[tuple[int, str, str]]:
    """Give (number, op, memory id) of what the index has to do, oldest first."""
    return db.execute("SELECT n, op, memory_id FROM outbox WHERE op != 'embed' ORDER BY n LIMIT ?", [limit]).fetchall()


def done(db: Database, numbers: Iterable[int]) -> None:
    """Take finished orders out of the outbox."""
    with db.atomic():
        db.conn.executemany("DELETE FROM outbox WHERE n = ?", [(number,) for number in numbers])


def index_rows(db: Database, model_id: str, ids: Sequence[str]) -> list[VectorRow]:
    """Give the rows of the index for these memories, as far as they are there and have a vector of this model."""
    marks = ",".join("?" * len(ids))
    read = db.execute(
        f"SELECT id, scope, viewer_id, emb FROM memories WHERE emb_model = ? AND id IN ({marks}) ORDER BY n",  # noqa: S608 - marks only
        [model_id, *ids],
    )
    return [
        VectorRow(id=name, vector=rows.from_blobs([blob])[0], scope=scope, viewer_id=viewer_id)
        for name, scope, viewer_id, blob in read
    ]


def order_all(db: Database, model_id: str) -> None:
    """Order the whole index anew from the vectors that are there, lore first."""
    with db.atomic():
        db.execute("DELETE FROM outbox WHERE op != 'embed'")
        db.execute(
            "INSERT INTO outbox (op, memory_id, version) SELECT 'upsert', id, 1 FROM memories WHERE emb_model = ?"
            " ORDER BY scope != 'lore', n",
            [model_id],
        )
        writing.set_fact(db, INDEX_MODEL, model_id)


def indexable(db: Database, model_id: str) -> int:
    """Give how many rows the index should hold."""
    return _number(db, "SELECT COUNT(*) FROM memories WHERE emb_model = ?", [model_id])


def _nearest(db: Database, sight: _Sight, limit: int, found: Found) -> list[int]:
    return [*_scanned(db, sight, limit, found), *_proposed(db, found.proposed)]


def _scanned(db: Database, sight: _Sight, limit: int, found: Found) -> list[int]:
    if found.vector is None:
        return []
    values = sight.values(model=found.model_id, scanned=SCANNED, bytes=2 * len(found.vector))
    scanned = db.execute(
        f"SELECT m.n, m.emb FROM memories m WHERE {sight.condition} AND {sight.scanned} AND m.emb_model = :model"  # noqa: S608 - our own condition
        " AND length(m.emb) = :bytes ORDER BY m.created DESC LIMIT :scanned",
        values,
    ).fetchall()
    if not scanned:
        return []
    cosines = rows.from_blobs([blob for _, blob in scanned]) @ found.vector
    return [scanned[at][0] for at in np.argsort(-cosines, kind="stable")[:limit]]


def _proposed(db: Database, names: Sequence[str]) -> list[int]:
    marks = ",".join("?" * len(names))
    return [row[0] for row in db.execute(f"SELECT n FROM memories WHERE id IN ({marks})", names)]  # noqa: S608 - marks only


def _sharing(db: Database, sight: _Sight, limit: int, weights: dict[str, float]) -> list[int]:
    known = [word for word, weight in weights.items() if weight]
    if not known:
        return []
    wanted = f"words : ({_any_of(known)})"
    if sight.whose:
        wanted += f" AND whose : ({_any_of(sight.whose)})"
    hits = db.execute(
        "SELECT m.n FROM memory_words JOIN memories m ON m.n = memory_words.rowid"  # noqa: S608 - our own condition
        f" WHERE memory_words MATCH :wanted AND {sight.condition} ORDER BY bm25(memory_words, 1.0, 0.0) LIMIT :most",
        sight.values(wanted=wanted, most=limit),
    )
    return [row[0] for row in hits]


def _any_of(words: Sequence[str]) -> str:
    return " OR ".join('"' + word.replace('"', "") + '"' for word in words)


def _weights(db: Database, text: str) -> dict[str, float]:
    """Give each word of a question its rarity among all memories."""
    total = _number(db, "SELECT COUNT(*) FROM memories", [])
    return {
        word: rarity(total, _number(db, "SELECT COALESCE(MAX(doc), 0) FROM memory_terms WHERE term = ?", [word]))
        for word in content(text)
    }


def _rows(db: Database, sight: _Sight, numbers: set[int], answering: set[str]) -> list[dict[str, Any]]:
    if not numbers:
        return []
    marks = ",".join(str(number) for number in sorted(numbers))
    read = db.query(
        "SELECT m.id, m.text, m.scope, m.viewer_id, m.created, m.lang, m.importance, m.emb, m.emb_model,"  # noqa: S608 - our own condition and numbers
        " (SELECT json_group_array(e.event_id) FROM memory_evidence e WHERE e.memory_id = m.id) AS evidence"
        f" FROM memories m WHERE m.n IN ({marks}) AND {sight.condition} ORDER BY m.n",
        sight.values(),
    )
    return [row for row in read if row["scope"] == "lore" or not set(msgspec.json.decode(row["evidence"])) <= answering]


def _cosine(row: dict[str, Any], found: Found) -> float:
    if found.vector is None or row["emb"] is None or row["emb_model"] != found.model_id:
        return 0.0
    return float(rows.from_blobs([row["emb"]])[0] @ found.vector)


def _number(db: Database, sql: str, values: Sequence[Any] | dict[str, Any]) -> int:
    return int(db.execute(sql, values).fetchone()[0])
