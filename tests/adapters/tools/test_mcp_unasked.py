"""What a server says unasked is passed on, until it is too much in a minute; answers are never too many."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from vtuber.adapters.tools import mcp_unasked
from vtuber.adapters.tools.mcp_unasked import Borne

QUESTION = SessionMessage(JSONRPCRequest(jsonrpc="2.0", id=1, method="sampling/createMessage"))
NOTICE = SessionMessage(JSONRPCNotification(jsonrpc="2.0", method="notifications/message"))
ANSWER = SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=1, result={}))
NONSENSE = ValueError("no protocol")


@asynccontextmanager
async def hearing(*said: Any) -> AsyncIterator[Borne]:
    telling, heard = anyio.create_memory_object_stream[Any](len(said))
    async with telling, Borne(heard) as borne:
        for one in said:
            telling.send_nowait(one)
        await telling.aclose()
        yield borne


async def test_everything_is_passed_on_in_its_order():
    said = [QUESTION, NOTICE, NONSENSE, ANSWER]
    async with hearing(*said) as borne:
        assert [one async for one in borne] == said


@pytest.mark.parametrize("unasked", [QUESTION, NOTICE, NONSENSE])
async def test_too_much_that_nobody_asked_for_ends_it(unasked: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp_unasked, "MOST", 3)
    async with hearing(*[unasked] * 5) as borne:
        assert [one async for one in borne] == [unasked] * 3
    async with hearing(*[unasked, ANSWER, ANSWER] * 3) as borne:
        assert len([one async for one in borne]) == 9


async def test_a_server_that_says_a_little_all_day_is_borne(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp_unasked, "MOST", 60)
    async with hearing(*[NOTICE] * 3600) as borne:
        for _ in range(3600):
            assert await borne.receive() is NOTICE
            await anyio.sleep(1)
