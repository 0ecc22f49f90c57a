"""The line to LM Studio: how it is taken up, what is told over it when nobody listens any more, and how it ends."""

import asyncio
import importlib
import logging
import sys
import threading
from contextlib import aclosing

import pytest

from tests.adapters.model.chat_server import HANG
from tests.adapters.model.lmstudio_server import GONE, PLAIN, SILENT, LmStudioDouble, Piece, fragment, opened, success
from tests.contracts.language_model import collect, content, request, until_error
from vtuber.adapters.model import lmstudio_sdk
from vtuber.adapters.model.deadlines import Deadlines
from vtuber.adapters.model.lmstudio_sdk import LmStudioSdk, LmStudioServer
from vtuber.errors import BadSetting, ModelRefused, ModelTimeout, ModelUnavailable

SWIFT = Deadlines(first_token_s=0.5, stall_s=0.5)


@pytest.mark.asyncio
async def test_an_lm_studio_that_is_not_there_is_unavailable_and_it_is_said_how_to_start_it():
    model = LmStudioSdk(LmStudioServer(url="http://127.0.0.1:9", model="m"))
    for call in (model.prepare(), collect(model, request())):
        with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:9; .*lms server start"):
            await call
    await model.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.asyncio
async def test_where_a_proxy_may_stand_between_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with opened() as (model, double):
        with pytest.raises(ModelUnavailable, match=r"proxy .*add 127\.0\.0\.1 to NO_PROXY"):
            await model.prepare()
        monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
        await model.prepare()
    assert double.asked


@pytest.mark.asyncio
async def test_another_web_server_at_the_address_is_told_apart():
    async with opened(greeting=SILENT) as (model, _):
        with pytest.raises(ModelRefused, match="not LM Studio"):
            await model.prepare()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "why", ['"An LM Studio API token is required"', '{"title":"An LM Studio API token is required"}']
)
async def test_an_lm_studio_that_asks_for_a_key_is_told_apart(why: str):
    async with opened(auth=f'{{"success":false,"error":{why}}}') as (model, _):
        with pytest.raises(ModelRefused, match="asks for a key"):
            await model.prepare()


@pytest.mark.asyncio
async def test_an_lm_studio_that_never_says_hello_is_not_waited_for():
    async with opened(auth="", settings={"deadlines": Deadlines(connect_s=0.5)}) as (model, _):
        with pytest.raises(ModelUnavailable, match="does not answer"):
            await model.prepare()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_key_that_the_library_would_not_send_is_a_mistake_of_the_settings():
    with pytest.raises(BadSetting, match="lmstudio/m instead of lmstudio-sdk/m"):
        LmStudioSdk(LmStudioServer(model="m", api_key="secret"))


def test_without_the_library_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "lmstudio", None)
    monkeypatch.delitem(sys.modules, lmstudio_sdk.__name__)
    with pytest.raises(BadSetting, match=r"pip install 'vtuber\[lmstudio\]'"):
        importlib.import_module(lmstudio_sdk.__name__)


@pytest.mark.asyncio
async def test_closing_the_iterator_tells_lm_studio_to_stop():
    async with opened(answer=lambda _: (fragment("Well"), HANG)) as (model, double):
        async with aclosing(model.stream(request())) as deltas:
            await anext(deltas)
            assert not double.cancelled.is_set()
        async with asyncio.timeout(0.2):
            await double.cancelled.wait()


@pytest.mark.asyncio
@pytest.mark.parametrize("said", [(fragment("Well"), HANG), (HANG,)])
async def test_a_reader_that_is_cancelled_while_it_waits_tells_lm_studio_to_stop(said: tuple[Piece, ...]):
    async with opened(answer=lambda _: said) as (model, double):
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(collect(model, request()))
            await double.begun.wait()
            reader.cancel()
        async with asyncio.timeout(0.2):
            await double.cancelled.wait()
        assert reader.cancelled()


@pytest.mark.asyncio
async def test_an_answer_that_is_late_is_stopped_in_lm_studio_too():
    async with opened(settings={"deadlines": SWIFT}, answer=lambda _: (HANG,)) as (model, double):
        with pytest.raises(ModelTimeout):
            await collect(model, request())
        async with asyncio.timeout(0.2):
            await double.cancelled.wait()


@pytest.mark.asyncio
async def test_the_whole_answer_has_a_deadline_of_its_own():
    deadlines = Deadlines(first_token_s=1.0, stall_s=1.0, total_s=0.2)
    async with opened(settings={"deadlines": deadlines}, answer=lambda _: (fragment("Well"), HANG)) as (model, _):
        with pytest.raises(ModelTimeout, match="more than"):
            await collect(model, request())


@pytest.mark.asyncio
async def test_nothing_of_what_comes_late_or_is_not_known_is_told_on_the_terminal(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    strange = {"type": "musing", "content": "secret"}
    pieces: list[tuple[Piece, ...]] = [(fragment("Well"), strange, fragment("."), success(2), GONE)]
    with caplog.at_level(logging.DEBUG):
        async with opened(answer=lambda _: pieces.pop() if pieces else (fragment("Well"), HANG)) as (model, double):
            assert content(await collect(model, request())) == "Well."
            async with aclosing(model.stream(request())) as deltas:
                await anext(deltas)
            async with aclosing(model.stream(request())) as deltas:
                await anext(deltas)
                for line in double.lines:
                    line.transport.abort()
                with pytest.raises(ModelUnavailable):
                    await anext(deltas)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")]
    told = "".join([*ours, *capfd.readouterr()])
    assert "secret" not in told
    assert "late" not in told
    assert "which star" not in told  # the question


@pytest.mark.asyncio
async def test_after_close_no_thread_and_no_task_is_left():
    before = set(threading.enumerate())
    async with opened() as (model, double):
        await collect(model, request())
        await model.close()
        async with asyncio.timeout(1.0):
            await asyncio.gather(*[line.wait_closed() for line in double.lines])
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert set(threading.enumerate()) <= before


@pytest.mark.asyncio
async def test_a_closed_model_opens_again_when_it_is_asked():
    async with opened() as (model, _):
        await collect(model, request())
        await model.close()
        assert (await collect(model, request()))[-1].stop == "stop"


@pytest.mark.asyncio
async def test_an_lm_studio_that_was_started_anew_is_found_again_without_losing_an_answer():
    double = LmStudioDouble()
    async with double.serving():
        model = LmStudioSdk(LmStudioServer(url=double.url, model=PLAIN.name))
        await model.prepare()
    double.resident.clear()
    _, error = await until_error(model, request())
    assert type(error) is ModelUnavailable
    async with double.serving():
        after = await collect(model, request())
        await model.close()
    assert after[-1].stop == "stop"
    assert len(double.loads) == 2


@pytest.mark.asyncio
async def test_a_model_that_was_put_out_of_memory_is_loaded_again_before_the_next_answer():
    async with opened() as (model, double):
        await model.prepare()
        double.resident.clear()
        await collect(model, request())
    assert len(double.loads) == 2


@pytest.mark.asyncio
async def test_answers_that_are_asked_for_at_once_open_one_line_and_load_the_model_once():
    async with opened() as (model, double):
        await asyncio.gather(*[collect(model, request()) for _ in range(3)])
        assert [line.request.path for line in double.lines].count("/llm") == 1
    assert len(double.loads) == 1
