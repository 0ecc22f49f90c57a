"""わんコメ's WebSocket as a double: it sends its backlog to whoever subscribes, then what it is told to."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

_KEPT = 100  # comments that a hub sends again to a new client


def comment(native: str, text: str, *, service: str = "youtube", user: str = "u1", **data: Any) -> dict[str, Any]:
    """Write a comment as the hub does."""
    return {
        "id": "frame-1",
        "service": service,
        "name": "#main",
        "url": "https://example.invalid/",
        "color": {"r": 61, "g": 16, "b": 255},
        "data": {
            "id": native,
            "userId": user,
            "liveId": "live-1",
            "name": f"name of {user}",
            "displayName": f"name of {user}",
            "isOwner": False,
            "hasGift": False,
            "badges": [],
            "timestamp": "2026-11-22T10:00:00.000Z",
            "comment": text,
            "speechText": text,
            "isFirstTime": False,
            **data,
        },
        "meta": {"no": 1, "tc": 1, "lc": 1, "interval": 0},
    }


def connected(*comments: dict[str, Any]) -> str:
    """Write the frame that greets a client."""
    return json.dumps({"type": "connected", "data": {"comments": comments, "config": {}, "services": []}})


def comments(*said: dict[str, Any], init: bool = False) -> str:
    """Write a frame of comments."""
    return json.dumps({"type": "comments", "data": {"comments": said, "options": {"init": True} if init else {}}})


def deleted(*natives: str) -> str:
    """Write a frame of deletions."""
    return json.dumps({"type": "deleted", "data": [{"id": native, "message": "deleted"} for native in natives]})


def endless_comments(*, viewers: int = 50) -> Iterator[dict[str, Any]]:
    """Give comments without end, each with an id of its own, from so many viewers in turn."""
    for number in count():
        yield comment(f"cm-{number}", f"message {number}", user=f"u{number % viewers}")


class OneCommeSide:
    """The hub's side of one connection, without I/O."""

    def __init__(self, *backlog: dict[str, Any]) -> None:
        self._backlog = backlog

    def open(self) -> list[str]:
        """Greet."""
        return [connected(*self._backlog)]

    def hear(self, text: str) -> list[str]:
        """Ignore what a client says."""
        del text
        return []


class OneCommeServer:
    """The double on a real socket: `async with OneCommeServer() as hub`, then `hub.url`."""

    def __init__(self) -> None:
        self.port = 0
        self._server: Server | None = None
        self._clients: list[ServerConnection] = []
        self._kept: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._changed = asyncio.Condition()
        self._subscriptions = 0

    @property
    def url(self) -> str:
        """Where it listens, as it stands in the settings."""
        return f"ws://127.0.0.1:{self.port}/sub"

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await serve(self._serve, "127.0.0.1", self.port, compression=None)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def down(self) -> None:
        """Throw everyone out without a word and stop listening."""
        self.drop()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def subscribed(self, clients: int = 1) -> None:
        """Wait until clients have subscribed that many times in all."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._subscriptions >= clients)

    async def say(self, *said: dict[str, Any]) -> None:
        """Send comments to everyone, and keep them for those to come; one with a known id takes its place."""
        for one in said:
            same = [kept for kept in self._kept if kept["data"]["id"] == one["data"]["id"]]
            for kept in same:
                self._kept.remove(kept)
            self._kept.append(one)
        await self.frame(comments(*said))

    async def frame(self, frame: str | bytes) -> None:
        """Send a frame as it is to everyone."""
        for client in list(self._clients):
            with suppress(ConnectionClosed):  # it is leaving
                await client.send(frame)

    def drop(self) -> None:
        """Cut the lines without a word."""
        for client in self._clients:
            client.transport.abort()

    async def pump(self, said: Iterable[dict[str, Any]], per_second: float) -> None:
        """Say one comment after another, so many a second, in the loop's own time."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for one in said:
            await self.say(one)
            due += 1 / per_second
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _serve(self, connection: ServerConnection) -> None:
        asked = urlsplit(connection.request.path if connection.request else "")
        try:
            # Since version 8 a client that does not say what it wants is sent nothing.
            if asked.path == "/sub" and "comments" in parse_qs(asked.query).get("p", [""])[0].split(","):
                self._clients.append(connection)
                await connection.send(connected(*self._kept))
                async with self._changed:
                    self._subscriptions += 1
                    self._changed.notify_all()
            await connection.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            if connection in self._clients:
                self._clients.remove(connection)
