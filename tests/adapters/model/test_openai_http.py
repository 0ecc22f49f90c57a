import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeAlias

import pytest

from tests.adapters.model.chat_server import CUT, HANG, Answer, ChatServerDouble, answered, choice, event
from tests.contracts.language_model import LanguageModelContract, collect, content, request, thinking, until_error
from vtuber.adapters.model.deadlines import Deadlines
from vtuber.adapters.model.openai_codec import Dialect
from vtuber.adapters.model.openai_dialects import dialect
from vtuber.adapters.model.openai_http import ChatServer, OpenAiHttp
from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import ModelRequest

Answering: TypeAlias = Callable[[dict[str, Any]], Answer]

SWIFT = Deadlines(connect_s=1.0, first_token_s=0.15, stall_s=0.15, total_s=2.0, load_s=3.0)
THINKING = Dialect(
    extra={"chat_template_kwargs": {"enable_thinking": True}}, budget_field="thinking_budget_tokens", budget=0
)


def server(url: str, **fields: Any) -> ChatServer:
    return ChatServer(url=url, model="m", **{"deadlines": SWIFT, "dialect": THINKING, **fields})


def asked_of(answer: Answering, asked: ModelRequest | None = None, **fields: Any):
    """What a server's answer comes to, and the double to look at afterwards."""

    async def go() -> Any:
        async with ChatServerDouble(answer).serving() as double:
            model = OpenAiHttp(server(double.url, **fields))
            try:
                return await collect(model, asked or request()), double
            finally:
                await model.close()

    return asyncio.run(go())


class TestOpenAiHttp(LanguageModelContract):
    thinks = True
    binds_schema = True
    gives_logprobs = True

    def make(self):
        return OpenAiHttp(server("http://127.0.0.1:9/v1"))

    @asynccontextmanager
    async def opened(self):
        async with ChatServerDouble().serving() as double:
            model = OpenAiHttp(server(double.url))
            try:
                yield model
            finally:
                await model.close()


