import asyncio
import json
from typing import Any

import pytest

from tests.adapters.model.chat_server import CUT, HANG, Answer, WireDouble
from tests.adapters.model.ollama_server import CLOUD, LEVELLED, PLAIN, SWITCHED, Model, OllamaDouble, ollama_running
from vtuber.adapters.model import survey
from vtuber.adapters.model.survey import fits, survey_ollama, survey_openai
from vtuber.core.model_choice import Served

NOWHERE = "http://127.0.0.1:9"


class Pages(WireDouble):
    """Serves fixed pages, 404 elsewhere."""

    def __init__(self, pages: dict[str, Any]) -> None:
        super().__init__()
        self.pages = pages

    def decide(self, request: str, body: dict[str, Any]) -> Answer:
        page = self.pages.get(request.removeprefix("GET "))
        if page is None or isinstance(page, Answer):
            return page or Answer(status=404, pieces=(b"not found",))
        return Answer(pieces=(json.dumps(page).encode(),))


@pytest.mark.asyncio
async def test_what_ollama_has_is_told_with_what_is_loaded_and_where_it_runs():
    async with OllamaDouble(PLAIN, LEVELLED, CLOUD).serving() as double:
        double.resident[PLAIN.name] = {}
        found = await survey_ollama(double.url + "/", wanted=[LEVELLED.name])
    assert found is not None
    assert (found.kind, found.url, found.version) == ("ollama", double.url, "0.13.5")
    plain, levelled, cloud = found.models
    assert plain == Served(name=PLAIN.name, size_gb=9.0, loaded=True, vram_gb=9.0)
    assert (levelled.loaded, levelled.capabilities) == (False, LEVELLED.capabilities)
    assert cloud.cloud
    assert not plain.cloud
    assert double.requests.count("POST /api/show") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "minimax-m2:cloud"])
async def test_a_cloud_model_is_known_by_its_name(name: str):
    async with OllamaDouble(Model(name=name)).serving() as double:
        found = await survey_ollama(double.url)
    assert found is not None
    assert found.models[0].cloud


@pytest.mark.asyncio
async def test_an_ollama_that_tells_only_its_models_is_still_one():
    pages = Pages({"/api/tags": {"models": [{"name": "m:latest", "size": 5, "odd": None}]}, "/api/ps": [7]})
    async with pages.serving():
        found = await survey_ollama(pages.url, wanted=["m"])
    assert found is not None
    assert found.models == (Served(name="m:latest", size_gb=5e-9),)
    async with Pages({"/api/tags": {"models": None}}).serving() as empty:
        found = await survey_ollama(empty.url)
    assert found is not None
    assert found.models == ()


@pytest.mark.asyncio
@pytest.mark.parametrize("url", [NOWHERE, "http://[::1", "no address", "ftp://127.0.0.1"])
async def test_where_nothing_answers_there_is_no_server(url: str):
    assert await survey_ollama(url) is None
    assert await survey_openai(url, "lmstudio") is None
    assert await survey_openai(url, "openai") is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "page",
    [Answer(pieces=(b"<html>",)), Answer(status=500), Answer(pieces=(b"{}",)), Answer(pieces=(CUT,)), {"data": 5}],
)
async def test_something_else_that_answers_there_is_no_server(page: Any):
    async with Pages(dict.fromkeys(["/api/tags", "/api/v0/models", "/v1/models"], page)).serving() as other:
        assert await survey_ollama(other.url) is None
        assert await survey_openai(other.url, "lmstudio") is None
        assert await survey_openai(other.url + "/v1", "openai") is None


