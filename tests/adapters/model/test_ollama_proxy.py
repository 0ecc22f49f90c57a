"""Our Ollama adapter, through Ollama's own client, against real weights: a proxy speaks Ollama's API before llama.cpp."""

import asyncio
import importlib.util
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.contracts.language_model import PREFIX, SCHEMA, collect, content, request
from vtuber import home
from vtuber.adapters.model.deadlines import Deadlines
from vtuber.adapters.model.embedded_process import EmbeddedProcess, Running
from vtuber.adapters.model.embedded_server import Launch
from vtuber.adapters.model.ollama_http import Ollama, OllamaServer
from vtuber.adapters.model.openai_dialects import dialect
from vtuber.adapters.model.openai_http import ChatServer, OpenAiHttp
from vtuber.adapters.model.survey import survey_ollama, survey_openai
from vtuber.adapters.model.weights import find_weights
from vtuber.errors import NotFound

pytest.importorskip("xllamacpp")
if importlib.util.find_spec("ollama_proxy") is None:
    pytest.skip("ollama-proxy-plus is not installed", allow_module_level=True)
pytestmark = pytest.mark.real

PATIENT = Deadlines(first_token_s=60.0, stall_s=20.0, total_s=120.0)


class Stack(NamedTuple):
    runner: asyncio.Runner
    llama: Running
    url: str  # where Ollama's API is spoken
    log: Path


async def started(llama: Running, log: Path) -> tuple[asyncio.subprocess.Process, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "PROVIDERS_LOCAL_API_KEY": llama.api_key,
        "PROVIDERS_LOCAL_BASE_URL": llama.url,
        "EXTRA_MODELS": "local/m",
        "NO_PROXY": "127.0.0.1",
    }
    with log.open("wb") as file:
        proxy = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ollama_proxy", "--host", "127.0.0.1", "--port", str(port)),
            env={**os.environ, **told},
            stdout=file,
            stderr=file,
        )
    url = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(60):
        while await survey_ollama(url) is None:  # noqa: ASYNC110 - another process: nothing tells us
            await asyncio.sleep(0.2)
    return proxy, url


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    try:
        weights = find_weights(None, home.cache())
    except NotFound as missing:
        pytest.skip(str(missing))
    logs = tmp_path_factory.mktemp("proxy")
    # The weights' own template: ours opens a thought unless it is told not to, and the proxy passes no thoughts on.
    launch = Launch(model=str(weights), api_key="", tokens_per_slot=2048, chat_template="")
    process = EmbeddedProcess(launch, log=logs / "llama")
    with asyncio.Runner() as runner:
        llama = runner.run(process.running("proxy"))
        proxy, url = runner.run(started(llama, logs / "proxy"))
        try:
            yield Stack(runner, llama, url, logs / "proxy")
        finally:
            proxy.terminate()
            runner.run(proxy.wait())
            runner.run(process.leave("proxy"))


async def busy_slots(llama: Running) -> int:
    key = {"authorization": f"Bearer {llama.api_key}"}
    slots = await llama.client.get(llama.url.removesuffix("/v1") + "/slots", headers=key)
    return sum(slot["is_processing"] for slot in slots.json())


def test_a_real_model_is_prepared_answers_in_a_stream_and_stops_when_it_is_not_wanted(stack: Stack):
    async def go() -> Any:
        model = Ollama(OllamaServer(url=stack.url, model="local/m", deadlines=PATIENT))
        await model.prepare(PREFIX)
        answer = await collect(model, request())
        async with aclosing(model.stream(request("sol: “a very long story!”", max_tokens=400))) as deltas:
            await anext(deltas)
            busy = await busy_slots(stack.llama)
        closed = time.monotonic()
        async with asyncio.timeout(5):
            while await busy_slots(stack.llama):  # noqa: ASYNC110 - another process: nothing tells us
                await asyncio.sleep(0.02)
        freed = time.monotonic() - closed
        again = await collect(model, request())
        await model.close()
        return answer, busy, freed, again

    answer, busy, freed, again = stack.runner.run(go())
    assert len(answer) > 3
    assert content(answer).strip()
    assert answer[-1].stop == "stop"
    assert busy == 1
    assert freed < 3
    assert content(again).strip()


def test_a_real_model_keeps_to_a_schema(stack: Stack):
    async def go() -> Any:
        model = Ollama(OllamaServer(url=stack.url, model="local/m", deadlines=PATIENT))
        answer = await collect(model, request(schema=SCHEMA, max_tokens=48))
        await model.close()
        return answer

    assert json.loads(content(stack.runner.run(go())))["route"] in {"simple", "hard"}


def test_a_real_llama_cpp_binds_answers_gives_log_probabilities_and_lists_its_model(stack: Stack):
    async def go() -> Any:
        here = ChatServer(
            url=stack.llama.url,
            model="m",
            api_key=stack.llama.api_key,
            deadlines=PATIENT,
            dialect=dialect("llamacpp", "m"),
        )
        model = OpenAiHttp(here)
        bound = await collect(model, request(schema=SCHEMA, max_tokens=48))
        weighed = await collect(model, request(logprobs=True))
        found = await survey_openai(stack.llama.url, "openai", stack.llama.api_key)
        await model.close()
        return bound, weighed, found

    bound, weighed, found = stack.runner.run(go())
    assert json.loads(content(bound))["route"] in {"simple", "hard"}
    values = [value for delta in weighed for value in delta.logprobs]
    assert len(values) > 3
    assert all(value <= 0 for value in values)
    assert found is not None
    assert len(found.models) == 1


def test_the_proxy_is_what_answers(stack: Stack):
    assert httpx.get(stack.url, trust_env=False).status_code == 200
    assert stack.log.stat().st_size > 0
