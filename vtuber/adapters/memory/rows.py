"""Events and memories as rows of the event memory, and back."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
import numpy as np

from vtuber.core.lexical import normalized, script, tokens
from vtuber.core.remembering import importance, said
from vtuber.events import Chat, Event, Notice, Performed, Role, System, kind
from vtuber.ports import Vectors

Row: TypeAlias = dict[str, Any]
Kept: TypeAlias = Chat | Notice | System | Performed

_TRUST: dict[Role, float] = {"owner": 1.0, "moderator": 0.8, "vip": 0.6, "member": 0.6, "verified": 0.6, "bot": 0.1}
_BODY: msgspec.json.Decoder[Kept] = msgspec.json.Decoder(Kept)


def kept(event: Event) -> Kept | None:
    """Give the event if it is of a kind that is remembered."""
    return event if isinstance(event, Chat | Notice | System | Performed) else None


def event_row(event: Kept, stream_id: str) -> Row:
    """Give the row of an event."""
    row: Row = {
        "id": event.id,
        "ts_ms": event.at_ms,
        "ingested_ms": event.at_ms,
        "stream_id": stream_id,
        "kind": kind(event),
        "turn": event.turn,
        "text": event.text,
        "text_norm": normalized(event.text),
        "lang": script(event.text),
        "valence": 0.0,
        "arousal": 0.0,
        "importance": 0.5,
        "recalled_ids": "[]",
        "deleted_ms": 0,
        "body": body(event),
    }
    if isinstance(event, Performed):
        place = {"scope": "self", "platform": "", "channel": "", "viewer_id": event.viewer_id, "name": event.to}
        told = {"reply_to": event.cause, "trust": 1.0, "lang": event.language, "flags": "" if event.whole else "cut"}
        return {**row, **place, **told}
    return {
        **row,
        "scope": "stream" if isinstance(event, System) else "viewer",
        "ingested_ms": event.received_at_ms or event.at_ms,
        "platform": event.platform,
        "channel": event.channel,
        "viewer_id": event.viewer_id,
        "name": event.name,
        "reply_to": event.reply_to if isinstance(event, Chat) else "",
        "importance": 0.5 if isinstance(event, System) else importance(event),
        "trust": trust(event),
        "flags": _flags(event),
    }


def memory_row(event: Chat | Notice, row: Row) -> Row:
    """Give the row of the memory that a viewer's words become; `row` is the event's own."""
    words = said(event)
    return {
        **_plain_memory(f"memory:{event.id}", words, event.at_ms),
        "scope": "viewer",
        "viewer_id": event.viewer_id,
        "subject": event.name,
        "facet": "said",
        "importance": row["importance"],
        "trust": row["trust"],
    }


def lore_row(name: str, text: str) -> Row:
    """Give the row of a paragraph of a character's lore."""
    return {**_plain_memory(name, text, 0), "scope": "lore", "facet": "lore", "trust": 1.0}


def body(event: Kept) -> str:
    """Give an event as JSON."""
    return msgspec.json.encode(event).decode()


def from_body(text: str) -> Kept:
    """Read an event back."""
    return _BODY.decode(text)


def whose(scope: str, viewer_id: str) -> str:
    """Give a word for the owner of a memory that no text can hold: the search table narrows down by it."""
    if scope == "lore":
        return "0lore"
    return f"0{blake2b(viewer_id.encode('utf-8', 'replace'), digest_size=8).hexdigest()}x"


def hashed(text: str) -> str:
    """Give a short hash of a text as it is compared."""
    return blake2b(normalized(text).encode("utf-8", "replace"), digest_size=8).hexdigest()


def words(text: str) -> str:
    """Give a text as the search table holds it: our own words with spaces between."""
    return " ".join(tokens(text))


def to_blob(vector: Vectors) -> bytes:
    """Give a vector as it is stored: float16."""
    return vector.astype(np.float16).tobytes()


def from_blobs(blobs: Sequence[bytes]) -> Vectors:
    """Read stored vectors, a row each, float32."""
    return np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1).astype(np.float32)


def trust(event: Chat | Notice | System) -> float:
    """Give how far the author's word is trusted, 0..1."""
    if isinstance(event, System):
        return 1.0
    if event.weak or not event.viewer_id:
        return 0.3
    return max((_TRUST[role] for role in event.roles), default=0.5)


def _plain_memory(name: str, text: str, at_ms: int) -> Row:
    return {
        "id": name,
        "viewer_id": "",
        "subject": "",
        "value": "",
        "text": text,
        "text_hash": hashed(text),
        "lang": script(text),
        "valid_from": at_ms,
        "valid_to": 0,
        "created": at_ms,
        "expired": 0,
        "superseded_by": "",
        "status": "active",
        "importance": 0.5,
        "arousal": 0.0,
        "proof_count": 1,
        "strength": 1.0,
        "access_n": 0,
        "last_access": 0,
        "emb": None,
        "emb_model": "",
    }


def _flags(event: Chat | Notice | System) -> str:
    marks = {
        "weak": event.weak,
        "backlog": event.backlog,
        "first_time": isinstance(event, Chat) and event.first_time,
        "paid": isinstance(event, Chat | Notice) and event.money is not None,
        "bot": "bot" in event.roles,
    }
    return " ".join(name for name, holds in marks.items() if holds)
