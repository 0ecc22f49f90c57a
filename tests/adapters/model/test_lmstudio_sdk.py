import asyncio
from collections.abc import Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.model.chat_server import HANG
from tests.adapters.model.lmstudio_server import (
    FAULTS,
    GONE,
    PLAIN,
    THINKING,
    UNPARSED,
    Model,
    Piece,
    fields,
    fragment,
    opened,
    success,
)
from tests.contracts.language_model import (
    PREFIX,
    SCHEMA,
    LanguageModelContract,
    collect,
    content,
    request,
    thinking,
    until_error,
)
from vtuber.adapters.model.deadlines import FAST, Deadlines
from vtuber.adapters.model.lmstudio_sdk import LmStudioSdk, LmStudioServer
from vtuber.core.thinking import ThinkingFilter
from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest

SWIFT = Deadlines(first_token_s=0.5, stall_s=0.5)  # for servers that keep silent; others answer when they can


class TestPlain(LanguageModelContract):
    binds_schema = True
    model: ClassVar[Model] = PLAIN

    def make(self):
        return LmStudioSdk(LmStudioServer(url="http://127.0.0.1:9", model=self.model.name))

    @asynccontextmanager
    async def opened(self):
        async with opened(self.model) as (model, _):
            await model.prepare()
            yield model


class TestThinking(TestPlain):
    """It thinks before every answer, so an early close and a small limit fall into the thought."""

    thinks = True
    model = THINKING

    def test_after_a_stream_was_closed_early_the_next_answer_is_whole(self):
        async def go() -> Any:
            async with self.opened() as model:
                async with aclosing(model.stream(request())) as deltas:
                    first = await anext(deltas)
                return first, await collect(model, request())

        first, after = asyncio.run(go())
        assert first.thinking
        assert after[-1].stop == "stop"

    def test_an_answer_that_is_cut_by_its_limit_says_so(self):
        deltas = self.collected(request(max_tokens=1, thinking_budget=8))
        assert deltas[-1].stop == "length"
        assert content(deltas) == "Sirius is the"


KINDS = {
    "error in the stream": ModelError,
    "error of the channel": ModelError,
    "no such model any more": ModelRefused,
    "another kind of model": ModelRefused,
    "too long a prompt": ModelRefused,
    "put out of memory": ModelUnavailable,
    "put out of memory politely": ModelUnavailable,
    "failed": ModelError,
    "stalls": ModelTimeout,
    "hangs": ModelTimeout,
    "broken JSON": ModelUnavailable,
    "JSON of another kind": ModelUnavailable,
    "a fragment of an unknown kind": ModelError,
    "a fragment without its fields": ModelError,
    "an end that is not understood": ModelError,
    "an error that is no object": ModelUnavailable,
    "drops the line": ModelUnavailable,
    "ends without an end": ModelUnavailable,
}


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_told_apart_and_the_next_answer_is_whole(fault: str):
    faults = [FAULTS[fault]]
    settings = {"deadlines": SWIFT if KINDS[fault] is ModelTimeout else FAST}
    async with opened(settings=settings, answer=lambda _: faults.pop() if faults else None) as (model, _):
        got, error = await until_error(model, request())
        after = await collect(model, request())
    assert type(error) is KINDS[fault]
    assert str(error).isprintable()
    assert len(str(error)) < 300
    assert "secret" not in str(error)
    assert content(got) in {"", "Well"}
    assert after[-1].stop == "stop"


@pytest.mark.asyncio
async def test_a_model_that_is_not_there_is_named_with_the_commands_that_fetch_and_load_it():
    async with opened(settings={"model": "qwen3-4b"}) as (model, _):
        for call in (model.prepare(), collect(model, request())):
            with pytest.raises(ModelRefused, match=r"no model qwen3-4b; .*lms get qwen3-4b, .*lms load qwen3-4b"):
                await call


@pytest.mark.asyncio
async def test_preparing_loads_the_model_for_good_and_has_the_prefix_read():
    async with opened() as (model, double):
        await model.prepare(PREFIX)
    (loaded,), (warm,) = double.loads, double.asked
    assert loaded["identifier"] == PLAIN.name
    assert "loadTtlMs" not in loaded
    assert fields(loaded, "llm.load.", "loadConfigStack") == {"contextLength": 8192}
    texts = [message["content"][0]["text"] for message in warm["history"]["messages"]]
    assert texts == [*[message.content for message in PREFIX], "."]
    assert fields(warm)["maxPredictedTokens"] == {"checked": True, "value": 1}


