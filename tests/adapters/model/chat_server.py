"""Doubles of model servers on a real socket: exact bytes on the wire, every fault on demand; here the OpenAI protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import msgspec

HANG = b"\0hang"  # in `pieces`: send nothing more and keep the line open
CUT = b"\0cut"  # in `pieces`: drop the connection here


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the server does: `hang` before the headers, else the status and the pieces of the body."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    hang: bool = False
    content_type: str = "text/event-stream"


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def choice(delta: dict[str, Any], finish: str | None = None, **fields: Any) -> bytes:
    told = {"index": 0, "delta": delta, "finish_reason": finish, **fields}
    return event({"object": "chat.completion.chunk", "choices": [told]})


def answered(said: tuple[str, ...], thought: tuple[str, ...] = (), stop: str = "stop", **fields: Any) -> Answer:
    """A whole answer as llama.cpp's server sends it; `fields` stand beside the delta of every token."""
    usage: dict[str, Any] = {"prompt_tokens": 42, "completion_tokens": len(said) + len(thought), "total_tokens": 99}
    usage["prompt_tokens_details"] = {"cached_tokens": 30}
    return Answer(
        pieces=(
            choice({"role": "assistant", "content": None}),
            *(choice({"reasoning_content": token}, **fields) for token in thought),
            *(choice({"content": token}, **fields) for token in said),
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
    if "response_format" in body:
        said = ('{"route"', ': "', "simple", '"}')
    fields = {"logprobs": {"content": [{"token": "x", "logprob": -0.25, "top_logprobs": []}]}}
    kept = said[: body["max_tokens"] - budget]
    stop = "stop" if kept == said else "length"
    return answered(kept, thought, stop, **(fields if body.get("logprobs") else {}))


class WireDouble:
    """Serves what `decide` gives for a request; remembers the requests and who hung up on it."""

    path = ""  # what the address of the server ends in

    def __init__(self) -> None:
        self.requests: list[str] = []  # "POST /v1/chat/completions"
        self.headers: list[bytes] = []
        self.hanging = asyncio.Event()  # it has sent what comes before its silence
        self.hung_up = asyncio.Event()
        self.hung_up_at = 0.0  # on the loop's clock
        self.url = ""
        self.port = 0
        self._lines: set[asyncio.Task[Any]] = set()

    def decide(self, request: str, body: dict[str, Any]) -> Answer:
        raise NotImplementedError

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Serve; a second time on the same port, as a server that comes back."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{self.path}"
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
        self.requests.append(" ".join(head.decode().split(" ", 2)[:2]))
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length")), 0)
        body = json.loads(await reader.readexactly(length) or b"{}")
        answer = self.decide(self.requests[-1], body)
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send(writer, answer))
            gone = group.create_task(reader.read())
            await asyncio.wait([sending, gone], return_when="FIRST_COMPLETED")
            if gone.done():
                self.hung_up_at = asyncio.get_running_loop().time()
                self.hung_up.set()
            sending.cancel()
            gone.cancel()

    async def _hang(self) -> None:
        self.hanging.set()
        await asyncio.Event().wait()

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        if answer.hang:
            await self._hang()
        head = f"HTTP/1.1 {answer.status} X\r\ncontent-type: {answer.content_type}\r\nconnection: close\r\n"
        writer.write((head + "transfer-encoding: chunked\r\n\r\n").encode())
        for piece in answer.pieces:
            if piece == HANG:
                await self._hang()
            if piece == CUT:
                writer.transport.abort()
                return
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()


class ChatServerDouble(WireDouble):
    """Serves what `answer` decides for a request's body."""

    path = "/v1"

    def __init__(self, answer: Callable[[dict[str, Any]], Answer] = obedient) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def decide(self, request: str, body: dict[str, Any]) -> Answer:
        if request.startswith("GET"):
            return Answer(pieces=(b'{"data":[]}',))
        self.asked.append(body)
        return self.answer(body)
