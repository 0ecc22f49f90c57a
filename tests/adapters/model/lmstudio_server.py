"""A double of LM Studio on a real socket: the WebSockets that its own library talks to, and the faults of its models."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeAlias

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.adapters.model.chat_server import CUT, HANG
from tests.adapters.model.ollama_server import SAID, THOUGHT, instance
from vtuber.adapters.model.lmstudio_sdk import LmStudioSdk, LmStudioServer

Piece: TypeAlias = (
    dict[str, Any] | bytes
)  # a message of a channel; HANG and CUT as over HTTP; other bytes go out as text

SILENT = Response(200, "OK", Headers({"content-length": "9"}), b"Welcome!\n")  # some other web server


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model that the double has. What it thinks comes as fragments of their own, or in its words if not `parsed`."""

    name: str = "qwen2.5-14b-instruct"
    thinks: bool = False
    parsed: bool = True


PLAIN = Model()
THINKING = Model(name="qwen3-8b", thinks=True)
UNPARSED = Model(name="odd-8b", thinks=True, parsed=False)


def fragment(text: str, kind: str = "none") -> dict[str, Any]:
    told = {"content": text, "tokensCount": 1, "containsDrafted": False, "reasoningType": kind, "isStructural": False}
    return {"type": "fragment", "fragment": told, "logprobs": [[{"text": text, "logprob": -0.25}]]}


def info(name: str) -> dict[str, Any]:
    told = {"type": "llm", "modelKey": name, "format": "gguf", "displayName": name, "path": f"some/{name}.gguf"}
    told |= {"sizeBytes": 9_000_000_000, "vision": False, "trainedForToolUse": True, "maxContextLength": 32768}
    return told | {"identifier": name, "instanceReference": "f" * 24, "contextLength": 8192, "architecture": "qwen2"}


def success(tokens: int = 1, reason: str = "eosFound") -> dict[str, Any]:
    stats = {"stopReason": reason, "tokensPerSecond": 31.5, "timeToFirstTokenSec": 0.2, "promptTokensCount": 42}
    stats |= {"predictedTokensCount": tokens, "totalTokensCount": tokens + 42}
    told = {"type": "success", "stats": stats, "modelInfo": info("m")}
    return told | {"loadModelConfig": {"fields": []}, "predictionConfig": {"fields": []}}


def error(title: str, code: str = "", **told: Any) -> dict[str, Any]:
    """An error as LM Studio writes it; it stands in a `channelError` of its own, or in a message of type "error"."""
    shown = {"displayData": {"code": code}} if code else {}
    return {"title": title, "rootTitle": title, "stack": "Error: at main/index.js:1:1", **shown, **told}


def channel_error(title: str, code: str = "") -> dict[str, Any]:
    return {"type": "channelError", "error": error(title, code)}


GONE = {"type": "channelClose"}
FAULTS: dict[str, tuple[Piece, ...]] = {
    "error in the stream": (fragment("Well"), {"type": "error", "error": error("CUDA error", cause="out of memory")}),
    "error of the channel": (fragment("Well"), channel_error("The model has crashed")),
    "no such model any more": (channel_error("No model found", "generic.noModelMatchingQuery"),),
    "another kind of model": (channel_error("An embedding model", "generic.domainMismatch"),),
    "too long a prompt": (channel_error("Trying to keep 9000 tokens when context length is 8192"),),
    "put out of memory": (fragment("Well"), channel_error("Model unloaded", "generic.specificModelUnloaded")),
    "put out of memory politely": (fragment("Well"), success(1, "modelUnloaded"), GONE),
    "failed": (fragment("Well"), success(1, "failed"), GONE),
    "stalls": (fragment("Well"), HANG),
    "hangs": (HANG,),
    "broken JSON": (fragment("Well"), b'{"type":"channelSe'),
    "JSON of another kind": (fragment("Well"), b"[1, 2]"),
    "a fragment of an unknown kind": (fragment("Well"), fragment("secret", "musing")),
    "a fragment without its fields": (fragment("Well"), {"type": "fragment", "fragment": {"content": "secret"}}),
    "an end that is not understood": (fragment("Well"), success() | {"stats": {"stopReason": "bored"}}, GONE),
    "an error that is no object": (fragment("Well"), {"type": "channelError", "error": "no"}),
    "drops the line": (fragment("Well"), CUT),
    "ends without an end": (fragment("Well"), GONE),
}