@pytest.mark.asyncio
@pytest.mark.parametrize("loading", [(HANG,), ({"type": "loadProgress", "progress": 0.1}, HANG)])
async def test_a_model_that_takes_too_long_to_load_is_said_to_be_too_large(loading: tuple[Piece, ...]):
    async with opened(settings={"deadlines": Deadlines(load_s=0.5)}, loading=loading) as (model, _):
        with pytest.raises(ModelTimeout, match=r"did not load qwen2\.5-14b-instruct within 0\.5 s"):
            await model.prepare()


@pytest.mark.asyncio
async def test_what_is_asked_for_reaches_lm_studio():
    async with opened() as (model, double):
        await collect(model, request(max_tokens=7, temperature=0.0, stop=("\n", "kay:"), schema=SCHEMA))
    asked = fields(double.asked[0])
    assert asked == {
        "maxPredictedTokens": {"checked": True, "value": 7},
        "stopStrings": ["\n", "kay:"],
        "structured": {"type": "json", "jsonSchema": SCHEMA},
        "temperature": 0.0,
    }


@pytest.mark.asyncio
async def test_messages_of_one_role_in_a_row_are_one_for_the_library():
    messages = [Message("system", "a"), Message("system", "b"), Message("user", "c"), Message("user", "d")]
    messages += [Message("assistant", "e"), Message("assistant", "f"), Message("user", "g")]
    async with opened() as (model, double):
        await collect(model, ModelRequest(messages=tuple(messages)))
    history = double.asked[0]["history"]["messages"]
    assert [(one["role"], [part["text"] for part in one["content"]]) for one in history] == [
        ("system", ["a\n\nb"]),
        ("user", ["c\n\nd"]),
        ("assistant", ["e\n\nf"]),
        ("user", ["g"]),
    ]


@pytest.mark.asyncio
async def test_a_thought_that_lm_studio_does_not_set_apart_is_left_for_the_filter_to_find():
    async with opened(UNPARSED) as (model, _):
        deltas = await collect(model, request())
    said = ThinkingFilter(model.start_state)
    halves = [said.feed(delta.content) for delta in deltas] + [said.close()]
    assert "first fact" in content(deltas)
    assert "".join(shown for _, shown in halves).strip() == "Sirius is the brightest, so it wins!"
    assert "first fact" in "".join(thought for thought, _ in halves)


KIND = st.sampled_from(["none", "reasoning", "reasoningStartTag", "reasoningEndTag"])
SPOKEN = st.lists(st.tuples(KIND, st.text(max_size=6)), max_size=12)


@pytest.fixture(scope="module")
def spoken_by():
    """Give what collects an answer of the pieces it is given; LM Studio is opened once."""
    said: list[tuple[Piece, ...]] = [()]
    with asyncio.Runner() as runner:
        opening = opened(answer=lambda _: said[-1] or None)
        model, _ = runner.run(opening.__aenter__())

        def spoken_by(pieces: tuple[Piece, ...]) -> list[Delta]:
            said.append(pieces)
            return runner.run(collect(model, request()))

        yield spoken_by
        runner.run(opening.__aexit__(None, None, None))


@settings(deadline=None)
@given(spoken=SPOKEN)
def test_whatever_the_fragments_only_those_without_reasoning_are_content(
    spoken_by: Callable[[tuple[Piece, ...]], list[Delta]], spoken: list[tuple[str, str]]
):
    deltas = spoken_by((*(fragment(text, kind) for kind, text in spoken), success(len(spoken)), GONE))
    assert content(deltas) == "".join(text for kind, text in spoken if kind == "none")
    assert thinking(deltas) == "".join(text for kind, text in spoken if kind == "reasoning")
    assert not any(delta.content and delta.thinking for delta in deltas)
    assert [bool(delta.stop) for delta in deltas] == [False] * (len(deltas) - 1) + [True]
