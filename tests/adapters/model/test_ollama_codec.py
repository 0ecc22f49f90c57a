import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama import ChatResponse

from tests.adapters.model.ollama_server import done, part
from vtuber.adapters.model.ollama_codec import Resident, Thinks, arguments, deltas, full_name, loading, refusal, thinks
from vtuber.errors import ModelError, ModelRefused, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, Usage


def read(line: bytes) -> list[Delta]:
    return deltas(ChatResponse(**json.loads(line)))


def called(how: Thinks = "never", **fields: Any) -> dict[str, Any]:
    request = ModelRequest(messages=(Message("user", "hi"),), **{"max_tokens": 100, **fields})
    return arguments(request, how, model="m", fixed={"num_ctx": 4096}, thought=512)


@pytest.mark.parametrize(
    ("how", "effort", "think"),
    [
        ("unknown", "none", None),
        ("unknown", "high", None),
        ("never", "high", None),
        ("switched", "none", False),
        ("switched", "low", True),
        ("switched", "high", True),
        ("levels", "none", "low"),
        ("levels", "low", "low"),
        ("levels", "medium", "medium"),
        ("levels", "high", "high"),
    ],
)
def test_effort_is_said_as_the_model_takes_it(how: Thinks, effort: str, think: object):
    assert called(how, effort=effort).get("think") is think or called(how, effort=effort).get("think") == think
    assert ("think" in called(how, effort=effort)) is (think is not None)


@pytest.mark.parametrize(
    ("capabilities", "family", "model", "how"),
    [
        (None, "", "old", "unknown"),
        (["completion", "tools"], "qwen2", "qwen2.5:14b", "never"),
        (["completion", "thinking"], "qwen3", "qwen3:8b", "switched"),
        (["completion", "thinking"], "gptoss", "renamed", "levels"),
        (["completion", "thinking"], "", "gpt-oss:120b-cloud", "levels"),
    ],
)
def test_how_a_model_thinks_is_told_by_what_ollama_says_of_it(
    capabilities: list[str] | None, family: str, model: str, how: str
):
    assert thinks(capabilities, family, model) == how


@given(
    st.sampled_from(["unknown", "never", "switched", "levels"]),
    st.sampled_from(["none", "low", "medium", "high"]),
    st.integers(1, 999),
    st.integers(0, 999),
    st.floats(0, 2),
    st.lists(st.text(min_size=1, max_size=3), max_size=2),
)
def test_the_options_that_a_model_is_loaded_with_are_the_same_in_every_call(
    how: Thinks, effort: Any, tokens: int, budget: int, warmth: float, stop: list[str]
):
    call = called(how, effort=effort, max_tokens=tokens, thinking_budget=budget, temperature=warmth, stop=tuple(stop))
    fixed = {name: call["options"].pop(name) for name in ["num_ctx"]}
    assert fixed == loading("m", {"num_ctx": 4096})["options"]
    assert set(call["options"]) <= {"temperature", "seed", "num_predict", "stop"}
    assert call["keep_alive"] == loading("m", {})["keep_alive"] == -1


def test_thoughts_have_room_beside_the_answer():
    assert called()["options"]["num_predict"] == 100
    assert called(effort="low", thinking_budget=30)["options"]["num_predict"] == 130
    assert called("switched", effort="low")["options"]["num_predict"] == 612
    assert called("switched", effort="none")["options"]["num_predict"] == 100
    assert called("levels", effort="none")["options"]["num_predict"] == 612


def test_a_schema_and_log_probabilities_are_asked_for():
    call = called(schema={"type": "object"}, logprobs=True, seed=7, stop=("\n",))
    assert (call["format"], call["logprobs"]) == ({"type": "object"}, True)
    assert (call["options"]["seed"], call["options"]["stop"]) == (7, ["\n"])
    assert not {"format", "logprobs", "think"} & set(called())


@given(st.text(), st.text(), st.dictionaries(st.sampled_from(["tool_name", "images", "odd"]), st.none(), max_size=3))
def test_only_the_two_fields_of_the_message_are_content_and_thinking(said: str, thought: str, others: dict):
    message = {"role": "assistant", "content": said, "thinking": thought, **others}
    line = {"message": message, "response": "no", "thinking": "no", "reasoning": "no", "done": False}
    got = read(json.dumps(line).encode())
    assert "".join(piece.content for piece in got) == said
    assert "".join(piece.thinking for piece in got) == thought


def test_tool_calls_are_nothing():
    calls = [{"function": {"name": "buy", "arguments": {"what": "all"}}}]
    line = {"message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False}
    assert read(json.dumps(line).encode()) == []


@pytest.mark.parametrize(
    ("reason", "stop"), [("stop", "stop"), ("length", "length"), ("load", "stop"), ("odd", "stop")]
)
def test_the_last_line_says_why_it_stopped_and_what_it_took(reason: str, stop: str):
    assert read(done(9, reason)) == [Delta(stop=stop, usage=Usage(42, 9))]


def test_a_last_line_with_content_gives_it_first():
    assert read(part("!", done=True)) == [Delta("!"), Delta(stop="stop")]


def test_log_probabilities_are_those_of_content():
    told = {"logprobs": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.0, "top_logprobs": []}]}
    assert read(part("ab", **told)) == [Delta("ab", logprobs=(-0.5, -1.0))]
    assert read(part("", "hm", **told)) == [Delta(thinking="hm")]
    assert read(part("", **told)) == []


@pytest.mark.parametrize(
    ("status", "words", "kind", "says"),
    [
        (404, "model 'm' not found", ModelRefused, "ollama pull m"),
        (-1, 'model "m" not found, try pulling it first', ModelRefused, "ollama pull m"),
        (404, "404 page not found", ModelRefused, "not Ollama"),
        (401, "unauthorized", ModelRefused, "ollama signin"),
        (400, "invalid option", ModelRefused, "invalid option"),
        (301, "", ModelRefused, "301"),
        (503, "server busy, please try again.", ModelUnavailable, "busy"),
        (-1, "server busy, please try again.", ModelUnavailable, "busy"),
        (502, "<html>", ModelUnavailable, "502"),
        (500, "llama runner process has terminated", ModelError, "terminated"),
        (-1, "CUDA error", ModelError, "CUDA error"),
    ],
)
def test_a_refusal_is_one_of_our_errors_and_says_what_to_do(status: int, words: str, kind: type, says: str):
    error = refusal(status, words, "m")
    assert type(error) is kind
    assert says in str(error)


def test_a_servers_words_are_told_on_one_short_line():
    told = str(refusal(500, "a\x1b[31m\nb" + "c" * 999, "m"))
    assert told.isprintable()
    assert len(told) < 300


def test_a_name_without_a_tag_is_the_latest():
    assert [full_name(name) for name in ("a", "a:7b", "x/a", "x/a:7b", "host:5/x/a")] == [
        "a:latest",
        "a:7b",
        "x/a:latest",
        "x/a:7b",
        "host:5/x/a:latest",
    ]


def test_the_share_on_the_graphics_card_is_told():
    assert Resident(name="m", size_gb=10, vram_gb=4).gpu_share == 0.4
    assert Resident(name="m", size_gb=0, vram_gb=0).gpu_share == 0
