"""What every language model keeps to: apply it by subclassing and giving `make`, and how to `run`."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any, ClassVar

import pytest

from vtuber.errors import ModelError
from vtuber.ports import Delta, LanguageModel, Message, ModelRequest

PREFIX = (
    Message("system", "You are Nova, a cheerful streamer. Answer in one short sentence."),
    Message("user", "kay: “hello!”"),
    Message("assistant", "Hello kay, lovely to see you tonight!"),
)


QUESTION = "sol: “which star do you like best?”"
SCHEMA = {
    "type": "object",
    "properties": {"route": {"type": "string", "enum": ["simple", "hard"]}},
    "required": ["route"],
    "additionalProperties": False,
}


def request(text: str = QUESTION, **fields: Any) -> ModelRequest:
    fields = {"max_tokens": 24, "temperature": 0.0, "answering": ("t:c:1",), **fields}
    return ModelRequest(messages=(*PREFIX, Message("user", text)), **fields)


async def collect(model: LanguageModel, asked: ModelRequest) -> list[Delta]:
    async with aclosing(model.stream(asked)) as deltas:
        return [delta async for delta in deltas]


async def until_error(model: LanguageModel, asked: ModelRequest) -> tuple[list[Delta], ModelError | None]:
    """Give what came before an error, and the error."""
    got: list[Delta] = []
    try:
        async with aclosing(model.stream(asked)) as deltas:
            async for delta in deltas:
                got.append(delta)  # noqa: PERF401 - what came before the error is wanted
    except ModelError as error:
        return got, error
    return got, None


def content(deltas: list[Delta]) -> str:
    return "".join(delta.content for delta in deltas)


def thinking(deltas: list[Delta]) -> str:
    return "".join(delta.thinking for delta in deltas)


class LanguageModelContract:
    """Subclasses give `make` (a fresh model); `run` is asyncio.run or run_virtual."""

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(asyncio.run)
    thinks = False  # a deep request is answered with a thought first
    obeys_limits = True  # a recording does not
    binds_schema = False  # an answer keeps to the request's schema
    gives_logprobs = False
    fields: ClassVar[dict[str, Any]] = {}  # of every request

    def make(self) -> LanguageModel:
        raise NotImplementedError

    @asynccontextmanager
    async def opened(self):
        model = self.make()
        try:
            await model.prepare()
            yield model
        finally:
            await model.close()

    def request(self, text: str = QUESTION, **fields: Any) -> ModelRequest:
        return request(text, **{**self.fields, **fields})

    def collected(self, asked: ModelRequest) -> list[Delta]:
        async def go() -> Any:
            async with self.opened() as model:
                return await collect(model, asked)

        return type(self).run(go())

    def test_it_says_its_name_and_how_its_stream_begins(self):
        model = self.make()
        assert model.name
        assert model.start_state in {"auto", "in_thinking", "in_content", "harmony_implicit_start", "thinking_disabled"}

    def test_an_answer_streams_in_pieces_and_only_the_last_says_why_it_stopped(self):
        deltas = self.collected(self.request())
        assert content(deltas).strip()
        assert len(deltas) > 2
        assert deltas[-1].stop in {"stop", "length", "tool"}
        assert not any(delta.stop for delta in deltas[:-1])

    def test_it_counts_the_tokens_of_a_call(self):
        usage = self.collected(self.request())[-1].usage
        assert usage is not None
        assert usage.tokens > 0
        assert usage.prompt_tokens > 0

    def test_an_answer_that_is_cut_by_its_limit_says_so(self):
        if not self.obeys_limits:
            pytest.skip("this model plays back what was said")
        deltas = self.collected(self.request("sol: “tell me a long story about every star”", max_tokens=3))
        assert deltas[-1].stop == "length"
        assert len(content(deltas)) < 60

    def test_log_probabilities_come_only_if_asked_for(self):
        deltas = self.collected(self.request())
        assert not any(delta.logprobs for delta in deltas)
        deltas = self.collected(self.request(logprobs=True))
        assert all(value <= 0 for delta in deltas for value in delta.logprobs)
        assert not any(delta.logprobs for delta in deltas if not delta.content)
        assert any(delta.logprobs for delta in deltas) is self.gives_logprobs

    def test_an_answer_that_is_bound_to_a_schema_keeps_to_it(self):
        if not self.binds_schema:
            pytest.skip("this model binds no answer to a schema")
        deltas = self.collected(self.request(max_tokens=48, schema=SCHEMA))
        answer = json.loads(content(deltas))
        assert answer["route"] in {"simple", "hard"}

    def test_a_thought_is_never_content(self):
        deltas = self.collected(self.request(tier="deep", effort="low", thinking_budget=24, answering=("t:c:2",)))
        assert content(deltas).strip()
        assert "think>" not in content(deltas)
        assert bool(thinking(deltas).strip()) is self.thinks
        if self.thinks:
            first = next(index for index, delta in enumerate(deltas) if delta.content)
            assert not any(delta.thinking for delta in deltas[first:])
            assert thinking(deltas).strip() not in content(deltas)

    def test_after_a_stream_was_closed_early_the_next_answer_is_whole(self):
        async def go() -> Any:
            async with self.opened() as model:
                async with aclosing(model.stream(self.request())) as deltas:
                    first = await anext(deltas)
                return first, await collect(model, self.request())

        first, after = type(self).run(go())
        assert first.content
        assert after[-1].stop

    def test_a_cancelled_reader_is_gone_at_once_and_the_next_answer_is_whole(self):
        async def go() -> Any:
            async with self.opened() as model:
                begun = asyncio.Event()

                async def read() -> Any:
                    async with aclosing(model.stream(self.request())) as deltas:
                        async for _ in deltas:
                            begun.set()

                async with asyncio.TaskGroup() as group:
                    reader = group.create_task(read())
                    await begun.wait()
                    reader.cancel()
                return reader.cancelled(), await collect(model, self.request())

        cancelled, after = type(self).run(go())
        assert cancelled
        assert after[-1].stop

    def test_two_answers_at_once_are_both_whole(self):
        async def go() -> Any:
            async with self.opened() as model:
                return await asyncio.gather(
                    collect(model, self.request()), collect(model, self.request("mio: “hi there!”"))
                )

        for deltas in type(self).run(go()):
            assert content(deltas).strip()
            assert deltas[-1].stop

    def test_it_may_be_prepared_again_with_a_prefix(self):
        async def go() -> Any:
            async with self.opened() as model:
                await model.prepare(PREFIX)
                await model.prepare(PREFIX)
                return await collect(model, self.request())

        assert type(self).run(go())[-1].stop

    def test_it_may_be_closed_twice_and_without_having_been_prepared(self):
        async def go() -> Any:
            model = self.make()
            await model.close()
            await model.close()

        type(self).run(go())
