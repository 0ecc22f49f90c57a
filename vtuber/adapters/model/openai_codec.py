"""The OpenAI chat protocol without the network: request to body, server-sent bytes to deltas, refusal to error."""

import re
from typing import Any

import msgspec

from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, Usage

_LINE_END = re.compile(rb"\r\n|\n|\r")
_STOPS = {"length": "length", "tool_calls": "tool", "function_call": "tool"}  # every other reason is a plain stop
_TOLD = 200  # characters of a server's own words that are passed on to the operator
_EVENT_BYTES = 256 * 1024  # a longer event is no delta
_NO_MODEL = re.compile(r"models? .*(not found|not exist|not loaded)|no models? (loaded|found)", re.IGNORECASE)


class Dialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one server or model wants beyond the common fields, as data."""

    extra: dict[str, Any] = {}  # sent with every request
    efforts: dict[str, dict[str, Any]] = {}  # added for a request of this effort; replaces `extra` key by key
    budget_field: str = ""  # how the server calls the limit of a thought in tokens; "" if it has none
    budget: int = 0  # tokens of thought for a request that names no limit
    effort_lines: dict[str, str] = {}  # effort -> what the system message begins with, where no field sets it
    missing: str = "Set the model's name to one that the server lists at /models."  # to do if the model is not there


class Decoder:
    """Folds the bytes of an answer into deltas; any split of the bytes gives the same deltas.

    Only `content` (a string, or parts of type "text") is content; only `reasoning_content`, else `reasoning`, and parts
    of type "thinking" are thinking; whatever else a server sends is left out. The last delta carries the stop reason
    and, if it was sent, the usage.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._data: list[bytes] = []
        self._stop = ""
        self._usage: Usage | None = None
        self.done = False  # the last delta was given

    def feed(self, chunk: bytes) -> list[Delta]:
        """Take a piece of the answer and give the deltas that it completes. Raises ModelError."""
        self._bytes += chunk
        whole = self._bytes[:-1] if self._bytes.endswith(b"\r") else self._bytes  # its \n may still come
        *lines, rest = _LINE_END.split(whole)
        self._bytes = rest + self._bytes[len(whole) :]
        if len(self._bytes) + sum(map(len, self._data)) > _EVENT_BYTES:
            raise ModelError("The model server sent a line without end; this answer is lost.")
        return [delta for line in lines for delta in self._line(line)]

    def close(self) -> list[Delta]:
        """Take the end of the answer. Raises ModelUnavailable if it ended in the middle."""
        last = [*self.feed(b"\n"), *self._line(b"")]
        if self.done:
            return last
        if not self._stop:
            raise ModelUnavailable("The model server hung up in the middle of an answer; this answer is lost.")
        return [*last, self._last()]

    def _line(self, line: bytes) -> list[Delta]:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        if line or not self._data:
            return []  # a comment (some servers send them to keep the line open), a field of no use, an empty event
        data, self._data = b"\n".join(self._data), []
        return [] if self.done else self._event(data)

    def _event(self, data: bytes) -> list[Delta]:
        if data.strip() == b"[DONE]":
            return [self._last()] if self._stop else []
        try:
            event = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ModelError("The model server sent something that is no JSON; this answer is lost.") from error
        if not isinstance(event, dict):
            return []
        if event.get("error"):
            raise refusal(0, data)
        self._usage = _usage(event.get("usage")) or self._usage
        deltas = [piece for piece in [self._choice(event)] if piece]
        if self._stop and self._usage:
            deltas.append(self._last())
        return deltas

    def _choice(self, event: dict[str, Any]) -> Delta | None:
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict) or choice.get("index", 0) != 0:
            return None
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._stop = _STOPS.get(reason, "stop")
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return None
        content, thinking = _parts(delta.get("content"))
        fields = (delta.get(name) for name in ("reasoning_content", "reasoning"))  # some servers send both, alike
        thinking = next((field for field in fields if isinstance(field, str) and field), "") + thinking
        logprobs = _logprobs(choice.get("logprobs")) if content and not thinking else ()
        return Delta(content, thinking, logprobs=logprobs) if content or thinking else None

    def _last(self) -> Delta:
        self.done = True
        return Delta(stop=self._stop, usage=self._usage)


