"""What わんコメ (OneComme) says, frame by frame, as events: a pure codec that knows edits and what was heard before."""

import hashlib
from collections import OrderedDict
from typing import Any

import msgspec

from vtuber.adapters.chat import onecomme_comment
from vtuber.adapters.chat.onecomme_comment import HUB, Said
from vtuber.core.chatlog import hashed_id
from vtuber.events import Chat, Notice, Retract, Skipped, System
from vtuber.ports import FromChat

_REMEMBERED = 4096  # comments: the hub itself keeps far fewer to send again
_MOST = 5000  # comments in one frame
_CHAT = frozenset({"connected", "comments", "deleted"})
# Frames about something else, some of which older hubs send unasked. "clear" only empties the hub's own list, as when
# its owner begins the next stream: nobody was moderated, so nothing is retracted.
_BESIDE = frozenset(
    {"clear", "meta", "meta.clear", "config", "userDatas", "services", "notification", "pinned", "waitingList"}
    | {"bookmarked", "setList", "setList.request", "reactions", "wp.update", "wp.exec", "toast", "systemComment"}
    | {"yt.survey.start", "yt.survey.update", "yt.survey.finish", "ni.survey.start", "ni.survey.finish"}
)


class _Wording(msgspec.Struct, frozen=True):
    """The latest wording of one comment."""

    first_id: str  # the event id of its first wording
    number: int  # 1 for the first one
    digest: bytes
    channel: str
    deleted: bool = False

    @property
    def id(self) -> str:
        return self.first_id if self.number == 1 else f"{self.first_id}~{self.number}"


class Hub:
    """Reads frames in their order. What it has heard is remembered over reconnects, the last 4,096 comments of it.

    `started_ms` is where the ordinals begin that make the ids of comments without one.
    """

    def __init__(self, started_ms: int) -> None:
        self._ordinal = started_ms
        self._wordings: OrderedDict[tuple[str, str], _Wording] = OrderedDict()  # by platform and hub's id

    def read(self, frame: Any, now_ms: int) -> tuple[FromChat, ...]:
        """Read one decoded frame. Never raises: what cannot be read becomes Skipped."""
        kind, data = (frame.get("type"), frame.get("data")) if isinstance(frame, dict) else (None, None)
        match kind, data:
            case "connected", {"comments": list(comments)}:
                return self._comments(comments, now_ms, backlog=True)
            case "comments", {"comments": list(comments), **rest}:
                options = rest.get("options")
                backlog = isinstance(options, dict) and options.get("init") is True
                return self._comments(comments, now_ms, backlog=backlog)
            case "deleted", list(deleted):
                return self._deletions(deleted, now_ms)
            case _:
                return self._beside(kind, data, now_ms)

    def skipped(self, reason: str, now_ms: int) -> Skipped:
        """Say that something could not be used."""
        self._ordinal += 1
        return Skipped(id=hashed_id(HUB, self._ordinal, "", reason), at_ms=now_ms, reason=reason)

    def _beside(self, kind: object, data: object, now_ms: int) -> tuple[FromChat, ...]:
        if not isinstance(kind, str) or (kind in _CHAT and not (kind == "connected" and isinstance(data, dict))):
            return (self.skipped("broken_frame", now_ms),)
        return () if kind in _CHAT | _BESIDE else (self.skipped("unknown_frame", now_ms),)

    def _comments(self, comments: list[Any], now_ms: int, *, backlog: bool) -> tuple[FromChat, ...]:
        if len(comments) > _MOST:
            return (self.skipped("long_frame", now_ms),)
        return tuple(event for one in comments for event in self._comment(one, now_ms, backlog=backlog))

    def _comment(self, comment: Any, now_ms: int, *, backlog: bool) -> tuple[FromChat, ...]:
        self._ordinal += 1
        said = onecomme_comment.decode(comment, now_ms, self._ordinal, backlog=backlog)
        if isinstance(said, Skipped):
            return (said,)
        key = (said.platform, onecomme_comment.native_id(comment))
        if not key[1]:
            return (said,)
        before, digest = self._wordings.get(key), _digest(comment, said)
        if before is None:
            self._keep(key, _Wording(first_id=said.id, number=1, digest=digest, channel=said.channel))
            return (said,)
        self._wordings.move_to_end(key)
        if before.deleted or before.digest == digest:
            return ()
        now = msgspec.structs.replace(before, number=before.number + 1, digest=digest, channel=said.channel)
        self._keep(key, now)
        return (_retract(before, "edited", now_ms), _edited(said, now.id, before.id))

    def _deletions(self, deleted: list[Any], now_ms: int) -> tuple[FromChat, ...]:
        if len(deleted) > _MOST:
            return (self.skipped("long_frame", now_ms),)
        return tuple(event for one in deleted for event in self._delete(one, now_ms))

    def _delete(self, deleted: Any, now_ms: int) -> tuple[FromChat, ...]:
        native = onecomme_comment.native_id({"data": deleted})
        if not native:
            return (self.skipped("broken_frame", now_ms),)
        # A deletion does not name its service; ids of two services hardly ever meet.
        found = [(platform, native) for platform in onecomme_comment.PLATFORMS if (platform, native) in self._wordings]
        if not found:
            return (self.skipped("deleted_unheard", now_ms),)
        retracts: list[FromChat] = []
        for key in found:
            wording = self._wordings[key]
            self._wordings[key] = msgspec.structs.replace(wording, deleted=True)
            if not wording.deleted:
                retracts.append(_retract(wording, "deleted", now_ms))
        return tuple(retracts)

    def _keep(self, key: tuple[str, str], wording: _Wording) -> None:
        self._wordings[key] = wording
        while len(self._wordings) > _REMEMBERED:
            self._wordings.popitem(last=False)


def _retract(wording: _Wording, reason: str, now_ms: int) -> Retract:
    return Retract(
        id=f"{wording.id}!{reason}", at_ms=now_ms, target_event=wording.id, channel=wording.channel, reason=reason
    )


def _edited(said: Said, new_id: str, before: str) -> Said:
    if isinstance(said, Chat):
        return msgspec.structs.replace(said, id=new_id, edit_of=before)
    return msgspec.structs.replace(said, id=new_id)


def _digest(comment: Any, said: Said) -> bytes:
    """Sum up what makes a wording: not the name, the badges or the voice's text, which the hub may change."""
    money = None if isinstance(said, System) else said.money
    notice = said.notice if isinstance(said, Notice) else ""
    parts = (type(said).__name__, onecomme_comment.written(comment), notice, money.amount if money else "")
    return hashlib.blake2b("\x00".join(parts).encode("utf-8", "replace"), digest_size=8).digest()
