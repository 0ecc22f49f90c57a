"""Tools of listed servers: only as they were listed, never in the way of the show, and nothing of a server's own words."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.adapters.tools.mcp_hostile_server import ENDS, FLOODS, LISTINGS, RESULTS
from tests.adapters.tools.mcp_old_server import DESCRIPTIONS, SCHEMA
from tests.adapters.tools.mcp_server import FOLDER, POISON, McpDouble, as_program, over_http, tool
from tests.adapters.tools.test_mcp_reach import answering, head
from tests.contracts.tool import ToolContract
from vtuber.adapters.tools import mcp_client, mcp_session
from vtuber.adapters.tools.mcp_client import INSTALL, look, open_mcp
from vtuber.clock import Clock, run_virtual
from vtuber.core.tool_pins import Offered, pin
from vtuber.core.tool_result import LIMIT, harmless
from vtuber.errors import ToolError, ToolRefused, ToolTimeout
from vtuber.events import Turn
from vtuber.interrupts import Interrupts
from vtuber.ports import Found, Tool
from vtuber.settings import McpServer, McpTool
from vtuber.stages.roads import lay
from vtuber.stages.use import use


@pytest.fixture(autouse=True)
def _patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let real programs take their time on a busy machine."""
    if request.node.get_closest_marker("asyncio"):
        for module, limit in ((mcp_session, "START_S"), (mcp_session, "_LIST_S"), (mcp_client, "_CALL_S")):
            monkeypatch.setattr(module, limit, 60.0)


class Opened(msgspec.Struct, frozen=True):
    """The tools by their names on the server, and what was warned about."""

    tools: dict[str, Tool]
    warned: list[str]

    async def call(self, name: str, **arguments: Any) -> str:
        return (await self.tools[name].call(arguments)).text


@asynccontextmanager
async def opened(server: McpServer, reach: Callable[[McpServer], Any] | None = None) -> AsyncIterator[Opened]:
    warned: list[str] = []
    async with open_mcp({"d": server}, warn=warned.append, reach=reach) as tools:
        yield Opened({one.name.removeprefix("d_"): one for one in tools}, warned)


def within(double: McpDouble, *names: str) -> Any:
    """Open a server in this process."""
    return opened(double.listed(*names), lambda _server: double.server)


OLD = McpServer(
    command=(sys.executable, str(FOLDER / "mcp_old_server.py")),
    tools={
        name: McpTool(says=f"our words about {name}", pin=pin(Offered(name=name, description=words, schema=SCHEMA)))
        for name, words in DESCRIPTIONS.items()
    },
)


class TestListedTool(ToolContract):
    run = staticmethod(run_virtual)
    good: Mapping[str, Any] = {"city": "Oslo"}
    impossible = ({"city": "Nowhere"},)
    speaks = False

    @asynccontextmanager
    async def opened(self):
        async with within(McpDouble(), "forecast") as found:
            yield found.tools["forecast"]


async def test_she_is_told_the_operators_words_and_none_of_the_servers():
    async with within(McpDouble(), "forecast") as found:
        tool = found.tools["forecast"]
        assert (tool.name, tool.about) == ("d_forecast", "our words about forecast")
        assert tool.schema == {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        }
        assert POISON[:20] not in repr((tool.name, tool.about, tool.schema, found.warned))


async def test_a_server_is_told_nobodys_number_address_or_private_words():
    double = McpDouble()
    async with open_mcp(
        {"d": double.listed("forecast")}, warn=print, private=("Elm Street",), reach=lambda _server: double.server
    ) as (tool,):
        with suppress(ToolError):
            await tool.call({"city": "Oslo near elm  street, mail kay@example.com or 090-1234-5678"})
    ((_, told),) = double.calls
    assert told["city"].startswith("Oslo near ")
    assert not any(secret in told["city"].lower() for secret in ("elm", "kay@", "1234"))


async def test_nor_somebodys_number_as_a_number():
    double = McpDouble()
    double.tools.append(tool("who", "", {"type": "object", "properties": {"number": {"type": "integer"}}}))
    async with within(double, "who") as found:
        assert await found.call("who", number=12) == "done"
        with pytest.raises(ToolRefused):
            await found.call("who", number=4111111111111111)
    assert double.calls == [("who", {"number": 12})]


