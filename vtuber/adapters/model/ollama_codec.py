"""Ollama's chat without the network: a request to the client's arguments, its answers to deltas, its errors to ours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from vtuber.adapters.model.openai_codec import printable
from vtuber.errors import ModelError, ModelRefused, ModelUnavailable
from vtuber.ports import Delta, ModelRequest, Usage

if TYPE_CHECKING:  # the library takes a quarter of a second to import, and the survey of servers does not need it
    from ollama import ChatResponse

Thinks: TypeAlias = Literal["unknown", "never", "switched", "levels"]

FOR_EVER = -1  # keep_alive: a model that was put out of memory takes seconds to come back

_GPT_OSS = {"gptoss", "gpt-oss"}  # families whose thinking has levels and no off


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A model in Ollama's memory. Sizes in GB, the key-value cache included."""

    name: str
    size_gb: float
    vram_gb: float

    @property
    def gpu_share(self) -> float:
        """Give the share that is on the graphics card, 0 to 1."""
        return min(1.0, self.vram_gb / self.size_gb) if self.size_gb else 0.0


def thinks(capabilities: Sequence[str] | None, family: str, model: str) -> Thinks:
    """Tell how a model's thinking is set, from what Ollama says about it; None: it says nothing (an old version)."""
    if capabilities is None:
        return "unknown"
    if "thinking" not in capabilities:
        return "never"
    return "levels" if family in _GPT_OSS or "gpt-oss" in model else "switched"


def arguments(request: ModelRequest, how: Thinks, *, model: str, fixed: dict[str, Any], thought: int) -> dict[str, Any]:
    """Give the arguments of AsyncClient.chat for a streamed answer.

    `fixed` are the options that a model is loaded with: Ollama loads it anew if they change, so they are in every
    call. `thought` is the room in tokens for the thoughts of a request that names no limit.
    """
    think = _think(how, request.effort)
    room = request.thinking_budget or (thought if think else 0)
    options = fixed | {
        "temperature": request.temperature,
        "seed": request.seed,
        "num_predict": request.max_tokens + room,
    }
    if request.stop:
        options["stop"] = list(request.stop)
    called = loading(model, fixed) | {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "options": options,
    }
    if think is not None:
        called["think"] = think
    if request.schema is not None:
        called["format"] = request.schema
    if request.logprobs:
        called["logprobs"] = True
    return called


def loading(model: str, fixed: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of a call that only loads the model."""
    return {"model": model, "messages": [], "stream": True, "options": dict(fixed), "keep_alive": FOR_EVER}


def deltas(part: "ChatResponse") -> list[Delta]:
    """Give what one line of the stream says: `message.content` is content, `message.thinking` thinking, no more."""
    said, thought = part.message.content or "", part.message.thinking or ""
    logprobs = tuple(token.logprob for token in part.logprobs or ()) if said and not thought else ()
    pieces = [Delta(said, thought, logprobs=logprobs)] if said or thought else []
    if part.done:
        counted = part.prompt_eval_count is not None or part.eval_count is not None
        usage = Usage(part.prompt_eval_count or 0, part.eval_count or 0) if counted else None
        pieces.append(Delta(stop="length" if part.done_reason == "length" else "stop", usage=usage))
    return pieces


def cannot_think(status: int, words: str) -> bool:
    """Whether Ollama refused a request only because it asked a model to think that cannot."""
    return status == 400 and "does not support thinking" in words  # noqa: PLR2004 - Bad Request


def refusal(status: int, words: str, model: str) -> ModelError:
    """Give the error that a refusal means. `status` is the HTTP status, -1 for an error within the stream."""
    words = printable(words)
    said = f"{status} {words}".strip() if status > 0 else words
    low = words.lower()
    if "model" in low and "not found" in low:
        return ModelRefused(f"Ollama has no model {model}; fetch it with: ollama pull {model}")
    if status == 404:  # noqa: PLR2004 - Not Found
        return ModelRefused(f"What answers there is not Ollama ({said}); check the address in the settings.")
    if status in {401, 403}:
        return ModelRefused(f"Ollama refused the key ({said}); check it, or for a cloud model run: ollama signin")
    if status in {429, 499, 502, 503, 504} or "server busy" in low:
        return ModelUnavailable(f"Ollama is busy or still loading ({said}); it may answer in a moment.")
    if 300 <= status < 500:  # noqa: PLR2004 - redirects and requests that will fail again
        return ModelRefused(f"Ollama refused the request ({said}); check the model's settings.")
    return ModelError(f"Ollama failed ({said}); this answer is lost. Its own log says more.")


def full_name(model: str) -> str:
    """Give a model's name as Ollama lists it, with its tag."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def _think(how: Thinks, effort: Literal["none", "low", "medium", "high"]) -> bool | str | None:
    if how == "levels":
        return "low" if effort == "none" else effort
    return effort != "none" if how == "switched" else None
