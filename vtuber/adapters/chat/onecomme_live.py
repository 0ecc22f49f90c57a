"""わんコメ (OneComme) as it runs beside the stream: YouTube, Niconico, Twitch and more through one WebSocket."""

from functools import partial
from random import Random
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from vtuber.adapters.chat.live import Dial, Heard, Live, Pace, check_address, websocket
from vtuber.adapters.chat.onecomme import Hub
from vtuber.adapters.chat.onecomme_comment import HUB
from vtuber.clock import Clock
from vtuber.settings import OneComme

_PACE = Pace(least_ms=5000)  # what the hub asks of its clients; it promises no frames, so silence means nothing
_FRAME_BYTES = 16 * 1024 * 1024  # over this the line is cut: the backlog comes in one frame
_LONGEST_FRAME = 8 * 1024 * 1024  # over this a frame is skipped
_WANTED = "comments,deleted,clear,meta"


class OneCommeLive(Live):
    """The source that listens to the hub; `dial` opens another line than the settings'. Raises BadSetting."""

    def __init__(self, settings: OneComme, clock: Clock, dice: Random, dial: Dial | None = None) -> None:
        url = subscription(check_address(settings.url, "sources.onecomme.url"))
        super().__init__(
            OneCommeSession(clock.now()),
            dial or partial(websocket, url, frame_bytes=_FRAME_BYTES),
            clock,
            dice,
            name=HUB,
            pace=_PACE,
        )


class OneCommeSession:
    """The talk with the hub, which talks alone. `started_ms` is as in Hub."""

    def __init__(self, started_ms: int) -> None:
        self._hub = Hub(started_ms)

    def greet(self) -> tuple[str, ...]:
        """Say nothing: the address says what is wanted."""
        return ()

    def hear(self, frame: bytes, now_ms: int) -> Heard:
        """Read one frame of JSON."""
        if len(frame) > _LONGEST_FRAME:
            return Heard(events=(self._hub.skipped("long_frame", now_ms),))
        try:
            decoded = msgspec.json.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Heard(events=(self._hub.skipped("broken_frame", now_ms),))
        return Heard(events=self._hub.read(decoded, now_ms))


def subscription(url: str) -> str:
    """Give the address with what is wanted of the hub: without it, it sends nothing since version 8."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode({"p": _WANTED, **query}, safe=",")))
