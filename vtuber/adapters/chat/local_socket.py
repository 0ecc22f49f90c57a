"""The local WebSocket: any program on this machine sends chat to the show, and the operator's hand."""

import asyncio
import errno
import http
import logging
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Any, TypeAlias

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from vtuber.adapters.chat import local_codec
from vtuber.adapters.chat.local_codec import Arrival, Heard, Order, Refusal, Subscription
from vtuber.adapters.chat.local_door import Hall, Knock, matches
from vtuber.adapters.chat.local_receipts import Pace, Receipts
from vtuber.channel import Road, RoadClosed
from vtuber.clock import Clock
from vtuber.errors import ChatSourceError
from vtuber.events import Chat, Connection, Dropped, Event, Notice, Operation, Performed, Remembered, Retract
from vtuber.ports import FromChat

Operate: TypeAlias = Callable[[Operation, dict[str, str]], None]

_HOST = "127.0.0.1"
_LAST_PORT = 65_535
_FRAME_BYTES = 64 * 1024
_READ_BYTES = 16 * 1024  # read at once from one client: small, so that the show is not held up by a flood
_TOKEN_BYTES = 32 * 1024  # the most that may come before the token is accepted
_CLIENTS = 64  # that have shown the token
_WAITING = 256  # events between the clients and the show
_OUT = 1024  # frames that wait for one client to read them
_PONGS_BYTES = 256 * 1024  # written but unread: more of it comes only of pings without an end
_TOKEN_S = 5.0  # for the request, and for the first frame
_CLOSE_S = 1.0  # for a client to say good-bye
_WRONG_TOKEN = (4401, "show the right token first")
_TOO_SLOW = (4408, "what was sent to you was not read in time")
_TOO_MANY = (1013, "too many programs are connected")
_ENDED = (1001, "the show has ended")


class LocalSocket:
    """A chat source on a loopback port, listening from its making on; clients are served while `events` is consumed.

    Hang `note` onto the show's tap: a client is told that its message is safe when the show has remembered it.
    `operate` is handed what an operator's program asks for; it raises nothing. Raises ChatSourceError for a port that
    cannot be had.
    """

    name = "local"

    def __init__(
        self, token: str, clock: Clock, operate: Operate, *, port: int = 0, origins: tuple[str, ...] = ()
    ) -> None:
        self._token = token
        self._clock = clock
        self._operate = operate
        self._origins = origins
        self._listening = _listen(port)
        self.port = int(self._listening.getsockname()[1])
        self._road: Road[Chat | Notice | Retract] = Road("local", _WAITING)
        self._receipts: Receipts[_Line] = Receipts()
        self._lines: set[_Line] = set()
        self._hall = Hall()
        self._arrived = 0
        self._served = False

    async def events(self) -> AsyncGenerator[FromChat, None]:
        """Serve, and give what the clients send, until `close` is called or the iterator is closed."""
        self._served = True
        try:
            async with self._serving():
                try:
                    while True:
                        heard = await self._road.get()
                        yield _stamped(heard, self._clock.now())
                except RoadClosed:
                    pass
                finally:
                    self._send_away()
        finally:
            self._listening.close()

    def close(self) -> None:
        """Take nothing more: `events` ends when it has given what came before. For a socket never served, free it."""
        self._road.producer_done()
        if not self._served:
            self._listening.close()

    def note(self, event: Event) -> None:
        """See what happens in the show: tell the clients whose messages are safe, and subscribers what is performed."""
        if isinstance(event, Remembered | Dropped):
            for line, reply in self._receipts.settle(event):
                line.tell(reply)
        elif isinstance(event, Performed | Connection):
            frame = local_codec.told(event)
            for line in self._lines:
                if line.subscribed:
                    line.tell(frame)

    async def take(self, frame: bytes, line: "_Line") -> None:
        """Do what a frame asks for, waiting while the show has no room for more. Raises RoadClosed at the end."""
        self._arrived += 1
        match local_codec.decode(frame, Arrival(self._clock.now(), self._arrived)):
            case Heard() as heard:
                new = self._receipts.expect(line, heard)
                for event in heard.events:
                    if event.id in new:
                        await self._road.put(event)
            case Order(op, fields):
                self._operate(op, fields)
                line.tell(local_codec.ok(op))
            case Subscription(on):
                line.subscribed = on
                line.tell(local_codec.ok("subscribe"))
            case Refusal() as refusal:
                line.tell(local_codec.refused(refusal))

    def _serving(self) -> AbstractAsyncContextManager[object]:
        return serve(
            self._welcome,
            sock=self._listening,
            process_request=self._knocked,
            create_connection=partial(_Caller, hall=self._hall),  # type: ignore[arg-type]  # it is only ever called
            compression=None,  # a small frame must not become a large one
            max_size=_FRAME_BYTES,
            max_queue=4,
            open_timeout=_TOKEN_S,
            ping_interval=None,  # a program that has ended is known at once; one that must wait does not pong
            close_timeout=_CLOSE_S,
            server_header=None,
            logger=logging.Logger("local socket", logging.CRITICAL),  # noqa: LOG001 - a request may hold the token: no setting makes it write
        )

    def _knocked(self, caller: ServerConnection, request: Request) -> Response | None:
        refusal = _knock(request).refusal(self.port, self._origins)
        return caller.respond(http.HTTPStatus.FORBIDDEN, refusal) if refusal else None

    async def _welcome(self, caller: ServerConnection) -> None:
        """Serve one connection to its end."""
        parting = await self._refused(caller)
        self._hall.exit(caller)
        if not parting:
            line = _Line(caller, self, self._clock)
            self._lines.add(line)
            try:
                parting = await line.run()
            finally:
                self._lines.discard(line)
                self._receipts.leave(line)
        await _part(caller, *parting)

    async def _refused(self, caller: ServerConnection) -> tuple[int, str] | None:
        """Say with what a caller without the right token is sent away; None lets it in."""
        shown = _knock(caller.request).token if caller.request else ""
        by_frame = not shown
        if by_frame:
            with suppress(TimeoutError, ConnectionClosed):
                async with asyncio.timeout(_TOKEN_S):
                    shown = local_codec.shown_token(await caller.recv(decode=False))
        if not matches(shown, self._token):
            return _WRONG_TOKEN
        if len(self._lines) >= _CLIENTS:
            return _TOO_MANY
        if by_frame:
            with suppress(ConnectionClosed):
                await caller.send(local_codec.ok("token"), text=True)
        return None

    def _send_away(self) -> None:
        self._road.producer_done()
        self._hall.clear()
        for line in self._lines:
            line.hang_up(_ENDED)