def body(request: ModelRequest, model: str, dialect: Dialect) -> dict[str, Any]:
    """Give the JSON body of a streamed chat completion. A thought's tokens come on top of `max_tokens`."""
    budget = request.thinking_budget or dialect.budget
    messages = _begun(request.messages, dialect.effort_lines.get(request.effort, ""))
    fields: dict[str, Any] = {
        "model": model,
        "messages": [msgspec.to_builtins(message) for message in messages],
        "max_tokens": request.max_tokens + budget,
        "temperature": request.temperature,
        "seed": request.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.stop:
        fields["stop"] = list(request.stop)
    if dialect.budget_field and budget:
        fields[dialect.budget_field] = budget
    if request.schema is not None:
        bound = {"name": "answer", "strict": True, "schema": request.schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": bound}
    if request.logprobs:
        fields |= {"logprobs": True, "top_logprobs": 1}  # without the second, llama.cpp looks for 20 at every token
    return fields | dialect.extra | dialect.efforts.get(request.effort, {})


def refusal(status: int, answer: bytes, *, model: str = "", missing: str = "") -> ModelError:
    """Give the error that a server's refusal means. `status` is the HTTP status, 0 when only the body tells.

    `missing` says what to do if the server has no such `model`.
    """
    code, words = _told(answer)
    status = status or code
    said = f"{status} {words}".strip() if status else words
    if status in {429, 502, 503, 504, 529} or (not status and "loading" in words.lower()):
        return ModelUnavailable(f"The model server is busy or still loading ({said}); it may answer in a moment.")
    if status == 408:  # noqa: PLR2004 - Request Timeout
        return ModelTimeout(f"The model server gave up waiting ({said}); this answer is lost.")
    if status < 500 and _NO_MODEL.search(words):  # noqa: PLR2004 - some servers say it with 400, or in the stream
        lacking = f"no model {model}" if model else "no such model"
        return ModelRefused(f"The model server has {lacking} ({said}). {missing}".strip())
    if status == 404:  # noqa: PLR2004 - Not Found
        return ModelRefused(f"Nothing answers at this address of the model server ({said}); it mostly ends in /v1.")
    if 300 <= status < 500:  # noqa: PLR2004 - redirects and requests that will fail again
        return ModelRefused(f"The model server refused the request ({said}); check the model's name, key and settings.")
    return ModelError(f"The model server failed ({said}); this answer is lost. Its own log says more.")


def _told(answer: bytes) -> tuple[int, str]:
    try:
        event = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0, printable(answer.decode("utf-8", "replace"))
    error = event.get("error", event) if isinstance(event, dict) else event
    if not isinstance(error, dict):
        return 0, printable(str(error))
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal():
        code = int(code[:3])
    return (code if isinstance(code, int) else 0), printable(str(error.get("message", "")))


def printable(words: str) -> str:
    """Give a server's own words on one line, without control characters, 200 characters at most."""
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())[:_TOLD]


def _begun(messages: tuple[Message, ...], line: str) -> tuple[Message, ...]:
    if not line:
        return messages
    first = next((index for index, message in enumerate(messages) if message.role == "system"), None)
    if first is None:
        return (Message("system", line), *messages)
    begun = Message("system", f"{line}\n\n{messages[first].content}")
    return (*messages[:first], begun, *messages[first + 1 :])


def _parts(content: object) -> tuple[str, str]:
    if isinstance(content, str):
        return content, ""
    said, thought = "", ""
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, dict):
            continue
        text = part.get("text")
        if part.get("type") == "text":
            said += text if isinstance(text, str) else ""
        elif part.get("type") == "thinking":  # Mistral: {"type": "thinking", "thinking": [{"type": "text", …}]}
            inner = part.get("thinking", text)
            thought += _parts(inner)[0] if isinstance(inner, str | list) else ""
    return said, thought


def _logprobs(told: object) -> tuple[float, ...]:
    tokens = told.get("content") if isinstance(told, dict) else None
    values = [token.get("logprob") for token in tokens if isinstance(token, dict)] if isinstance(tokens, list) else []
    return tuple(float(value) for value in values if isinstance(value, int | float))


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(read, int) or not isinstance(written, int):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(read, written, cached if isinstance(cached, int) else 0)
