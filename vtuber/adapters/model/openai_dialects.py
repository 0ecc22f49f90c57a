"""What each kind of OpenAI-compatible server wants beyond the common fields, for each family of models."""

from typing import Any, Literal, TypeAlias

from vtuber.adapters.model.openai_codec import Dialect

Kind: TypeAlias = Literal["lmstudio", "vllm", "llamacpp", "openai"]

_LEVELS = {"none": "low", "low": "low", "medium": "medium", "high": "high"}  # gpt-oss cannot be told not to think
_THOUGHT = 512  # tokens that such a model thinks at "low" at most, as a rule: room for them in every answer
_GET = {
    "lmstudio": "Fetch it with: lms get {0}, or load it in LM Studio's window.",
    "vllm": "Start the server with it (vllm serve {0}), or set the model's name to one listed at /v1/models.",
    "llamacpp": "Start llama-server with it, or set the model's name to one listed at /v1/models.",
    "openai": "Set the model's name to one that the server lists at /v1/models.",
}


def dialect(kind: Kind, model: str) -> Dialect:
    """Give the dialect of a server for one of its models; a model's family is told by its name."""
    missing = _GET[kind].format(model)
    levelled = "gpt-oss" in model.lower()
    if kind == "llamacpp":
        efforts = _effort_levels("reasoning_effort") if levelled else _switch()
        return Dialect(
            extra={"cache_prompt": True},
            efforts={effort: {"chat_template_kwargs": one} for effort, one in efforts.items()},
            budget_field="thinking_budget_tokens",
            budget=_THOUGHT if levelled else 0,
            missing=missing,
        )
    if levelled and kind == "openai":
        lines = {effort: f"Reasoning: {level}" for effort, level in _LEVELS.items()}
        return Dialect(effort_lines=lines, budget=_THOUGHT, missing=missing)
    if levelled:
        return Dialect(efforts=_effort_levels("reasoning_effort"), budget=_THOUGHT, missing=missing)
    if kind == "vllm" and "qwen3" in model.lower():
        efforts = {effort: {"chat_template_kwargs": one} for effort, one in _switch().items()}
        return Dialect(efforts=efforts, missing=missing)
    return Dialect(missing=missing)


def _effort_levels(field: str) -> dict[str, dict[str, Any]]:
    return {effort: {field: level} for effort, level in _LEVELS.items()}


def _switch() -> dict[str, dict[str, Any]]:
    return {effort: {"enable_thinking": effort != "none"} for effort in _LEVELS}