FAULTS = {
    "busy": (Answer(status=503, pieces=(b'{"error":{"code":503,"message":"Loading model"}}',)), ModelUnavailable),
    "gateway": (Answer(status=502, pieces=(b"<html>bad gateway</html>",)), ModelUnavailable),
    "no such model": (Answer(status=404, pieces=(b'{"error":"model not found"}',)), ModelRefused),
    "bad request": (Answer(status=400, pieces=(b'{"error":{"message":"no thinking here"}}',)), ModelRefused),
    "wrong key": (Answer(status=401, pieces=(b"",)), ModelRefused),
    "its own fault": (Answer(status=500, pieces=(b"{}",)), ModelError),
    "hangs before the headers": (Answer(hang=True), ModelTimeout),
    "hangs before the first token": (Answer(pieces=(choice({"role": "assistant"}), HANG)), ModelTimeout),
    "stalls": (Answer(pieces=(choice({"content": "Well"}), HANG)), ModelTimeout),
    "pings instead of answering": (Answer(pieces=(choice({"content": "Well"}), b": ping\n\n", HANG)), ModelTimeout),
    "drops the line": (Answer(pieces=(choice({"content": "Well"}), CUT)), ModelUnavailable),
    "ends in the middle": (Answer(pieces=(choice({"content": "Well"}),)), ModelUnavailable),
    "error in the stream": (Answer(pieces=(choice({"content": "Well"}), event({"error": "CUDA error"}))), ModelError),
    "busy in the stream": (Answer(pieces=(event({"error": {"code": 503, "message": "busy"}}),)), ModelUnavailable),
    "no JSON": (Answer(pieces=(b"data: {oops\n\n",)), ModelError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_server_is_told_apart(fault: str):
    answer, expected = FAULTS[fault]
    with pytest.raises(ModelError) as raised:
        asked_of(lambda _: answer)
    assert type(raised.value) is expected
    assert "Traceback" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_model_that_is_not_there_is_named_with_what_to_do():
    with pytest.raises(ModelRefused, match=r"no model m .*vllm serve m"):
        asked_of(lambda _: FAULTS["no such model"][0], dialect=dialect("vllm", "m"))


def test_what_came_before_a_fault_was_given():
    async def go() -> Any:
        async with ChatServerDouble(lambda _: FAULTS["drops the line"][0]).serving() as double:
            model = OpenAiHttp(server(double.url))
            got, error = await until_error(model, request())
            await model.close()
            return got, error

    got, error = asyncio.run(go())
    assert content(got) == "Well"
    assert type(error) is ModelUnavailable


def test_a_server_that_is_not_there_is_unavailable_and_not_waited_for():
    async def go(call: Callable[[OpenAiHttp], Awaitable[Any]]) -> Any:
        model = OpenAiHttp(server("http://127.0.0.1:9/v1"))
        try:
            await call(model)
        finally:
            await model.close()

    for call in (lambda model: collect(model, request()), lambda model: model.prepare()):
        with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:9"):
            asyncio.run(go(call))


def test_of_a_refusal_without_end_only_the_beginning_is_read():
    with pytest.raises(ModelError, match=r"^The model server failed \(500 x"):
        asked_of(lambda _: Answer(status=500, pieces=(b"x" * 70_000, HANG)))


def test_closing_the_stream_hangs_up_so_that_the_server_stops():
    async def go() -> Any:
        answer = Answer(pieces=(choice({"content": "Well"}), HANG))
        async with ChatServerDouble(lambda _: answer).serving() as double:
            model = OpenAiHttp(server(double.url, deadlines=Deadlines()))
            async with aclosing(model.stream(request())) as deltas:
                await anext(deltas)
                assert not double.hung_up.is_set()
            async with asyncio.timeout(5):
                await double.hung_up.wait()
            await model.close()

    asyncio.run(go())


def test_an_interrupt_before_the_first_token_hangs_up_too():
    async def go() -> Any:
        async with ChatServerDouble(lambda _: Answer(hang=True)).serving() as double:
            model = OpenAiHttp(server(double.url, deadlines=Deadlines()))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await collect(model, request())
            async with asyncio.timeout(5):
                await double.hung_up.wait()
            await model.close()

    asyncio.run(go())


def test_the_whole_answer_has_a_deadline_of_its_own():
    deadlines = Deadlines(first_token_s=1.0, stall_s=1.0, total_s=0.2)
    with pytest.raises(ModelTimeout, match="more than"):
        asked_of(lambda _: Answer(pieces=(choice({"content": "Well"}), HANG)), deadlines=deadlines)


def test_the_readers_own_time_is_not_the_servers():
    async def go() -> Any:
        async with ChatServerDouble(lambda _: answered(("a", "b", "c"))).serving() as double:
            model = OpenAiHttp(server(double.url, deadlines=Deadlines(first_token_s=1, stall_s=1, total_s=0.2)))
            said = ""
            async with aclosing(model.stream(request())) as deltas:
                async for delta in deltas:
                    said += delta.content
                    await asyncio.sleep(0.1)
            await model.close()
            return said

    assert asyncio.run(go()) == "abc"


def test_a_loading_server_is_waited_for_when_preparing():
    busy = [Answer(status=503, pieces=(b'{"error":{"message":"Loading model"}}',))]

    async def go() -> Any:
        async with ChatServerDouble(lambda _: busy.pop() if busy else answered(("a",))).serving() as double:
            model = OpenAiHttp(server(double.url))
            await model.prepare(request().messages[:1])
            await model.close()
            return double.asked

    asked = asyncio.run(go())
    assert len(asked) == 2
    assert asked[-1]["messages"][0]["role"] == "system"
    assert asked[-1]["max_tokens"] == 1


def test_the_key_goes_in_the_header_and_thoughts_come_in_their_own_field():
    deltas, double = asked_of(lambda _: answered(("Yes",), ("hm", "mm")), api_key="secret")
    assert b"authorization: bearer secret" in double.headers[0].lower()
    assert (thinking(deltas), content(deltas)) == ("hmmm", "Yes")
