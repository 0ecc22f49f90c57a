"""One session with an MCP server, in a task of its own: there the SDK's scopes are entered, and there they are left."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import anyio
import httpx2
import mcp_types as types
from mcp import Client, MCPError
from mcp_types import (
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    ToolListChangedNotification,
)

from vtuber import __version__
from vtuber.adapters.tools.mcp_codec import found, offered
from vtuber.core.tool_pins import Offered
from vtuber.errors import ToolError, ToolTimeout
from vtuber.ports import Found

START_S: Final = 5.0  # for a server to start, answer and list its tools
_LIST_S: Final = 2.0
_FRESH_S: Final = 60.0  # a listing that is older is asked for anew before a call
_PAGES: Final = 20
_TOOLS: Final = 500
_TALKATIVE: Final = ("mcp", "client")  # the SDK's loggers: what they tell may hold a server's words
# What a request may raise: the SDK lets its transports' errors through, and those of its tasks in groups.
FAILED: Final = (
    *(MCPError, OSError, ValueError, RuntimeError, ExceptionGroup, httpx2.HTTPError, httpx2.InvalidURL),
    *(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream),
)
_T = TypeVar("_T")
_WE: Final = Implementation(name="vtuber", version=__version__)


class Session:
    """A connection, from the start of the server to its end. It tells the server of no abilities: it has no callbacks.

    `transport` is what `mcp.Client` takes. Everything but `leave` raises ToolError.
    """

    def __init__(self, transport: Any, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[Client] = loop.create_future()
        self._opened.add_done_callback(lambda opened: opened.cancelled() or opened.exception())  # nobody need ask
        self._offered: tuple[Offered, ...] = ()
        self._listed_at = loop.time()
        self._doubts = 0  # how often there was a reason to look again, …
        self._settled = 0  # … and how many of them the last look came after
        self._left = False
        self._late = loop.call_later(START_S, self.leave)
        self.task = tasks.create_task(self._held(transport))

    @property
    def over(self) -> bool:
        """Whether it has ended or is about to."""
        return self._left or self.task.done()

    def leave(self) -> None:
        """End it: its task then lets go of the server, which takes up to ten seconds if that does not want to."""
        if not self.over:
            self._left = True
            self.task.cancel()  # once: a second time would break off the letting go
            self._fail(ToolTimeout("it did not answer in time"))

    async def offered(self) -> tuple[Offered, ...]:
        """Give what the server offers now: as listed in the last minute, if nothing speaks against that."""
        client = await asyncio.shield(self._opened)
        now, doubts = asyncio.get_running_loop().time(), self._doubts
        if doubts > self._settled or now - self._listed_at > _FRESH_S:
            try:
                async with asyncio.timeout(_LIST_S):
                    self._offered = await _listing(client)
            except FAILED as error:
                raise translated(error) from error
            self._listed_at, self._settled = now, doubts
        return self._offered

    async def call(self, tool: str, arguments: dict[str, Any]) -> Found:
        """Use a tool. After a call without an answer the next `offered` asks anew, and so finds out who is there."""
        client = await asyncio.shield(self._opened)
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        answered = False
        try:
            # Not client.call_tool(), which also checks a result by a schema of the server's: an odd one takes for ever.
            result = await client.session.send_request(request, CallToolResult)
            answered = True
        except FAILED as error:
            raise translated(error) from error
        finally:
            self._doubts += not answered
        return found(result)

    async def _held(self, transport: Any) -> None:
        hush()
        try:
            if isinstance(ended := await outcome(self._open(transport)), BaseException):
                self._fail(translated(ended))
        finally:
            self._late.cancel()
            self._fail(ToolError("it was let go of"))

    async def _open(self, transport: Any) -> None:
        """Hold it open until this is cancelled. Raises whatever the SDK, its transports and their tasks raise."""
        async with Client(transport, cache=None, client_info=_WE, message_handler=self._hear) as client:
            self._offered = await _listing(client)
            self._late.cancel()
            if not self._opened.done():
                self._opened.set_result(client)
            await asyncio.Event().wait()

    async def _hear(self, message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._doubts += 1

    def _fail(self, error: ToolError) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)


async def outcome(work: Coroutine[Any, Any, _T]) -> _T | BaseException:
    """Give what comes out of some work of the SDK, or what it raised: a surprise there must not end the show.

    It is on its own inside, and a task that asks for this raises nothing but its own cancelling.
    """
    outcomes: tuple[_T | BaseException] = await asyncio.gather(work, return_exceptions=True)
    return outcomes[0]


def hush() -> None:
    """Keep the SDK from writing to the terminal."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers = [logging.NullHandler()]


async def _listing(client: Client) -> tuple[Offered, ...]:
    tools: list[Offered] = []
    cursor = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += map(offered, page.tools[: _TOOLS - len(tools)])
        cursor = page.next_cursor
        if not cursor or len(tools) == _TOOLS:
            break
    return tuple(tools)


def translated(error: BaseException) -> ToolError:
    """Say in our own words what went wrong: the server's may be anything. The sentence goes on after its name."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case ToolError():
            return error
        case TimeoutError() | httpx2.TimeoutException() | MCPError(code=types.REQUEST_TIMEOUT):
            return ToolTimeout("it did not answer in time")
        case FileNotFoundError():
            return ToolError("its program was not found; install it, or give its whole path")
        case OSError(errno=int(number)):
            return ToolError(f"it cannot be reached: {os.strerror(number)}")
    return ToolError(_what_happened(error))


def _what_happened(error: BaseException) -> str:
    match error:
        case MCPError(code=types.CONNECTION_CLOSED):
            return "it hung up"
        case MCPError(code=code):
            return f"it answered with an error (number {code})"
        case httpx2.ConnectError():
            return "nobody answers at its address"
        case httpx2.HTTPError():
            return "the connection to it broke"
    if isinstance(error, FAILED):
        return "it does not keep to the protocol"
    return f"the library that asks it failed ({type(error).__name__})"
