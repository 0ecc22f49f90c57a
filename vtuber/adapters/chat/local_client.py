"""A small client of the local WebSocket: for commands, benches, and as an example for other programs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from vtuber.errors import ChatSourceLost, UserMistake


@asynccontextmanager
async def connect(port: int, token: str) -> AsyncIterator["LocalClient"]:
    """Connect to the show on this machine. Raises UserMistake where none listens there or it refuses the connection."""
    shown = {"Authorization": f"Bearer {token.strip()}"}
    try:
        socket = await open_socket(
            f"ws://127.0.0.1:{port}", additional_headers=shown, proxy=None, compression=None, ping_interval=None
        )
    except (OSError, InvalidHandshake) as error:
        raise UserMistake(f"No show listens on port {port} of this machine: start one, or name its port.") from error
    async with socket:
        yield LocalClient(socket)


class LocalClient:
    """A connection; several sends may wait at once."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._names = (f"{uuid4().hex}-{number}" for number in count())
        self._replies: dict[str, dict[str, str]] = {}
        self._reading = asyncio.Lock()
        self._operating = asyncio.Lock()

    async def send(self, text: str, *, name: str, **more: Any) -> str:
        """Send a message and wait until it is safe on disk; give its id. After ChatSourceLost send it again by that id.

        Raises ChatSourceLost when the show did not keep it or is gone, UserMistake when the message itself is wrong.
        """
        frame = {"id": next(self._names), "text": text, "name": name} | more
        return await self._asked(frame, str(frame["id"]))

    async def operate(self, op: str, **fields: str) -> None:
        """Hand the show an operation: hush, skip, pause, resume, ban, say, reload, switch, stop. Raises as `send`."""
        async with self._operating:
            await self._asked({"op": op, **fields}, op)

    async def _asked(self, frame: dict[str, Any], of: str) -> str:
        try:
            await self._socket.send(msgspec.json.encode(frame), text=True)
            reply = await self._reply(of)
        except ConnectionClosed as error:
            if error.rcvd and error.rcvd.code == 4401:  # noqa: PLR2004 - the show's own code
                raise UserMistake("The show did not accept the token: use the one in its token file.") from error
            raise ChatSourceLost(f"The show hung up before it answered {of!r}; send it again.") from error
        if reply.get("error") == "not_saved":
            raise ChatSourceLost(reply["said"])
        if "error" in reply:
            raise UserMistake(reply["said"])
        return reply["ok"]

    async def _reply(self, of: str) -> dict[str, str]:
        """Give the reply to this; whoever waits and finds nobody reading reads for all."""
        while of not in self._replies:
            async with self._reading:
                if of not in self._replies:
                    reply = msgspec.json.decode(await self._socket.recv())
                    self._replies[reply.get("ok") or reply.get("id") or reply.get("op") or ""] = reply
        return self._replies.pop(of)
