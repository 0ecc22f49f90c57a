"""A double of Ollama on a real socket: its API as it goes over the wire, its loading, its thinking, and its faults."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tests.adapters.model.chat_server import CUT, HANG, Answer, WireDouble

SAID = ("Sirius", " is", " the", " brightest", ",", " so", " it", " wins", "!")
THOUGHT = tuple(f"first fact {number}, " for number in range(8))
LOAD_OPTIONS = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread")  # a change loads anew
STAMP = "2026-11-20T20:00:00.123456789Z"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model that the double has pulled. Sizes in bytes."""

    name: str = "qwen2.5:14b"
    capabilities: tuple[str, ...] = ("completion", "tools")
    family: str = "qwen2"
    size: int = 9_000_000_000
    on_gpu: float = 1.0
    remote_host: str = ""
    refuses_to_think: bool = False  # whatever its capabilities say


PLAIN = Model()
SWITCHED = Model(name="qwen3:8b", capabilities=("completion", "thinking"), family="qwen3")
LEVELLED = Model(name="gpt-oss:20b", capabilities=("completion", "tools", "thinking"), family="gptoss")
CLOUD = Model(name="gpt-oss:120b-cloud", size=384, remote_host="https://ollama.com:443")


def line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def part(content: str = "", thinking: str = "", **fields: Any) -> bytes:
    """One line of a chat stream."""
    message = {"role": "assistant", "content": content} | ({"thinking": thinking} if thinking else {})
    return line({"model": "m", "created_at": STAMP, "message": message, "done": False} | fields)


def done(tokens: int = 1, reason: str = "stop") -> bytes:
    spent = {"total_duration": 5_000_000_000, "load_duration": 90_000_000, "prompt_eval_count": 42}
    spent |= {"prompt_eval_duration": 8_000_000, "eval_count": tokens, "eval_duration": 7_000_000}
    return part(done=True, done_reason=reason, **spent)


def streamed(*pieces: bytes) -> Answer:
    return Answer(pieces=pieces, content_type="application/x-ndjson")


def refused(status: int, error: str) -> Answer:
    return Answer(pieces=(line({"error": error}),), status=status, content_type="application/json")


FAULTS = {
    "error in the stream": streamed(part("Well"), line({"error": "CUDA error: out of memory"})),
    "error that looks like an end": streamed(line({"done": True, "done_reason": "error", "error": "upstream broke"})),
    "no such model": refused(404, "model 'm' not found"),
    "another server": Answer(status=404, pieces=(b"404 page not found",), content_type="text/plain"),
    "wrong key": refused(401, "unauthorized"),
    "bad request": refused(400, "invalid options"),
    "busy": refused(503, "server busy, please try again.  maximum pending requests exceeded"),
    "its own fault": refused(500, "llama runner process has terminated: exit status 2"),
    "stalls": streamed(part("Well"), HANG),
    "hangs before the headers": Answer(hang=True),
    "hangs after the headers": streamed(HANG),
    "broken JSON": streamed(part("Well"), b'{"model":"m","mess\n'),
    "JSON of another kind": streamed(part("Well"), b"[1, 2]\n"),
    "a line without a message": streamed(b'{"model":"m","done":false}\n'),
    "an error that is no object": Answer(status=500, pieces=(b"[]",), content_type="application/json"),
    "drops the line": streamed(part("Well"), CUT),
    "ends without done": streamed(part("Well")),
}


