"""The local WebSocket's frames: JSON text to events and operations, and what is told back; a pure codec."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from vtuber.core.chatlog import event_id, hashed_id
from vtuber.events import Chat, Connection, Effort, Money, Notice, Operation, Performed, Retract, Role, Tier

PLATFORM = "local"

_ID_LENGTH = 128
_SHOWN = 200  # characters of a refusal: what is wrong may hold the client's own words
_AMOUNT = re.compile(r"(?=.*[1-9])[0-9]{1,12}(?:\.[0-9]{1,8})?", re.ASCII)

_Text: TypeAlias = Annotated[str, Meta(max_length=2000)]
_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
_Native: TypeAlias = Annotated[str, Meta(min_length=1, max_length=_ID_LENGTH)]
_Maybe: TypeAlias = Annotated[str, Meta(max_length=_ID_LENGTH)]  # as _Native, or "" for none
_Word: TypeAlias = Annotated[str, Meta(pattern=r"\A[a-z0-9_-]{1,32}\Z")]
_Channel: TypeAlias = Annotated[str, Meta(pattern=r"\A[^:\s]{1,100}\Z")]
_Stamp: TypeAlias = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]  # unix ms, to the year 9999
_Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Arrival(msgspec.Struct, frozen=True):
    """When a frame came, on the stream clock, and its place among all frames since the socket opened."""

    at_ms: int
    ordinal: int


class Heard(msgspec.Struct, frozen=True):
    """Something for the show to hear: one event, or two for an edit. `ref` is what the client is told when it is safe.

    `ref` is the client's own id, or the event's where the client gave none.
    """

    ref: str
    events: tuple[Chat | Notice | Retract, ...]


class Order(msgspec.Struct, frozen=True):
    """An operation for the show; `fields` holds text (say), user (ban: an id or a name), tier and model (switch)."""

    op: Operation
    fields: dict[str, str]


class Subscription(msgspec.Struct, frozen=True):
    """Whether the client wants to be told what is performed."""

    on: bool


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a frame was not taken: a word for programs, a sentence for people, and the frame's own id or op."""

    error: str
    said: str
    id: str = ""
    op: str = ""


Request: TypeAlias = Heard | Order | Subscription | Refusal


class _Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: str | int | float
    currency: Annotated[str, Meta(min_length=1, max_length=16)]

    def __post_init__(self) -> None:
        if not _AMOUNT.fullmatch(str(self.amount)):
            raise ValueError('an amount is a decimal greater than 0, such as "500" or "20.00"')


