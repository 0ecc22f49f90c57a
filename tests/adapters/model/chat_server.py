"""A double of an OpenAI-compatible chat server on a real socket: exact bytes on the wire, and every fault on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

HANG = b"\0hang"  # in `pieces`: send nothing more and keep the line open
CUT = b"\0cut"  # in `pieces`: drop the connection here


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the server does: `hang` before the headers, else the status and the pieces of the body."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    hang: bool = False


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def choice(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return event(
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    )


def answered(said: tuple[str, ...], thought: tuple[str, ...] = (), stop: str = "stop") -> Answer:
    """A whole answer as llama.cpp's server sends it."""
    usage = {"prompt_tokens": 42, "completion_tokens": len(said) + len(thought), "total_tokens": 99}
    return Answer(
        pieces=(
            choice({"role": "assistant", "content": None}),
            *(choice({"reasoning_content": token}) for token in thought),
            *(choice({"content": token}) for token in said),
            choice({}, stop),
            event({"choices": [], "usage": usage}),
            b"data: [DONE]\n\n",
        )
    )


def obedient(body: dict[str, Any]) -> Answer:
    """Answer within the limits of the request, with a thought if the template is asked for one."""
    thinks = body.get("chat_template_kwargs", {}).get("enable_thinking", False)
    budget = body.get("thinking_budget_tokens", 0)
    thought = tuple(f"first fact {n}, " for n in range(min(budget, 4))) if thinks else ()
    said = ("Sirius", " is", " the", " brightest", ",", " so", " it", " wins", "!")
    kept = said[: body["max_tokens"] - budget]
    return answered(kept, thought, "stop" if kept == said else "length")


class ChatServerDouble:
    """Serves what `answer` decides for a request's body; remembers the requests and who hung up on it."""

    def __init__(self, answer: Callable[[dict[str, Any]], Answer] = obedient) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.headers: list[bytes] = []
        self.hung_up = asyncio.Event()
        self.url = ""
        self._lines: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["ChatServerDouble"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.close()
            for line in self._lines:
                line.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._lines.discard(line)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.headers.append(head)
        if head.startswith(b"GET"):
            await self._send(writer, Answer(pieces=(b'{"data":[]}',)))
            return
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        self.asked.append(json.loads(await reader.readexactly(length)))
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send(writer, self.answer(self.asked[-1])))
            gone = group.create_task(reader.read())
            await asyncio.wait([sending, gone], return_when="FIRST_COMPLETED")
            if gone.done():
                self.hung_up.set()
            sending.cancel()
            gone.cancel()

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        if answer.hang:
            await asyncio.Event().wait()
        head = f"HTTP/1.1 {answer.status} X\r\ncontent-type: text/event-stream\r\nconnection: close\r\n"
        writer.write((head + "transfer-encoding: chunked\r\n\r\n").encode())
        for piece in answer.pieces:
            if piece == HANG:
                await asyncio.Event().wait()
            if piece == CUT:
                writer.transport.abort()
                return
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