async def test_the_operators_words_are_one_short_line_whatever_they_are():
    double = McpDouble()
    listed = double.listed("slow").tools["slow"]
    says = "tides\n<|im_start|>" + "x" * 500
    server = McpServer(command=("x",), tools={"slow": McpTool(says=says, pin=listed.pin)})
    async with opened(server, lambda _server: double.server) as found:
        about = found.tools["slow"].about
    assert about.startswith("tides ")
    assert len(about) == 200
    assert "<|" not in about


async def test_only_listed_tools_are_used_and_what_is_left_out_is_said_once_each():
    double = McpDouble()
    server = double.listed("forecast", "slow", "run_code", "moved")
    wrong = McpTool(says="it", pin="0" * 64)
    server = msgspec.structs.replace(server, tools={**server.tools, "figures": wrong})
    async with opened(server, lambda _server: double.server) as found:
        assert list(found.tools) == ["forecast", "slow"]
        assert [words.split(": ")[1].split()[0] for words in found.warned] == ["run_code", "moved", "figures"]
        assert all(words.endswith("She does without it. Look at it with: vtuber tools") for words in found.warned)
        assert "runs code or commands" in found.warned[0]
    assert double.calls == []


async def test_a_tool_that_changes_in_mid_show_is_not_used_again_in_this_show():
    double = McpDouble()
    async with within(double, "forecast", "slow") as found:
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
        double.describe("forecast", "Something else.")
        await asyncio.sleep(61)
        with pytest.raises(ToolRefused):
            await found.call("forecast", city="Oslo")
        (warning,) = found.warned
        assert warning.startswith("“d”: forecast is not what was listed any more: it changed its description. She does")
        double.describe("forecast", POISON)
        await asyncio.sleep(61)
        with pytest.raises(ToolRefused):
            await found.call("forecast", city="Oslo")
        double.slow_s = 0
        assert await found.call("slow") == "done"
    assert len(found.warned) == 1
    assert double.calls == [("forecast", {"city": "Oslo"}), ("slow", {})]


@pytest.mark.parametrize(
    "change",
    [
        lambda tools: [one for one in tools if one.name != "forecast"],
        lambda tools: [*tools, tool("forecast", "A second one.")],
        lambda tools: [tool("forecast", POISON) if one.name == "forecast" else one for one in tools],
    ],
    ids=["gone", "shadowed", "other arguments"],
)
async def test_whatever_happens_to_a_tool_in_mid_show_it_is_not_called(change: Callable[[list[Any]], list[Any]]):
    double = McpDouble()
    async with within(double, "forecast") as found:
        double.tools = change(double.tools)
        await asyncio.sleep(61)
        with pytest.raises(ToolRefused):
            await found.call("forecast", city="Oslo")
    assert double.calls == []
    assert len(found.warned) == 1


@pytest.mark.asyncio
async def test_a_server_that_says_that_its_tools_changed_is_looked_through_at_once():
    async with opened(OLD) as found:
        assert await found.call("forecast") == "forecast: done"
        assert await found.call("changes") == "changes: done"
        with pytest.raises(ToolRefused, match="changed its description"):
            await found.call("forecast")


@pytest.mark.asyncio
async def test_a_server_that_asks_for_a_model_a_folder_or_a_person_gets_none():
    async with opened(OLD) as found:
        declared, *answers = json.loads(await found.call("asks"))
    assert declared == {}
    assert answers == ["Sampling not supported", "List roots not supported", "Elicitation not supported"]


async def test_who_stops_waiting_stops_at_once_and_the_server_stays():
    double, clock = McpDouble(), asyncio.get_running_loop()
    async with within(double, "slow", "forecast") as found:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await found.call("slow")
        assert clock.time() == pytest.approx(3)
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
    assert double.given_up == ["slow"]


async def test_a_slow_call_holds_up_no_other_and_ends_by_itself():
    double, clock = McpDouble(), asyncio.get_running_loop()
    async with within(double, "slow", "forecast") as found:

        async def quick() -> float:
            await found.call("forecast", city="Oslo")
            return clock.time()

        slow, answered_at = await asyncio.gather(found.call("slow"), quick(), return_exceptions=True)
    assert answered_at < 1
    assert isinstance(slow, ToolTimeout)
    assert clock.time() == pytest.approx(10)