class _From(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user: _Maybe = ""
    id: _Maybe = ""
    platform: _Word = PLATFORM
    channel: _Channel = "main"
    roles: tuple[Role, ...] = ()
    money: _Money | None = None
    sent_at_ms: _Stamp = 0
    backlog: bool = False


class _Said(_From, frozen=True, kw_only=True):
    text: _Text
    name: _Name
    first_time: bool = False
    reply_to: _Maybe = ""
    edit: _Native = ""
    effort: Effort | None = None


class _Happened(_From, frozen=True, kw_only=True):
    notice: _Word
    name: Annotated[str, Meta(max_length=100)] = ""
    text: _Text = ""
    count: _Count = 0


class _Gone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    delete: _Native = ""
    delete_user: _Native = ""
    clear: bool = False
    id: _Maybe = ""
    platform: _Word = PLATFORM
    channel: _Channel = "main"


class _Ordered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    op: Literal["hush", "skip", "pause", "resume", "ban", "say", "reload", "switch", "stop"]
    text: Annotated[str, Meta(max_length=500)] = ""
    user: _Maybe = ""
    name: Annotated[str, Meta(max_length=100)] = ""  # of a viewer whose id is not known
    platform: _Word = PLATFORM
    tier: Tier | None = None
    model: Annotated[str, Meta(max_length=200)] = ""


class _Subscribed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subscribe: bool


# Which key tells what a frame is; a frame that mixes two of them is refused for its unknown key.
_SHAPES: Mapping[str, type[_Said | _Happened | _Gone | _Ordered | _Subscribed]] = {
    "op": _Ordered,
    "subscribe": _Subscribed,
    "clear": _Gone,
    "delete": _Gone,
    "delete_user": _Gone,
    "notice": _Happened,
    "edit": _Said,
    "text": _Said,
}
_NEEDS: Mapping[str, tuple[str, ...]] = {"say": ("text",), "ban": ("user",), "switch": ("tier", "model")}


def decode(frame: bytes, at: Arrival) -> Request:
    """Read one frame; whatever stands in it, this never raises."""
    raw = _json(frame)
    if not isinstance(raw, dict):
        return Refusal("not_json", "A frame is JSON text that holds one object.")
    if "token" in raw:
        return Refusal("unexpected_token", "The token is shown once, before anything else.")
    ours = {key: value for key in ("id", "op") if isinstance(value := raw.get(key), str) and len(value) <= _ID_LENGTH}
    shape = next((shape for key, shape in _SHAPES.items() if key in raw), None)
    if shape is None:
        return Refusal("unknown_frame", f"A frame has one of these keys: {', '.join(_SHAPES)}.", **ours)
    try:
        return _request(msgspec.convert(raw, shape), at)
    except ValueError as error:
        return Refusal("wrong_field", f"{str(error)[:_SHOWN]}.", **ours)


def shown_token(frame: bytes) -> str:
    """Give the token that a first frame shows, "" if it shows none."""
    raw = _json(frame)
    token = raw.get("token") if isinstance(raw, dict) and len(raw) == 1 else None
    return token if isinstance(token, str) else ""


def ok(what: str) -> bytes:
    """Tell that a message is safe on disk, or that an operation was handed over."""
    return msgspec.json.encode({"ok": what})


def refused(refusal: Refusal) -> bytes:
    """Tell why a frame was not taken, or not kept."""
    return msgspec.json.encode(refusal)


def told(event: Performed | Connection) -> bytes:
    """Tell a subscriber what was performed, or how a chat source fares: no ids of viewers, no thoughts, no errors."""
    fields: tuple[str, ...]
    if isinstance(event, Connection):
        name, fields = "connection", ("source", "state", "retry_ms")
    else:
        name, fields = "performed", ("text", "language", "to", "expression", "turn")
    return msgspec.json.encode({name: {field: getattr(event, field) for field in fields}})


def _json(frame: bytes) -> Any:
    try:
        return msgspec.json.decode(frame)
    except (ValueError, RecursionError):
        return None


def _request(asked: _Said | _Happened | _Gone | _Ordered | _Subscribed, at: Arrival) -> Request:
    """Give what is asked for. Raises ValueError with a sentence for what a shape alone cannot tell."""
    events: tuple[Chat | Notice | Retract, ...]
    match asked:
        case _Ordered():
            return _order(asked)
        case _Subscribed():
            return Subscription(asked.subscribe)
        case _Gone():
            events = (_retract(asked, at),)
        case _Happened():
            events = (_notice(asked, at),)
        case _Said():
            events = _edit(asked, at) if asked.edit else (_chat(asked, at),)
    return Heard(asked.id or events[-1].id, events)


def _chat(said: _Said, at: Arrival, own_id: str = "") -> Chat:
    paid = said.money is not None and said.money.currency != "bits"
    return Chat(
        id=own_id or _own_id(said, at, said.name, said.text),
        at_ms=at.at_ms,
        form="paid" if paid else "text",
        text=said.text,
        first_time=said.first_time,
        effort=said.effort,
        reply_to=event_id(PLATFORM, said.channel, said.reply_to) if said.reply_to else "",
        edit_of=event_id(PLATFORM, said.channel, said.edit) if said.edit else "",
        **_author(said, at),
    )


def _edit(said: _Said, at: Arrival) -> tuple[Retract, Chat]:
    """Give the old wording's end and the new wording, whose id is the same each time that it is sent."""
    gone = Retract(
        id=hashed_id(f"{PLATFORM}:{said.channel}", at.ordinal, said.edit, f"edited {at.at_ms}"),
        at_ms=at.at_ms,
        target_event=event_id(PLATFORM, said.channel, said.edit),
        channel=said.channel,
        reason="edited",
    )
    return gone, _chat(said, at, "" if said.id else hashed_id(f"{PLATFORM}:{said.channel}", 0, said.edit, said.text))


def _notice(happened: _Happened, at: Arrival) -> Notice:
    return Notice(
        id=_own_id(happened, at, happened.name, f"{happened.notice} {happened.text}"),
        at_ms=at.at_ms,
        notice=happened.notice,
        text=happened.text,
        count=happened.count,
        **_author(happened, at),
    )


def _author(said: _Said | _Happened, at: Arrival) -> dict[str, Any]:
    money = said.money
    return {
        "platform": said.platform,
        "channel": said.channel,
        "viewer_id": _viewer(said.platform, said.user, said.name),
        "name": said.name,
        "roles": said.roles,
        "money": Money(amount=str(money.amount), currency=money.currency) if money else None,
        "sent_at_ms": said.sent_at_ms,
        "received_at_ms": at.at_ms,
        "backlog": said.backlog,
    }


def _retract(gone: _Gone, at: Arrival) -> Retract:
    if [bool(gone.delete), bool(gone.delete_user), gone.clear].count(True) != 1:
        raise ValueError("Name one message in `delete`, one viewer in `delete_user`, or say `clear`: true")
    return Retract(
        id=_own_id(gone, at, gone.delete or gone.delete_user, "retract"),
        at_ms=at.at_ms,
        target_event=event_id(PLATFORM, gone.channel, gone.delete) if gone.delete else "",
        target_viewer=_viewer(gone.platform, gone.delete_user, ""),
        everything=gone.clear,
        channel=gone.channel,
        reason="deleted",
    )


def _order(asked: _Ordered) -> Order:
    given = {
        name: value
        for name in ("text", "user", "name", "tier", "model")
        if (value := (getattr(asked, name) or "").strip())
    }
    needs = ("name",) if asked.op == "ban" and "user" not in given and "name" in given else _NEEDS.get(asked.op, ())
    if set(given) != set(needs):
        raise ValueError(f"`{asked.op}` takes {' and '.join(f'`{name}`' for name in needs) or 'nothing more'}")
    if "user" in given:
        given["user"] = _viewer(asked.platform, asked.user, "")
    return Order(asked.op, {"user": given["name"]} if "name" in given else given)


def _viewer(platform: str, user: str, name: str) -> str:
    own = user or (f"login:{name.strip().lower()}" if name.strip() else "")
    return f"{platform}:{own}" if own else ""


def _own_id(of: _Said | _Happened | _Gone, at: Arrival, author: str, content: str) -> str:
    """Give an event's id: of the client's own one, else one that no restart gives again."""
    if of.id:
        return event_id(PLATFORM, of.channel, of.id)
    return hashed_id(f"{PLATFORM}:{of.channel}", at.ordinal, author, f"{at.at_ms} {content}")
