import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import Any, ClassVar

import pytest

from tests.adapters.model.chat_server import CUT, HANG, Answer
from tests.adapters.model.ollama_server import (
    FAULTS,
    LEVELLED,
    PLAIN,
    SWITCHED,
    Model,
    OllamaDouble,
    done,
    part,
    refused,
    streamed,
)
from tests.contracts.language_model import (
    PREFIX,
    LanguageModelContract,
    collect,
    content,
    request,
    thinking,
    until_error,
)
from vtuber.adapters.model.deadlines import DEEP, FAST, Deadlines
from vtuber.adapters.model.ollama_http import Ollama, OllamaServer
from vtuber.errors import BadSetting, ModelError, ModelRefused, ModelTimeout, ModelUnavailable

SWIFT = Deadlines(first_token_s=0.5, stall_s=0.5)  # for servers that keep silent; others answer when they can


def server(double: OllamaDouble, **fields: Any) -> OllamaServer:
    model = next(iter(double.models))
    return OllamaServer(**{"url": double.url, "model": model, "deadlines": FAST, **fields})


@asynccontextmanager
async def opened(*models: Model, settings: dict[str, Any] | None = None, **told: Any):
    async with OllamaDouble(*models, **told).serving() as double:
        model = Ollama(server(double, **(settings or {})))
        try:
            yield model, double
        finally:
            await model.close()


class TestPlain(LanguageModelContract):
    binds_schema = True
    gives_logprobs = True
    model: ClassVar[Model] = PLAIN

    def make(self):
        return Ollama(OllamaServer(url="http://127.0.0.1:9", model=self.model.name))

    @asynccontextmanager
    async def opened(self):
        async with opened(self.model) as (model, _):
            await model.prepare()
            yield model


class TestSwitched(TestPlain):
    thinks = True
    model = SWITCHED


class TestLevelled(TestPlain):
    """It thinks before every answer, so an early close and a small limit fall into the thought."""

    thinks = True
    model = LEVELLED

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
        limited = request(max_tokens=1, thinking_budget=4)
        deltas = self.collected(limited)
        assert deltas[-1].stop == "length"
        assert content(deltas) == "Sirius is the"


KINDS = {
    "error in the stream": ModelError,
    "error that looks like an end": ModelError,
    "no such model": ModelRefused,
    "another server": ModelRefused,
    "wrong key": ModelRefused,
    "bad request": ModelRefused,
    "busy": ModelUnavailable,
    "its own fault": ModelError,
    "stalls": ModelTimeout,
    "hangs before the headers": ModelTimeout,
    "hangs after the headers": ModelTimeout,
    "broken JSON": ModelError,
    "JSON of another kind": ModelError,
    "a line without a message": ModelError,
    "an error that is no object": ModelError,
    "drops the line": ModelUnavailable,
    "ends without done": ModelUnavailable,
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
    assert content(got) in {"", "Well"}
    assert after[-1].stop == "stop"


@pytest.mark.asyncio
async def test_a_model_that_is_not_there_is_named_with_the_command_that_fetches_it():
    async with opened(settings={"model": "qwen3:4b"}) as (model, _):
        with pytest.raises(ModelRefused, match=r"ollama pull qwen3:4b$"):
            await model.prepare()


@pytest.mark.asyncio
async def test_an_ollama_that_is_not_there_is_unavailable_and_it_is_said_how_to_start_it():
    model = Ollama(OllamaServer(url="http://127.0.0.1:9", model="m"))
    for call in (model.prepare(), collect(model, request()), model.loaded()):
        with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:9; .*ollama serve"):
            await call
    await model.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "http://[::1"])
def test_an_address_that_is_none_is_a_mistake_of_the_settings(url: str):
    with pytest.raises(BadSetting, match="http://127"):
        Ollama(OllamaServer(url=url, model="m"))


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", [streamed(part("Well"), HANG), streamed(HANG), Answer(hang=True)])
async def test_the_server_sees_at_once_that_an_answer_is_not_wanted_any_more(answer: Answer):
    async with opened() as (model, double):
        double.answer = lambda _: answer
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(collect(model, request()))
            await double.hanging.wait()
            assert not double.hung_up.is_set()
            reader.cancel()
            async with asyncio.timeout(5):
                await double.hung_up.wait()


