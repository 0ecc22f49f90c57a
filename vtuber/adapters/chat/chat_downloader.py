"""Chat as chat-downloader saves it, one item a message, from YouTube, Twitch and other sites: a pure codec."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from vtuber.core import chatlog
from vtuber.core.chatlog import event_id, hashed_id, stamp, whole
from vtuber.core.emotes import marked
from vtuber.events import Chat, Money, Notice, Retract, Role, Skipped, System
from vtuber.ports import FromChat

_YOUTUBE_ACTION = re.compile(r"(?:add|mark|remove|replace|update|show|close)_")
_YOUTUBE_AUTHOR = re.compile(r"UC[\w-]{22}")
_TWITCH_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BADGES: Mapping[str, Role] = {
    "owner": "owner",
    "broadcaster": "owner",
    "moderator": "moderator",
    "vip": "vip",
    "verified": "verified",
    "partner": "verified",
    "subscriber": "member",
    "founder": "member",
    "bot-badge": "bot",
}
_SIGNS: tuple[tuple[str, Role], ...] = (("is_moderator", "moderator"), ("is_subscriber", "member"))
_MEMBERSHIP = re.compile(r"(?:new )?member\b|メンバー|新規メンバー", re.IGNORECASE)
_NOTICES: Mapping[str, str] = {
    "sponsorships_gift_purchase_announcement": "member_gift",
    "sponsorships_gift_redemption_announcement": "member_gift_received",
    "donation_announcement": "donation",
    "subscription": "sub",
    "resubscription": "resub",
    "subscription_gift": "subgift",
    "anonymous_subscription_gift": "subgift",
    "mystery_subscription_gift": "submysterygift",
    "anonymous_mystery_subscription_gift": "submysterygift",
    "bits_badge_tier": "bitsbadgetier",
    "raid": "raid",
}
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "raid": ("number_of_raiders",),
    "sub": ("cumulative_months", "months"),
    "resub": ("cumulative_months", "months"),
    "submysterygift": ("mass_gift_count",),
    "bitsbadgetier": ("bits_badge_tier",),
}
_SYSTEM = frozenset({"viewer_engagement_message", "mode_change_message", "poll", "notice", "room_state"})
_MESSAGES = frozenset({"text_message", "highlighted_message", "send_message_in_subscriber_only_mode", "crowd_chant"})
_PAID = frozenset({"paid_message", "paid_sticker"})
_LONGEST_S = 10**9  # a place in a video beyond this is a broken one


class _Place(msgspec.Struct, frozen=True):
    """What every event made of an item shares."""

    platform: str
    channel: str
    at_ms: int
    ordinal: int
    sent_ms: int


def is_item(frame: Any) -> bool:
    """Say whether a decoded JSON value looks like such an item."""
    return (
        isinstance(frame, dict) and "message_type" in frame and bool({"action_type", "author", "message"} & set(frame))
    )


def decode(item: Any, received_at_ms: int, ordinal: int = 0) -> FromChat:
    """Read one decoded item; `ordinal` is its place in the log.

    Never raises: what is no such item gives Skipped("broken_item"), what only repeats or decorates its own reason.
    """
    if not is_item(item):
        return _skipped("broken_item", _Place("chat", "", received_at_ms, ordinal, 0))
    action, kind = _text(item.get("action_type")), _text(item.get("message_type"))
    place = _Place(_platform(item), _text(item.get("channel_id")), received_at_ms, ordinal, sent_ms(item) or 0)
    reason = _reason_to_skip(action, kind)
    return _skipped(reason, place) if reason else _retract(item, action, kind, place) or _event(item, kind, place)


def offset_ms(item: Any) -> int | None:
    """Give an item's place in the video in milliseconds, less than 0 before its start; None where it does not say."""
    seconds = item.get("time_in_seconds") if isinstance(item, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < _LONGEST_S:
        return None
    return round(seconds * 1000)


def sent_ms(item: Any) -> int | None:
    """Give the platform's own stamp in unix milliseconds, None where there is none."""
    micros = whole(item.get("timestamp")) if isinstance(item, dict) else None
    return None if micros is None else stamp(micros // 1000)


def _platform(item: dict[str, Any]) -> str:
    author, native = _author(item), _text(item.get("message_id"))
    youtube = _YOUTUBE_ACTION.match(_text(item.get("action_type"))) or _YOUTUBE_AUTHOR.fullmatch(
        _text(author.get("id"))
    )
    if youtube:
        return "youtube"
    return "twitch" if _TWITCH_ID.fullmatch(native) or {"is_subscriber", "is_turbo"} & set(author) else "chat"


def _reason_to_skip(action: str, kind: str) -> str:
    """Say what only repeats or decorates: a ticker shows a message a second time, under the same id."""
    words = {*action.split("_"), *kind.split("_")}
    for name in ("ticker", "banner", "tooltip"):
        if name in words:
            return name
    return "poll" if action.startswith("update_") else ""


def _retract(item: dict[str, Any], action: str, kind: str, place: _Place) -> FromChat | None:
    held = action == "replace_chat_item" and kind == "placeholder_item"
    if "by_author" in action or kind in {"ban_user", "clear_chat"}:
        viewer = _text(item.get("target_author_id")) or _text(_author(item).get("id"))
        if not viewer and kind != "clear_chat":
            return _skipped("broken_item", place)
        reason = "timeout" if item.get("ban_duration") else "ban" if viewer else "cleared"
        target = f"{place.platform}:{viewer}" if viewer else ""
        return _taken_back(place, reason, viewer=target, everything=not viewer)
    if (
        held
        or action in {"mark_chat_item_as_deleted", "remove_chat_item"}
        or kind in {"deleted_message", "delete_message"}
    ):
        native = _text(item.get("target_message_id"))
        if not native:
            return _skipped("broken_item", place)
        return _taken_back(place, "held" if held else "deleted", event=event_id(place.platform, place.channel, native))
    return None


def _event(item: dict[str, Any], kind: str, place: _Place) -> FromChat:
    if kind in _MESSAGES or kind in _PAID:
        return _chat(item, kind, place)
    if kind == "membership_item" or kind in _NOTICES:
        return _notice(item, kind, place)
    if kind in _SYSTEM:
        return _system(item, place)
    return _skipped("placeholder" if kind == "placeholder_item" else "unknown_item", place)


def _taken_back(place: _Place, reason: str, *, event: str = "", viewer: str = "", everything: bool = False) -> Retract:
    return Retract(
        id=hashed_id(f"{place.platform}:{place.channel}", place.ordinal, viewer, f"{reason} {event}"),
        at_ms=place.at_ms,
        target_event=event,
        target_viewer=viewer,
        everything=everything,
        channel=place.channel,
        reason=reason,
    )


def _chat(item: dict[str, Any], kind: str, place: _Place) -> Chat:
    text, emotes = _words(item)
    bits = whole(item.get("bits")) or 0
    replied = item.get("in_reply_to")
    replied = replied if isinstance(replied, dict) else {}
    reply_to, to = _text(replied.get("message_id")), _text(_author(replied).get("id"))
    return Chat(
        **_from(item, place, text),
        text=text,
        form="paid" if kind in _PAID else "text",
        money=Money(str(bits), "bits") if bits else _money(item),
        emotes=emotes or (1 if kind == "paid_sticker" else 0),
        first_time=item.get("is_first_message") is True,
        reply_to=event_id(place.platform, place.channel, reply_to) if reply_to else "",
        reply_to_viewer=f"{place.platform}:{to}" if to else "",
    )


def _notice(item: dict[str, Any], kind: str, place: _Place) -> Notice:
    headline = _text(item.get("header_primary_text"))
    parts = (headline, _text(item.get("header_secondary_text")), _text(item.get("system_message")), _words(item)[0])
    text = " ".join(filter(None, parts))
    notice = _NOTICES.get(kind) or ("member_milestone" if headline else "member_new")
    counts = (whole(item.get(name)) for name in _COUNTS.get(notice, ()))
    number = re.search(r"[0-9]+", headline or text) if notice in {"member_milestone", "member_gift"} else None
    told = whole(number.group()) if number else next((count for count in counts if count is not None), None)
    return Notice(
        **_from(item, place, text),
        text=text,
        notice=notice,
        count=1 if notice == "subgift" else told or 0,
        money=_money(item),
    )


def _system(item: dict[str, Any], place: _Place) -> System:
    text = _words(item)[0]
    shared = _from(item, place, text)
    return System(
        **{name: shared[name] for name in ("id", "at_ms", "platform", "channel", "sent_at_ms", "received_at_ms")},
        text=text,
    )


def _from(item: dict[str, Any], place: _Place, text: str) -> dict[str, Any]:
    """Give the fields that a message and a notice have in common."""
    author, native = _author(item), _text(item.get("message_id"))
    login, known = _text(author.get("name")), author.get("id")
    known = known if isinstance(known, str) else str(known) if isinstance(known, int) else ""
    viewer = known or (f"login:{login.lower()}" if login else "")
    source = f"{place.platform}:{place.channel}"
    return {
        "id": event_id(place.platform, place.channel, native)
        if native
        else hashed_id(source, place.ordinal, viewer, f"{place.sent_ms} {text}"),
        "at_ms": place.at_ms,
        "platform": place.platform,
        "channel": place.channel,
        "viewer_id": f"{place.platform}:{viewer}" if viewer else "",
        "name": _text(author.get("display_name")).strip() or login,
        "roles": _roles(author),
        "sent_at_ms": place.sent_ms,
        "received_at_ms": place.at_ms,
    }


def _roles(author: dict[str, Any]) -> tuple[Role, ...]:
    badges = author.get("badges")
    roles: dict[Role, None] = {}
    for badge in badges if isinstance(badges, list) else ():
        title, name = (_text(badge.get(part)) if isinstance(badge, dict) else "" for part in ("title", "name"))
        role = _BADGES.get((name or title).casefold()) or ("member" if _MEMBERSHIP.match(title) else None)
        if role:
            roles[role] = None
    for sign, role in _SIGNS:
        if author.get(sign) is True:
            roles[role] = None
    return tuple(roles)


def _money(item: dict[str, Any]) -> Money | None:
    told = item.get("money")
    if not isinstance(told, dict):
        return None
    amount, currency = told.get("amount"), _text(told.get("currency"))
    shown = chatlog.money(_text(told.get("text")))
    if currency and shown:
        return Money(shown.amount, currency)
    if currency and isinstance(amount, int | float) and not isinstance(amount, bool):
        return Money(f"{amount:.2f}".removesuffix(".00"), currency)
    return shown


def _words(item: dict[str, Any]) -> tuple[str, int]:
    """Give the text with its emotes as :name:, and how many there are. Twitch's are told by their places."""
    text, listed = _text(item.get("message")), item.get("emotes")
    if text.startswith("\x01ACTION "):
        text = text.removeprefix("\x01ACTION ")
    text = text.removesuffix("\x01")
    spans: set[tuple[int, int]] = set()
    named = 0
    for emote in listed if isinstance(listed, list) else ():
        told = emote.get("locations") if isinstance(emote, dict) else None
        joined = ",".join(map(str, told)) if isinstance(told, list) else _text(told)
        spans |= {(int(a), int(b)) for a, b in re.findall(r"\b([0-9]{1,6})-([0-9]{1,6})\b", joined)}
        name = _text(emote.get("name")) if isinstance(emote, dict) and not joined else ""
        named += text.count(name) if name else 0
    shown, placed = marked(text, spans)
    return shown, placed + named


def _skipped(reason: str, place: _Place) -> Skipped:
    name = hashed_id(place.platform, place.ordinal, "", reason)
    return Skipped(id=name, at_ms=place.at_ms, reason=reason, line=place.ordinal)


def _author(item: dict[str, Any]) -> dict[str, Any]:
    author = item.get("author")
    return author if isinstance(author, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
