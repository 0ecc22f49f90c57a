"""A double of SearXNG on a real socket: it answers with given bytes, keeps what it was asked, has faults on demand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class SearchServer:
    """Answers every request with `status` and `body`; `hang` never does; `location` sends elsewhere."""

    def __init__(
        self, body: bytes = b"{}", *, status: int = 200, hang: str = "", location: str = "", repeat: int = 1
    ) -> None:
        self.body, self.status, self.hang, self.location, self.repeat = body, status, hang, location, repeat
        self.asked: list[tuple[str, dict[str, str]]] = []  # path and parameters
        self.sent = 0  # bytes of bodies
        self.address = ""

    @classmethod
    def of(cls, *results: dict[str, Any], **fields: Any) -> Self:
        return cls(json.dumps({"query": "?", "results": results}).encode(), **fields)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        target = urlsplit(head.split(" ")[1])
        self.asked.append((target.path, {key: values[0] for key, values in parse_qs(target.query).items()}))
        if self.hang == "head":
            await asyncio.Event().wait()
        length = len(self.body) * self.repeat + (1 if self.hang == "body" else 0)
        location = f"Location: {self.location}\r\n" if self.location else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{location}Content-Length: {length}\r\n\r\n".encode())
        for _ in range(self.repeat):
            writer.write(self.body)
            await writer.drain()
            self.sent += len(self.body)
        if self.hang == "body":
            await asyncio.Event().wait()
