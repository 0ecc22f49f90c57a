"""The tables of the event memory, built by migrations: SQLite is the truth, everything else is rebuilt from it."""

from sqlite_utils import Database
from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

_EVENTS = {
    "n": int,  # order of arrival
    "id": str,
    "ts_ms": int,  # stream clock
    "ingested_ms": int,
    "stream_id": str,
    "kind": str,  # chat, notice, system, performed; "retracted" for one that was taken back before it came
    "scope": str,  # viewer, self (what she performed), stream (the platform itself)
    "platform": str,
    "channel": str,
    # whose it is; of what she performed: whom it answers, "" for nobody. platform:userid, never a display name;
    # platform:login:name is weak
    "viewer_id": str,
    "name": str,  # as said at the time; of what she performed: the name she answered to, which others may bear too
    "turn": str,
    "reply_to": str,
    "text": str,
    "text_norm": str,  # NFKC, case folded
    "lang": str,
    "valence": float,
    "arousal": float,
    "importance": float,
    "trust": float,
    "recalled_ids": str,  # JSON list of the memories that it came from
    "flags": str,  # weak backlog first_time paid bot cut
    "deleted_ms": int,  # 0, or when the platform took it back: its words are gone, its id stays
    "body": str,  # the whole event as JSON
}
_MEMORIES = {
    "n": int,
    "id": str,
    "scope": str,  # viewer, lore, episode, self
    "viewer_id": str,
    "subject": str,  # the viewer's name as said
    "facet": str,
    "value": str,
    "text": str,
    "text_hash": str,  # of the normalized text: the same said again is not a second memory
    "lang": str,
    "valid_from": int,  # when it was true …
    "valid_to": int,  # … until; 0 for still
    "created": int,  # when we learned it …
    "expired": int,  # … and unlearned it; 0 for never
    "superseded_by": str,
    "status": str,  # candidate, active, quarantined, superseded
    "importance": float,
    "arousal": float,
    "trust": float,
    "proof_count": int,
    "strength": float,
    "access_n": int,
    "last_access": int,
    "emb": bytes,  # float16, unit length; NULL until it is computed
    "emb_model": str,
}

migrations = Migrations("vtuber-memory")


@migrations()
def m001_events_and_memories(db: Database) -> None:
    """Make the tables."""
    events, memories = _table(db, "events"), _table(db, "memories")
    events.create(_EVENTS, pk="n", not_null={"id", "kind", "ts_ms"}, defaults={"deleted_ms": 0})
    events.create_index(["id"], unique=True)
    events.create_index(["viewer_id", "ts_ms"])
    events.create_index(["stream_id", "ts_ms"])
    memories.create(_MEMORIES, pk="n", not_null={"id", "scope", "viewer_id", "text", "status"})
    memories.create_index(["id"], unique=True)
    memories.create_index(["scope", "viewer_id", "created"])
    memories.create_index(["viewer_id", "text_hash"])
    evidence = _table(db, "memory_evidence")
    evidence.create({"memory_id": str, "event_id": str}, pk=("memory_id", "event_id"))
    evidence.create_index(["event_id"])
    # what the vector index still has to do, in order: embed (needs a vector), upsert, delete; done rows are removed
    _table(db, "outbox").create({"n": int, "op": str, "memory_id": str, "version": int}, pk="n").create_index(
        ["memory_id"]
    )
    _table(db, "facts").create({"name": str, "value": str}, pk="name")  # of the store itself
    # our own words (Japanese is written without spaces), one row a memory under the same number, and whose it is
    tokenize = "unicode61 remove_diacritics 0 tokenchars '.,'"
    db.execute(f'CREATE VIRTUAL TABLE memory_words USING fts5(words, whose, tokenize="{tokenize}")')
    db.execute("CREATE VIRTUAL TABLE memory_terms USING fts5vocab(memory_words, row)")


@migrations()
def m002_whom_she_answered(db: Database) -> None:
    """Say of what she performed whom it answers, where only the body said so: forgetting goes by the column."""
    db.execute(
        "UPDATE events SET viewer_id = COALESCE(json_extract(body, '$.viewer_id'), '')"
        " WHERE kind = 'performed' AND viewer_id = '' AND body != ''"
    )


@migrations()
def m003_what_a_show_that_goes_on_needs(db: Database) -> None:
    """Make the tables of events that were answered and of viewers whom the operator banned."""
    _table(db, "answers").create({"event_id": str, "turn": str, "at_ms": int}, pk="event_id", not_null={"at_ms"})
    _table(db, "bans").create({"viewer_id": str, "at_ms": int, "by": str}, pk="viewer_id", not_null={"at_ms"})


@migrations()
def m004_her_lines_are_found_among_very_many_messages(db: Database) -> None:
    """Make an index of what she performed: each batch of chat is compared with her last lines."""
    db.execute("CREATE INDEX idx_events_performed ON events (n) WHERE kind = 'performed' AND deleted_ms = 0")


def _table(db: Database, name: str) -> Table:
    return db.table(name)