class LmStudioDouble:
    """LM Studio with some models. `answer` may put other pieces (a fault) in the place of an answer.

    `asked` are the predictions as they were asked for; `loads` tells each time that a model was loaded, and how;
    `begun` is set when a prediction was asked for, `cancelled` when one was cancelled, after which two more fragments
    come late.
    """

    def __init__(
        self,
        *models: Model,
        answer: Callable[[dict[str, Any]], tuple[Piece, ...] | None] = lambda _: None,
        loading: tuple[Piece, ...] = (),
        auth: str = '{"success":true}',
        greeting: Response | None = None,
    ) -> None:
        self.models = {model.name: model for model in models or (PLAIN,)}
        self.answer = answer
        self.loading = loading  # instead of loading
        self.auth = auth
        self.greeting = greeting
        self.asked: list[dict[str, Any]] = []
        self.loads: list[dict[str, Any]] = []
        self.resident: set[str] = set()
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.lines: set[ServerConnection] = set()
        self.url = ""
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Serve; a second time on the same port, as an LM Studio that comes back."""
        server: Server
        async with serve(self._line, "127.0.0.1", self.port, process_request=self._greet, close_timeout=1.0) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}"
            yield self

    def _greet(self, _line: ServerConnection, request: Request) -> Response | None:
        if request.path != "/lmstudio-greeting":
            return None
        told = b'{"lmstudio":true}'
        return self.greeting or Response(200, "OK", Headers({"content-length": str(len(told))}), told)

    async def _line(self, line: ServerConnection) -> None:
        self.lines.add(line)
        try:
            hello = json.loads(await line.recv())
            assert set(hello) == {"authVersion", "clientIdentifier", "clientPasskey"}
            if self.auth:
                await line.send(self.auth)
            async with asyncio.TaskGroup() as channels:
                await self._serve(line, channels)
        finally:
            self.lines.discard(line)

    async def _serve(self, line: ServerConnection, channels: asyncio.TaskGroup) -> None:
        running: dict[int, asyncio.Task[None]] = {}
        with suppress(ConnectionClosed):
            async for raw in line:
                message = json.loads(raw)
                number = message["channelId"]
                if message["type"] == "channelCreate":
                    pieces = self._pieces(message["endpoint"], message["creationParameter"])
                    running[number] = channels.create_task(self._send(line, number, pieces))
                elif message["message"] == {"type": "cancel"} and not running[number].done():
                    running[number].cancel()
                    self.cancelled.set()
                    late = (fragment("too"), fragment("late", "reasoning"), success(2, "userStopped"), GONE)
                    running[number] = channels.create_task(self._send(line, number, late))
        for task in running.values():
            task.cancel()

    def _pieces(self, endpoint: str, asked: dict[str, Any]) -> tuple[Piece, ...]:
        if endpoint == "getOrLoad":
            return self._load(asked)
        self.asked.append(asked)
        self.begun.set()
        name = asked["modelSpecifier"]["query"]["identifier"]
        return self.answer(asked) or self._talk(self.models[name], fields(asked))

    def _load(self, asked: dict[str, Any]) -> tuple[Piece, ...]:
        name = asked["identifier"]
        if name not in self.models:
            return (channel_error(f"Cannot find a model with path {name}", "generic.pathNotFound"),)
        if name in self.resident:
            return ({"type": "alreadyLoaded", "info": info(name)}, GONE)
        self.loads.append(asked)
        if self.loading:
            return self.loading
        self.resident.add(name)
        began = {"type": "startLoading", "identifier": name, "info": info(name)}
        return (began, {"type": "loadProgress", "progress": 0.5}, {"type": "loadSuccess", "info": info(name)}, GONE)

    @staticmethod
    def _talk(model: Model, how: dict[str, Any]) -> tuple[Piece, ...]:
        whole = json.dumps(instance(how["structured"]["jsonSchema"])) if "structured" in how else ""
        words = tuple(whole[at : at + 4] for at in range(0, len(whole), 4)) or SAID
        thought = [fragment("<think>", "reasoningStartTag"), *(fragment(one, "reasoning") for one in THOUGHT[:4])]
        thought.append(fragment("</think>\n\n", "reasoningEndTag"))
        if not model.parsed:
            thought = [fragment(one["fragment"]["content"]) for one in thought]
        every = [*(thought if model.thinks else ()), *map(fragment, words)]
        kept = every[: how["maxPredictedTokens"]["value"]]
        reason = "eosFound" if kept == every else "maxPredictedTokensReached"
        return ({"type": "promptProcessingProgress", "progress": 1}, *kept, success(len(kept), reason), GONE)

    @staticmethod
    async def _send(line: ServerConnection, number: int, pieces: tuple[Piece, ...]) -> None:
        with suppress(ConnectionClosed):
            for piece in pieces:
                if piece == HANG:
                    await asyncio.Event().wait()
                elif piece == CUT:
                    line.transport.abort()
                elif isinstance(piece, bytes):
                    await line.send(piece.decode())
                else:
                    own = piece["type"] in {"channelClose", "channelError"}
                    frame = piece if own else {"type": "channelSend", "message": piece}
                    await line.send(json.dumps(frame | {"channelId": number}, ensure_ascii=False))


def fields(
    asked: dict[str, Any], prefix: str = "llm.prediction.", stack: str = "predictionConfigStack"
) -> dict[str, Any]:
    """Give the settings of a request by their short names."""
    layers = asked[stack]["layers"]
    return {one["key"].removeprefix(prefix): one["value"] for layer in layers for one in layer["config"]["fields"]}


@asynccontextmanager
async def opened(
    *models: Model, settings: dict[str, Any] | None = None, **told: Any
) -> AsyncIterator[tuple[LmStudioSdk, LmStudioDouble]]:
    """Give an adapter, opened lazily as ever, and the double that it talks to."""
    async with LmStudioDouble(*models, **told).serving() as double:
        server = {"url": double.url, "model": next(iter(double.models)), **(settings or {})}
        model = LmStudioSdk(LmStudioServer(**server))
        try:
            yield model, double
        finally:
            await model.close()
