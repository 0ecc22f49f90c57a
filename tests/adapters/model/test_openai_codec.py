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
    Delta(stop="stop", usage=Usage(42, 5)),
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


def test_typed_parts_give_their_text_and_nothing_else():
    parts = [{"type": "text", "text": "Hi"}, {"type": "thinking", "text": "secret"}, {"type": "text", "text": "!"}]
    assert decoded(choice({"content": parts}, "stop"))[0] == Delta("Hi!")


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


def test_a_plain_request_asks_for_no_thought():
    assert not {"stop", "thinking_budget_tokens", "reasoning_effort"} & set(
        body(ModelRequest(messages=(Message("user", "hi"),)), "m", Dialect(budget_field="thinking_budget_tokens"))
    )
