"""What a server says unasked is borne up to a limit: the SDK begins a task for each such message, without end."""

from types import TracebackType
from typing import Any, Final, Self

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCResponse

MOST: Final = 1000  # messages within a minute: questions, notices, and lines that are none
_MINUTE_S: Final = 60.0


class Borne:
    """A stream of a server's messages, as the SDK reads it, that ends after too many in a minute that are no answer."""

    def __init__(self, messages: Any) -> None:
        self._messages = messages
        self._left = 0
        self._until = 0.0  # when the minute is over that is being counted, on the loop's clock

    async def receive(self) -> Any:
        """Give the next message. Raises EndOfStream, as if the server had hung up."""
        said = await self._messages.receive()
        if isinstance(said, SessionMessage) and isinstance(said.message, JSONRPCResponse | JSONRPCError):
            return said
        now = anyio.current_time()
        if now >= self._until:
            self._left, self._until = MOST, now + _MINUTE_S
        self._left -= 1
        if self._left < 0:
            raise anyio.EndOfStream
        return said

    async def aclose(self) -> None:
        """Hear no more."""
        await self._messages.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
