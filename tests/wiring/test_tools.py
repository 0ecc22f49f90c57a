"""The tools that the settings list are opened and closed; a mistake in the settings is told with its mend."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from vtuber.adapters.tools import mcp_client
from vtuber.adapters.tools.coin import Coin
from vtuber.adapters.tools.dice import Dice
from vtuber.adapters.tools.web_search import WebSearch
from vtuber.core.tool_intents import intent
from vtuber.errors import BadSetting
from vtuber.ports import Tool
from vtuber.settings import McpServer, Tools
from vtuber.wiring.tools import open_tools, tools_of


def made(**settings: object) -> tuple[Tool, ...]:
    return tools_of(Tools(**settings), now_ms=lambda: 0, dice=random.Random(1))  # type: ignore[arg-type]


def named(**settings: object) -> list[str]:
    return [tool.name for tool in made(**settings)]


def test_the_usual_tools_need_no_server_and_search_is_off():
    assert named() == ["clock", "dice", "coin", "calculator", "units"]


def test_what_is_listed_is_there_once():
    assert named(on=()) == []
    assert named(on=("dice", "dice", "clock")) == ["dice", "clock"]


@pytest.mark.parametrize(
    "text",
    ["what time is it", "roll a d20", "flip a coin", "what's 2+2", "5 miles in km", "今何時？", "サイコロ振って"],
)
def test_every_wish_that_is_recognised_has_its_tool(text: str):
    wish = intent(text)
    assert wish is not None
    assert wish.tool in named()


def test_a_search_is_there_with_its_address():
    tools = made(on=(), web_search="http://127.0.0.1:8888/searx")
    assert [type(tool) for tool in tools] == [WebSearch]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8888", "ftp://a", "http://", "http://user:pass@a", "http://a?q=1", "http://[::1", "http://a b", "x"],
)
def test_a_search_without_an_address_is_a_mistake(address: str):
    with pytest.raises(BadSetting, match=r"tools\.web_search"):
        made(web_search=address)


def test_a_password_in_the_address_of_a_search_is_not_repeated():
    with pytest.raises(BadSetting) as caught:
        made(web_search="http://me:hunter2@search.example.org")
    assert "hunter2" not in str(caught.value)


def test_an_unknown_tool_is_a_mistake_that_names_the_nearest():
    with pytest.raises(BadSetting, match=r"“calculater”.*“calculator”"):
        made(on=("clock", "calculater"))


def test_an_unknown_time_zone_is_a_mistake_that_names_the_nearest():
    with pytest.raises(BadSetting, match=r"“Asia/Tokio”.*“Asia/Tokyo”"):
        made(timezone="Asia/Tokio")


def test_there_is_no_tool_that_runs_anything():
    assert not set(named()) & {"shell", "python", "exec", "code", "file", "http", "browser"}


class Listed(Dice):
    """A server's tool."""

    def __init__(self, name: str, closed: list[str]) -> None:
        super().__init__(random.Random(1))
        self.name = name
        self.closed = closed

    async def close(self) -> None:
        self.closed.append(self.name)


async def test_tools_of_servers_come_with_hers_and_none_takes_the_name_of_hers(monkeypatch: pytest.MonkeyPatch):
    closed: list[str] = []
    warned: list[str] = []

    @asynccontextmanager
    async def servers(
        listed: Mapping[str, McpServer], *, warn: Callable[[str], None], private: Sequence[str]
    ) -> AsyncIterator[tuple[Tool, ...]]:
        warn(f"{len(listed)} server")
        assert not private
        yield Listed("notes_search", closed), Listed("dice", closed)
        closed.append("servers")

    monkeypatch.setattr(mcp_client, "open_mcp", servers)
    settings = Tools(on=("dice", "coin"), mcp={"notes": McpServer()})
    async with open_tools(settings, now_ms=lambda: 0, dice=random.Random(1), warn=warned.append) as tools:
        assert [(tool.name, type(tool)) for tool in tools] == [("dice", Dice), ("coin", Coin), ("notes_search", Listed)]
        assert closed == []
    assert closed == ["servers"]
    assert warned[0] == "1 server"
    assert "“dice”" in warned[1]


async def test_everything_is_let_go_of_though_the_show_breaks(monkeypatch: pytest.MonkeyPatch):
    closed: list[str] = []

    async def close(tool: Dice) -> None:
        closed.append(tool.name)

    monkeypatch.setattr(Dice, "close", close)
    with pytest.raises(RuntimeError):
        async with open_tools(Tools(), now_ms=lambda: 0, dice=random.Random(1), warn=lambda _sentence: None):
            raise RuntimeError
    assert closed == ["dice"]
