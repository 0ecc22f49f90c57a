"""Writing to the event memory: events, the memories that come of them, and what the vector index has to do."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlite_utils import Database

from vtuber.adapters.memory import rows
from vtuber.adapters.memory.rows import Kept, Row
from vtuber.core.remembering import memorable
from vtuber.events import Airing, Chat, Event, Interrupt, Notice, Retract

RECENT = 300
_OWN_WORDS = 50  # her last lines, which a viewer may say back to her
_IN = 500  # values in one statement
_ORDER = "INSERT INTO outbox (op, memory_id, version) VALUES (?, ?, 1)"


def add(db: Database, events: Sequence[Event], stream_id: str) -> list[Kept]:
    """Keep the events that are new and of a kind that is kept, answers and bans, in one transaction.

    Give those that have a row of their own among the events.
    """
    wanted = {event.id: event for event in map(rows.kept, events) if event is not None}
    with db.atomic():
        known = _known(db, list(wanted))
        new = [event for event in wanted.values() if event.id not in known]
        written = [rows.event_row(event, stream_id) for event in new]
        _insert(db, "events", written)
        own = _own_words(db) if new else frozenset()
        _remember(
            db,
            {
                event.id: rows.memory_row(event, row)
                for event, row in zip(new, written, strict=True)
                if isinstance(event, Chat | Notice) and memorable(event, own)
            },
        )
        _note_answers(db, [event for event in events if isinstance(event, Airing)])
        _note_bans(db, [event for event in events if isinstance(event, Interrupt) and event.op == "ban"])
    return new


def retract(db: Database, order: Retract, stream_id: str) -> int:
    """Take events back: words go, ids stay, a memory without other evidence goes; give how many events."""
    where, values = _meant(order, stream_id)
    with db.atomic():
        found = [row[0] for row in db.execute(f"SELECT id FROM events WHERE deleted_ms = 0 AND {where}", values)]  # noqa: S608 - our own words
        for event_id in found:
            db.execute(
                "UPDATE events SET text = '', text_norm = '', body = '', deleted_ms = ? WHERE id = ?",
                [max(1, order.at_ms), event_id],
            )
            _withdraw(db, event_id)
        if order.target_event and not _known(db, [order.target_event]):
            # taken back before it came: its id is kept so that it is never shown
            gone = {"id": order.target_event, "kind": "retracted", "ts_ms": order.at_ms, "stream_id": stream_id}
            db.table("events").insert({**gone, "viewer_id": "", "deleted_ms": max(1, order.at_ms)})
    return len(found)


def sync_lore(db: Database, paragraphs: Iterable[str]) -> None:
    """Make the lore rows those of the character's paragraphs, keeping the vectors of the ones that stay."""
    wanted = {f"lore:{blake2b(text.encode(), digest_size=8).hexdigest()}": text for text in paragraphs if text.strip()}
    with db.atomic():
        held = {row[0] for row in db.execute("SELECT id FROM memories WHERE scope = 'lore'")}
        for name in sorted(held - set(wanted)):
            remove_memory(db, name)
        _insert_memories(db, [rows.lore_row(name, text) for name, text in wanted.items() if name not in held])


def remove_memory(db: Database, memory_id: str) -> None:
    """Remove a memory with its evidence and search row, and tell the vector index."""
    db.execute("DELETE FROM memory_words WHERE rowid = (SELECT n FROM memories WHERE id = ?)", [memory_id])
    db.execute("DELETE FROM memory_evidence WHERE memory_id = ?", [memory_id])
    db.execute("DELETE FROM memories WHERE id = ?", [memory_id])
    db.execute("DELETE FROM outbox WHERE memory_id = ?", [memory_id])
    order(db, "delete", memory_id)


def order(db: Database, op: str, memory_id: str) -> None:
    """Put an order for the vector index into the outbox."""
    db.execute(_ORDER, [op, memory_id])


def set_fact(db: Database, name: str, value: str) -> None:
    """Keep a fact of the store itself."""
    db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", [name, value])


