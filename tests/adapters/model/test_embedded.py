import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import httpx
import pytest

from tests.contracts.language_model import PREFIX, LanguageModelContract, collect, content, request, thinking
from vtuber import home
from vtuber.adapters.model.embedded import Embedded, EmbeddedOptions, embedded_pair
from vtuber.adapters.model.weights import find_weights
from vtuber.errors import ModelError, ModelUnavailable, NotFound
from vtuber.ports import LanguageModel, Message, ModelRequest

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real


class Shared(NamedTuple):
    runner: asyncio.Runner
    fast: Embedded
    deep: LanguageModel
    weights: Path
    log: Path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Shared"]:
    """One child for the whole file, on one event loop: loading it for every test would take minutes."""
    try:
        weights = find_weights(None, home.cache())
    except NotFound as missing:
        pytest.skip(str(missing))
    log = tmp_path_factory.mktemp("embedded") / "log"
    fast, deep = embedded_pair(weights, options=EmbeddedOptions(tokens_per_slot=2048), log=log)
    with asyncio.Runner() as runner:
        runner.run(fast.prepare(PREFIX))
        runner.run(deep.prepare())
        assert isinstance(fast, Embedded)
        yield Shared(runner, fast, deep, weights, log)
        runner.run(deep.close())
        runner.run(fast.close())
        assert fast.process.pid == 0


class SharedChild(LanguageModelContract):
    """The contract on a model that stays open between tests."""

    binds_schema = True
    gives_logprobs = True
    tier: ClassVar[int]

    @pytest.fixture(autouse=True)
    def _shared(self, shared: Shared) -> None:
        runner, fast, deep, weights, _ = shared
        type(self).run = staticmethod(runner.run)
        self.model: LanguageModel = (fast, deep)[self.tier]
        self.weights = weights

    def make(self):
        return embedded_pair(self.weights)[self.tier]

    @asynccontextmanager
    async def opened(self):
        yield self.model


class TestFastTier(SharedChild):
    tier = 0


class TestDeepTier(SharedChild):
    tier = 1
    thinks = True
    fields: ClassVar[dict[str, Any]] = {"thinking_budget": 8}

    def test_after_a_stream_was_closed_early_the_next_answer_is_whole(self):
        async def go() -> Any:
            async with aclosing(self.model.stream(request(effort="low"))) as deltas:
                first = await anext(deltas)
            return first, await collect(self.model, request())

        first, after = type(self).run(go())
        assert first.thinking
        assert after[-1].stop


async def busy_slots(fast: Embedded) -> list[int]:
    running = await fast.process.running("fast")
    slots = await running.client.get(
        running.url.removesuffix("/v1") + "/slots", headers={"authorization": f"Bearer {running.api_key}"}
    )
    return [slot["id"] for slot in slots.json() if slot["is_processing"]]


async def all_free(fast: Embedded) -> float:
    began = time.monotonic()
    async with asyncio.timeout(5):
        while await busy_slots(fast):  # noqa: ASYNC110 - another process: nothing tells us
            await asyncio.sleep(0.02)
    return time.monotonic() - began


def test_closing_a_stream_frees_its_slot(shared: Shared):
    runner, fast, deep, *_ = shared

    async def go() -> Any:
        long = request("sol: “tell me a very long story about the sea”", max_tokens=400)
        async with aclosing(fast.stream(long)) as quick, aclosing(deep.stream(long)) as slow:
            await anext(quick)
            await anext(slow)
            both = await busy_slots(fast)
        return both, await all_free(fast)

    both, freed = runner.run(go())
    assert both == [0, 1]
    assert freed < 2