def instance(schema: dict[str, Any]) -> Any:
    """Give the plainest value that a schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: instance(inner) for name, inner in schema.get("properties", {}).items()}
    return {"integer": 0, "number": 0.5, "boolean": False, "array": [], "null": None}.get(schema.get("type", ""), "Yes")


class OllamaDouble(WireDouble):
    """Ollama with some models. `answer` may put another answer (a fault) in the place of one to a chat.

    `asked` are the bodies of the chats, preloads among them; `loads` tells each time that a model was loaded, and with
    what options. `room` is the memory in bytes: a model that does not fit puts the one loaded first out.
    """

    def __init__(
        self,
        *models: Model,
        answer: Callable[[dict[str, Any]], Answer | None] = lambda _: None,
        shows: Answer | None = None,
        room: int = 10**12,
    ) -> None:
        super().__init__()
        self.models = {model.name: model for model in models or (PLAIN,)}
        self.answer = answer
        self.shows = shows
        self.asked: list[dict[str, Any]] = []
        self.loads: list[tuple[str, dict[str, Any]]] = []
        self.resident: dict[str, dict[str, Any]] = {}
        self.room = room

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The chats that were no preload."""
        return [body for body in self.asked if body["messages"]]

    def decide(self, request: str, body: dict[str, Any]) -> Answer:
        if request == "POST /api/chat":
            self.asked.append(body)
            return (self.answer(body) if body["messages"] else None) or self._chat(body)
        if request == "POST /api/show":
            return self.shows or self._show(body["model"])
        found = {
            "GET /api/tags": self._tags,
            "GET /api/ps": self._ps,
            "GET /api/version": lambda: {"version": "0.13.5"},
        }
        return self._json(found[request]()) if request in found else FAULTS["another server"]

    def _chat(self, body: dict[str, Any]) -> Answer:
        model = self.models.get(body["model"])
        if model is None:
            return refused(404, f"model '{body['model']}' not found")
        can = "thinking" in model.capabilities and not model.refuses_to_think
        think = body.get("think", can)
        if think and not can:
            return refused(400, f'"{model.name}" does not support thinking')
        self._load(model, body.get("options", {}))
        if not body["messages"]:
            return Answer(pieces=(part(done=True, done_reason="load").rstrip(),), content_type="application/json")
        return self._talk(body, "low" if model.family == "gptoss" and think is False else think)

    def _load(self, model: Model, options: dict[str, Any]) -> None:
        fixed = {name: value for name, value in options.items() if name in LOAD_OPTIONS}
        if self.resident.get(model.name) == fixed:
            return
        self.loads.append((model.name, fixed))
        self.resident.pop(model.name, None)
        while self.resident and sum(self.models[name].size for name in self.resident) + model.size > self.room:
            self.resident.pop(next(iter(self.resident)))
        self.resident[model.name] = fixed

    def _talk(self, body: dict[str, Any], think: bool | str) -> Answer:
        whole = json.dumps(instance(body["format"])) if "format" in body else ""
        said = tuple(whole[at : at + 4] for at in range(0, len(whole), 4)) or SAID
        count = {"low": 2, "medium": 4, "high": 8}.get(str(think), 4 if think else 0)
        every = [("", thought) for thought in THOUGHT[:count]] + [(token, "") for token in said]
        kept = every[: body["options"]["num_predict"]]
        told = {"logprobs": [{"token": "x", "logprob": -0.25, "bytes": [120]}]} if body.get("logprobs") else {}
        parts = [part(token, thought, **told) for token, thought in kept]
        return streamed(*parts, done(len(kept), "stop" if kept == every else "length"))

    def _tags(self) -> dict[str, Any]:
        return {"models": [self._listed(model) for model in self.models.values()]}

    def _ps(self) -> dict[str, Any]:
        running = [self.models[name] for name in self.resident]
        return {
            "models": [
                {
                    **self._listed(model),
                    "size_vram": round(model.size * model.on_gpu),
                    "expires_at": "2318-11-20T20:00:00Z",
                    "context_length": self.resident[model.name].get("num_ctx", 4096),
                }
                for model in running
            ]
        }

    @staticmethod
    def _listed(model: Model) -> dict[str, Any]:
        details = {"format": "gguf", "family": model.family, "families": [model.family], "quantization_level": "Q4_K_M"}
        known = {"name": model.name, "model": model.name, "size": model.size, "digest": "f" * 64, "details": details}
        return known | ({"remote_host": model.remote_host} if model.remote_host else {"modified_at": STAMP})

    def _show(self, name: str) -> Answer:
        model = self.models.get(name) or self.models.get(f"{name}:latest")
        if model is None:
            return refused(404, f"model '{name}' not found")
        details = self._listed(model)["details"]
        return self._json(
            {
                "details": details,
                "model_info": {"general.architecture": model.family},
                "capabilities": model.capabilities,
            }
        )

    @staticmethod
    def _json(data: dict[str, Any]) -> Answer:
        return Answer(pieces=(line(data).rstrip(),), content_type="application/json; charset=utf-8")


@contextmanager
def ollama_running(*models: Model, **told: Any) -> Iterator[OllamaDouble]:
    """Serve in a thread of its own, for tests without an event loop of theirs (of the command line, say)."""
    double, ready, stop = OllamaDouble(*models, **told), threading.Event(), threading.Event()

    async def serve() -> None:
        async with double.serving():
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        if not ready.wait(10):
            raise TimeoutError("the double of Ollama did not start")
        yield double
    finally:
        stop.set()
        thread.join(10)
