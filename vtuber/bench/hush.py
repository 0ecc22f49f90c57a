"""How fast the operator's hush works: silence on stage, and the end of the model's stream as the server sees it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec

from vtuber.adapters.model.deadlines import Deadlines
from vtuber.adapters.model.openai_http import ChatServer, OpenAiHttp
from vtuber.bench.stand import parts, sample, spread
from vtuber.clock import Clock
from vtuber.events import Chat, Event, Performed, Turn
from vtuber.ports import Cue, FromChat, Musing
from vtuber.show import Show

_TOKENS_PER_S = 15  # slow enough that many presses come while it streams
_BETWEEN_S = (0.1, 1.6)  # presses come at random in the middle of listening, thinking, voicing and speaking


class _Stage:
    """Notes when a cue begins and when it is silenced."""

    name = "stage"

    def __init__(self) -> None:
        self.playing: Cue | None = None
        self.started: list[tuple[float, str]] = []  # when, and whose turn
        self.silenced = asyncio.Event()

    async def open(self, base_ms: int) -> None:
        """Nothing to open."""

    async def start(self, cue: Cue) -> None:
        """Note the beginning."""
        self.playing = cue
        self.started.append((asyncio.get_running_loop().time(), cue.turn))

    async def end(self, cue: Cue, performed: Performed) -> None:  # noqa: ARG002 - only the moment matters
        """Note the silence."""
        self.playing = None
        self.silenced.set()

    async def muse(self, musing: Musing | None) -> None:
        """Nothing to note."""

    async def close(self) -> None:
        """Nothing to close."""


class _Server:
    """An OpenAI-compatible server on loopback that streams for ever and notes when its client hangs up."""

    def __init__(self) -> None:
        self.streaming = 0
        self.hung_up = asyncio.Event()
        reply = sample("en").tokens
        self._tokens = reply * 20
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["_Server"]:
        """Listen while the block runs."""
        async with await asyncio.start_server(self._answer, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.streaming += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell(writer))
                with suppress(OSError):
                    await reader.read(1)  # nothing more is sent to us, so this ends when the client hangs up
                telling.cancel()
        finally:
            self.streaming -= 1
            self.hung_up.set()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        for token in self._tokens:
            delta = {"choices": [{"index": 0, "delta": {"content": token}}]}
            writer.write(b"data: " + msgspec.json.encode(delta) + b"\n\n")
            await asyncio.sleep(1 / _TOKENS_PER_S)


class _Crowd:
    """Somebody writes twice a second."""

    name = "crowd"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def events(self) -> AsyncIterator[FromChat]:
        """Give messages until the show is stopped."""
        number = 0
        while True:
            number += 1
            now = self._clock.now()
            yield Chat(
                id=f"bench:c:{number}", at_ms=now, platform="bench", viewer_id=f"bench:{number % 7}",
                name=f"viewer {number % 7}", text=f"what about number {number}?", sent_at_ms=now, received_at_ms=now,
            )  # fmt: skip
            await self._clock.sleep(500)


def measure(presses: int, seed: int, progress: Callable[[], None]) -> dict[str, object]:
    """Press that often at random moments; `progress` is called after each. Gives the figures by name, in ms."""
    return asyncio.run(_measure(presses, random.Random(seed), progress))


async def _measure(presses: int, dice: random.Random, progress: Callable[[], None]) -> dict[str, object]:
    clock, stage = Clock(0), _Stage()
    turns: dict[str, float] = {}

    def note(event: Event) -> None:
        if isinstance(event, Turn):
            turns[event.id] = asyncio.get_running_loop().time()

    async with _Server().serving() as server:
        endless = Deadlines(first_token_s=5.0, stall_s=3.0, total_s=60.0)
        model = OpenAiHttp(ChatServer(url=server.url, model="bench", deadlines=endless, start_state="in_content"))
        async with parts([_Crowd(clock)], model, note, outputs=(stage,)) as whole:
            show = Show(whole, clock)
            async with asyncio.TaskGroup() as group:
                group.create_task(show.run())
                found = await _press(presses, dice, show, stage, server, progress)
                show.interrupt("stop")
        await model.close()
    late = [at for at, turn in stage.started for press in found.pressed if turns.get(turn, at) < press < at]
    return {
        "presses": presses,
        "while_speaking": len(found.silent),
        "while_streaming": len(found.closed),
        "silent_ms": spread(found.silent, 2),
        "stream_closed_ms": spread(found.closed, 2),
        "heard_after": len(late),
    }


class _Found(msgspec.Struct):
    pressed: list[float] = []
    silent: list[float] = []
    closed: list[float] = []


async def _press(
    presses: int, dice: random.Random, show: Show, stage: _Stage, server: _Server, progress: Callable[[], None]
) -> _Found:
    loop, found = asyncio.get_running_loop(), _Found()
    for _ in range(presses):
        await asyncio.sleep(dice.uniform(*_BETWEEN_S))
        stage.silenced.clear()
        server.hung_up.clear()
        speaking, streaming = stage.playing is not None, server.streaming > 0
        began = loop.time()
        found.pressed.append(began)
        show.interrupt("hush")
        if speaking:
            await stage.silenced.wait()
            found.silent.append((loop.time() - began) * 1000)
        if streaming:
            await server.hung_up.wait()
            found.closed.append((loop.time() - began) * 1000)
        progress()
    return found
