from typing import Any

import pytest

from vtuber.adapters.model.openai_codec import body
from vtuber.adapters.model.openai_dialects import Kind, dialect
from vtuber.ports import Message, ModelRequest

COMMON = {"model", "messages", "max_tokens", "temperature", "seed", "stream", "stream_options"}


def asked(kind: Kind, model: str, effort: Any) -> dict[str, Any]:
    """Give what is sent beyond the common fields, and the first message."""
    request = ModelRequest(messages=(Message("system", "Be Nova."), Message("user", "hi")), effort=effort)
    fields = body(request, model, dialect(kind, model))
    return {name: value for name, value in fields.items() if name not in COMMON} | {
        "first": fields["messages"][0]["content"]
    }


@pytest.mark.parametrize(
    ("kind", "model", "effort", "sent"),
    [
        ("lmstudio", "openai/gpt-oss-20b", "none", {"reasoning_effort": "low"}),
        ("lmstudio", "openai/gpt-oss-20b", "high", {"reasoning_effort": "high"}),
        ("lmstudio", "qwen2.5-14b-instruct", "high", {}),
        ("vllm", "Qwen/Qwen3-8B", "none", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("vllm", "Qwen/Qwen3-8B", "low", {"chat_template_kwargs": {"enable_thinking": True}}),
        ("vllm", "openai/gpt-oss-120b", "medium", {"reasoning_effort": "medium"}),
        ("vllm", "mistral", "high", {}),
        ("openai", "some-model", "high", {}),
    ],
)
def test_an_effort_is_said_as_the_server_and_the_model_take_it(kind: Kind, model: str, effort: str, sent: dict):
    assert asked(kind, model, effort) == {"first": "Be Nova.", **sent}


def test_llama_cpp_takes_it_for_the_template():
    assert asked("llamacpp", "qwen3", "none")["chat_template_kwargs"] == {"enable_thinking": False}
    assert asked("llamacpp", "gpt-oss-20b", "none")["chat_template_kwargs"] == {"reasoning_effort": "low"}
    assert asked("llamacpp", "qwen3", "low")["cache_prompt"] is True


@pytest.mark.parametrize(("effort", "level"), [("none", "low"), ("low", "low"), ("medium", "medium"), ("high", "high")])
def test_where_no_field_is_taken_gpt_oss_is_told_in_the_system_message(effort: str, level: str):
    assert asked("openai", "gpt-oss-20b", effort) == {"first": f"Reasoning: {level}\n\nBe Nova."}


def test_a_model_that_always_thinks_has_room_for_it():
    request = ModelRequest(messages=(Message("user", "hi"),), max_tokens=100)
    assert body(request, "gpt-oss", dialect("openai", "gpt-oss"))["max_tokens"] > 300
    assert body(request, "qwen", dialect("openai", "qwen"))["max_tokens"] == 100


@pytest.mark.parametrize("kind", ["lmstudio", "vllm", "llamacpp", "openai"])
def test_what_to_do_about_a_missing_model_is_said_for_every_server(kind: Kind):
    assert dialect(kind, "the-model").missing.endswith(".")
