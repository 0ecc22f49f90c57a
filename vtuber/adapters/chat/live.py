"""Chat over a WebSocket: this keeps the line up, and leaves what is said on it to a pure session."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from ipaddress import ip_address
from random import Random
from typing import Literal, Protocol, TypeAlias

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException
from websockets.typing import Origin
from websockets.uri import parse_uri

from vtuber.clock import Clock
from vtuber.errors import BadSetting, ChatSourceError, ChatSourceLost
from vtuber.events import Connection
from vtuber.ports import FromChat

_OPEN_S = 10.0  # a server that has not opened the line by then is not there
_PING_S = 20.0  # both between two WebSocket pings and for the answer to one
_CLOSE_S = 1.0  # the show does not wait longer than this for a farewell
_Ended: TypeAlias = Literal["lost", "stalled", "asked"]


class Heard(msgspec.Struct, frozen=True):
    """What a session makes of one frame. `reconnect`: the server asks for a fresh connection."""

    events: tuple[FromChat, ...] = ()
    replies: tuple[str, ...] = ()
    reconnect: bool = False


class Session(Protocol):
    """One source's side of the talk, without I/O.

    It outlives the connections, so that no id is given twice and nothing is heard twice, and it marks what is backlog.
    """

    def greet(self) -> tuple[str, ...]:
        """Give what to send first on a fresh connection."""
        ...

    def hear(self, frame: bytes, now_ms: int) -> Heard:
        """Read one frame, text or binary. Never raises: what cannot be read becomes Skipped."""
        ...


class Wire(Protocol):
    """An open line."""

    async def receive(self) -> bytes:
        """Wait for the next frame; safe to cancel. Raises ChatSourceLost."""
        ...

    async def send(self, text: str) -> None:
        """Send one text frame. Raises ChatSourceLost."""
        ...


Dial: TypeAlias = Callable[[], AbstractAsyncContextManager[Wire]]  # opens a line; raises ChatSourceLost


class Pace(msgspec.Struct, frozen=True):
    """When a line counts as dead and when it is tried again, in milliseconds.

    The pause is drawn from 0 … `first_ms` · 2ⁿ ("full jitter"), at most `most_ms` and never under `least_ms`.
    """

    first_ms: int = 500
    least_ms: int = 0
    most_ms: int = 30_000
    healthy_ms: int = 30_000  # a line that held this long makes the failures before it forgotten
    silence_ms: int = 0  # without any frame for this long it has stalled; 0 where the protocol promises none
    nudge: str = ""  # sent after half of that, since the other side must answer it


class Live:
    """A chat source on a WebSocket. Never ends by itself: a lost line is told with Connection and tried again."""

    def __init__(self, session: Session, dial: Dial, clock: Clock, dice: Random, *, name: str, pace: Pace) -> None:
        self.name = name
        self._session = session
        self._dial = dial
        self._clock = clock
        self._dice = dice
        self._pace = pace
        self._attempt = 0
        self._asked = False  # whether the last loss was one that the server had asked for
        self._told = 0

    async def events(self) -> AsyncGenerator[FromChat, None]:
        """Give what is heard until the listener leaves. Raises ChatSourceError where trying again cannot help."""
        while True:
            ended: _Ended = "lost"
            opened_ms = None
            try:
                async with self._dial() as wire:
                    opened_ms = self._clock.now()
                    await _send(wire, self._session.greet())
                    yield self._connection("connected")
                    while ended == "lost":
                        frame = await self._frame(wire)
                        if frame is None:
                            ended = "stalled"
                            break
                        heard = self._session.hear(frame, self._clock.now())
                        await _send(wire, heard.replies)
                        for event in heard.events:
                            yield event
                        ended = "asked" if heard.reconnect else "lost"
            except ChatSourceLost:
                pass  # told right below, whatever it was
            loss = self._loss(ended, opened_ms)
            yield loss
            await self._clock.sleep(loss.retry_ms)

    async def _frame(self, wire: Wire) -> bytes | None:
        """Give the next frame; None when the other side does not answer any more."""
        if not self._pace.silence_ms:
            return await wire.receive()
        for half in (1, 2):
            try:
                async with asyncio.timeout(self._pace.silence_ms / 2000):
                    return await wire.receive()
            except TimeoutError:
                if half == 1 and self._pace.nudge:
                    await _send(wire, (self._pace.nudge,))
        return None

    def _loss(self, ended: _Ended, opened_ms: int | None) -> Connection:
        if opened_ms is not None and self._clock.now() - opened_ms >= self._pace.healthy_ms:
            self._attempt, self._asked = 0, False
        # A server that asks again and again at once is not obeyed at once.
        if ended == "asked" and not self._asked:
            self._asked = True
            return self._connection("lost", retry_ms=self._pace.least_ms)
        self._attempt += 1
        state: Literal["lost", "stalled"] = "stalled" if ended == "stalled" else "lost"
        return self._connection(state, retry_ms=self._pause(), attempt=self._attempt)

    def _pause(self) -> int:
        longest = min(self._pace.most_ms, self._pace.first_ms * 2 ** min(self._attempt - 1, 20))
        return max(self._pace.least_ms, round(self._dice.uniform(0, longest)))

    def _connection(
        self, state: Literal["connected", "lost", "stalled"], *, retry_ms: int = 0, attempt: int = 0
    ) -> Connection:
        self._told += 1
        return Connection(
            id=f"{self.name}!{self._told}",
            at_ms=self._clock.now(),
            source=self.name,
            state=state,
            retry_ms=retry_ms,
            attempt=attempt,
        )


async def _send(wire: Wire, texts: Iterable[str]) -> None:
    """Send what can be sent: a broken line is left to the reader, who first takes what had still come in."""
    with suppress(ChatSourceLost):
        for text in texts:
            await wire.send(text)


def check_address(url: str, setting: str) -> str:
    """Give back a ws:// or wss:// address. Raises BadSetting, naming the setting."""
    try:
        parse_uri(url)
    except (InvalidURI, ValueError) as error:
        raise BadSetting(f"{setting} is {url!r}, which is no WebSocket address (ws://… or wss://…).") from error
    return url


@asynccontextmanager
async def websocket(url: str, *, origin: str = "", frame_bytes: int) -> AsyncGenerator[Wire, None]:
    """Open a WebSocket and close it at the end; a frame over `frame_bytes` breaks the line.

    Raises ChatSourceLost, or ChatSourceError where a proxy is set that cannot be used.
    """
    try:
        connection = await connect(
            url,
            origin=Origin(origin) if origin else None,
            compression=None,  # chat is small, and an unpacked bomb is not
            proxy=None if _on_this_machine(url) else True,
            open_timeout=_OPEN_S,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            close_timeout=_CLOSE_S,
            max_size=frame_bytes,
        )
    except (OSError, UnicodeError, WebSocketException) as error:
        raise ChatSourceLost(f"{url} cannot be reached; it is tried again.") from error
    except ImportError as error:
        raise ChatSourceError(f"{url} cannot be reached through a SOCKS proxy: install python-socks.") from error
    try:
        yield _Socket(connection)
    finally:
        await connection.close()


class _Socket:
    """A WebSocket's frames as bytes: a text frame that is no UTF-8 is the session's to skip, not the line's end."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> bytes:
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise ChatSourceLost("The line was closed; it is tried again.") from error

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise ChatSourceLost("The line was closed; it is tried again.") from error


def _on_this_machine(url: str) -> bool:
    host = parse_uri(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