@pytest.mark.asyncio
@pytest.mark.parametrize("page", [Answer(hang=True), Answer(pieces=(HANG,))])
async def test_a_server_that_keeps_silent_is_not_waited_for(page: Answer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(survey, "_WAIT_S", 0.1)
    async with Pages(dict.fromkeys(["/api/tags", "/api/ps", "/v1/models"], page)).serving() as other:
        async with asyncio.timeout(5):
            assert await survey_ollama(other.url) is None
            assert await survey_openai(other.url + "/v1", "openai") is None
            assert "not known" in await fits(other.url, ["m"])


@pytest.mark.asyncio
async def test_the_key_is_sent():
    async with OllamaDouble().serving() as double:
        await survey_ollama(double.url, "ours")
    assert all(b"authorization: bearer ours" in head.lower() for head in double.headers)


LM_STUDIO = {
    "data": [
        {"id": "qwen2.5-14b-instruct", "type": "llm", "state": "loaded", "quantization": "Q4_K_M", "publisher": "x"},
        {"id": "qwen2-vl-7b", "type": "vlm", "state": "not-loaded", "capabilities": ["tool_use"]},
        {"id": "text-embedding-nomic", "type": "embeddings", "state": "loaded"},
    ]
}


@pytest.mark.asyncio
@pytest.mark.parametrize("ending", ["", "/", "/v1"])
async def test_lm_studio_tells_which_of_its_models_are_loaded(ending: str):
    async with Pages({"/api/v0/models": LM_STUDIO}).serving() as studio:
        found = await survey_openai(studio.url + ending, "lmstudio")
    assert found is not None
    assert found.models == (
        Served(name="qwen2.5-14b-instruct", loaded=True, capabilities=("completion",)),
        Served(name="qwen2-vl-7b", capabilities=("completion", "vision", "tools")),
    )


@pytest.mark.asyncio
async def test_an_lm_studio_without_its_own_listing_is_asked_in_the_common_way():
    async with Pages({"/v1/models": {"data": [{"id": "m", "object": "model"}]}}).serving() as studio:
        found = await survey_openai(studio.url, "lmstudio")
    assert found is not None
    assert (found.kind, found.models) == ("lmstudio", (Served(name="m"),))


@pytest.mark.asyncio
async def test_any_other_server_lists_what_it_has_loaded():
    async with Pages({"/serving/v1/models": {"data": [{"id": "m", "owned_by": "vllm"}]}}).serving() as server:
        found = await survey_openai(server.url + "/serving/v1", "openai")
    assert found is not None
    assert (found.kind, found.models) == ("openai", (Served(name="m", loaded=True),))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("models", "loaded", "says"),
    [
        ((PLAIN, LEVELLED), (PLAIN, LEVELLED), ""),
        ((PLAIN, LEVELLED), (LEVELLED,), "qwen2.5:14b was put out of memory"),
        ((PLAIN, Model(name="big:70b", on_gpu=0.62)), None, "38 % of big:70b lies outside"),
        ((Model(name="slow:7b", on_gpu=0.0),), None, "slow:7b runs without the graphics card"),
    ],
)
async def test_it_is_said_plainly_when_the_models_do_not_lie_well_in_memory(
    models: tuple[Model, ...], loaded: tuple[Model, ...] | None, says: str
):
    async with OllamaDouble(*models).serving() as double:
        double.resident = {model.name: {} for model in (models if loaded is None else loaded)}
        told = await fits(double.url, [f"ollama/{model.name}@{double.url}" for model in models])
        assert told == await fits(double.url, [model.name for model in models])
    assert says in told
    assert bool(told) is bool(says)


@pytest.mark.asyncio
async def test_one_model_for_both_tiers_is_asked_about_once():
    async with OllamaDouble().serving() as double:
        told = await fits(double.url, [PLAIN.name, PLAIN.name])
    assert told.count(PLAIN.name) == 1


@pytest.mark.asyncio
async def test_a_cloud_model_needs_no_room():
    async with OllamaDouble(CLOUD).serving() as double:
        assert await fits(double.url, [CLOUD.name]) == ""


def test_surveys_run_side_by_side_and_the_double_can_be_used_without_a_loop():
    async def both(url: str) -> Any:
        return await asyncio.gather(survey_ollama(url), survey_openai(NOWHERE, "lmstudio"))

    with ollama_running(SWITCHED) as double:
        ollama, studio = asyncio.run(both(double.url))
    assert [one.name for one in ollama.models] == [SWITCHED.name]
    assert studio is None
