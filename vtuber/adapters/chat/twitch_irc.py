"""Twitch's chat as IRC lines with IRCv3 tags: a pure codec, shared by live chat and replay."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from vtuber.core.chatlog import event_id, hashed_id, stamp, whole
from vtuber.events import Chat, Money, Notice, Retract, Role, Skipped, System
from vtuber.ports import FromChat

PLATFORM = "twitch"

_LINE = re.compile(
    r"(?:@(?P<tags>\S*) +)?(?::(?P<prefix>\S*) +)?(?P<command>[A-Z]+|[0-9]{3})(?: +(?P<params>.*))?", re.DOTALL
)
_PROTOCOL = frozenset(
    {"PING", "PONG", "CAP", "JOIN", "PART", "MODE", "NAMES", "PASS", "NICK", "USER", "QUIT", "ERROR"}
    | {"RECONNECT", "ROOMSTATE", "USERSTATE", "GLOBALUSERSTATE", "HOSTTARGET"}
)
_CHAT = frozenset({"PRIVMSG", "USERNOTICE", "CLEARCHAT", "CLEARMSG", "NOTICE"})
_ESCAPED = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
_ROLES: Mapping[str, Role] = {
    "broadcaster": "owner",
    "moderator": "moderator",
    "lead_moderator": "moderator",
    "vip": "vip",
    "subscriber": "member",
    "founder": "member",
    "partner": "verified",
    "bot-badge": "bot",
}
# Where each notice keeps its number: raiders, gifts, months, streams in a row.
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "raid": ("msg-param-viewerCount",),
    "submysterygift": ("msg-param-mass-gift-count",),
    "sub": ("msg-param-cumulative-months", "msg-param-months"),
    "resub": ("msg-param-cumulative-months", "msg-param-months"),
    "modiversary": ("msg-param-months",),
    "viewermilestone": ("msg-param-value",),
    "bitsbadgetier": ("msg-param-threshold",),
}


class _Line(msgspec.Struct, frozen=True):
    tags: dict[str, str]
    nick: str
    command: str
    channel: str
    text: str
    ordinal: int

    @property
    def stamp_ms(self) -> int | None:
        return stamp(whole(self.tags.get("tmi-sent-ts")) or whole(self.tags.get("rm-received-ts")))

    @property
    def id(self) -> str:
        native = self.tags.get("id", "")
        if native:
            return event_id(PLATFORM, self.channel, native)
        author = self.tags.get("user-id") or self.tags.get("target-user-id") or self.nick
        content = f"{self.command} {self.stamp_ms or 0} {self.tags.get('target-msg-id', '')} {self.text}"
        return hashed_id(f"{PLATFORM}:{self.channel}", self.ordinal, author, content)

    @property
    def shared_from(self) -> str:
        """The room where a shared chat's message was written, when it is not this one."""
        source = self.tags.get("source-room-id", "")
        return source if source != self.tags.get("room-id", "") else ""


def is_line(line: str) -> bool:
    """Say whether a line looks like Twitch's IRC."""
    found = _LINE.fullmatch(line.rstrip("\r\n"))
    return found is not None and (found["command"] in _CHAT or _is_protocol(found["command"]))


def command(line: str) -> tuple[str, str, str]:
    """Give a line's nickname ("" for a server's), command and parameters as they stand; all "" for what is not IRC."""
    found = _LINE.fullmatch(line)
    if found is None:
        return "", "", ""
    nick, mark, _ = (found["prefix"] or "").partition("!")
    return nick if mark else "", found["command"], found["params"] or ""


def roles(badges: Iterable[str]) -> tuple[Role, ...]:
    """Give what a viewer's badges, by their names, say of her."""
    return tuple(dict.fromkeys(_ROLES[name] for name in badges if name in _ROLES))


def decode(line: str, received_at_ms: int, ordinal: int = 0) -> FromChat | None:
    """Read one line without its line end; None for what is only protocol. `ordinal` is its place in the source.

    Never raises: a line that is not IRC gives Skipped("broken_line"), an unknown command Skipped("unknown_command").
    """
    return read(line, received_at_ms, ordinal)[1]


def read(line: str, received_at_ms: int, ordinal: int = 0) -> tuple[int | None, FromChat | None]:
    """Read one line as `decode` does, with the platform's own stamp in milliseconds (None where there is none)."""
    found = _LINE.fullmatch(line.rstrip("\r\n"))
    if found is None:
        return None, _skipped("broken_line", ordinal, received_at_ms)
    command = found["command"]
    if _is_protocol(command):
        return None, None
    if command not in _CHAT:
        return None, _skipped("unknown_command", ordinal, received_at_ms)
    target, text = _params(found["params"] or "")
    if not target.startswith("#") and command != "NOTICE":
        return None, _skipped("broken_line", ordinal, received_at_ms)
    parsed = _Line(
        tags=_tags(found["tags"] or ""),
        nick=(found["prefix"] or "").partition("!")[0] if "!" in (found["prefix"] or "") else "",
        command=command,
        channel=target[1:].lower() if target.startswith("#") else "",
        text=text,
        ordinal=ordinal,
    )
    return parsed.stamp_ms, _event(parsed, received_at_ms)


def _is_protocol(command: str) -> bool:
    return command in _PROTOCOL or command.isdecimal()


