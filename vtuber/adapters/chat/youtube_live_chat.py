"""YouTube's live chat as yt-dlp saves it, one JSON object a line: a pure codec for replays and live captures."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vtuber.core.chatlog import event_id, hashed_id, money, stamp, whole
from vtuber.events import Chat, Notice, Retract, Role, Skipped, System
from vtuber.ports import FromChat

PLATFORM = "youtube"

_WRAPPER = "replayChatItemAction"
_OFFSET = "videoOffsetTimeMsec"
_ROLES: Mapping[str, Role] = {"OWNER": "owner", "MODERATOR": "moderator", "VERIFIED": "verified"}
_NOTICES: Mapping[str, str] = {
    "liveChatMembershipItemRenderer": "member_new",
    "liveChatSponsorshipsGiftPurchaseAnnouncementRenderer": "member_gift",
    "liveChatSponsorshipsGiftRedemptionAnnouncementRenderer": "member_gift_received",
    "liveChatDonationAnnouncementRenderer": "donation",
}
_SYSTEM = frozenset({"liveChatViewerEngagementMessageRenderer", "liveChatModeChangeMessageRenderer"})
# What repeats or only decorates: a ticker and a banner show a message a second time, under the same id.
_SKIPPED: Mapping[str, str] = {
    "addLiveChatTickerItemAction": "ticker",
    "addBannerToLiveChatCommand": "banner",
    "removeBannerForLiveChatCommand": "banner",
    "updateLiveChatPollAction": "poll",
    "closeLiveChatActionPanelAction": "poll",
    "showLiveChatTooltipCommand": "tooltip",
}
_DELETIONS = frozenset({"markChatItemAsDeletedAction", "removeChatItemAction"})
_BANS = frozenset({"markChatItemsByAuthorAsDeletedAction", "removeChatItemByAuthorAction"})
_BESIDE_ACTIONS = frozenset({"clickTrackingParams", _OFFSET, "isLive"})
_ORDINARY_EMOJI = 8  # characters: a longer id names a picture, not a character


class _Place(msgspec.Struct, frozen=True):
    """Where an action stands: what every event made of it shares."""

    channel: str
    at_ms: int
    ordinal: int
    index: int
    stamp_ms: int


def is_line(frame: Any) -> bool:
    """Say whether a decoded JSON value looks like a line of such a log."""
    return isinstance(frame, dict) and (_WRAPPER in frame or _OFFSET in frame)


def decode(frame: Any, received_at_ms: int, ordinal: int = 0, channel: str = "") -> tuple[FromChat, ...]:
    """Read one decoded line; `ordinal` is its place in the source, `channel` the streamer's where it is known.

    Never raises: what is no chat line gives Skipped("broken_line"), an action or item of unknown kind its own Skipped.
    """
    actions = list(_actions(frame))
    if not actions:
        return (_skipped("broken_line", _Place(channel, received_at_ms, ordinal, 0, 0)),)
    return tuple(
        _event(name, body, _Place(channel, received_at_ms, ordinal, index, _action_stamp(body) or 0))
        for index, (name, body) in enumerate(actions)
    )


def offset_ms(frame: Any) -> int | None:
    """Give a line's place in the video in milliseconds, None where it does not say."""
    if not isinstance(frame, dict):
        return None
    for holder in (_dig(frame, _WRAPPER), frame):
        offset = holder.get(_OFFSET) if isinstance(holder, dict) else None
        if isinstance(offset, str | int) and whole(offset) is not None:
            return whole(offset)
    return None