@pytest.mark.asyncio
async def test_closing_the_stream_hangs_up_so_that_ollama_stops():
    async with opened(answer=lambda _: streamed(part("Well"), HANG)) as (model, double):
        async with aclosing(model.stream(request())) as deltas:
            await anext(deltas)
            assert not double.hung_up.is_set()
        async with asyncio.timeout(5):
            await double.hung_up.wait()


@pytest.mark.asyncio
async def test_a_line_without_end_is_refused_before_it_fills_the_memory():
    long = (b"x" * 100_000,) * 20
    async with opened(answer=lambda _: streamed(part("Well"), *long)) as (model, _):
        got, error = await until_error(model, request())
    assert content(got) == "Well"
    assert type(error) is ModelError
    assert "without end" in str(error)


@pytest.mark.asyncio
async def test_the_whole_answer_has_a_deadline_of_its_own():
    deadlines = Deadlines(first_token_s=1.0, stall_s=1.0, total_s=0.2)
    answer = streamed(part("Well"), HANG)
    async with opened(settings={"deadlines": deadlines}, answer=lambda _: answer) as (model, _):
        with pytest.raises(ModelTimeout, match="more than"):
            await collect(model, request())


def test_the_usual_deadlines_are_those_of_a_loaded_model():
    usual = OllamaServer(model="m").deadlines
    assert (usual.connect_s, usual.first_token_s, usual.stall_s, usual.total_s) == (2, 5, 3, 30)
    assert (DEEP.stall_s, DEEP.total_s) == (10, 120)


@pytest.mark.asyncio
async def test_preparing_loads_the_model_for_good_and_has_the_prefix_read():
    async with opened() as (model, double):
        await model.prepare(PREFIX)
        preload, warm = double.asked
        assert (preload["messages"], preload["keep_alive"]) == ([], -1)
        assert [message["content"] for message in warm["messages"][:3]] == [message.content for message in PREFIX]
        assert warm["options"]["num_predict"] == 1
        await collect(model, request())
    assert double.requests == ["POST /api/show", *["POST /api/chat"] * 3]


@pytest.mark.asyncio
async def test_a_model_that_takes_too_long_to_load_is_said_to_be_too_large():
    settings = {"deadlines": Deadlines(load_s=0.2)}
    async with opened(settings=settings) as (model, double):
        double.decide = lambda request, _: Answer(hang=True) if "chat" in request else FAULTS["no such model"]
        with pytest.raises(ModelTimeout, match=r"did not load qwen2\.5:14b within 0\.2 s"):
            await model.prepare()


@pytest.mark.asyncio
async def test_the_model_is_loaded_once_whatever_is_asked():
    settings = {"num_ctx": 2048, "options": {"num_gpu": 20}}
    async with opened(SWITCHED, settings=settings) as (model, double):
        await model.prepare(PREFIX)
        await collect(model, request(seed=3, temperature=1.0, stop=("x",), effort="high", thinking_budget=9))
        await model.prepare()
        await collect(model, request(schema={"type": "object"}, logprobs=True, max_tokens=7))
    assert double.loads == [(SWITCHED.name, {"num_ctx": 2048, "num_gpu": 20})]


@pytest.mark.asyncio
async def test_a_model_that_was_put_out_of_memory_is_loaded_again_before_the_next_answer():
    slow: list[Answer] = []
    async with opened(settings={"deadlines": SWIFT}, answer=lambda _: slow.pop() if slow else None) as (model, double):
        await model.prepare()
        before = len(double.asked)
        slow.append(FAULTS["hangs before the headers"])
        _, error = await until_error(model, request())
        await collect(model, request())
    assert type(error) is ModelTimeout
    assert [bool(body["messages"]) for body in double.asked[before:]] == [True, False, True]


@pytest.mark.asyncio
@pytest.mark.parametrize("shows", [Answer(pieces=(CUT,)), refused(404, "model not found"), Answer(pieces=(b"[]",))])
async def test_a_server_that_cannot_tell_what_a_model_can_do_is_told_nothing_about_thinking(shows: Answer):
    async with opened(SWITCHED, shows=shows) as (model, double):
        await model.prepare()
        deltas = await collect(model, request(effort="high"))
    assert content(deltas)
    assert not any("think" in body for body in double.asked)
    assert model.start_state == "auto"


