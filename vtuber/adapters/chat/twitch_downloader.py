"""A Twitch video's chat as TwitchDownloader saves it, one comment a message: a pure codec for its `comments`."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from vtuber.adapters.chat.twitch_irc import roles
from vtuber.core.chatlog import event_id, hashed_id, stamp, whole
from vtuber.core.emotes import marked
from vtuber.events import Chat, Money, Notice, Role, Skipped
from vtuber.ports import FromChat

PLATFORM = "twitch"
KEY = "comments"  # where the file keeps them

_HIGHLIGHTS = frozenset({"", "highlighted-message", "skip-subs-mode-message"})  # a notice's word on a plain message
_LONGEST_S = 10**9  # a place in a video beyond this is a broken one


def is_comment(frame: Any) -> bool:
    """Say whether a decoded JSON value looks like one of its comments."""
    return isinstance(frame, dict) and "content_offset_seconds" in frame and isinstance(frame.get("message"), dict)


def decode(comment: Any, received_at_ms: int, ordinal: int = 0) -> FromChat:
    """Read one decoded comment; `ordinal` is its place in the log. Never raises: else Skipped("broken_item")."""
    if not is_comment(comment):
        source = hashed_id(PLATFORM, ordinal, "", "broken_item")
        return Skipped(id=source, at_ms=received_at_ms, reason="broken_item", line=ordinal)
    message = comment["message"]
    text, emotes = _words(message)
    bits = whole(message.get("bits_spent")) or 0
    money = Money(str(bits), "bits") if bits else None
    shared = _shared(comment, text, received_at_ms, ordinal)
    kind = _text(_table(message.get("user_notice_params")).get("msg_id")) or _text(
        _table(message.get("user_notice_params")).get("msg-id")
    )
    if kind in _HIGHLIGHTS:
        return Chat(**shared, text=text, money=money, emotes=emotes)
    # The number of months, gifts or raiders is not kept in these files.
    return Notice(**shared, text=text, notice=kind, count=1 if kind == "subgift" else 0, money=money)


def offset_ms(comment: Any) -> int | None:
    """Give a comment's place in the video in milliseconds; None where it does not say."""
    seconds = comment.get("content_offset_seconds") if isinstance(comment, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < _LONGEST_S:
        return None
    return round(seconds * 1000)


def _shared(comment: dict[str, Any], text: str, at_ms: int, ordinal: int) -> dict[str, Any]:
    """Give the fields that a message and a notice have in common."""
    author, native = _table(comment.get("commenter")), _text(comment.get("_id"))
    channel, sent = _text(comment.get("channel_id")), _sent_ms(comment.get("created_at"))
    known, login = _text(author.get("_id")), _text(author.get("name"))
    viewer = known or (f"login:{login.lower()}" if login else "")
    source = f"{PLATFORM}:{channel}"
    return {
        "id": event_id(PLATFORM, channel, native) if native else hashed_id(source, ordinal, viewer, f"{sent} {text}"),
        "at_ms": at_ms,
        "platform": PLATFORM,
        "channel": channel,
        "viewer_id": f"{PLATFORM}:{viewer}" if viewer else "",
        "name": _text(author.get("display_name")).strip() or login,
        "roles": _roles(comment["message"].get("user_badges")),
        "sent_at_ms": sent,
        "received_at_ms": at_ms,
    }


def _words(message: dict[str, Any]) -> tuple[str, int]:
    """Give the text with its emotes as :name:, and how many there are."""
    fragments = message.get("fragments")
    pieces, emotes = [], 0
    for fragment in fragments if isinstance(fragments, list) else ():
        piece = _text(_table(fragment).get("text"))
        if isinstance(_table(fragment).get("emoticon"), dict):
            emotes += 1
            piece = f":{piece}:" if piece.isalnum() else piece
        pieces.append(piece)
    if not emotes:
        return _by_place(_text(message.get("body")) or "".join(pieces), message.get("emoticons"))
    return "".join(pieces), emotes


def _by_place(text: str, listed: Any) -> tuple[str, int]:
    """Mark the emotes of a file that tells only their places, first and last character, in the whole text."""
    places = [
        tuple(whole(_table(emote).get(name)) for name in ("begin", "end"))
        for emote in (listed if isinstance(listed, list) else ())
    ]
    return marked(text, [(begin, last) for begin, last in places if begin is not None and last is not None])


def _roles(badges: Any) -> tuple[Role, ...]:
    names = (_text(_table(badge).get("_id")) for badge in (badges if isinstance(badges, list) else ()))
    return roles(names)


def _sent_ms(written: Any) -> int:
    """Read a time such as 2026-04-18T11:15:08.780Z as unix milliseconds; 0 where there is none."""
    try:
        moment = msgspec.convert(written, datetime)
    except msgspec.ValidationError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return stamp(round(moment.timestamp() * 1000)) or 0


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
