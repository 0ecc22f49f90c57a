"""A request becomes the library's arguments, and what LM Studio says becomes deltas and errors."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.model.lmstudio_codec import arguments, delta, ended, host_of, refusal
from vtuber.errors import BadSetting, ModelError, ModelRefused, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, Usage

TALK = (Message("system", "You are Nova."), Message("user", "hi"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:1234", "127.0.0.1:1234"),
        ("http://127.0.0.1:1234/", "127.0.0.1:1234"),
        ("http://localhost:1234/v1/", "localhost:1234"),
        ("http://[::1]:1234", "[::1]:1234"),
        ("http://studio.lan", "studio.lan"),
    ],
)
def test_the_library_takes_host_and_port(url: str, host: str):
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "https://box:1234",
        "ws://box:1234",
        "box:1234",
        "http://me:word@box:1234",
        "http://box:1234/studio",
        "http://[::1",
    ],
)
def test_an_address_that_it_cannot_use_is_refused_with_the_other_way(url: str):
    with pytest.raises(BadSetting, match="lmstudio/NAME instead"):
        host_of(url)


def test_a_request_without_more_names_only_its_limit_and_temperature():
    history, how = arguments(ModelRequest(messages=TALK, max_tokens=9, temperature=0.5), "m")
    assert history == {"messages": [{"role": "system", "content": "You are Nova."}, {"role": "user", "content": "hi"}]}
    assert how == {"config": {"maxTokens": 9, "temperature": 0.5}, "response_format": None}


def test_a_schema_without_a_type_is_bound_too():
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    _, how = arguments(ModelRequest(messages=TALK, schema=schema), "m")
    assert how["response_format"] == {"type": "json", "jsonSchema": schema}


@pytest.mark.parametrize(("effort", "level"), [("none", "low"), ("low", "low"), ("high", "high")])
def test_a_model_of_levels_is_told_its_effort_in_words_and_given_room_to_think(effort: str, level: str):
    history, how = arguments(ModelRequest(messages=TALK, max_tokens=9, effort=effort), "openai/gpt-oss-20b")
    assert history["messages"][0]["content"] == f"Reasoning: {level}\n\nYou are Nova."
    assert how["config"]["maxTokens"] > 9 + 100
    _, how = arguments(ModelRequest(messages=TALK, max_tokens=9, effort=effort, thinking_budget=50), "gpt-oss")
    assert how["config"]["maxTokens"] == 59


ROLES = st.sampled_from(["system", "user", "assistant"])


@given(st.lists(st.builds(Message, ROLES, st.text(max_size=5)), min_size=1))
def test_no_role_comes_twice_in_a_row_and_no_word_is_lost(messages: list[Message]):
    told = arguments(ModelRequest(messages=tuple(messages)), "m")[0]["messages"]
    roles = [one["role"] for one in told]
    assert not any(one == other for one, other in pairwise(roles))
    assert "\n\n".join(one["content"] for one in told) == "\n\n".join(one.content for one in messages)


@given(st.text(), st.text(min_size=1))
def test_a_fragment_of_any_other_kind_says_nothing(kind: str, text: str):
    if kind not in {"none", "reasoning"}:
        assert delta(kind, text) is None


def test_a_fragment_is_content_or_a_thought():
    assert delta("none", "Hi") == Delta(content="Hi")
    assert delta("reasoning", "Hm") == Delta(thinking="Hm")
    assert delta("none", "") is delta("reasoning", "") is None


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("eosFound", "stop"),
        ("stopStringFound", "stop"),
        ("userStopped", "stop"),
        ("maxPredictedTokensReached", "length"),
        ("contextLengthReached", "length"),
        ("toolCalls", "tool"),
    ],
)
def test_the_last_delta_says_why_it_stopped_and_counts_the_tokens(reason: str, stop: str):
    assert ended(reason, 42, 7) == Delta(stop=stop, usage=Usage(42, 7))
    assert ended(reason, None, None) == Delta(stop=stop)


@pytest.mark.parametrize(("reason", "kind"), [("failed", ModelError), ("modelUnloaded", ModelUnavailable)])
def test_an_answer_that_ended_by_a_fault_is_an_error(reason: str, kind: type[ModelError]):
    with pytest.raises(ModelError) as raised:
        ended(reason, 1, 1)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("code", "words", "kind", "hint"),
    [
        ("generic.pathNotFound", "", ModelRefused, "lms get m"),
        ("generic.noModelMatchingQuery", "", ModelRefused, "lms load m"),
        ("generic.identifierNotFound", "", ModelRefused, "has no model m"),
        ("generic.domainMismatch", "an embedding model", ModelRefused, "another one"),
        ("generic.specificModelUnloaded", "", ModelUnavailable, "out of memory"),
        ("", "the context length is 4096", ModelRefused, "more context"),
        ("generic.news", "boom\x1b[31m\n" + "x" * 999, ModelError, "boom"),
    ],
)
def test_a_refusal_is_told_with_what_to_do(code: str, words: str, kind: type[ModelError], hint: str):
    error = refusal(code, words, "m")
    assert type(error) is kind
    assert hint in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 330
