"""How an MCP server is reached: a program with few of our variables and kept quiet, or one address and no other."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from vtuber.adapters.tools import mcp_lines
from vtuber.adapters.tools.mcp_unasked import Borne
from vtuber.errors import ToolError
from vtuber.settings import McpServer

_CONNECT_S: Final = 2.0
_READ_S: Final = 10.0  # between two pieces of an answer
_MOST: Final = 1_000_000  # bytes of one answer


@asynccontextmanager
async def reach(server: McpServer, *, log: str | Path = os.devnull) -> AsyncGenerator[Any, None]:
    """Open a server's streams, as `mcp.Client` takes them; what a program writes to stderr goes to a file.

    The variables that the settings name are set: whoever asks has looked.
    """
    if server.url:
        headers = {name: os.environ[variable] for name, variable in server.headers.items()}
        client = http_client(server.url, headers)
        async with client, streamable_http_client(server.url, http_client=client) as (heard, told):
            yield Borne(heard), told
        return
    wanted = StdioServerParameters(
        command=server.command[0],
        args=list(server.command[1:]),
        env={name: os.environ[name] for name in server.environment},
        encoding=mcp_lines.NAME,
        encoding_error_handler="replace",
    )
    with Path(log).open("w", encoding="utf-8") as stderr:  # noqa: ASYNC230 - nothing beside starting a program
        async with stdio_client(wanted, errlog=stderr) as (heard, told):
            yield Borne(heard), told


def http_client(url: str, own: Mapping[str, str] | None = None) -> httpx2.AsyncClient:
    """Give a client that asks one server alone, waits a bounded time for it and reads a bounded answer.

    `own` headers are sent with every request: to that server, since it is asked alone.

    Proxies of the environment are for the outside world, not for this machine.
    """
    place = _origin(httpx2.URL(url))

    async def only_there(request: httpx2.Request) -> None:
        if _origin(request.url) != place:
            raise httpx2.RequestError("another address than the one in the settings", request=request)

    async def in_bounds(response: httpx2.Response) -> None:
        if response.status_code in {401, 403}:
            raise ToolError("it wants another key: see its headers in the settings")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.RemoteProtocolError("a packed answer was not asked for", request=response.request)
        response.stream = _Bounded(response.stream)

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(_READ_S, connect=_CONNECT_S),
        headers={**(own or {}), "accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"},
        event_hooks={"request": [only_there], "response": [in_bounds]},
    )


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of an answer, up to a limit."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _MOST
        async for piece in self._inner:
            left -= len(piece)
            if left < 0:
                raise httpx2.ReadError(f"an answer of more than {_MOST} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
