"""LM Studio's own protocol without the network: a request to its library's arguments, its words to ours."""

from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from urllib.parse import urlsplit

from vtuber.adapters.model.openai_codec import body, printable
from vtuber.adapters.model.openai_dialects import dialect
from vtuber.errors import BadSetting, ModelError, ModelRefused, ModelUnavailable
from vtuber.ports import Delta, ModelRequest, Usage

FOR_EVER: Final = None  # ttl: the library's own is an hour, after which an idle model is put out of memory

_STOPS: Final = {"maxPredictedTokensReached": "length", "contextLengthReached": "length", "toolCalls": "tool"}
_MISSING: Final = {"generic.noModelMatchingQuery", "generic.pathNotFound", "generic.identifierNotFound"}
_UNLOADED: Final = "generic.specificModelUnloaded"
_UNFIT: Final = {"generic.domainMismatch", "generic.engineDoesNotSupportFeature"}


def host_of(url: str) -> str:
    """Give HOST:PORT of an address, which is all that the library takes. Raises BadSetting."""
    try:
        parts = urlsplit(url.rstrip("/").removesuffix("/v1"))
        bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme == "http" and parts.hostname and parts.port != 0 and bare:
            return parts.netloc
    except ValueError:
        pass
    raise BadSetting(
        f"{url} is no address that LM Studio's own library can use: it looks like http://127.0.0.1:1234. "
        "For any other write lmstudio/NAME instead of lmstudio-sdk/NAME."
    )


def arguments(request: ModelRequest, model: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a chat's history and the other arguments of AsyncLLM.respond_stream.

    The library knows no effort: a model of levels is told in its system message. Neither does it know a seed for one
    answer, nor log-probabilities. It refuses two messages of one role in a row, so they are joined.
    """
    said = body(request, model, dialect("openai", model))
    messages = [
        {"role": role, "content": "\n\n".join(one["content"] for one in group)}
        for role, group in groupby(said["messages"], itemgetter("role"))
    ]
    config = {"maxTokens": said["max_tokens"], "temperature": said["temperature"]}
    if request.stop:
        config["stopStrings"] = list(request.stop)
    bound = None if request.schema is None else {"type": "json", "jsonSchema": request.schema}
    return {"messages": messages}, {"config": config, "response_format": bound}


def delta(kind: str, text: str) -> Delta | None:
    """Give what one fragment says. Only "none" is content and "reasoning" a thought; the tags around it are neither."""
    if not text:
        return None
    return Delta(content=text) if kind == "none" else Delta(thinking=text) if kind == "reasoning" else None


def ended(reason: str, read: int | None, written: int | None) -> Delta:
    """Give the last delta. Raises ModelError where the answer ended by a fault."""
    if reason == "modelUnloaded":
        raise _unloaded()
    if reason == "failed":
        raise ModelError(
            "LM Studio failed in the middle of an answer; it was cut off. Its own log says more: lms log stream"
        )
    usage = None if read is None and written is None else Usage(int(read or 0), int(written or 0))
    return Delta(stop=_STOPS.get(reason, "stop"), usage=usage)


def refusal(code: str, words: str, model: str) -> ModelError:
    """Give the error that LM Studio's means. `code` is its own for it, "" for none."""
    if code in _MISSING:
        return ModelRefused(
            f"LM Studio has no model {model}; fetch it with: lms get {model}, or load it: lms load {model}"
        )
    if code == _UNLOADED:
        return _unloaded()
    words = printable(words)
    if code in _UNFIT:
        return ModelRefused(f"{model} is no model that can answer ({words}); set another one.")
    low = words.lower()
    if "context" in low and ("length" in low or "overflow" in low or "size" in low):
        return ModelRefused(f"The prompt is longer than {model} was loaded for ({words}); load it with more context.")
    return ModelError(f"LM Studio failed ({words}); this answer is lost. Its own log says more: lms log stream")


def _unloaded() -> ModelError:
    return ModelUnavailable("LM Studio put the model out of memory in the middle of an answer; it is loaded again.")