async def test_a_server_that_falls_silent_is_tried_again_later_and_later_and_comes_back():
    double, clock = McpDouble(), asyncio.get_running_loop()
    async with within(double, "forecast") as found:

        async def waits() -> float:
            began = clock.time()
            with pytest.raises(ToolError):
                await found.call("forecast", city="Oslo")
            return clock.time() - began

        double.mute = True
        await asyncio.sleep(61)
        assert await waits() == pytest.approx(7, abs=0.1)  # two seconds for the old session, five for a new one
        await asyncio.sleep(4)
        assert await waits() == pytest.approx(5, abs=0.1)
        assert await waits() == 0
        with pytest.raises(ToolError, match=r"will be tried again in \d s"):
            await found.call("forecast", city="Oslo")
        double.mute = False
        await asyncio.sleep(10)
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
        double.mute = True
        await asyncio.sleep(61)
        assert await waits() == pytest.approx(7, abs=0.1)  # an answer has put the waiting back to the beginning
    assert found.warned == []


@pytest.mark.asyncio
async def test_a_server_that_dies_in_mid_call_is_started_again_at_the_next_one():
    async with opened(as_program(McpDouble(), "dies", "forecast")) as found:
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
        with pytest.raises(ToolError, match="hung up"):
            await found.call("dies")
        assert await found.call("forecast", city="Bergen") == "Bergen: rain"


