import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.model.chat_server import answered, choice, event
from vtuber.adapters.model.openai_codec import Decoder, Dialect, body, refusal
from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, Usage

WHOLE = b"".join(answered(("こん", "にちは", "!"), ("考", "える")).pieces)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def decoded(*chunks: bytes) -> list[Delta]:
    decoder = Decoder()
    return [delta for chunk in chunks for delta in decoder.feed(chunk)] + decoder.close()


EXPECTED = [
    Delta(thinking="考"),
    Delta(thinking="える"),
    Delta("こん"),
    Delta("にちは"),
    Delta("!"),
    Delta(stop="stop", usage=Usage(42, 5, cached=30)),
]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_split_of_the_bytes_and_any_line_end_gives_the_same_deltas(cuts: list[int], end: bytes):
    wire = WHOLE.replace(b"\n", end)
    marks = [0, *sorted(cuts), len(wire)]
    assert decoded(*(wire[a:b] for a, b in pairwise(marks))) == EXPECTED


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(["content", "role", "tool_calls", "refusal"]), JSON))
def test_only_the_named_fields_are_ever_content_or_thinking(delta: dict):
    got = decoded(choice(delta, "stop"))
    allowed = delta.get("content")
    if isinstance(allowed, list):
        allowed = "".join(
            part["text"]
            for part in allowed
            if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
        )
    assert "".join(piece.content for piece in got) == (allowed if isinstance(allowed, str) else "")
    assert not any(piece.thinking for piece in got)


@given(JSON)
def test_no_event_however_odd_breaks_the_codec(data: object):
    decoder = Decoder()
    try:
        decoder.feed(event(data))
    except ModelError:
        assert isinstance(data, dict)
        assert data["error"]


def test_of_typed_parts_text_is_content_and_thinking_is_thinking():
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "secret"}, {"type": "image", "text": "no"}]}
    parts = [{"type": "text", "text": "Hi"}, thought, {"type": "text", "text": "!"}, {"type": "image", "text": "no"}]
    assert decoded(choice({"content": parts}, "stop"))[0] == Delta("Hi!", "secret")
    assert decoded(choice({"content": [{"type": "thinking", "thinking": "hm"}]}, "stop"))[0] == Delta(thinking="hm")


def test_a_thought_that_is_sent_under_both_names_is_thought_once():
    both = {"reasoning_content": "hm", "reasoning": "hm"}
    assert decoded(choice(both, "stop"))[0] == Delta(thinking="hm")
    assert decoded(choice({"reasoning_content": {"odd": 1}, "reasoning": "hm"}, "stop"))[0] == Delta(thinking="hm")


def test_log_probabilities_are_those_of_content():
    told = {"logprobs": {"content": [{"logprob": -0.5}, {"logprob": -1}, {"odd": 1}, 7]}}
    assert decoded(choice({"content": "Hi"}, "stop", **told))[0] == Delta("Hi", logprobs=(-0.5, -1.0))
    assert decoded(choice({"reasoning": "hm"}, "stop", **told))[0] == Delta(thinking="hm")


@pytest.mark.parametrize("odd", [7, [], {"content": None}, {"content": 5}, None])
def test_odd_log_probabilities_are_left_out(odd: object):
    assert decoded(choice({"content": "Hi"}, "stop", logprobs=odd))[0] == Delta("Hi")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_both_names_of_the_thinking_field_are_thinking(field: str):
    assert decoded(choice({field: "hm", "content": ""}), choice({}, "stop"))[0] == Delta(thinking="hm")


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("stop", "stop"), ("length", "length"), ("tool_calls", "tool"), ("content_filter", "stop"), ("eos", "stop")],
)
def test_stop_reasons_are_ours(reason: str, stop: str):
    assert decoded(choice({"content": "a"}, reason), b"data: [DONE]\n\n")[-1].stop == stop


def test_a_server_that_counts_nothing_and_says_no_done_still_ends_well():
    assert decoded(choice({"content": "a"}), choice({}, "stop")) == [Delta("a"), Delta(stop="stop")]


def test_after_the_end_nothing_is_given():
    decoder = Decoder()
    decoder.feed(WHOLE)
    assert decoder.done
    assert decoder.feed(choice({"content": "more"})) == []
    assert decoder.close() == []


