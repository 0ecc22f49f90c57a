"""Opens the tools that the settings list: the built-in ones, the operator's web search and listed MCP servers."""

import difflib
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from zoneinfo import available_timezones

from vtuber.adapters.tools.calculator import Calculator
from vtuber.adapters.tools.clock import Clock
from vtuber.adapters.tools.coin import Coin
from vtuber.adapters.tools.dice import Dice
from vtuber.adapters.tools.units import Units
from vtuber.errors import BadSetting
from vtuber.ports import Tool
from vtuber.settings import Tools

_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?")


def tools_of(
    settings: Tools, *, now_ms: Callable[[], int], dice: random.Random, private: Sequence[str] = ()
) -> tuple[Tool, ...]:
    """Make the built-in tools that are on, and the web search if it has an address. Raises BadSetting.

    `now_ms` gives unix milliseconds; `private` are words that are not searched for.
    """
    made: dict[str, Callable[[], Tool]] = {
        "clock": lambda: Clock(now_ms, _timezone(settings.timezone)),
        "dice": lambda: Dice(dice),
        "coin": lambda: Coin(dice),
        "calculator": Calculator,
        "units": Units,
    }
    for name in settings.on:
        if name not in made:
            near = difflib.get_close_matches(name, made, n=1, cutoff=0.0)
            raise BadSetting(f"tools.on: there is no tool “{name}”. The nearest one is “{near[0]}”.")
    tools = [made[name]() for name in dict.fromkeys(settings.on)]
    return (*tools, *_search(settings.web_search, private))


@asynccontextmanager
async def open_tools(
    settings: Tools,
    *,
    now_ms: Callable[[], int],
    dice: random.Random,
    warn: Callable[[str], None],
    private: Sequence[str] = (),
) -> AsyncIterator[tuple[Tool, ...]]:
    """Open every tool that is listed and let go of all at the end. Raises BadSetting.

    A server of tools that does not answer is left out, and `warn` is told.
    """
    async with AsyncExitStack() as closing:
        tools = tools_of(settings, now_ms=now_ms, dice=dice, private=private)
        for tool in tools:
            closing.push_async_callback(tool.close)
        if settings.mcp:
            from vtuber.adapters.tools.mcp_client import open_mcp  # noqa: PLC0415 - its package need not be there

            listed = await closing.enter_async_context(open_mcp(settings.mcp, warn=warn, private=private))
            tools += tuple(tool for tool in listed if _free(tool, tools, warn))
        yield tools


def _free(tool: Tool, known: Sequence[Tool], warn: Callable[[str], None]) -> bool:
    """Whether a server's tool has a name of its own: none stands in for one of hers."""
    taken = any(tool.name == one.name for one in known)
    if taken:
        warn(f"A server's tool is called “{tool.name}” like one of hers and left out; rename the server in tools.mcp.")
    return not taken


def _timezone(name: str) -> str:
    zones = available_timezones() if name else set()
    if name and name not in zones:
        near = difflib.get_close_matches(name, zones, n=1, cutoff=0.0)
        mend = f"The nearest one is “{near[0]}”." if near else "This machine has none: install the package tzdata."
        raise BadSetting(f"tools.timezone: there is no time zone “{name}”. {mend}")
    return name


def _search(address: str, private: Sequence[str]) -> tuple[Tool, ...]:
    if not address:
        return ()
    if not _ADDRESS.fullmatch(address):
        raise BadSetting(
            f"tools.web_search: {_shown(address)} is no address of a SearXNG; one looks like http://127.0.0.1:8888, "
            "with no password in it and nothing behind a question mark."
        )
    from vtuber.adapters.tools.web_search import WebSearch  # noqa: PLC0415 - off for nearly everyone

    return (WebSearch(address, private),)


def _shown(address: str) -> str:
    """Quote an address, unless it holds what may be a password."""
    return "what stands there" if "@" in address else f"“{address}”"
