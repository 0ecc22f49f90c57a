"""A show around a local WebSocket on a real port: it hears what comes, and remembers it when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from vtuber.adapters.chat.local_socket import LocalSocket
from vtuber.clock import Clock
from vtuber.events import Dropped, Remembered
from vtuber.ports import FromChat

TOKEN = "a-token-of-the-test-0123456789"  # noqa: S105 - of the test
BASE_MS = 1_700_000_000_000


class LocalShow:
    """`heard` holds what came, oldest first; `operated` what an operator asked for."""

    def __init__(self, *, remembers: bool = True, **options: Any) -> None:
        self.heard: asyncio.Queue[FromChat] = asyncio.Queue()
        self.operated: list[tuple[str, dict[str, str]]] = []
        self.remembers = remembers
        self.listens = asyncio.Event()
        self.listens.set()
        self.socket = LocalSocket(
            TOKEN, Clock(BASE_MS), lambda op, fields: self.operated.append((op, fields)), **options
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator["LocalShow"]:
        listening = asyncio.ensure_future(self._listen())
        try:
            yield self
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            self.socket.close()

    def remember(self, event: FromChat) -> None:
        self.socket.note(Remembered(id=f"{event.id}!remembered", at_ms=0, cause=event.id))

    def drop(self, event: FromChat, *, reason: str, item: str) -> None:
        self.socket.note(Dropped(id=f"{event.id}!", at_ms=0, cause=event.id, reason=reason, item=item))

    async def _listen(self) -> None:
        async with aclosing(self.socket.events()) as events:
            async for event in events:
                self.heard.put_nowait(event)
                if self.remembers:
                    self.remember(event)
                await self.listens.wait()

    @asynccontextmanager
    async def client(self, *, token: str = TOKEN, query: str = "", **headers: str) -> AsyncIterator["Client"]:
        """Give a bare client: JSON out, JSON in."""
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"ws://127.0.0.1:{self.socket.port}/{query}"
        async with connect(url, additional_headers={**shown, **headers}, proxy=None, compression=None) as socket:
            yield Client(socket)


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def tell(self, **frame: Any) -> None:
        await self.socket.send(msgspec.json.encode(frame), text=True)

    async def told(self) -> Any:
        frame = await self.socket.recv()
        assert isinstance(frame, str), "a reply is a text frame"
        return msgspec.json.decode(frame)

    async def ask(self, **frame: Any) -> Any:
        await self.tell(**frame)
        return await self.told()

    async def closed(self) -> Close:
        """Read on to the end; give the good-bye (code 1006 where there was none)."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed as error:
            return error.rcvd or Close(1006, "")