def _actions(frame: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each action of a line by its name; a live capture may hold one bare action in the place of the wrapper."""
    wrapped = _dig(frame, _WRAPPER, "actions")
    for action in wrapped if isinstance(wrapped, list) else [frame]:
        for name, body in action.items() if isinstance(action, dict) else ():
            if name not in _BESIDE_ACTIONS and name != _WRAPPER and isinstance(body, dict):
                yield name, body


def _event(name: str, body: dict[str, Any], place: _Place) -> FromChat:
    if name in _SKIPPED:
        return _skipped(_SKIPPED[name], place)
    if name == "addChatItemAction":
        return _item(_only(_dig(body, "item")), place)
    if name in _DELETIONS or name in _BANS or name == "replaceChatItemAction":
        return _changed(name, body, place)
    if name == "showLiveChatActionPanelAction":
        return _poll(body, place)
    return _skipped("unknown_action", place)


def _changed(name: str, body: dict[str, Any], place: _Place) -> FromChat:
    """Read a deletion, a ban or a replacement: what becomes a placeholder is gone, what was held appears."""
    if name in _BANS:
        author = _text(_dig(body, "externalChannelId"))
        return _retract(place, reason="ban", target_viewer=f"{PLATFORM}:{author}") if author else _broken(place)
    target = _text(_dig(body, "targetItemId"))
    if name in _DELETIONS:
        return _retract(place, reason="deleted", target_event=_id(target, place)) if target else _broken(place)
    kind, item = _only(_dig(body, "replacementItem"))
    if kind == "liveChatPlaceholderItemRenderer" and target:
        return _retract(place, reason="held", target_event=_id(target, place))
    return _item((kind, item), place)


def _item(kind_and_item: tuple[str, dict[str, Any]], place: _Place) -> FromChat:
    kind, item = kind_and_item
    if kind in {"liveChatTextMessageRenderer", "liveChatPaidMessageRenderer", "liveChatPaidStickerRenderer"}:
        return _chat(kind, item, place)
    if kind in _NOTICES:
        return _notice(kind, item, place)
    if kind in _SYSTEM:
        text = " ".join(filter(None, (_runs(item, name)[0] for name in ("message", "text", "subtext"))))
        return _system(text, _text(_dig(item, "id")), place)
    if kind == "liveChatPlaceholderItemRenderer":
        return _skipped("placeholder", place)
    return _skipped("unknown_item", place)


def _chat(kind: str, item: dict[str, Any], place: _Place) -> Chat:
    text, emotes = _runs(item, "message")
    sticker = _text(_dig(item, "sticker", "accessibility", "accessibilityData", "label"))
    if sticker:
        text, emotes = f":{sticker}:", 1
    paid = kind != "liveChatTextMessageRenderer"
    return Chat(
        id=_id(_text(_dig(item, "id")), place, item),
        at_ms=place.at_ms,
        platform=PLATFORM,
        channel=place.channel,
        viewer_id=_viewer(item),
        name=_runs(item, "authorName")[0],
        roles=_roles(item),
        text=text,
        sent_at_ms=place.stamp_ms,
        received_at_ms=place.at_ms,
        form="paid" if paid else "text",
        money=money(_runs(item, "purchaseAmountText")[0]) if paid else None,
        emotes=emotes,
    )


def _notice(kind: str, item: dict[str, Any], place: _Place) -> Notice:
    # A gift keeps its author and its words one level down.
    header = _dig(item, "header", "liveChatSponsorshipsHeaderRenderer")
    author = header if isinstance(header, dict) else item
    headline = _runs(author, "headerPrimaryText")[0] or _runs(author, "primaryText")[0]
    donated = _runs(item, "text")[0]
    more = (_runs(item, name)[0] for name in ("headerSubtext", "subtext", "message"))
    milestone = kind == "liveChatMembershipItemRenderer" and "headerPrimaryText" in item
    notice = "member_milestone" if milestone else _NOTICES[kind]
    number = re.search(r"[0-9]+", headline) if notice in {"member_milestone", "member_gift"} else None
    return Notice(
        id=_id(_text(_dig(item, "id")), place, item),
        at_ms=place.at_ms,
        platform=PLATFORM,
        channel=place.channel,
        viewer_id=_viewer(item),
        name=_runs(author, "authorName")[0],
        roles=_roles(author),
        text=" ".join(filter(None, (headline, donated, *more))),
        sent_at_ms=place.stamp_ms,
        received_at_ms=place.at_ms,
        notice=notice,
        count=(whole(number.group()) or 0) if number else 0,
        money=money(donated) if notice == "donation" else None,
    )


def _poll(body: dict[str, Any], place: _Place) -> FromChat:
    panel = _dig(body, "panelToShow", "liveChatActionPanelRenderer")
    poll = _dig(panel, "contents", "pollRenderer")
    if not isinstance(poll, dict):
        return _skipped("panel", place)
    question = _runs(_dig(poll, "header", "pollHeaderRenderer"), "pollQuestion")[0]
    choices = _dig(poll, "choices")
    answers = [_runs(choice, "text")[0] for choice in choices] if isinstance(choices, list) else []
    text = " ".join(filter(None, ("Poll:", question, " / ".join(filter(None, answers)))))
    return _system(text, _text(_dig(poll, "liveChatPollId")), place)


def _system(text: str, native: str, place: _Place) -> System:
    return System(
        id=event_id(PLATFORM, place.channel, native) if native else _unnamed(place, "", text),
        at_ms=place.at_ms,
        platform=PLATFORM,
        channel=place.channel,
        text=text,
        sent_at_ms=place.stamp_ms,
        received_at_ms=place.at_ms,
    )


def _retract(place: _Place, *, reason: str, target_event: str = "", target_viewer: str = "") -> Retract:
    return Retract(
        id=_unnamed(place, target_viewer, f"{reason} {target_event}"),
        at_ms=place.at_ms,
        target_event=target_event,
        target_viewer=target_viewer,
        channel=place.channel,
        reason=reason,
    )


def _skipped(reason: str, place: _Place) -> Skipped:
    return Skipped(id=_unnamed(place, "", reason), at_ms=place.at_ms, reason=reason, line=place.ordinal)


def _broken(place: _Place) -> Skipped:
    return _skipped("broken_line", place)


def _id(native: str, place: _Place, item: Any = None) -> str:
    if native:
        return event_id(PLATFORM, place.channel, native)
    return _unnamed(place, _viewer(item), f"{place.stamp_ms} {_runs(item, 'message')[0]}")


def _unnamed(place: _Place, author: str, text: str) -> str:
    return hashed_id(f"{PLATFORM}:{place.channel}", place.ordinal, author, f"{place.index} {text}")


def _viewer(item: Any) -> str:
    author = _text(_dig(item, "authorExternalChannelId"))
    return f"{PLATFORM}:{author}" if author else ""


def _roles(item: dict[str, Any]) -> tuple[Role, ...]:
    badges = _dig(item, "authorBadges")
    roles: dict[Role, None] = {}
    for badge in badges if isinstance(badges, list) else ():
        shown = _dig(badge, "liveChatAuthorBadgeRenderer")
        icon = _text(_dig(shown, "icon", "iconType"))
        if icon in _ROLES:
            roles[_ROLES[icon]] = None
        elif _dig(shown, "customThumbnail") is not None:
            roles["member"] = None
    return tuple(roles)


def _runs(holder: Any, name: str) -> tuple[str, int]:
    """Give the plain text of {"simpleText": …} or {"runs": […]}, and how many emotes it holds."""
    words = _dig(holder, name)
    runs = _dig(words, "runs")
    if not isinstance(runs, list):
        return _text(_dig(words, "simpleText")), 0
    emoji = [_dig(run, "emoji") for run in runs]
    pieces = [_text(_dig(run, "text")) if one is None else _emote(one) for run, one in zip(runs, emoji, strict=True)]
    return "".join(pieces), sum(one is not None for one in emoji)


def _emote(emoji: Any) -> str:
    """Give an ordinary emoji as its character, a channel's own as :name:."""
    character = _text(_dig(emoji, "emojiId"))
    if _dig(emoji, "isCustomEmoji") is not True and character and len(character) <= _ORDINARY_EMOJI:
        return character
    shortcuts = _dig(emoji, "shortcuts")
    return _text(shortcuts[0]) if isinstance(shortcuts, list) and shortcuts else ""


def _action_stamp(body: dict[str, Any]) -> int | None:
    for holder in ("item", "replacementItem"):
        found = whole(_dig(_only(_dig(body, holder))[1], "timestampUsec"))
        if found is not None:
            return stamp(found // 1000)
    return None


def _only(holder: Any) -> tuple[str, dict[str, Any]]:
    """Give the renderer in {"kindRenderer": {…}} by its kind."""
    for kind, item in holder.items() if isinstance(holder, dict) else ():
        if isinstance(item, dict):
            return kind, item
    return "", {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dig(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
