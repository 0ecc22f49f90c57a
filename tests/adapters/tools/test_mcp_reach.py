"""A server is reached as the settings say and in no other way: few variables, no words on the terminal, one address."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, MCPError

from tests.adapters.tools.mcp_server import McpDouble, as_program, over_http
from vtuber.adapters.tools import mcp_lines
from vtuber.adapters.tools.mcp_reach import http_client, reach
from vtuber.settings import McpServer

USUAL = {"HOME", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "USER"}  # LC_CTYPE: Python sets it for itself
OURS = pytest.mark.skipif(sys.platform == "win32", reason="other variables are usual there")


@asynccontextmanager
async def answering(*answer: bytes, hang: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve fixed bytes on a port; gives the address and, as they come, the requests."""
    asked: list[bytes] = []
    lines: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"".join(answer))
        if not hang:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp", asked
        finally:
            for line in lines:
                line.transport.abort()


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode()


@OURS
@pytest.mark.asyncio
async def test_a_program_gets_no_variables_but_the_usual_and_those_that_are_named(monkeypatch: pytest.MonkeyPatch):
    for name in ("TWITCH_TOKEN", "WEATHER_KEY"):
        monkeypatch.setenv(name, "hunter2")
    server = as_program(McpDouble(), environment=("WEATHER_KEY",))
    async with Client(reach(server)) as client:
        listed = {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}
    given = set(listed["environment"].split(","))
    assert "WEATHER_KEY" in given
    assert given <= USUAL | {"WEATHER_KEY"}


@pytest.mark.asyncio
async def test_what_a_program_writes_to_stderr_goes_to_a_file_or_nowhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    log = tmp_path / "log"
    for way in (reach(as_program(McpDouble())), reach(as_program(McpDouble()), log=log)):
        async with Client(way) as client:
            await client.list_tools()
    assert "hunter2" in log.read_text(encoding="utf-8")
    assert capfd.readouterr() == ("", "")


@pytest.mark.asyncio
async def test_a_line_that_is_longer_than_any_answer_is_not_heard_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp_lines, "MOST", 1000)
    async with reach(McpServer(command=(sys.executable, "-c", "print('x' * 1000000)"))) as (heard, _):
        assert [said async for said in heard] == []


@pytest.mark.asyncio
@pytest.mark.parametrize("options", [{}, {"json_response": True}, {"stateless_http": True}])
async def test_a_server_is_asked_at_its_address(options: dict[str, bool]):
    double = McpDouble()
    async with over_http(double, **options) as url, Client(reach(McpServer(url=url))) as client:
        result = await client.session.call_tool("forecast", {"city": "Oslo"})
    assert result.content[0].text == "Oslo: rain"
    assert double.calls == [("forecast", {"city": "Oslo"})]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Moved"])
async def test_nobody_else_is_asked_when_a_server_sends_us_on(status: str):
    async with answering(head("200 OK")) as (elsewhere, asked_elsewhere):
        sent_on = head(status, f"Location: {elsewhere}", "Content-Length: 0")
        async with answering(sent_on) as (url, asked):
            with pytest.raises(ExceptionGroup) as caught:
                async with Client(reach(McpServer(url=url))):
                    pass
    assert caught.group_contains(MCPError)
    assert asked
    assert asked_elsewhere == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:{port}1/mcp", "https://127.0.0.1:{port}/mcp", "http://localhost:{port}/mcp"]
)
async def test_the_client_itself_asks_no_other_address(other: str):
    async with answering(head("200 OK", "Content-Length: 0")) as (url, asked), http_client(url) as client:
        assert (await client.post(url)).status_code == 200
        with pytest.raises(httpx2.RequestError, match="another address"):
            await client.post(other.format(port=httpx2.URL(url).port))
    assert len(asked) == 1


@pytest.mark.asyncio
async def test_headers_are_sent_to_that_server_with_the_values_of_their_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_KEY", "Bearer hunter2")
    async with answering(head("200 OK"), hang=True) as (elsewhere, asked_elsewhere):
        sent_on = head("307 Temporary Redirect", f"Location: {elsewhere}", "Content-Length: 0")
        async with answering(sent_on) as (url, asked):
            with pytest.raises(ExceptionGroup) as caught:
                async with Client(reach(McpServer(url=url, headers={"Authorization": "WEATHER_KEY"}))):
                    pass
    assert asked
    assert all(b"\r\nauthorization: bearer hunter2\r\n" in one.lower() for one in asked)
    assert asked_elsewhere == []
    assert "hunter2" not in repr(caught.value)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "piece"), [("application/json", b"x" * 0x10000), ("text/event-stream", b":\n" * 0x8000)]
)
async def test_an_answer_without_an_end_is_broken_off(kind: str, piece: bytes):
    begun = head("200 OK", "Transfer-Encoding: chunked", f"Content-Type: {kind}")
    pieces = [b"10000\r\n" + piece + b"\r\n"] * 40
    async with answering(begun, *pieces) as (url, _), http_client(url) as client:
        with pytest.raises(httpx2.ReadError, match="more than 1000000 bytes"):
            await client.post(url)


@pytest.mark.asyncio
async def test_a_packed_answer_which_may_unfold_without_end_is_not_read():
    packed = head("200 OK", "Content-Encoding: gzip", "Content-Length: 3")
    async with answering(packed, b"\x1f\x8b\x08") as (url, asked), http_client(url) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="packed"):
            await client.post(url)
    assert b"accept-encoding: identity" in asked[0].lower()


@pytest.mark.asyncio
async def test_a_server_that_hangs_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("vtuber.adapters.tools.mcp_reach._READ_S", 0.05)
    async with answering(hang=True) as (url, _), http_client(url) as client:
        assert client.timeout.connect == 2.0
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(url)


def test_proxies_of_the_environment_are_not_for_this_machine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert not http_client("http://127.0.0.1:8000/mcp").trust_env
    assert http_client("http://tools.example.org/mcp").trust_env
