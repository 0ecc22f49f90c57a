"""Tools of MCP servers that the operator listed. A tool that is not what was listed any more is not used any more.

What a server offers is looked at again before a call if that was last done over a minute ago, if the server says that
it changed, after a call that was not answered, and whenever the server had to be started or called up again.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vtuber.core.redaction import redact
from vtuber.core.tool_pins import Offered, changed, standings, tool_names
from vtuber.core.tool_result import bare
from vtuber.core.tool_schema import strict
from vtuber.core.tool_servers import mistake
from vtuber.core.wording import one_line
from vtuber.errors import ToolError, ToolRefused, ToolTimeout
from vtuber.ports import Found, Tool
from vtuber.settings import McpServer

if TYPE_CHECKING:
    from vtuber.adapters.tools.mcp_session import Session

INSTALL: Final = "pip install 'vtuber[mcp]'"
_SEE: Final = "Look at it with: vtuber tools"
_CALL_S: Final = 10.0  # whoever calls waits less
_BACK_OFF_S: Final = 60.0  # at most, between two tries of a server that fails
_ABOUT: Final = 200  # characters
_LINE: Final = 2000  # characters of a line that a server wrote which are looked at

Warn: TypeAlias = Callable[[str], None]
Reach: TypeAlias = Callable[[McpServer], Any]  # gives what mcp.Client takes


@asynccontextmanager
async def open_mcp(
    servers: Mapping[str, McpServer], *, warn: Warn, private: Sequence[str] = (), reach: Reach | None = None
) -> AsyncIterator[tuple[Tool, ...]]:
    """Open the listed servers and give the tools that are as listed; what is left out is warned about, in a sentence.

    Raises nothing for a server's sake. On leaving, all servers are let go of at once, which takes up to ten seconds if
    one does not want to end. No server is told what looks like a secret, a number or an address of somebody, nor any of
    the `private` words. `reach` is another way to a server than a program or an address.
    """
    if servers and not await installed():
        warn(f"The servers of tools in the settings need a package: {INSTALL}. The show goes on without them.")
        servers = {}
    try:
        async with asyncio.TaskGroup() as tasks:
            ways = reach or _reach()
            known = [_Server(name, one, tasks=tasks, reach=ways, warn=warn) for name, one in servers.items()]
            try:
                offered = await asyncio.gather(*(one.open() for one in known))
                yield tuple(_tools(zip(known, offered, strict=True), warn, private))
            finally:
                await _let_go(known)
    except BaseExceptionGroup as group:  # of one: what was raised in the block, since no task of ours raises anything
        raise group.exceptions[0] from None


async def look(servers: Mapping[str, McpServer]) -> dict[str, tuple[Offered, ...] | str]:
    """Give what each server offers, or why it gives nothing, in words that go on after its name."""
    with TemporaryDirectory() as folder:
        logs = {name: Path(folder) / str(number) for number, name in enumerate(servers)}
        async with asyncio.TaskGroup() as tasks:
            known = [_Server(name, one, tasks=tasks, reach=_reach(logs[name])) for name, one in servers.items()]
            try:
                told = await asyncio.gather(*(one.look() for one in known), return_exceptions=True)
            finally:
                await _let_go(known)
        return {name: _told(what, logs[name]) for name, what in zip(servers, told, strict=True)}


async def installed() -> bool:
    """Whether the SDK is there. To import it takes half a second, which is not spent on the event loop."""
    try:
        await asyncio.to_thread(import_module, "vtuber.adapters.tools.mcp_session")
    except ImportError:
        return False
    return True


class ListedTool:
    """One tool of a server: under our name, with the operator's words and our copy of its schema."""

    def __init__(self, server: "_Server", offered: Offered, *, name: str, private: Sequence[str] = ()) -> None:
        self.name = name
        self.about = bare(server.settings.tools[offered.name].says)[:_ABOUT].rstrip()
        self.schema = strict(offered.schema)
        self._server = server
        self._offered = offered
        self._private = private

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Use it. Raises ToolError, of which ToolRefused where the tool is not what was listed any more."""
        return await self._server.call(self._offered, _without_secrets(arguments, self._private))

    async def close(self) -> None:
        """Do nothing: the server is let go of where it was opened."""


class _Server:
    """One server, over as many sessions as it takes."""

    def __init__(
        self, name: str, settings: McpServer, *, tasks: asyncio.TaskGroup, reach: Reach, warn: Warn | None = None
    ) -> None:
        self.name = name
        self.settings = settings
        self.sessions: list[Session] = []  # the last one is in use, others may still be ending
        self._tasks = tasks
        self._say = warn or (lambda _sentence: None)
        self._reach = reach
        self._begun = 0  # sessions since the last answer
        self._not_before = 0.0  # on the loop's clock
        self._changed: set[str] = set()
        self._asking: set[asyncio.Task[Found | BaseException]] = set()
        self._open = True

    async def open(self) -> tuple[Offered, ...]:
        """Start it. Where that fails, it is warned about and there are no tools."""
        try:
            return await self.look()
        except ToolError as error:
            self._say(f"The tools of “{self.name}” are not there: {error}. The show goes on without them. {_SEE}")
            return ()

    async def look(self) -> tuple[Offered, ...]:
        """Start it and give what it offers. Raises ToolError."""
        if wrong := mistake(self.settings, os.environ):
            raise ToolError(wrong)
        return await self._session().offered()

    async def call(self, tool: Offered, arguments: dict[str, Any]) -> Found:
        """Use a tool. Raises ToolError. Whoever stops waiting leaves a task behind that ends in five seconds."""
        from vtuber.adapters.tools.mcp_session import outcome, translated  # noqa: PLC0415 - as in _session

        if not self._open:
            raise ToolError(f"“{self.name}”: the show is over")  # and so is the group that its task would be made in
        # A task of its own: what the SDK does when it is cancelled may take seconds.
        asking = self._tasks.create_task(outcome(self._ask(tool, arguments)))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            await asyncio.wait([asking], timeout=_CALL_S)
        finally:
            late = asking.cancel()
            if late and self._open:  # a server that pours out an answer without end is let go of
                self._tasks.create_task(outcome(self._ready()))
        if late:
            raise ToolTimeout(f"“{self.name}”: it did not answer in time")
        found = ToolError("the show is over") if asking.cancelled() else asking.result()
        if isinstance(found, BaseException):
            error = translated(found)
            raise type(error)(f"“{self.name}”: {error}")
        return found

    def close(self) -> None:
        """Begin to let go of it."""
        self._open = False
        for asking in self._asking:
            asking.cancel()
        for session in self.sessions:
            session.leave()

    async def _ask(self, tool: Offered, arguments: dict[str, Any]) -> Found:
        session, offered = await self._ready()
        self._check(tool, offered)
        found = await session.call(tool.name, arguments)
        self._begun = 0
        return found

    async def _ready(self) -> tuple["Session", tuple[Offered, ...]]:
        """Give a session and what is offered there now; one that went is replaced. Raises ToolError."""
        problem = ToolError("it is gone")
        for _ in range(2):
            session = self._session()
            try:
                return session, await session.offered()
            except ToolError as error:
                session.leave()
                problem = error
        raise problem

    def _session(self) -> "Session":
        """Give the session in use or begin one, if it is time to. Raises ToolError."""
        if not self._open:
            raise ToolError("the show is over")
        if self.sessions and not self.sessions[-1].over:
            return self.sessions[-1]
        now = asyncio.get_running_loop().time()
        if now < self._not_before:
            raise ToolError(f"it is gone and will be tried again in {self._not_before - now:.0f} s")
        from vtuber.adapters.tools.mcp_session import Session  # noqa: PLC0415 - slow, and there only with the extra

        self._begun += 1
        self._not_before = now + (min(_BACK_OFF_S, 2.0**self._begun) if self._begun > 1 else 0.0)
        session = Session(self._reach(self.settings), self._tasks)
        self.sessions = [*(one for one in self.sessions if not one.task.done()), session]
        return session

    def _check(self, tool: Offered, offered: tuple[Offered, ...]) -> None:
        """Raise ToolRefused unless a tool still is what was listed; one that once was not stays out of this show."""
        if tool.name in self._changed:
            raise ToolRefused(f"{tool.name} is not what was listed any more")
        namesakes = [one for one in offered if one.name == tool.name]
        standing = standings({tool.name: self.settings.tools[tool.name]}, namesakes)[0]
        if standing.state == "ok":
            return
        self._changed.add(tool.name)
        why = changed(tool, standing.offered) if standing.state == "changed" and standing.offered else standing.why
        self._say(f"“{self.name}”: {tool.name} {why}. She does not use it any more. {_SEE}")
        raise ToolRefused(f"{tool.name} {why}")


def _tools(
    opened: Iterable[tuple[_Server, tuple[Offered, ...]]], warn: Warn, private: Sequence[str]
) -> Iterator[ListedTool]:
    opened = list(opened)
    names = tool_names((server.name, tool) for server, _ in opened for tool in server.settings.tools)
    for server, offered in opened:
        for one in standings(server.settings.tools, offered) if offered else ():
            if one.state == "ok" and one.offered is not None:
                yield ListedTool(server, one.offered, name=names[server.name, one.tool], private=private)
            elif one.tool in server.settings.tools:
                warn(f"“{server.name}”: {one.tool} {one.why}. She does without it. {_SEE}")


def _without_secrets(value: Any, private: Sequence[str]) -> Any:
    """Give arguments whose texts are as they would stand in a record: a server may be somebody else's.

    Raises ToolRefused for a number that would not stand there: it cannot be sent in part.
    """
    if isinstance(value, dict):
        return {key: _without_secrets(one, private) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(one, private) for one in value]
    written = value if isinstance(value, str) else str(value)
    kept = redact(written, private)
    if not isinstance(value, str) and kept != written:
        raise ToolRefused("what is asked holds what may be somebody's number")
    return kept if isinstance(value, str) else value


async def _let_go(known: Iterable[_Server]) -> None:
    """End every session, and wait: a group that ends its tasks itself would break the letting go off."""
    for server in known:
        server.close()
    if tasks := [session.task for server in known for session in server.sessions]:
        await asyncio.wait(tasks)


def _reach(log: Path | None = None) -> Reach:
    def way(server: McpServer) -> Any:
        from vtuber.adapters.tools.mcp_reach import reach  # noqa: PLC0415 - slow, and there only with the extra

        return reach(server) if log is None else reach(server, log=log)

    return way


def _told(what: tuple[Offered, ...] | BaseException, log: Path) -> tuple[Offered, ...] | str:
    """Give what a server offers, or why not, with the last line that it wrote."""
    if isinstance(what, tuple):
        return what
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    last = next((line.strip()[:_LINE] for line in reversed(lines) if line.strip()), "")
    return f"{what}. It last said: {one_line(redact(last))}" if last else f"{what}."
