"""One comment of わんコメ (OneComme), from whichever platform, as an event: a pure codec without a memory."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from vtuber.adapters.chat.onecomme_text import plain
from vtuber.core.chatlog import event_id, hashed_id, money, stamp, whole
from vtuber.events import Chat, Money, Notice, Role, Skipped, System

HUB = "onecomme"
Said: TypeAlias = Chat | Notice | System

# The hub's name of a service -> ours; anything else is the hub's own.
_SERVICES: Mapping[str, str] = {
    "niconama": "niconico",
    "twicas": "twitcasting",
    **{name: name for name in ("youtube", "twitch", "bilibili", "kick", "showroom", "mixch", "mirrativ", "tiktok")},
    **{name: name for name in ("doneru", "streamlabs", "vtips", "external", "twitter", "mildom")},
}
PLATFORMS = (*_SERVICES.values(), HUB)
# What the hub calls a gift's kind -> our notice. A super chat and a sticker are no notice: chat that was paid for.
_NOTICES: Mapping[str, str] = {
    "superchat": "",
    "supersticker": "",
    "sponsorgift": "member_gift",
    "giftreceived": "member_gift_received",
    "milestonechat": "member_milestone",
    "gift": "gift",
    "subscribe": "sub",
    "social": "follow",
}
_FLAGS: Mapping[str, str] = {
    "isSponsorshipGiftSender": "sponsorgift",
    "isSponsorshipGiftReceiver": "giftreceived",
}  # what stands in place of the kind in older hubs
_COUNTED = frozenset({"member_gift", "member_milestone"})  # their number stands in the words
_UNITS: Mapping[str, str] = {"niconico": "pt"}  # what a price without a unit is counted in
_LONGEST = 64 * 1024  # characters of HTML; a longer comment is none
_LONGEST_TEXT = 2000  # characters that are kept
_LONGEST_NAME = 100
_LONGEST_ID = 200
_HIGHEST_PRICE = 10**12


def decode(comment: Any, now_ms: int, ordinal: int, *, backlog: bool) -> Said | Skipped:
    """Read one comment; `ordinal` is its place in the source, for one without an id. Never raises."""
    data = _data(comment)
    unusable = _unusable(data)
    if unusable:
        return _skipped(unusable, ordinal, now_ms)
    platform = _SERVICES.get(_text(comment.get("service")), HUB)
    text, emotes = _words(data)
    price = _money(platform, data)
    kind = _notice(platform, data, price)
    shared = _shared(comment, data, platform, (now_ms, ordinal, backlog))
    if comment.get("service") == "system" or (data.get("isSystem") is True and not kind):
        return System(**shared, text=text)
    if kind:
        text = _with_headline(data, text)
        return Notice(**shared, text=text, notice=kind, count=_count(kind, data, text), money=price)
    if not text and price is None:
        return _skipped("empty_comment", ordinal, now_ms)
    return Chat(
        **shared,
        text=text,
        form="paid" if price is not None and price.currency != "bits" else "text",
        money=price,
        emotes=emotes,
        first_time=data.get("isFirstTime") is True,
    )


def native_id(comment: Any) -> str:
    """Give the hub's id of a comment, "" where it has none."""
    return _id(_data(comment).get("id"))


def written(comment: Any) -> str:
    """Give the words as they were written, by which an edit is known."""
    data = _data(comment)
    return _with_headline(data, plain(_text(data.get("comment")))[0]) or _text(data.get("speechText"))


def _data(comment: Any) -> dict[str, Any]:
    data = comment.get("data") if isinstance(comment, dict) else None
    return data if isinstance(data, dict) else {}


def _unusable(data: dict[str, Any]) -> str:
    """Give the reason why a comment cannot be one, "" for none."""
    if not data:
        return "broken_comment"
    if data.get("giftType") == "like":
        return "like"  # by the hundred, and nobody said anything
    long = any(len(_text(data.get(field))) > _LONGEST for field in ("comment", "speechText"))
    return "long_comment" if long else ""


def _shared(comment: Any, data: dict[str, Any], platform: str, place: tuple[int, int, bool]) -> dict[str, Any]:
    """Give what all kinds of events share. `place`: now, the ordinal, whether it is backlog."""
    now_ms, ordinal, backlog = place
    channel = _channel(comment, data, platform)
    native = native_id(comment)
    name = (_text(data.get("displayName")) or _text(data.get("name")))[:_LONGEST_NAME].strip()
    viewer = _viewer(platform, data, name)
    by_content = hashed_id(f"{platform}:{channel}", ordinal, viewer, _text(data.get("comment")))
    return {
        "id": event_id(platform, channel, native) if native else by_content,
        "at_ms": now_ms,
        "platform": platform,
        "channel": channel,
        "viewer_id": viewer,
        "name": name,
        "roles": _roles(data),
        "sent_at_ms": _sent_at(data.get("timestamp")),
        "received_at_ms": now_ms,
        "backlog": backlog,
    }


