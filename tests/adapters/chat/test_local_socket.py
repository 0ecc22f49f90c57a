"""The local WebSocket on real ports: who may come in, what is acknowledged and when, and what a hostile client costs."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from tests.adapters.chat.local_show import BASE_MS, TOKEN, LocalShow
from tests.contracts.chat_source import ChatSourceContract
from vtuber.adapters.chat import local_socket
from vtuber.adapters.chat.local_socket import LocalSocket
from vtuber.clock import Clock, run_virtual
from vtuber.errors import ChatSourceError
from vtuber.events import Chat, Connection, Performed, Retract, Thought

SCRIPT = (
    {"text": "one", "name": "Hana"},
    {"notice": "raid", "name": "Kenta", "count": 3, "id": "n1"},
    {"op": "hush"},
    {"edit": "m1", "text": "two", "name": "Hana"},
    {"delete_user": "u1"},
)


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client does, the operator's terminal stays as it is."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


class InPlainMemory(LocalSocket):
    """The same socket with one client that needs no network, so that time may be virtual; it ends when that leaves."""

    script: tuple[dict[str, Any], ...] = SCRIPT

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        client = ScriptedClient(self.script)
        visit = asyncio.ensure_future(self._visit(client))
        try:
            yield
        finally:
            visit.cancel()
            await asyncio.gather(visit, return_exceptions=True)

    async def _visit(self, client: "ScriptedClient") -> None:
        await self._welcome(client)  # type: ignore[arg-type]
        self.close()


class ScriptedClient:
    def __init__(self, script: tuple[dict[str, Any], ...]) -> None:
        self.request = SimpleNamespace(headers=Headers({"Authorization": f"Bearer {TOKEN}"}), path="/")
        self._frames: Iterator[dict[str, Any]] = iter(script)

    async def recv(self, *, decode: bool) -> bytes:
        assert not decode
        for frame in self._frames:
            return json.dumps(frame).encode()
        raise ConnectionClosedOK(None, None)

    async def send(self, frame: bytes, *, text: bool) -> None:
        assert text

    async def close(self, code: int, reason: str) -> None:
        pass


class TestLocalSocket(ChatSourceContract):
    def make(self, clock: Clock) -> LocalSocket:
        return InPlainMemory(TOKEN, clock, lambda _op, _fields: None)

    def test_gives_what_was_sent_in_its_order(self) -> None:
        assert [type(event).__name__ for _, event in self.heard()] == ["Chat", "Notice", "Retract", "Chat", "Retract"]

    def test_a_flood_is_read_at_its_pace_and_all_of_it_is_heard(self) -> None:
        class Flooded(InPlainMemory):
            script = tuple({"text": f"{number}", "name": "Hana"} for number in range(5000))

        async def listen() -> tuple[int, int]:
            clock = Clock(BASE_MS)
            async with aclosing(Flooded(TOKEN, clock, lambda _op, _fields: None).events()) as events:
                heard = [event async for event in events]
            return len(heard), clock.now() - BASE_MS

        assert run_virtual(listen()) == (5000, 3000)


def performed(text: str = "Hello!") -> Performed:
    return Performed(
        id="c1/performed",
        at_ms=5,
        turn="t1",
        seq=0,
        text=text,
        language="en",
        source="fast",
        last=True,
        started_ms=1,
        duration_ms=4,
        voice="v",
        to="Hana",
        viewer_id="twitch:7",
    )


# ---- acknowledgement


@pytest.mark.asyncio
async def test_a_message_is_heard_and_acknowledged_when_it_is_remembered_and_not_before():
    async with LocalShow(remembers=False).open() as show, show.client() as client:
        await client.tell(text="hi", name="Hana", id="m1")
        event = await show.heard.get()
        assert isinstance(event, Chat)
        assert (event.text, event.viewer_id) == ("hi", "local:login:hana")
        assert await client.ask(op="hush") == {"ok": "hush"}, "nothing came before this"
        show.remember(event)
        assert await client.told() == {"ok": "m1"}


@pytest.mark.asyncio
async def test_a_message_without_an_id_is_acknowledged_by_the_one_it_got():
    async with LocalShow().open() as show, show.client() as client:
        told = await client.ask(text="hi", name="Hana")
        assert told == {"ok": (await show.heard.get()).id}


@pytest.mark.asyncio
async def test_a_message_that_memory_lost_is_told_to_its_sender_who_may_send_it_again():
    async with LocalShow(remembers=False).open() as show, show.client() as client:
        await client.tell(text="hi", name="Hana", id="m1")
        show.drop(await show.heard.get(), reason="stage_failed", item="memory")
        told = await client.told()
        assert (told["error"], told["id"]) == ("not_saved", "m1")
        await client.tell(text="hi", name="Hana", id="m1")
        show.remember(await show.heard.get())
        assert await client.told() == {"ok": "m1"}


@pytest.mark.asyncio
async def test_what_a_client_sends_again_after_a_lost_answer_is_heard_and_acknowledged_again():
    async with LocalShow().open() as show:
        async with show.client() as client:
            await client.tell(text="hi", name="Hana", id="m1")
            first = await show.heard.get()
        async with show.client() as client:
            assert await client.ask(text="hi", name="Hana", id="m1") == {"ok": "m1"}
        assert (await show.heard.get()).id == first.id


@pytest.mark.asyncio
async def test_what_is_sent_twice_while_on_its_way_is_heard_once_and_acknowledged_twice():
    async with LocalShow(remembers=False).open() as show, show.client() as client:
        await client.tell(text="hi", name="Hana", id="m1")
        await client.tell(text="hi", name="Hana", id="m1")
        assert await client.ask(op="pause") == {"ok": "pause"}
        show.remember(await show.heard.get())
        assert [await client.told(), await client.told()] == [{"ok": "m1"}] * 2
        assert show.heard.empty()


@pytest.mark.asyncio
async def test_two_clients_are_each_acknowledged_for_their_own():
    async with LocalShow(remembers=False).open() as show, show.client() as hana, show.client() as kenta:
        await hana.tell(text="from Hana", name="Hana", id="h")
        await kenta.tell(text="from Kenta", name="Kenta", id="k")
        for event in [await show.heard.get(), await show.heard.get()]:
            show.remember(event)
        assert (await hana.told(), await kenta.told()) == ({"ok": "h"}, {"ok": "k"})


@pytest.mark.asyncio
async def test_an_edit_is_acknowledged_when_the_old_wording_is_gone_and_the_new_one_is_safe():
    async with LocalShow(remembers=False).open() as show, show.client() as client:
        await client.tell(edit="m1", text="better", name="Hana", id="m2")
        gone, new = await show.heard.get(), await show.heard.get()
        assert isinstance(gone, Retract)
        assert isinstance(new, Chat)
        assert new.edit_of == gone.target_event == "local:main:m1"
        show.remember(gone)
        assert await client.ask(op="hush") == {"ok": "hush"}
        show.remember(new)
        assert await client.told() == {"ok": "m2"}


@pytest.mark.asyncio
async def test_a_client_that_leaves_at_once_is_still_heard_and_nothing_is_kept_for_it():
    async with LocalShow(remembers=False).open() as show:
        async with show.client() as client:
            for number in range(50):
                await client.tell(text=f"{number}", name="Hana")
        heard = [await show.heard.get() for _ in range(50)]
        assert [event.text for event in heard if isinstance(event, Chat)] == [str(number) for number in range(50)]
        async with show.client() as other:
            while len(show.socket._lines) != 1:
                assert await other.ask(op="hush") == {"ok": "hush"}
        assert len(show.socket._receipts) == 0


# ---- the operator's hand, and what is told to subscribers


@pytest.mark.asyncio
async def test_an_operation_is_handed_over_and_is_no_chat():
    async with LocalShow().open() as show, show.client() as client:
        assert await client.ask(op="say", text="Welcome, everyone!") == {"ok": "say"}
        assert await client.ask(op="ban", user="7", platform="twitch") == {"ok": "ban"}
        assert (await client.ask(op="ban"))["op"] == "ban"
        assert show.operated == [("say", {"text": "Welcome, everyone!"}), ("ban", {"user": "twitch:7"})]
        assert show.heard.empty()


@pytest.mark.asyncio
async def test_only_who_subscribes_is_told_what_is_performed_and_nobody_is_told_thoughts():
    async with LocalShow().open() as show, show.client() as overlay, show.client() as other:
        assert await overlay.ask(subscribe=True) == {"ok": "subscribe"}
        assert await other.ask(op="hush") == {"ok": "hush"}
        show.socket.note(Thought(id="th", at_ms=1, turn="t1", tier="fast", text="a secret thought"))
        show.socket.note(performed())
        show.socket.note(Connection(id="x", at_ms=1, source="twitch", state="lost", retry_ms=500))
        assert (await overlay.told())["performed"]["text"] == "Hello!"
        assert (await overlay.told())["connection"]["state"] == "lost"
        assert await other.ask(op="pause") == {"ok": "pause"}, "nothing came before this"
        assert await overlay.ask(subscribe=False) == {"ok": "subscribe"}
        show.socket.note(performed())
        assert await overlay.ask(op="resume") == {"ok": "resume"}


# ---- the door


@pytest.mark.asyncio
async def test_the_token_may_stand_in_the_header_the_query_or_the_first_frame():
    async with LocalShow().open() as show:
        async with show.client() as client:
            assert await client.ask(op="hush") == {"ok": "hush"}
        async with show.client(token="", query=f"?token={TOKEN}") as client:
            assert await client.ask(op="hush") == {"ok": "hush"}
        async with show.client(token="") as client:
            assert await client.ask(token=TOKEN) == {"ok": "token"}
            assert await client.ask(op="hush") == {"ok": "hush"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("header", "query", "frame"),
    [
        ("wrong", "", {}),
        ("", "?token=wrong", {}),
        ("", "", {"token": "wrong"}),
        ("", "", {"text": "hi", "name": "Hana"}),
        ("", "", {"token": TOKEN[:-1]}),
        ("wrong", "", {"token": TOKEN}),
    ],
)
async def test_without_the_right_token_a_connection_is_closed_and_nothing_is_heard_or_repeated(
    header: str, query: str, frame: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with LocalShow().open() as show, show.client(token=header, query=query) as client:
        if frame:
            with suppress(ConnectionClosed):
                await client.tell(**frame)
        assert (await client.closed()).code == 4401
        assert "wrong" not in (await client.closed()).reason
        assert show.heard.empty()
    ours = [record for record in caplog.records if record.name != "websockets.client"]
    assert not [record for record in ours if "wrong" in record.getMessage() or TOKEN in record.getMessage()]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1:1"},
    ],
)
async def test_a_foreign_page_or_name_is_refused_even_with_the_token(headers: dict[str, str]):
    async with LocalShow().open() as show:
        named = {name: value.replace("{port}", str(show.socket.port)) for name, value in headers.items()}
        with pytest.raises(InvalidStatus) as refused:
            async with show.client(**named):
                pass
        assert refused.value.response.status_code == 403


@pytest.mark.asyncio
async def test_a_page_that_the_settings_name_may_come_in():
    page = "http://localhost:3000"
    async with LocalShow(origins=(page,)).open() as show, show.client(Origin=page) as client:
        assert await client.ask(op="hush") == {"ok": "hush"}


@pytest.mark.asyncio
async def test_only_this_machine_is_listened_to():
    async with LocalShow().open() as show:
        assert show.socket._listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.asyncio
async def test_a_port_in_use_and_one_that_is_none_are_told_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ChatSourceError, match=rf"Port {port} .*another program has it.*Choose another port"):
            LocalShow(port=port)
    with pytest.raises(ChatSourceError, match=r"Port 70000 .*no such port"):
        LocalShow(port=70000)


@pytest.mark.asyncio
async def test_a_socket_that_was_never_served_is_freed_by_closing_it():
    show = LocalShow()
    show.socket.close()
    show.socket.close()
    LocalShow(port=show.socket.port).socket.close()


# ---- limits


@pytest.mark.asyncio
async def test_a_broken_frame_is_answered_and_the_connection_goes_on():
    async with LocalShow().open() as show, show.client() as client:
        for frame in ("[" * 60_000, "{", "\x00", b"\xff\xfe", b"", '{"text":5,"name":"Hana","id":"m1"}'):
            await client.socket.send(frame)
            assert "error" in await client.told()
        assert await client.ask(text="hi", name="Hana", id="m2") == {"ok": "m2"}


@pytest.mark.asyncio
async def test_a_frame_that_is_too_large_ends_the_connection_of_its_sender_alone():
    async with LocalShow().open() as show, show.client() as good, show.client() as bad:
        with suppress(ConnectionClosed):
            await bad.socket.send("x" * 1_000_000)
        assert (await bad.closed()).code in {1006, 1009}  # 1006 where the good-bye was overtaken
        assert await good.ask(text="hi", name="Hana", id="m1") == {"ok": "m1"}


@pytest.mark.asyncio
async def test_when_the_show_is_busy_the_sender_waits_and_nothing_is_lost():
    async with LocalShow().open() as show, show.client() as client:
        show.listens.clear()
        for number in range(1500):
            await client.tell(text=f"{number}", name="Hana", id=f"m{number}")
        assert await client.told() == {"ok": "m0"}
        assert show.heard.qsize() == 1
        assert len(show.socket._road) <= 256
        show.listens.set()
        assert [await client.told() for _ in range(1499)] == [{"ok": f"m{number}"} for number in range(1, 1500)]


@pytest.mark.asyncio
async def test_a_client_that_does_not_read_is_hung_up_on_and_the_others_are_served():
    async with LocalShow().open() as show, show.client() as slow, show.client() as good:
        slow.socket.transport.pause_reading()
        assert await good.ask(op="hush") == {"ok": "hush"}
        (line,) = [line for line in show.socket._lines if line._caller.remote_address == slow.socket.local_address]
        line.subscribed = True
        while line in show.socket._lines:
            show.socket.note(performed("x" * 50_000))
            assert await good.ask(op="hush") == {"ok": "hush"}
            if not line._out.closed:
                assert len(line._out) <= 1024
        await line._caller.wait_closed()  # although it does not read the good-bye either
        slow.socket.transport.resume_reading()
        await slow.closed()


@pytest.mark.asyncio
async def test_a_slow_reader_that_wakes_up_in_time_is_told_why_it_was_hung_up_on():
    async with LocalShow().open() as show, show.client() as client:
        await client.ask(subscribe=True)
        for _ in range(1025):
            show.socket.note(performed())
        parting = await client.closed()
        assert (parting.code, parting.reason) == (4408, "what was sent to you was not read in time")


@pytest.mark.asyncio
async def test_the_sixty_fifth_program_is_sent_away_until_another_leaves():
    async with LocalShow().open() as show, AsyncExitStack() as clients:
        first = [await clients.enter_async_context(show.client()) for _ in range(64)]
        assert [await client.ask(op="hush") for client in first] == [{"ok": "hush"}] * 64
        async with show.client() as late:
            assert (await late.closed()).code == 1013
        await first[0].socket.close()
        while len(show.socket._lines) == 64:
            assert await first[1].ask(op="hush") == {"ok": "hush"}
        async with show.client() as late:
            assert await late.ask(op="hush") == {"ok": "hush"}


@pytest.mark.asyncio
async def test_silent_connections_make_room_for_a_program_that_shows_its_token():
    async with LocalShow().open() as show, AsyncExitStack() as idle:
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", show.socket.port)
            idle.callback(writer.close)
        async with show.client() as client:
            assert await client.ask(op="hush") == {"ok": "hush"}
            assert len(show.socket._hall._leave) <= 32


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "frame"),
    [(f"?token={TOKEN}", b"\x89\xfd\0\0\0\0" + b"x" * 125), ("", b"\x8a\x80\0\0\0\0")],
    ids=["pings after the token", "pongs before the token"],
)
async def test_a_client_that_never_reads_and_sends_without_end_is_dropped(
    query: str, frame: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(local_socket, "_TOKEN_S", 600.0)
    async with LocalShow().open() as show:
        port = show.socket.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        key = "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
        writer.write(f"GET /{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{upgrade}{key}\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await send_without_end(writer, frame)
        writer.close()
        async with show.client() as client:
            assert await client.ask(op="hush") == {"ok": "hush"}
            assert len(show.socket._lines) == 1


async def send_without_end(writer: asyncio.StreamWriter, frame: bytes) -> None:
    """Send until the other side has had enough of it."""
    with suppress(ConnectionError):
        while True:
            writer.write(frame * 100)
            await writer.drain()


@pytest.mark.asyncio
async def test_bytes_that_are_no_request_are_hung_up_on():
    async with LocalShow().open() as show:
        for nonsense in (
            b"\x00" * 100 + b"\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000,
            b"POST / HTTP/1.1\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", show.socket.port)
            writer.write(nonsense)
            with suppress(ConnectionError):
                assert not (await reader.read()).startswith(b"HTTP/1.1 101")
            writer.close()


# ---- the end


@pytest.mark.asyncio
async def test_when_the_show_ends_every_client_is_told_that_it_goes_away_and_the_port_is_free(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(local_socket, "_TOKEN_S", 600.0)  # what a silent connection must not be waited for
    show = LocalShow()
    async with AsyncExitStack() as clients:
        async with show.open():
            both = [await clients.enter_async_context(show.client()) for _ in range(2)]
            await both[0].ask(subscribe=True)
            await both[1].ask(op="hush")
            _, silent = await asyncio.open_connection("127.0.0.1", show.socket.port)
            clients.callback(silent.close)
        for client in both:
            assert (await client.closed()).code == 1001
    LocalShow(port=show.socket.port).socket.close()


@pytest.mark.asyncio
async def test_the_end_comes_although_a_sender_waits_for_room_and_another_client_does_not_read():
    show = LocalShow()
    async with AsyncExitStack() as clients:
        async with show.open():
            show.listens.clear()
            sender, deaf = [await clients.enter_async_context(show.client()) for _ in range(2)]
            await deaf.ask(subscribe=True)
            (line,) = [line for line in show.socket._lines if line.subscribed]
            deaf.socket.transport.pause_reading()
            for number in range(600):
                await sender.tell(text=f"{number}", name="Hana", id=f"m{number}")
            assert await sender.told() == {"ok": "m0"}
            while not line._caller.paused:
                show.socket.note(performed("x" * 50_000))
                await asyncio.sleep(0)
        assert (await sender.closed()).code == 1001
        deaf.socket.transport.abort()


@pytest.mark.asyncio
async def test_closing_the_socket_ends_its_events_after_what_had_come():
    show = LocalShow(remembers=False)
    async with show.open():
        async with show.client() as client:
            await client.tell(text="last words", name="Hana")
            assert await client.ask(op="hush") == {"ok": "hush"}
            show.socket.close()
            assert (await client.closed()).code == 1001
        last = await show.heard.get()
        assert isinstance(last, Chat)
        assert last.text == "last words"


# ---- the documentation


@pytest.mark.asyncio
async def test_every_exchange_of_the_documentation_goes_as_it_is_written(root: Path):
    text = (root / "docs" / "local-websocket.md").read_text(encoding="utf-8")
    exchanges = re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(exchanges) >= 8
    for exchange in exchanges:
        async with LocalShow().open() as show, show.client() as client:
            assert await client.ask(subscribe=True) == {"ok": "subscribe"}
            for line in exchange.strip().splitlines():
                mark, frame = line[0], json.loads(line[1:])
                if mark == ">":
                    await client.tell(**frame)
                else:
                    assert mark == "<"
                    if "performed" in frame:
                        show.socket.note(performed())
                    assert await client.told() == frame


@pytest.mark.asyncio
async def test_the_program_of_the_documentation_runs(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = (root / "docs" / "local-websocket.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n", encoding="utf-8")
    async with LocalShow().open() as show:
        names: dict[str, Any] = {"__name__": "program"}
        exec(compile(program, "program", "exec"), names)  # noqa: S102 - our own documentation
        await names["main"](show.socket.port, token_file)
        heard = await show.heard.get()
        assert isinstance(heard, Chat)
        assert capsys.readouterr().out == f"{{'ok': '{heard.id.rpartition(':')[2]}'}}\n"
