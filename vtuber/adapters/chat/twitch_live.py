"""Twitch's chat as it is written, read without an account; any IRC server with a WebSocket will do as well."""

import re
from functools import partial
from random import Random
from urllib.parse import urlsplit

import msgspec

from vtuber.adapters.chat import twitch_irc
from vtuber.adapters.chat.live import Dial, Heard, Live, Pace, check_address, websocket
from vtuber.clock import Clock
from vtuber.core.chatlog import hashed_id
from vtuber.errors import BadSetting
from vtuber.events import Skipped, System
from vtuber.ports import FromChat
from vtuber.settings import Twitch

_PACE = Pace(silence_ms=60_000, nudge="PING :vtuber")
_FRAME_BYTES = 4 * 1024 * 1024  # over this the line is cut
_LONGEST_FRAME = 256 * 1024  # over this a frame is skipped: a full line with its tags has 9 KiB
_MOST_LINES = 1000  # in one frame
_JOIN_MS = 10_000  # by then a channel that exists has let us in
_CHANNEL = re.compile(r"[^\s,#:\x00-\x20]{1,64}")
# Why a plain IRC server lets nobody in: no such channel, too many, full, by invitation, banned, a key, registered only.
_REFUSED = frozenset({"403", "405", "437", "471", "473", "474", "475", "476", "477", "489"})
_NICK_TAKEN = frozenset({"432", "433", "436"})


class TwitchLive(Live):
    """The source that reads the channels of the settings; `dial` opens another line than theirs. Raises BadSetting."""

    def __init__(self, settings: Twitch, clock: Clock, dice: Random, dial: Dial | None = None) -> None:
        url = check_address(settings.url, "sources.twitch.url")
        address = urlsplit(url)
        # Some servers refuse a client without an origin; ours is the server itself.
        origin = f"{'https' if address.scheme == 'wss' else 'http'}://{address.netloc}"
        super().__init__(
            TwitchSession(settings.channels, dice, clock.now()),
            dial or partial(websocket, url, origin=origin, frame_bytes=_FRAME_BYTES),
            clock,
            dice,
            name=twitch_irc.PLATFORM,
            pace=_PACE,
        )


class TwitchSession:
    """The talk with Twitch: logs in without a name, joins, answers pings, and reads the rest as chat.

    `started_ms` is where the ordinals begin that make the ids of nameless events: with the time in them they differ
    from those of an earlier run. Raises BadSetting for no channel or one that cannot be a channel's name.
    """

    def __init__(self, channels: tuple[str, ...], dice: Random, started_ms: int) -> None:
        self._channels = tuple(dict.fromkeys(channel.strip().removeprefix("#").lower() for channel in channels))
        if not self._channels or not all(_CHANNEL.fullmatch(channel) for channel in self._channels):
            raise BadSetting(f"sources.twitch.channels is {list(channels)}: it takes channel names such as ['mika'].")
        self._dice = dice
        self._ordinal = started_ms
        self._nick = ""
        self._asked: dict[str, int] = {}  # channels that have not let us in yet -> since when

    def greet(self) -> tuple[str, ...]:
        """Log in with a fresh number: on a plain server the old one may still be taken."""
        self._asked = {}
        return ("CAP REQ :twitch.tv/tags twitch.tv/commands", "PASS anonymous", self._new_nick(), "USER vtuber 0 * :-")

    def hear(self, frame: bytes, now_ms: int) -> Heard:
        """Read the lines of one frame."""
        if len(frame) > _LONGEST_FRAME or frame.count(b"\n") > _MOST_LINES:
            return Heard(events=(self._skipped("long_frame", now_ms),))
        events: list[FromChat] = []
        replies: list[str] = []
        reconnect = False
        for raw in filter(None, re.split(rb"[\r\n]+", frame)):
            self._ordinal += 1
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError:
                events.append(self._skipped("invalid_utf8", now_ms))
                continue
            nick, command, params = twitch_irc.command(line)
            replies += self._replies(command, params, now_ms)
            events += self._events(line, nick, command, params, now_ms)
            reconnect |= command == "RECONNECT"
        events += self._not_let_in(now_ms)
        return Heard(events=tuple(events), replies=tuple(replies), reconnect=reconnect)

    def _replies(self, command: str, params: str, now_ms: int) -> tuple[str, ...]:
        match command:
            case "PING":
                return (f"PONG {params}",)
            case "001":
                self._nick = params.partition(" ")[0]
                self._asked = dict.fromkeys(self._channels, now_ms)
                return tuple(f"JOIN #{channel}" for channel in self._channels)
            case "CAP" if " NAK " in f" {params} ":
                return ("CAP END",)  # a plain server waits for this before it goes on
            case _ if command in _NICK_TAKEN:
                return (self._new_nick(),)
            case _:
                return ()

    def _events(self, line: str, nick: str, command: str, params: str, now_ms: int) -> tuple[FromChat, ...]:
        words = params.split()
        channel = next((word.lstrip(":#").lower() for word in words if word.lstrip(":").startswith("#")), "")
        if command in _REFUSED:
            return (self._system(channel, params.partition(" :")[2], now_ms),) if self._heard_of(channel) else ()
        if command in {"ROOMSTATE", "366", "NOTICE"} or (command == "JOIN" and nick.lower() == self._nick.lower()):
            self._heard_of(channel)
        if command == "NOTICE" and not channel and params.partition(" :")[2].startswith("***"):
            return ()  # a plain server thinking aloud while it lets us in
        event = twitch_irc.decode(line, now_ms, self._ordinal)
        if isinstance(event, Skipped):
            event = msgspec.structs.replace(event, line=0)
        return (event,) if event is not None else ()

    def _heard_of(self, channel: str) -> bool:
        """Note that a channel has answered; say whether that was still open."""
        return self._asked.pop(channel, None) is not None

    def _not_let_in(self, now_ms: int) -> list[System]:
        late = [channel for channel, since in self._asked.items() if now_ms - since >= _JOIN_MS]
        for channel in late:
            del self._asked[channel]
        return [self._system(channel, f"#{channel} did not let us in: is its name right?", now_ms) for channel in late]

    def _system(self, channel: str, text: str, now_ms: int) -> System:
        self._ordinal += 1
        return System(
            id=hashed_id(f"{twitch_irc.PLATFORM}:{channel}", self._ordinal, "", text),
            at_ms=now_ms,
            platform=twitch_irc.PLATFORM,
            channel=channel,
            text=text,
            sent_at_ms=now_ms,
            received_at_ms=now_ms,
        )

    def _skipped(self, reason: str, now_ms: int) -> Skipped:
        self._ordinal += 1
        return Skipped(id=hashed_id(twitch_irc.PLATFORM, self._ordinal, "", reason), at_ms=now_ms, reason=reason)

    def _new_nick(self) -> str:
        return f"NICK justinfan{self._dice.randrange(10_000, 100_000)}"