@pytest.mark.asyncio
async def test_a_server_that_dies_again_and_again_is_left_alone_for_a_while():
    async with opened(as_program(McpDouble(), "dies")) as found:
        said = []
        for _ in range(3):
            with pytest.raises(ToolError) as caught:
                await found.call("dies")
            said.append(str(caught.value))
    assert said[:2] == ["“d”: it hung up"] * 2
    assert "will be tried again in" in said[2]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("server", "why"),
    [
        (as_program(McpDouble(), "forecast", how="late"), "it did not answer in time"),
        (as_program(McpDouble(), "forecast", how="broken"), "it hung up"),
        (
            McpServer(command=("no-such-program-anywhere",)),
            "its program was not found; install it, or give its whole path",
        ),
        (McpServer(command=(str(FOLDER),)), "it cannot be reached: Permission denied"),
        (McpServer(command=("nul\0",)), "it does not keep to the protocol"),
        (McpServer(url="http://127.0.0.1:1/mcp"), "nobody answers at its address"),
        (McpServer(url="file:///etc/passwd"), "its url is no http address"),
        (McpServer(url="http://[::1/mcp"), "its url is no http address"),
        (McpServer(url="https://"), "its url is no http address"),
        (McpServer(), "the settings must give it either a command or a url"),
        (
            McpServer(command=("x",), environment=("KEY=hunter2",)),
            "its environment lists the names of variables; their values stay out of the settings",
        ),
        (
            McpServer(command=("x",), environment=("VTUBER_NEVER_SET",)),
            "the variable VTUBER_NEVER_SET of its environment is not set; set it where you start her",
        ),
        (McpServer(command=("x",), url="http://127.0.0.1:1"), "the settings must give it either a command or a url"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_a_server_that_cannot_be_used_is_a_warning_and_the_show_goes_on(
    server: McpServer, why: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mcp_session, "START_S", 2.0 if "late" in server.command else 60.0)
    warned: list[str] = []
    servers = {"bad": server, "good": OLD}
    async with open_mcp(servers, warn=warned.append) as tools:
        assert len(tools) == len(DESCRIPTIONS)
        assert (await tools[0].call({})).text == "forecast: done"
    assert warned == [
        f"The tools of “bad” are not there: {why}. The show goes on without them. Look at it with: vtuber tools"
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_a_server_that_wants_a_key_is_said_to(status: str):
    async with answering(head(status, "Content-Length: 0")) as (url, _), opened(McpServer(url=url)) as found:
        assert found.tools == {}
    assert "“d” are not there: it wants another key: see its headers in the settings." in found.warned[0]


@pytest.mark.asyncio
async def test_a_program_that_chatters_where_only_the_protocol_belongs_is_borne(capfd: pytest.CaptureFixture[str]):
    async with opened(as_program(McpDouble(), "forecast", how="noisy")) as found:
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
    assert capfd.readouterr() == ("", "")


def hostile(how: str) -> McpServer:
    """Settings that list the tool of a server that answers in this way."""
    known = McpTool(says="it", pin=pin(Offered(name="forecast", schema={"type": "object"})))
    command = (sys.executable, str(FOLDER / "mcp_hostile_server.py"), how)
    return McpServer(command=command, tools={"forecast": known})


@pytest.mark.asyncio
@pytest.mark.parametrize("how", LISTINGS)
async def test_a_listing_that_is_none_is_one_of_the_errors_that_are_known(how: str):
    async with opened(hostile(how)) as found:
        assert found.tools == {}
    assert "“d” are not there: it does not keep to the protocol." in found.warned[0]


@pytest.mark.asyncio
@pytest.mark.parametrize("how", [*RESULTS, *FLOODS, *ENDS])
async def test_an_answer_that_is_none_is_one_of_the_errors_that_are_known(how: str):
    async with opened(hostile(how)) as found:
        for _ in range(2):
            with pytest.raises(ToolError, match=r"hung up|keep to the protocol|with an error \(number 7\)") as caught:
                await found.call("forecast")
            assert "hunter2" not in str(caught.value)


@pytest.mark.asyncio
@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal there that could be ignored")
@pytest.mark.parametrize("failing", [False, True])
async def test_a_program_that_does_not_want_to_end_is_ended(
    failing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PID_FILE", str(tmp_path / "pid"))
    server = as_program(McpDouble(), "forecast", how="stubborn", environment=("PID_FILE",))
    with suppress(KeyError):
        async with opened(server) as found:
            assert await found.call("forecast", city="Oslo") == "Oslo: rain"
            number = int((tmp_path / "pid").read_text(encoding="utf-8"))
            os.kill(number, 0)
            if failing:
                raise KeyError("the show failed")
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.asyncio
@pytest.mark.parametrize("options", [{}, {"json_response": True}])
async def test_a_server_at_an_address_is_used_and_what_is_too_much_is_lost_alone(options: dict[str, bool]):
    double = McpDouble()
    async with over_http(double, **options) as url:
        server = msgspec.structs.replace(double.listed("forecast", "huge"), command=(), url=url)
        async with opened(server) as found:
            assert await found.call("forecast", city="Oslo") == "Oslo: rain"
            with pytest.raises(ToolError):
                await found.call("huge")
            assert await found.call("forecast", city="Bergen") == "Bergen: rain"
    assert all(declared == {} for declared in double.declared)


@pytest.mark.asyncio
async def test_a_huge_answer_of_a_program_becomes_a_short_line():
    async with opened(as_program(McpDouble(), "huge")) as found:
        assert len(harmless(await found.call("huge")).encode()) <= LIMIT


async def test_whatever_a_server_gives_what_a_turn_gets_is_bounded_in_time_and_can_act_on_nothing():
    double, noted = McpDouble(), []
    turn = Turn(id="t1", at_ms=0, turn="t1", purpose="answer")
    roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=4)
    names = ("huge", "noisy", "fails", "slow", "forecast")
    async with within(double, *names) as found:

        async def used(name: str, **arguments: Any) -> Found | None:
            return await use(found.tools[name], arguments, turn=turn, tier="fast", roads=roads)

        gave = {name: await used(name) for name in names}
        assert await used("forecast", city="Oslo", prompt=POISON) is None
        rain = await used("forecast", city="Oslo")
    assert rain is not None
    assert rain.text == "Oslo: rain"
    assert [one.reason for one in noted] == ["", "", "error", "timeout", "bad_arguments", "bad_arguments", ""]
    assert [name for name, found in gave.items() if found] == ["huge", "noisy"]
    for found in filter(None, gave.values()):
        assert len(found.text.encode()) <= 4 * LIMIT
        assert not any(mark in found.text for mark in ("\x1b", "<think>", "\u200b", "<|im_start|>", "[/INST]", "\n"))
    assert "hunter2" not in repr(noted)
    assert [name for name, _ in double.calls] == ["huge", "noisy", "fails", "slow", "forecast"]


async def test_a_failing_tool_says_so_to_the_operator_only_and_may_be_used_again():
    async with within(McpDouble(), "fails", "forecast") as found:
        for _ in range(2):
            with pytest.raises(ToolError, match=r"^“d”: The tool failed: no such city"):
                await found.call("fails")
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
    assert found.warned == []


async def test_what_is_raised_in_the_block_comes_out_as_it_is():
    for error in (KeyError("mine"), ExceptionGroup("mine", [ValueError("a"), KeyError("b")]), ToolError("mine")):
        with pytest.raises(type(error)) as caught:
            async with within(McpDouble(), "forecast"):
                raise error
        assert caught.value is error


async def test_a_show_may_end_while_a_tool_is_still_waited_for():
    clock = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as elsewhere, within(McpDouble(), "slow") as found:

        async def turn() -> None:
            with pytest.raises(ToolError):
                await found.call("slow")

        elsewhere.create_task(turn())
        await asyncio.sleep(1)
    assert clock.time() == pytest.approx(1, abs=0.1)
    assert len(asyncio.all_tasks()) == 1


async def test_a_server_that_is_silent_after_a_call_is_let_go_of_though_nobody_asks_again():
    double = McpDouble()
    async with within(double, "slow") as found:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await found.call("slow")
        await asyncio.sleep(10)
        assert [session.over for session in found.tools["slow"]._server.sessions] == [False]
        double.mute = True
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await found.call("slow")
        await asyncio.sleep(10)
        assert all(session.over for session in found.tools["slow"]._server.sessions)


async def test_a_show_that_is_cancelled_is_cancelled_and_nothing_is_left_behind():
    double = McpDouble()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30), within(double, "forecast"):
            await asyncio.sleep(3600)
    assert len(asyncio.all_tasks()) == 1


async def test_after_the_show_a_tool_gives_nothing():
    async with within(McpDouble(), "forecast") as found:
        pass
    with pytest.raises(ToolError, match="the show is over"):
        await found.call("forecast", city="Oslo")


async def test_without_the_package_the_show_goes_on_and_the_command_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, mcp_session.__name__, None)
    async with within(McpDouble(), "forecast") as found:
        assert found.tools == {}
    assert len(found.warned) == 1
    assert INSTALL in found.warned[0]


async def test_without_servers_the_package_is_not_even_looked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mcp_client, "installed", None)
    async with open_mcp({}, warn=pytest.fail) as tools:
        assert tools == ()


