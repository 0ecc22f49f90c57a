"""Writing to the event memory: events, the memories that come of them, and what the vector index has to do."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from sqlite_utils import Database

from vtuber.adapters.memory import rows
from vtuber.adapters.memory.rows import Kept, Row
from vtuber.core.lexical import normalized
from vtuber.core.remembering import memorable
from vtuber.events import Airing, Chat, Event, Interrupt, Notice, Retract

RECENT = 300
_OWN_WORDS = 50  # her last lines, which a viewer may say back to her
_IN = 500  # values in one statement


def add(db: Database, events: Sequence[Event], stream_id: str) -> list[Kept]:
    """Keep the events that are new and of a kind that is kept, answers and bans, in one transaction.

    Give those that have a row of their own among the events.
    """
    wanted = {event.id: event for event in map(rows.kept, events) if event is not None}
    with db.atomic():
        known = _known(db, list(wanted))
        new = [event for event in wanted.values() if event.id not in known]
        db.table("events").insert_all(rows.event_row(event, stream_id) for event in new)
        own = _own_words(db) if any(isinstance(event, Chat | Notice) for event in new) else frozenset()
        for event in new:
            if isinstance(event, Chat | Notice) and memorable(event, own):
                _remember(db, event)
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
        for name, text in wanted.items():
            if name not in held:
                _insert_memory(db, rows.lore_row(name, text))


def remove_memory(db: Database, memory_id: str) -> None:
    """Remove a memory with its evidence and search row, and tell the vector index."""
    db.execute("DELETE FROM memory_words WHERE rowid = (SELECT n FROM memories WHERE id = ?)", [memory_id])
    db.execute("DELETE FROM memory_evidence WHERE memory_id = ?", [memory_id])
    db.execute("DELETE FROM memories WHERE id = ?", [memory_id])
    db.execute("DELETE FROM outbox WHERE memory_id = ?", [memory_id])
    order(db, "delete", memory_id)


def order(db: Database, op: str, memory_id: str) -> None:
    """Put an order for the vector index into the outbox."""
    db.execute("INSERT INTO outbox (op, memory_id, version) VALUES (?, ?, 1)", [op, memory_id])


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


def _remember(db: Database, event: Chat | Notice) -> None:
    """Make a memory of a viewer's words, or count the one that says the same as proved once more."""
    memory = rows.memory_row(event)
    same = db.execute(
        "SELECT id FROM memories WHERE scope = 'viewer' AND viewer_id = ? AND text_hash = ? AND status = 'active'",
        [event.viewer_id, memory["text_hash"]],
    ).fetchone()
    if same:
        db.execute("UPDATE memories SET proof_count = proof_count + 1 WHERE id = ?", [same[0]])
        _prove(db, same[0], event.id)
        return
    _insert_memory(db, memory)
    _prove(db, memory["id"], event.id)


def _insert_memory(db: Database, memory: Row) -> None:
    names = ", ".join(memory)
    marks = ", ".join("?" * len(memory))
    number = db.execute(f"INSERT INTO memories ({names}) VALUES ({marks})", [*memory.values()]).lastrowid  # noqa: S608 - our own names
    whose = rows.whose(memory["scope"], memory["viewer_id"])
    db.execute(
        "INSERT INTO memory_words (rowid, words, whose) VALUES (?, ?, ?)", [number, rows.words(memory["text"]), whose]
    )
    order(db, "embed", memory["id"])


def _prove(db: Database, memory_id: str, event_id: str) -> None:
    db.execute("INSERT OR IGNORE INTO memory_evidence (memory_id, event_id) VALUES (?, ?)", [memory_id, event_id])


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
        "SELECT text FROM events WHERE kind = 'performed' AND deleted_ms = 0 ORDER BY n DESC LIMIT ?", [_OWN_WORDS]
    )
    return frozenset(normalized(row[0]) for row in lines)