class _Line:
    """One client that has shown the token."""

    def __init__(self, caller: ServerConnection, owner: LocalSocket, clock: Clock) -> None:
        self.subscribed = False
        self._caller = caller
        self._owner = owner
        self._clock = clock
        self._pace = Pace()
        self._out: Road[bytes] = Road("out", _OUT)
        self._scope = asyncio.timeout(None)
        self._parting = _ENDED

    async def run(self) -> tuple[int, str]:
        """Read and write until the client leaves or is hung up on; give the good-bye."""
        with suppress(TimeoutError):
            async with self._scope, asyncio.TaskGroup() as group:
                writing = group.create_task(self._write())
                await self._read()
                writing.cancel()
        return self._parting

    def tell(self, frame: bytes) -> None:
        """Send a frame when the client has read those before; hang up on one that reads too slowly."""
        if not self._out.closed and not self._out.offer(frame):
            self.hang_up(_TOO_SLOW)

    def hang_up(self, parting: tuple[int, str]) -> None:
        """End the line at once."""
        if not self._out.closed:
            self._out.producer_done()
            self._parting = parting
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def _read(self) -> None:
        with suppress(ConnectionClosed, RoadClosed):
            while True:
                frame = await self._caller.recv(decode=False)
                await self._clock.sleep(self._pace.wait_ms(self._clock.now()))
                await self._owner.take(frame, self)

    async def _write(self) -> None:
        with suppress(ConnectionClosed, RoadClosed):
            while True:
                await self._caller.send(await self._out.get(), text=True)
        self._out.producer_done()


class _Caller(ServerConnection):
    """A connection, in the hall until it has shown the token; dropped when it floods there or pings without end."""

    def __init__(self, *args: Any, hall: Hall, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hall = hall
        self._in_hall = 0  # bytes received there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._hall.enter(self, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hall.exit(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._in_hall += len(data) if self in self._hall else 0
        if self._in_hall > _TOKEN_BYTES or self.transport.get_write_buffer_size() > _PONGS_BYTES:
            self.transport.abort()

    def send_data(self) -> None:
        """Write at once what is to be written: on a line that is gone, each pong by itself would be a warning."""
        pieces = self.protocol.data_to_send()
        if any(pieces) and not self.transport.is_closing():
            self.transport.write(b"".join(pieces))
        if b"" in pieces and self.transport.can_write_eof():  # the protocol's sign that nothing more follows
            with suppress(OSError):
                self.transport.write_eof()


async def _part(caller: ServerConnection, code: int, reason: str) -> None:
    """Say good-bye; drop the line of a client that does not even read that."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await caller.close(code, reason)
    except TimeoutError:
        caller.transport.abort()


def _knock(request: Request) -> Knock:
    headers = request.headers
    return Knock(headers.get_all("Host"), headers.get_all("Origin"), headers.get_all("Authorization"), request.path)


def _stamped(heard: Chat | Notice | Retract, now: int) -> FromChat:
    if isinstance(heard, Retract):
        return msgspec.structs.replace(heard, at_ms=now)
    return msgspec.structs.replace(heard, at_ms=now, received_at_ms=now)


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise _no_port(port, "there is no such port")
    try:
        listening = socket.create_server((_HOST, port))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_BYTES)  # every connection has it from here
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise _no_port(port, "another program has it" if taken else os.strerror(error.errno or 0)) from error
    return listening


def _no_port(port: int, why: str) -> ChatSourceError:
    return ChatSourceError(
        f"Port {port} on this machine cannot be listened on ({why}), so no program here can send chat or reach the "
        "show. Choose another port for the local WebSocket in the settings, or end the other program."
    )