@pytest.mark.asyncio
async def test_a_look_gives_what_each_server_offers_or_why_not_with_the_last_words_of_a_program():
    seen = await look({"old": OLD, "broken": as_program(McpDouble(), how="broken"), "none": McpServer()})
    assert [one.name for one in seen["old"] if isinstance(one, Offered)] == list(DESCRIPTIONS)
    assert seen["broken"] == "it hung up. It last said: no configuration found, password: [redacted]"
    assert seen["none"] == "the settings must give it either a command or a url."


@pytest.mark.asyncio
async def test_of_a_line_of_any_length_the_beginning_is_looked_at(monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []
    monkeypatch.setattr(mcp_client, "redact", lambda text: seen.append(text) or "what is left")
    babbling = McpServer(command=(sys.executable, "-c", "import sys; sys.stderr.write(' ' * 9000 + 'word ' * 100_000)"))
    assert (await look({"babbling": babbling}))["babbling"] == "it hung up. It last said: what is left"
    assert seen == ["word " * 400]


def surprising(_result: object) -> Found:
    raise KeyError("surprise")


async def test_a_surprise_in_a_call_is_an_error_of_that_call_alone(monkeypatch: pytest.MonkeyPatch):
    async with within(McpDouble(), "forecast", "fails") as found:
        await found.call("forecast", city="Oslo")
        with monkeypatch.context() as patched:
            patched.setattr(mcp_session, "found", surprising)
            with pytest.raises(ToolError, match=r"^“d”: the library that asks it failed \(KeyError\)$"):
                await found.call("forecast", city="Oslo")
        assert await found.call("forecast", city="Oslo") == "Oslo: rain"
