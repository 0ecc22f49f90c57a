"""`vtuber tools`: what she may look up or work out, and what to write into the settings so that she may use more."""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from vtuber import home as homes
from vtuber import settings as houses
from vtuber.adapters.tools.mcp_client import INSTALL, installed, look
from vtuber.core.settings_text import mcp_tool_text
from vtuber.core.tool_pins import Offered, Standing, pin, standings
from vtuber.core.wording import one_line
from vtuber.settings import McpServer, McpTool, Settings
from vtuber.wiring.tools import tools_of

_MARKS = {
    "ok": Text("✓", "green"),
    "no words": Text("!", "yellow"),
    "no pin": Text("!", "yellow"),
    "changed": Text("!", "yellow"),
    "not listed": Text("·", "dim"),
    "gone": Text("✗", "red"),
    "refused": Text("✗", "red"),
}
_MEANINGS = {"not listed": "not listed: she does not use it", "refused": "refused by design: it "}
_SHOWN = 4000  # characters of what a server says
_ABSENT = f"The package for servers of tools is not here, so she does without them: {INSTALL}"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One tool of a server. What the server says is for the person's eyes: nothing of it is ever shown to a model."""

    server: str
    tool: str
    state: str
    why: str  # goes on after the tool's name
    says: str  # the operator's words
    server_says: str
    arguments: dict[str, object]  # the server's own schema
    toml: str  # to be pasted into the settings, "" if there is nothing to paste


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that she may use. `ok`: all that is listed can be used."""

    ok: bool
    built_in: tuple[str, ...]
    web_search: str  # a host, "" for none
    mcp: tuple[Row, ...]
    problems: dict[str, str]  # by server: a sentence each


def tools(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    home: Annotated[Path | None, typer.Option(help="The data home.", file_okay=False)] = None,
) -> None:
    """Show what she may look up, and each server's tools; exits 1 if something that is listed cannot be used."""
    place = homes.find(home)
    settings = houses.load(place)
    about = {one.name: one.about for one in tools_of(settings.tools, now_ms=lambda: 0, dice=random.Random())}
    told = tell(settings, ask(settings.tools.mcp))
    if json:
        print(msgspec.json.format(msgspec.json.encode(told)).decode())
    else:
        show(told, about, Console(), place / houses.FILE)
    raise typer.Exit(0 if told.ok else 1)


def ask(servers: Mapping[str, McpServer]) -> dict[str, tuple[Offered, ...] | str]:
    """Ask each server what it offers; a text says why one could not be asked."""

    async def asked() -> dict[str, tuple[Offered, ...] | str]:
        if not await installed():
            return dict.fromkeys(servers, _ABSENT)
        return await look(servers)

    if not servers:
        return {}
    with Console(stderr=True).status("Asking the servers of tools"):
        return asyncio.run(asked())


def tell(settings: Settings, asked: Mapping[str, tuple[Offered, ...] | str]) -> Told:
    """Sum up what she may use, from the settings and from what the servers offer."""
    servers = settings.tools.mcp
    offered = {name: found for name, found in asked.items() if not isinstance(found, str)}
    rows = tuple(
        _row(name, servers[name], standing)
        for name, found in offered.items()
        for standing in standings(servers[name].tools, found)
    )
    problems = {name: found for name, found in asked.items() if isinstance(found, str)}
    unusable = any(row.state != "ok" and row.tool in servers[row.server].tools for row in rows)
    return Told(
        ok=not problems and not unusable,
        built_in=settings.tools.on,
        web_search=urlsplit(settings.tools.web_search).hostname or "",
        mcp=rows,
        problems=problems,
    )


def show(told: Told, about: Mapping[str, str], console: Console, file: Path) -> None:
    """Print it for a person: a table, then for each tool that could be listed what to write.

    `about` are the words for her own tools, by name.
    """
    table = Table("", "tool", "from", Column("what she is told of it", overflow="fold"), box=None, padding=(0, 1))
    for name in told.built_in:
        table.add_row(_MARKS["ok"], Text(name, "bold"), "built in", about[name])
    where = told.web_search or "off: web_search under [tools] gives no address"
    table.add_row(
        _MARKS["ok" if told.web_search else "not listed"], Text("web search", "bold"), "built in", Text(where)
    )
    for row in told.mcp:
        words = _MEANINGS.get(row.state, "it ") + row.why if row.why or row.state == "not listed" else row.says
        table.add_row(_MARKS[row.state], Text(one_line(row.tool, 64), "bold"), Text(row.server), Text(one_line(words)))
    console.print(table)
    for name, problem in told.problems.items():
        console.print(Text(f"✗ {name}: {problem}", "red"))
    for row in told.mcp:
        if row.toml:
            _show_listing(row, console, file)


def _show_listing(row: Row, console: Console, file: Path) -> None:
    """Print what to paste as it is, and beside it, quoted, what the server says of it."""
    how = "with your own words" if row.state == "not listed" else "instead of what is there"
    console.print()
    console.print(Text(f"To let her use “{row.tool}” of “{row.server}”, write into {file}, {how}:", "bold"))
    console.print(Text(row.toml), soft_wrap=True)
    console.print(Text("The server says of it (nobody has checked that, and she is told none of it):", "dim"))
    console.print(Text(f"“{_quoted(row.server_says) or 'nothing'}”", "dim"))
    console.print(Text(f"arguments: {_quoted(msgspec.json.encode(row.arguments).decode())}", "dim"))


def _quoted(text: str) -> str:
    """Give foreign text as one harmless line; what is left out of a very long one is not passed over in silence."""
    cut = f" (cut: it has {len(text):,} characters)" if len(text) > _SHOWN else ""
    return one_line(text[: 2 * _SHOWN], _SHOWN) + cut


def _row(name: str, server: McpServer, standing: Standing) -> Row:
    offered, listed = standing.offered, server.tools.get(standing.tool)
    says = listed.says if listed else ""
    wanted = standing.state in {"not listed", "changed", "no words", "no pin"}
    return Row(
        server=name,
        tool=standing.tool,
        state=standing.state,
        why=standing.why,
        says=says,
        server_says=offered.description if offered else "",
        arguments=offered.schema if offered else {},
        toml=mcp_tool_text(name, standing.tool, McpTool(says=says, pin=pin(offered))) if wanted and offered else "",
    )