def test_an_answer_that_ends_in_the_middle_is_no_answer():
    with pytest.raises(ModelUnavailable):
        decoded(choice({"content": "Well"}))


def test_a_line_without_end_is_refused_before_it_fills_the_memory():
    decoder = Decoder()
    decoder.feed(b"x" * 200_000)
    with pytest.raises(ModelError):
        decoder.feed(b"x" * 100_000)


def test_a_second_choice_is_not_spoken():
    other = {"choices": [{"index": 1, "delta": {"content": "other"}}]}
    assert decoded(event(other), choice({}, "stop")) == [Delta(stop="stop")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ModelRefused),
        (401, ModelRefused),
        (404, ModelRefused),
        (408, ModelTimeout),
        (422, ModelRefused),
        (429, ModelUnavailable),
        (500, ModelError),
        (503, ModelUnavailable),
    ],
)
def test_a_status_is_one_of_our_errors(status: int, kind: type):
    assert type(refusal(status, b"")) is kind


def test_a_servers_words_are_told_on_one_short_line():
    told = str(refusal(500, json.dumps({"error": {"message": "a\x1b[31m\nb" + "c" * 999}}).encode()))
    assert "\x1b" not in told
    assert "\n" not in told
    assert len(told) < 400


def test_a_request_says_all_that_the_port_says():
    asked = ModelRequest(
        messages=(Message("user", "hi"),), max_tokens=10, seed=7, stop=("\n",), effort="low", thinking_budget=20
    )
    dialect = Dialect(
        extra={"id_slot": 1, "cache_prompt": True},
        efforts={"low": {"reasoning_effort": "low"}, "high": {"reasoning_effort": "high"}},
        budget_field="thinking_budget_tokens",
    )
    assert body(asked, "m", dialect) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 30,
        "temperature": 0.7,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
        "stop": ["\n"],
        "thinking_budget_tokens": 20,
        "id_slot": 1,
        "cache_prompt": True,
        "reasoning_effort": "low",
    }


def test_a_schema_and_log_probabilities_are_asked_for_in_the_servers_words():
    schema = {"type": "object", "properties": {}}
    asked = ModelRequest(messages=(Message("user", "hi"),), schema=schema, logprobs=True)
    fields = body(asked, "m", Dialect())
    assert fields["response_format"]["type"] == "json_schema"
    assert fields["response_format"]["json_schema"]["schema"] == schema
    assert fields["logprobs"] is True


@pytest.mark.parametrize(
    ("messages", "sent"),
    [
        (
            (Message("system", "Be Nova."), Message("user", "hi")),
            [("system", "Reasoning: low\n\nBe Nova."), ("user", "hi")],
        ),
        ((Message("user", "hi"),), [("system", "Reasoning: low"), ("user", "hi")]),
    ],
)
def test_an_effort_without_a_field_stands_first_in_the_system_message(messages: tuple, sent: list):
    fields = body(ModelRequest(messages=messages), "m", Dialect(effort_lines={"none": "Reasoning: low"}))
    assert [(message["role"], message["content"]) for message in fields["messages"]] == sent


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (404, {"error": {"message": "The model `m` does not exist.", "code": 404}}),
        (404, {"error": "model 'm' not found"}),
        (400, {"error": {"message": "No models loaded. Please load a model in the developer page."}}),
    ],
)
def test_a_model_that_is_not_there_is_said_with_what_to_do(status: int, told: dict):
    error = refusal(status, json.dumps(told).encode(), model="m", missing="Fetch it with: lms get m.")
    assert type(error) is ModelRefused
    assert "no model m" in str(error)
    assert str(error).endswith("lms get m.")


def test_a_wrong_address_is_told_from_a_missing_model():
    assert "/v1" in str(refusal(404, b"404 page not found", model="m", missing="Fetch it."))


def test_a_plain_request_asks_for_no_thought():
    assert not {"stop", "thinking_budget_tokens", "reasoning_effort"} & set(
        body(ModelRequest(messages=(Message("user", "hi"),)), "m", Dialect(budget_field="thinking_budget_tokens"))
    )
