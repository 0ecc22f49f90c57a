"""A live source keeps its line up: it tells a loss, waits longer each time, and does not hammer a server."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from random import Random

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.adapters.chat.wires import Dialled, MemoryWire
from vtuber.adapters.chat import live
from vtuber.adapters.chat.live import Heard, Live, Pace, check_address, websocket
from vtuber.clock import Clock
from vtuber.errors import BadSetting, ChatSourceLost
from vtuber.events import Connection, System
from vtuber.ports import FromChat


class Silent:
    """A server's side that says nothing."""

    def open(self) -> list[str]:
        return []

    def hear(self, text: str) -> list[str]:
        return []


class Answering(Silent):
    def hear(self, text: str) -> list[str]:
        return ["here"]


class Words:
    """A session that hears every frame as a System event; "again" asks for a fresh connection, "?" for an answer."""

    def greet(self) -> tuple[str, ...]:
        return ("hello",)

    def hear(self, frame: bytes, now_ms: int) -> Heard:
        text = frame.decode("utf-8", "replace")
        return Heard(
            events=(System(id=text, at_ms=now_ms, platform="test", text=text),),
            replies=("yes",) if text == "?" else (),
            reconnect=text == "again",
        )


def wire(*then: str, breaks: bool = True) -> partial[MemoryWire]:
    return partial(MemoryWire, Silent(), then, breaks=breaks)


def source(dial: live.Dial, clock: Clock, pace: Pace = Pace()) -> Live:  # noqa: B008 - frozen
    return Live(Words(), dial, clock, Random(1), name="test", pace=pace)


async def first(events: AsyncGenerator[FromChat, None], count: int) -> list[FromChat]:
    got = []
    async with aclosing(events) as stream:
        async for event in stream:
            got.append(event)
            if len(got) == count:
                break
    return got


async def losses(dial: live.Dial, clock: Clock, count: int, pace: Pace = Pace()) -> list[Connection]:  # noqa: B008
    heard = await first(source(dial, clock, pace).events(), count)
    assert all(isinstance(event, Connection) for event in heard)
    return [event for event in heard if isinstance(event, Connection)]


def said(events: Sequence[FromChat]) -> list[str]:
    return [event.state if isinstance(event, Connection) else event.id for event in events]


async def test_each_failure_may_wait_twice_as_long_up_to_half_a_minute_and_is_waited_out():
    told = await losses(Dialled(None), Clock(1000), 40)
    assert [loss.attempt for loss in told] == list(range(1, 41))
    limits = [min(30_000, 500 * 2**n) for n in range(40)]
    assert all(0 <= loss.retry_ms <= limit for loss, limit in zip(told, limits, strict=True))
    assert max(loss.retry_ms for loss in told) > 15_000
    assert len({loss.retry_ms for loss in told}) > 30, "drawn, not fixed: clients must not come back all at once"
    gaps = [after.at_ms - before.at_ms for before, after in pairwise(told)]
    assert gaps == [loss.retry_ms for loss in told[:-1]]


async def test_a_pause_is_never_shorter_than_the_source_allows():
    told = await losses(Dialled(None), Clock(0), 12, Pace(least_ms=5000))
    assert [loss.retry_ms for loss in told[:4]] == [5000] * 4
    assert all(5000 <= loss.retry_ms <= 30_000 for loss in told)


async def test_a_line_that_breaks_at_once_counts_as_one_more_failure():
    told = await losses(Dialled(wire()), Clock(0), 8)
    assert [(event.state, event.attempt) for event in told[1::2]] == [("lost", n) for n in (1, 2, 3, 4)]


async def test_a_line_that_held_for_a_while_makes_earlier_failures_forgotten():
    clock = Clock(0)

    async def after_a_minute() -> bytes:
        await clock.sleep(60_000)
        raise ChatSourceLost("gone")

    holding = MemoryWire(Silent(), (), breaks=True)
    holding.receive = after_a_minute  # type: ignore[method-assign]
    told = await losses(Dialled(None, None, None, lambda: holding, None), clock, 6)
    assert [(event.state, event.attempt) for event in told] == [
        ("lost", 1),
        ("lost", 2),
        ("lost", 3),
        ("connected", 0),
        ("lost", 1),
        ("lost", 2),
    ]


async def test_a_server_that_asks_for_a_fresh_connection_gets_it_at_once_and_it_is_no_failure():
    clock = Clock(0)
    dial = Dialled(wire("again", breaks=False), wire("hi", breaks=False))
    heard = await first(source(dial, clock).events(), 5)
    assert said(heard) == ["connected", "again", "lost", "connected", "hi"]
    assert isinstance(heard[2], Connection)
    assert (heard[2].attempt, heard[2].retry_ms, clock.now()) == (0, 0, 0)


async def test_a_server_that_asks_over_and_over_is_not_obeyed_at_once():
    heard = await first(source(Dialled(wire("again")), Clock(0)).events(), 24)
    attempts = [event.attempt for event in heard if isinstance(event, Connection) and event.state == "lost"]
    assert attempts == [0, 1, 2, 3, 4, 5, 6, 7]