def _channel(comment: Any, data: dict[str, Any], platform: str) -> str:
    """Name the channel as our own reader of Twitch does; elsewhere by the stream, else by the hub's frame."""
    if platform == "twitch":
        try:
            path = urlsplit(_text(comment.get("url"))).path
        except ValueError:
            path = ""
        login = path.strip("/").lower()
        if re.fullmatch(r"[a-z0-9_]+", login):
            return login
    return _id(data.get("liveId")) or _id(comment.get("id"))


def _viewer(platform: str, data: dict[str, Any], name: str) -> str:
    user = _id(data.get("userId"))
    meta = data.get("meta")
    hidden = data.get("anonymity") or (isinstance(meta, dict) and meta.get("anonymity"))
    if user and not hidden:
        return f"{platform}:{user}"
    # The id of an anonymous viewer of Niconico is another one before long: no memory may hang on it.
    login = user or name.lower()
    return f"{platform}:login:{login}" if login else ""


def _roles(data: dict[str, Any]) -> tuple[Role, ...]:
    held: Mapping[Role, bool] = {
        "owner": data.get("isOwner") is True,
        "moderator": data.get("isModerator") is True or data.get("mod") == "1",
        "member": data.get("isMember") is True or data.get("subscriber") == "1",
    }
    return tuple(role for role, holds in held.items() if holds)


def _words(data: dict[str, Any]) -> tuple[str, int]:
    """Give the words and how many emotes they hold. The text for the voice is plain, but leaves the pictures out."""
    html = _text(data.get("comment"))
    said, emotes = plain(html)
    spoken = " ".join(_text(data.get("speechText")).split())
    return (spoken if spoken and not emotes else said)[:_LONGEST_TEXT], emotes


def _with_headline(data: dict[str, Any], text: str) -> str:
    membership = data.get("membership")
    parts = (membership.get("primary"), membership.get("sub"), text) if isinstance(membership, dict) else (text,)
    words = (plain(_text(part)[:_LONGEST])[0] for part in parts)
    return " ".join(dict.fromkeys(filter(None, words)))[:_LONGEST_TEXT]


def _notice(platform: str, data: dict[str, Any], price: Money | None) -> str:
    """Name what a gift or a membership is announced as, "" for plain or paid chat."""
    gift_type = _text(data.get("giftType"))
    membership = data.get("membership")
    for flag, named in _FLAGS.items():
        gift_type = named if data.get(flag) is True and not gift_type else gift_type
    if gift_type in _NOTICES:
        return _NOTICES[gift_type]
    if isinstance(membership, dict) and any(_text(part).strip() for part in membership.values()):
        return "member_new"
    if isinstance(data.get("guard"), dict):
        return "guard"  # Bilibili's membership
    bought = any(isinstance(data.get(field), dict) for field in ("gift", "giftData"))
    given = data.get("hasGift") is True and (price is None or platform == "niconico")
    return "gift" if bought or given else ""


def _count(kind: str, data: dict[str, Any], text: str) -> int:
    if kind in _COUNTED:
        number = re.search(r"[0-9]{1,6}", text)
        return int(number.group()) if number else 0
    for field, name in (("giftData", "num"), ("gift", "repeatCount")):
        gift = data.get(field)
        if isinstance(gift, dict):
            return whole(gift.get(name)) or 1
    return 0


def _money(platform: str, data: dict[str, Any]) -> Money | None:
    bits = whole(data.get("bits"))
    if bits:
        return Money(amount=str(bits), currency="bits")
    price, unit = data.get("price"), _text(data.get("unit")).strip()
    if isinstance(price, int | float) and not isinstance(price, bool) and 0 < price < _HIGHEST_PRICE:
        amount = str(int(price)) if price == int(price) else str(round(price, 2))
        symbol = money(f"{unit}1") if unit else None  # one of a unit: "円" and "¥" are JPY
        return Money(amount=amount, currency=symbol.currency if symbol else _UNITS.get(platform, ""))
    paid = _text(data.get("paidText"))[:100] or (f"{price} {unit}"[:100] if isinstance(price, str) else "")
    return money(paid)


def _sent_at(written: Any) -> int:
    try:
        read = datetime.fromisoformat(_text(written))
        read = read if read.tzinfo else read.replace(tzinfo=UTC)
        return stamp(round(read.timestamp() * 1000)) or 0
    except (ValueError, OverflowError):
        return 0


def _id(value: Any) -> str:
    """Read an id, which is text or a number."""
    return value[:_LONGEST_ID] if isinstance(value, str) else str(whole(value) or "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _skipped(reason: str, ordinal: int, now_ms: int) -> Skipped:
    return Skipped(id=hashed_id(HUB, ordinal, "", reason), at_ms=now_ms, reason=reason)