@pytest.mark.asyncio
@pytest.mark.parametrize(("kind", "state"), [(PLAIN, "auto"), (SWITCHED, "in_content"), (LEVELLED, "in_content")])
async def test_where_ollama_tells_thoughts_apart_the_stream_begins_in_content(kind: Model, state: str):
    async with opened(kind) as (model, _):
        await model.prepare()
        assert model.start_state == state


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "thoughts"), [(PLAIN, [0, 0, 0, 0]), (SWITCHED, [0, 4, 4, 4]), (LEVELLED, [2, 2, 4, 8])]
)
async def test_effort_is_how_long_it_thinks(kind: Model, thoughts: list[int]):
    async with opened(kind) as (model, _):
        await model.prepare()
        answers = [await collect(model, request(effort=effort)) for effort in ("none", "low", "medium", "high")]
    assert [sum(bool(delta.thinking) for delta in deltas) for deltas in answers] == thoughts
    for deltas in answers:
        assert content(deltas) == "Sirius is the brightest, so it wins!"
        assert "fact" not in content(deltas)


@pytest.mark.asyncio
async def test_a_model_that_refuses_to_think_is_asked_once_more_without_and_never_again():
    stubborn = Model(name="odd:1b", capabilities=("completion", "thinking"), refuses_to_think=True)
    async with opened(stubborn) as (model, double):
        await model.prepare()
        first = await collect(model, request(effort="low"))
        second = await collect(model, request(effort="low"))
    assert content(first) == content(second) != ""
    assert [body.get("think") for body in double.chats] == [False, True, None, None]
    assert model.start_state == "auto"


@pytest.mark.asyncio
async def test_a_server_that_refuses_to_think_whatever_is_asked_is_not_asked_for_ever():
    refusal = refused(400, '"m" does not support thinking')
    async with opened(SWITCHED, answer=lambda _: refusal) as (model, double):
        with pytest.raises(ModelRefused):
            await collect(model, request(effort="low"))
    assert len(double.chats) == 2


@pytest.mark.asyncio
async def test_thinking_in_a_message_is_never_content():
    answer = streamed(part("", "first I lie, "), part("", "then "), part("Hi"), part("!"), done(4))
    async with opened(SWITCHED, answer=lambda _: answer) as (model, _):
        deltas = await collect(model, request(effort="low"))
    assert (thinking(deltas), content(deltas)) == ("first I lie, then ", "Hi!")


@pytest.mark.asyncio
async def test_only_our_own_key_is_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OLLAMA_API_KEY", "meant-for-the-cloud")
    async with opened() as (model, double):
        await model.prepare()
    assert not any(b"authorization" in head.lower() for head in double.headers)
    async with opened(settings={"api_key": "ours"}) as (model, double):
        await model.prepare()
    assert all(b"authorization: bearer ours" in head.lower() for head in double.headers)


@pytest.mark.asyncio
async def test_it_tells_whether_the_model_is_in_memory_and_how_much_of_it_on_the_graphics_card():
    async with opened(Model(name="big", size=10**10, on_gpu=0.6), settings={"model": "big"}) as (model, double):
        double.models["big:latest"] = Model(name="big:latest", size=10**10, on_gpu=0.6)
        assert await model.loaded() is None
        double.resident["big:latest"] = {}
        lies = await model.loaded()
    assert lies is not None
    assert (lies.name, lies.size_gb, round(lies.gpu_share, 3)) == ("big", 10.0, 0.6)


@pytest.mark.asyncio
@pytest.mark.parametrize("char", ["\u0085", "\u2028"])
async def test_a_line_end_of_another_kind_in_an_answer_costs_at_most_this_answer(char: str):
    """Ollama's client takes some characters for the end of a line that Ollama does not."""
    answers: list[Answer | None] = [None, streamed(part(f"a{char}b"), done())]
    async with opened(answer=lambda _: answers.pop() if answers else None) as (model, _):
        _, error = await until_error(model, request())
        after = await collect(model, request())
    assert error is None or type(error) is ModelError
    assert after[-1].stop == "stop"