def test_a_prefix_that_was_read_once_is_not_read_again_while_the_other_tier_thinks(shared: Shared):
    runner, fast, deep, *_ = shared

    prefix = (Message("system", "You live in a lighthouse. " * 12), *PREFIX)

    async def go() -> Any:
        await fast.prepare(prefix)
        await collect(deep, request("ソラ: “なぜ空は青いの？”", tier="deep", effort="low", thinking_budget=8))
        asked = ModelRequest(messages=(*prefix, Message("user", "sol: “hi”")), max_tokens=4)
        return (await collect(fast, asked))[-1].usage

    usage = runner.run(go())
    assert usage.prompt_tokens > 60
    assert usage.cached > 0.8 * usage.prompt_tokens


def test_both_tiers_answer_at_the_same_time(shared: Shared):
    runner, fast, deep, *_ = shared

    async def go() -> Any:
        hard = request("sol: “why is the sky blue?”", tier="deep", effort="low", thinking_budget=40, max_tokens=40)
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(collect(deep, hard))
            quick = group.create_task(collect(fast, request("mio: “hi there!”", max_tokens=12)))
            await quick
            early = not slow.done()
        return early, quick.result(), slow.result()

    early, quick, slow = runner.run(go())
    assert early
    assert content(quick).strip()
    assert thinking(slow).strip()
    assert content(slow).strip()


def test_a_thought_keeps_to_its_budget_and_the_same_seed_gives_the_same_answer(shared: Shared):
    runner, _, deep, *_ = shared
    hard = request("sol: “why is the sky blue?”", tier="deep", effort="low", thinking_budget=12, seed=5)
    runner.run(collect(deep, hard))  # a prompt read in one go and one found in the cache round differently
    one, two = runner.run(collect(deep, hard)), runner.run(collect(deep, hard))
    assert sum(bool(delta.thinking) for delta in one) <= 12
    assert (thinking(one), content(one)) == (thinking(two), content(two))


def test_nobody_without_the_key_can_use_the_model(shared: Shared):
    runner, fast, *_ = shared

    async def go() -> Any:
        running = await fast.process.running("fast")
        body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        return await running.client.post(running.url + "/chat/completions", json=body)

    assert runner.run(go()).status_code == 401


def test_a_prompt_longer_than_its_slot_is_refused_as_such(shared: Shared):
    runner, fast, *_ = shared
    with pytest.raises(ModelError, match="context"):
        runner.run(collect(fast, request("word " * 3000)))


def test_what_viewers_write_is_not_kept_in_the_log(shared: Shared):
    runner, fast, _, _, log = shared
    runner.run(collect(fast, request("sol: “my secret is xyzzy-plugh”")))
    assert log.stat().st_size > 0
    assert b"xyzzy" not in log.read_bytes()


def test_a_child_that_dies_loses_the_answer_in_hand_and_is_started_again(shared: Shared):
    runner, fast, *_ = shared

    async def interrupted(victim: int) -> None:
        async with aclosing(fast.stream(request("sol: “a long story!”", max_tokens=400))) as deltas:
            async for _ in deltas:
                os.kill(victim, 9 if os.name != "nt" else 15)

    async def go() -> Any:
        died = fast.process.pid
        with pytest.raises(ModelUnavailable):
            await interrupted(died)
        return died, fast.process.pid, await collect(fast, request())

    died, _, after = runner.run(go())
    assert fast.process.pid not in {0, died}
    assert content(after).strip()


def test_nothing_is_printed_on_our_own_terminal(shared: Shared, capfd: pytest.CaptureFixture[str]):
    runner, fast, *_ = shared
    runner.run(collect(fast, request()))
    assert capfd.readouterr() == ("", "")


def test_the_child_goes_when_its_parent_is_killed(shared: Shared):
    """A child whose stdin ends exits, whatever became of its parent."""
    runner, fast, *_ = shared

    async def go() -> Any:
        running = await fast.process.running("fast")
        child = fast.process._child
        child.stdin.close()
        async with asyncio.timeout(5):
            code = await child.wait()
        with pytest.raises(httpx.ConnectError):
            await running.client.get(running.url + "/models")
        return code

    assert runner.run(go()) == 0