def _event(line: _Line, at_ms: int) -> FromChat:
    match line.command:
        case "PRIVMSG":
            return _chat(line, at_ms)
        case "USERNOTICE":
            return _notice(line, at_ms)
        case "CLEARCHAT" | "CLEARMSG":
            return _retract(line, at_ms)
        case _:
            return System(
                id=line.id,
                at_ms=at_ms,
                platform=PLATFORM,
                channel=line.channel,
                text=line.text,
                sent_at_ms=line.stamp_ms or 0,
                received_at_ms=at_ms,
            )


def _chat(line: _Line, at_ms: int) -> Chat:
    tags = line.tags
    text, emotes = _with_emotes(_without_action(line.text), tags.get("emotes", ""))
    bits = whole(tags.get("bits")) or 0
    reply_to = tags.get("reply-parent-msg-id", "")
    return Chat(
        id=line.id,
        at_ms=at_ms,
        platform=PLATFORM,
        channel=line.channel,
        viewer_id=_viewer(tags.get("user-id", ""), line.nick),
        name=tags.get("display-name", "").strip() or line.nick,
        roles=_roles(tags.get("badges", "")),
        text=text,
        sent_at_ms=line.stamp_ms or 0,
        received_at_ms=at_ms,
        money=Money(str(bits), "bits") if bits else None,
        emotes=emotes,
        first_time=tags.get("first-msg") == "1",
        reply_to=event_id(PLATFORM, line.channel, reply_to) if reply_to else "",
        reply_to_viewer=_viewer(tags.get("reply-parent-user-id", ""), tags.get("reply-parent-user-login", "")),
        shared_from=line.shared_from,
    )


def _notice(line: _Line, at_ms: int) -> Notice:
    tags = line.tags
    kind = tags.get("msg-id", "") or "notice"
    said, _ = _with_emotes(line.text, tags.get("emotes", ""))
    counts = (whole(tags.get(name)) for name in _COUNTS.get(kind, ()))
    return Notice(
        id=line.id,
        at_ms=at_ms,
        platform=PLATFORM,
        channel=line.channel,
        viewer_id=_viewer(tags.get("user-id", ""), tags.get("login", "")),
        name=tags.get("display-name", "").strip() or tags.get("login", ""),
        roles=_roles(tags.get("badges", "")),
        text=" ".join(part for part in (tags.get("system-msg", "").strip(), said) if part),
        sent_at_ms=line.stamp_ms or 0,
        received_at_ms=at_ms,
        # Another channel's subscription or raid is not hers to give thanks for, whatever its own word was.
        notice="sharedchatnotice" if line.shared_from else kind,
        count=1 if kind == "subgift" else next((count for count in counts if count is not None), 0),
    )


def _retract(line: _Line, at_ms: int) -> FromChat:
    target = line.tags.get("target-msg-id", "")
    if line.command == "CLEARMSG":
        if not target:
            return _skipped("broken_line", line.ordinal, at_ms)
        target = event_id(PLATFORM, line.channel, target)
        return Retract(id=line.id, at_ms=at_ms, channel=line.channel, reason="deleted", target_event=target)
    viewer = _viewer(line.tags.get("target-user-id", ""), line.text.strip())
    if not viewer:
        return Retract(id=line.id, at_ms=at_ms, channel=line.channel, reason="cleared", everything=True)
    reason = "timeout" if "ban-duration" in line.tags else "ban"
    return Retract(id=line.id, at_ms=at_ms, channel=line.channel, reason=reason, target_viewer=viewer)


def _skipped(reason: str, ordinal: int, at_ms: int) -> Skipped:
    return Skipped(id=hashed_id(PLATFORM, ordinal, "", reason), at_ms=at_ms, reason=reason, line=ordinal)


def _viewer(user_id: str, login: str) -> str:
    if user_id:
        return f"{PLATFORM}:{user_id}"
    return f"{PLATFORM}:login:{login.lower()}" if login else ""


def _params(params: str) -> tuple[str, str]:
    """Give the first parameter and the text: what follows ":", else the rest of the line."""
    target, _, rest = params.lstrip(" ").partition(" ")
    rest = rest.lstrip(" ")
    return target, rest.removeprefix(":")


def _tags(tags: str) -> dict[str, str]:
    pairs = (tag.partition("=") for tag in tags.split(";") if tag)
    return {name: _unescaped(value) for name, _, value in pairs}


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return re.sub(r"\\(.?)", lambda found: _ESCAPED.get(found[1], found[1]), value, flags=re.DOTALL)


def _roles(badges: str) -> tuple[Role, ...]:
    return roles(badge.partition("/")[0] for badge in badges.split(","))


def _without_action(text: str) -> str:
    return text.removeprefix("\x01ACTION ").removesuffix("\x01") if text.startswith("\x01ACTION ") else text


def _with_emotes(text: str, emotes: str) -> tuple[str, int]:
    """Give the text with its emotes as :name:, and how many there are; a range outside the text is ignored."""
    spans = sorted(
        {
            (start, end + 1)
            for places in emotes.split("/")
            for start, end in re.findall(r"\b([0-9]{1,6})-([0-9]{1,6})\b", places.partition(":")[2])
            for start, end in [(int(start), int(end))]
            if start <= end < len(text)
        }
    )
    pieces, done, count = [], 0, 0
    for start, end in spans:
        if start < done:
            continue
        name = text[start:end]
        pieces += [text[done:start], f":{name}:" if name.isalnum() else name]
        done, count = end, count + 1
    return "".join((*pieces, text[done:])), count
