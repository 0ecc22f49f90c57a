"""A session lives in its own task: it opens, is looked through, is asked, and ends without taking anything with it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from tests.adapters.tools.mcp_server import McpDouble, tool
from vtuber.adapters.tools.mcp_session import Session, hush, translated
from vtuber.errors import ToolError, ToolTimeout


@asynccontextmanager
async def opened(transport: Any) -> AsyncIterator[Session]:
    async with asyncio.TaskGroup() as tasks:
        session = Session(transport, tasks)
        try:
            yield session
        finally:
            session.leave()


class Failing:
    """A way to a server that fails on being entered."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def __aenter__(self) -> None:
        raise self.error

    async def __aexit__(self, *_: object) -> None:
        raise AssertionError("it was never entered")


async def test_it_gives_what_is_offered_over_all_pages_and_declares_no_ability():
    double = McpDouble()
    double.page = 2
    async with opened(double.server) as session:
        assert [one.name for one in await session.offered()] == [one.name for one in double.tools]
    assert double.declared
    assert all(declared == {} for declared in double.declared)


async def test_a_listing_that_never_ends_is_cut():
    double = McpDouble()
    double.tools = [tool(f"tool-{number}") for number in range(1000)]
    double.page = 1
    async with opened(double.server) as session:
        assert len(await session.offered()) == 20


async def test_of_a_listing_without_end_on_one_page_the_first_five_hundred_are_read():
    double = McpDouble()
    double.tools = [tool(f"tool-{number}") for number in range(1200)]
    double.page = 900
    async with opened(double.server) as session:
        assert len(await session.offered()) == 500


async def test_it_is_looked_through_again_after_a_minute_and_not_before():
    double = McpDouble()
    async with opened(double.server) as session:
        before = await session.offered()
        double.describe("forecast", "something else")
        await asyncio.sleep(59)
        assert await session.offered() == before
        await asyncio.sleep(2)
        assert await session.offered() != before


async def test_it_is_looked_through_again_after_a_call_that_was_not_answered():
    double = McpDouble()
    async with opened(double.server) as session:
        await session.offered()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await session.call("slow", {})
        assert double.given_up == ["slow"]
        assert len(double.declared) == 1
        await session.offered()
        await session.offered()
        assert len(double.declared) == 2


async def test_a_server_that_does_not_answer_is_left_after_five_seconds():
    double, clock = McpDouble(), asyncio.get_running_loop()
    double.mute = True
    async with opened(double.server) as session:
        with pytest.raises(ToolTimeout):
            await session.offered()
        assert clock.time() == pytest.approx(5, abs=0.1)
        assert session.over
        await asyncio.wait([session.task], timeout=10)
        assert session.task.cancelled()


async def test_a_server_that_falls_silent_is_waited_for_two_seconds():
    double, clock = McpDouble(), asyncio.get_running_loop()
    async with opened(double.server) as session:
        await session.offered()
        await asyncio.sleep(61)
        double.mute, began = True, clock.time()
        with pytest.raises(ToolTimeout):
            await session.offered()
        assert clock.time() - began == pytest.approx(2, abs=0.1)


async def test_a_server_that_wants_something_back_gets_nothing():
    double = McpDouble()
    async with opened(double.server) as session:
        with pytest.raises(ToolError, match="does not keep to the protocol"):
            await session.call("asks", {})
        assert [name for name, _ in double.calls] == ["asks"]


async def test_its_output_schema_is_not_worked_through():
    double = McpDouble()
    double.tools.append(tool("figures2", output_schema={"type": "object", "required": ["what it never gives"]}))
    async with opened(double.server) as session:
        assert (await session.call("figures2", {})).text == "done"


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "x"),
        ValueError("nul"),
        ExceptionGroup("many", [MCPError(1, "hunter2")]),
        KeyError("surprise"),
        TimeoutError(),
    ],
)
async def test_whatever_goes_wrong_on_the_way_is_a_tool_error_of_those_who_ask_and_of_nobody_else(error: Exception):
    async with opened(Failing(error)) as session:
        for _ in range(2):
            with pytest.raises(ToolError) as caught:
                await session.offered()
            assert "hunter2" not in str(caught.value)
        assert session.over


async def test_it_may_be_left_twice_and_before_it_began():
    double = McpDouble()
    async with opened(double.server) as session:
        session.leave()
        session.leave()
        assert session.over
        with pytest.raises(ToolError):
            await session.offered()


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (TimeoutError(), ToolTimeout, "did not answer in time"),
        (MCPError(REQUEST_TIMEOUT, "x"), ToolTimeout, "did not answer in time"),
        (httpx2.ReadTimeout("x"), ToolTimeout, "did not answer in time"),
        (MCPError(CONNECTION_CLOSED, "x"), ToolError, "hung up"),
        (MCPError(-32603, "hunter2"), ToolError, "answered with an error (number -32603)"),
        (httpx2.ConnectError("x"), ToolError, "nobody answers"),
        (httpx2.ReadError("x"), ToolError, "broke"),
        (FileNotFoundError(2, "x"), ToolError, "its program was not found"),
        (PermissionError(13, "x"), ToolError, "cannot be reached: Permission denied"),
        (OSError("x"), ToolError, "does not keep to the protocol"),
        (anyio.ClosedResourceError(), ToolError, "does not keep to the protocol"),
        (ExceptionGroup("a", [ExceptionGroup("b", [httpx2.ConnectError("x")])]), ToolError, "nobody answers"),
    ],
)
def test_each_error_is_said_in_our_own_words(error: Exception, kind: type[ToolError], words: str):
    said = translated(error)
    assert type(said) is kind
    assert words in str(said)


def test_what_the_sdk_tells_its_log_reaches_no_terminal(capsys: pytest.CaptureFixture[str]):
    hush()
    hush()
    for name in ("mcp.client.stdio", "client", "mcp"):
        logging.getLogger(name).error("a line of a server: hunter2")
    assert capsys.readouterr() == ("", "")
    assert len(logging.getLogger("mcp").handlers) == 1