async def test_a_silent_line_is_nudged_then_told_as_stalled_and_tried_again():
    clock = Clock(0)
    dial = Dialled(wire(breaks=False))
    heard = await first(source(dial, clock, Pace(silence_ms=60_000, nudge="there?")).events(), 3)
    assert said(heard) == ["connected", "stalled", "connected"]
    assert heard[1].at_ms == 60_000
    assert dial.opened[0].sent == ["hello", "there?"]
    assert dial.open == 0


async def test_a_line_whose_other_side_answers_the_nudge_is_kept():
    clock = Clock(0)
    dial = Dialled(partial(MemoryWire, Answering(), (), breaks=False))
    heard = await first(source(dial, clock, Pace(silence_ms=60_000, nudge="there?")).events(), 10)
    assert said(heard) == ["connected", *["here"] * 9]
    assert clock.now() == 8 * 30_000


async def test_what_came_before_the_line_broke_is_still_given():
    def breaking() -> MemoryWire:
        line = MemoryWire(Silent(), ("?",), breaks=True)
        sending = line.send

        async def send(text: str) -> None:
            if text == "yes":
                raise ChatSourceLost("gone")
            await sending(text)

        line.send = send  # type: ignore[method-assign]
        return line

    heard = await first(source(Dialled(breaking), Clock(0)).events(), 3)
    assert said(heard) == ["connected", "?", "lost"]


async def test_a_listener_that_leaves_closes_the_line_and_may_come_back_to_new_ids():
    dial = Dialled(wire("one", breaks=False))
    kept = source(dial, Clock(0))
    before = await first(kept.events(), 2)
    assert dial.open == 0
    after = await first(kept.events(), 2)
    assert {event.id for event in before if isinstance(event, Connection)}.isdisjoint(event.id for event in after)


@pytest.mark.parametrize("url", ["", "http://host/", "irc.example", "ws://", "wss://host:port/"])
def test_an_address_that_is_none_is_the_settings_fault(url: str):
    with pytest.raises(BadSetting, match=r"sources\.twitch\.url"):
        check_address(url, "sources.twitch.url")


def test_an_address_is_kept_as_it_is():
    assert check_address("wss://irc-ws.chat.twitch.tv:443", "x") == "wss://irc-ws.chat.twitch.tv:443"


class Peer:
    """A WebSocket server that sends these frames and then keeps still."""

    def __init__(self, *frames: str | bytes) -> None:
        self.frames = frames
        self.closed = asyncio.Event()

    async def serve(self, connection: ServerConnection) -> None:
        for frame in self.frames:
            await connection.send(frame)
        await connection.wait_closed()
        self.closed.set()


async def heard_from(peer: Peer, count: int) -> list[FromChat]:
    async with serve(peer.serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        dial = partial(websocket, f"ws://127.0.0.1:{port}/", frame_bytes=1000)
        heard = await first(source(dial, Clock(0)).events(), count)
        await peer.closed.wait()
        return heard


@pytest.mark.asyncio
async def test_frames_come_over_a_real_socket_which_is_closed_when_the_listener_leaves():
    assert said(await heard_from(Peer("one", b"two"), 3)) == ["connected", "one", "two"]


@pytest.mark.asyncio
async def test_a_frame_over_the_limit_breaks_the_line_instead_of_filling_the_memory():
    assert said(await heard_from(Peer("x" * 1000, "x" * 1001), 3))[2] == "lost"


@pytest.mark.asyncio
async def test_a_proxy_of_the_environment_is_not_used_on_this_machine(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "socks_proxy", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert said(await heard_from(Peer("one"), 2)) == ["connected", "one"]


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/", "ws://localhost:1/", "ws://a..b:1/"])
async def test_a_server_that_is_not_there_is_lost(url: str):
    with pytest.raises(ChatSourceLost):
        async with websocket(url, frame_bytes=1000):
            pass


@pytest.mark.asyncio
async def test_a_port_that_never_opens_the_line_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "_OPEN_S", 0.05)
    still = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        still.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        with pytest.raises(ChatSourceLost):
            async with websocket(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", frame_bytes=1000):
                pass
        await still.wait()


@pytest.mark.asyncio
async def test_a_server_that_speaks_no_websocket_is_lost():
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        with pytest.raises(ChatSourceLost):
            async with websocket(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", frame_bytes=1000):
                pass


@pytest.mark.asyncio
async def test_a_cancelled_listener_closes_its_socket():
    peer = Peer("one")
    async with serve(peer.serve, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        events = source(partial(websocket, f"ws://127.0.0.1:{port}/", frame_bytes=1000), Clock(0)).events()
        assert said([await anext(events), await anext(events)]) == ["connected", "one"]
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await peer.closed.wait()
        with pytest.raises(StopAsyncIteration):
            await anext(events)