def fact(db: Database, name: str) -> str:
    """Give a fact of the store itself, "" for none."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row else ""


def _note_answers(db: Database, airings: Iterable[Airing]) -> None:
    """Note that events have begun to be answered; the first time counts. An answer may come before its event."""
    db.conn.executemany(
        "INSERT OR IGNORE INTO answers (event_id, turn, at_ms) VALUES (?, ?, ?)",
        [(asked, airing.turn, airing.at_ms) for airing in airings for asked in airing.asked],
    )


def _note_bans(db: Database, bans: Iterable[Interrupt]) -> None:
    """Note whom the operator banned. A ban holds in every stream and ends only when the viewer is forgotten."""
    db.conn.executemany(
        'INSERT OR IGNORE INTO bans (viewer_id, at_ms, "by") VALUES (?, ?, ?)',
        [(ban.target_viewer, ban.at_ms, ban.by) for ban in bans if ban.target_viewer],
    )


def _remember(db: Database, made: Mapping[str, Row]) -> None:
    """Keep memories, by event id; one that says the same as an earlier one proves that once more instead."""
    same = _same(db, made.values())
    new: list[Row] = []
    proofs: list[tuple[str, str]] = []  # memory id, event id
    again: list[tuple[str]] = []
    for event_id, memory in made.items():
        key = memory["viewer_id"], memory["text_hash"]
        if key in same:
            again.append((same[key],))
        else:
            same[key] = memory["id"]
            new.append(memory)
        proofs.append((same[key], event_id))
    _insert_memories(db, new)
    db.conn.executemany("UPDATE memories SET proof_count = proof_count + 1 WHERE id = ?", again)
    db.conn.executemany("INSERT OR IGNORE INTO memory_evidence (memory_id, event_id) VALUES (?, ?)", proofs)


def _same(db: Database, memories: Iterable[Row]) -> dict[tuple[str, str], str]:
    """Give the ids of the memories that say what these say, by viewer and hash of the text."""
    wanted = [value for memory in memories for value in (memory["viewer_id"], memory["text_hash"])]
    found: dict[tuple[str, str], str] = {}
    for at in range(0, len(wanted), _IN):
        some = wanted[at : at + _IN]
        pairs = ",".join(["(?,?)"] * (len(some) // 2))
        held = db.execute(
            f"WITH wanted (viewer, hash) AS (VALUES {pairs}) SELECT viewer, hash, m.id FROM wanted"  # noqa: S608 - marks only
            " CROSS JOIN memories m ON m.viewer_id = viewer AND m.text_hash = hash"  # "cross": not the other way round
            " WHERE m.scope = 'viewer' AND m.status = 'active'",
            some,
        )
        found |= {(viewer, text_hash): name for viewer, text_hash, name in held}
    return found


def _insert_memories(db: Database, memories: Sequence[Row]) -> None:
    """Insert memories with their search words, and tell the vector index."""
    first = 1 + db.execute("SELECT COALESCE(MAX(n), 0) FROM memories").fetchone()[0]
    numbered = [{"n": number, **memory} for number, memory in enumerate(memories, first)]
    _insert(db, "memories", numbered)
    db.conn.executemany(
        "INSERT INTO memory_words (rowid, words, whose) VALUES (?, ?, ?)",
        [(row["n"], rows.words(row["text"]), rows.whose(row["scope"], row["viewer_id"])) for row in numbered],
    )
    db.conn.executemany(_ORDER, [("embed", row["id"]) for row in numbered])


def _insert(db: Database, table: str, records: Sequence[Row]) -> None:
    """Insert rows that have the same columns."""
    if records:
        names = ", ".join(records[0])
        marks = ", ".join(f":{name}" for name in records[0])
        db.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", records)  # noqa: S608 - our own names


def _withdraw(db: Database, event_id: str) -> None:
    for (memory_id,) in db.execute("SELECT memory_id FROM memory_evidence WHERE event_id = ?", [event_id]).fetchall():
        db.execute("DELETE FROM memory_evidence WHERE memory_id = ? AND event_id = ?", [memory_id, event_id])
        db.execute("UPDATE memories SET proof_count = proof_count - 1 WHERE id = ?", [memory_id])
        if not db.execute("SELECT 1 FROM memory_evidence WHERE memory_id = ?", [memory_id]).fetchone():
            remove_memory(db, memory_id)


def _meant(order: Retract, stream_id: str) -> tuple[str, list[Any]]:
    """Give the condition for what a retraction means: one event, or of this stream a viewer's events or everybody's."""
    if order.target_event:
        return "id = ?", [order.target_event]
    where, values = "scope = 'viewer' AND stream_id = ? AND ts_ms <= ?", [stream_id, order.at_ms]
    if order.channel:
        where, values = f"{where} AND channel = ?", [*values, order.channel]
    if order.everything:
        return where, values
    return f"{where} AND viewer_id = ? AND viewer_id != ''", [*values, order.target_viewer]


def _known(db: Database, ids: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for at in range(0, len(ids), _IN):
        some = ids[at : at + _IN]
        marks = ",".join("?" * len(some))
        known.update(row[0] for row in db.execute(f"SELECT id FROM events WHERE id IN ({marks})", some))  # noqa: S608 - marks only
    return known


def _own_words(db: Database) -> frozenset[str]:
    lines = db.execute(
        "SELECT text_norm FROM events WHERE kind = 'performed' AND deleted_ms = 0 ORDER BY n DESC LIMIT ?", [_OWN_WORDS]
    )
    return frozenset(row[0] for row in lines)
