"""The embedded model: two views of one child process, a fast tier that answers and a deep tier that thinks first."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import msgspec

from vtuber.adapters.model.deadlines import Deadlines
from vtuber.adapters.model.embedded_process import EmbeddedProcess
from vtuber.adapters.model.embedded_server import TEMPLATE, Launch
from vtuber.adapters.model.openai_codec import Dialect
from vtuber.adapters.model.openai_http import ChatServer, OpenAiHttp
from vtuber.adapters.model.thinking_aloud import THOUGHT_TOKENS, ThinkingAloud
from vtuber.adapters.model.weights import STAND_IN
from vtuber.errors import ModelUnavailable
from vtuber.ports import Delta, LanguageModel, Message, ModelRequest, StartState

_FAST_SLOT, _DEEP_SLOT = 0, 1


class EmbeddedOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the weights are run."""

    threads: int = 2
    tokens_per_slot: int = 4096  # prompt and answer together
    cache_mib: int = 512  # prompts that left their slot, kept in memory
    thinks: Literal["auto", "aloud", "native"] = "auto"  # native: by the weights' own template; auto: all but ours
    # A busy processor reads a new prompt for minutes; how long a viewer waits is the show's to say.
    fast: Deadlines = Deadlines(first_token_s=180.0, stall_s=20.0, total_s=240.0)
    deep: Deadlines = Deadlines(first_token_s=180.0, stall_s=20.0, total_s=240.0)


def embedded_pair(
    weights: Path, *, options: EmbeddedOptions | None = None, log: Path | None = None
) -> tuple[LanguageModel, LanguageModel]:
    """Give (fast, deep) over one set of weights in one child process. `log` takes what llama.cpp prints.

    Each tier has a slot of its own: the deep one thinks while the fast one answers, and both keep their prompts.
    """
    options = options or EmbeddedOptions()
    aloud = options.thinks == "aloud" or (options.thinks == "auto" and weights.name == STAND_IN)
    launch = Launch(
        model=str(weights),
        api_key="",
        threads=options.threads,
        tokens_per_slot=options.tokens_per_slot,
        cache_mib=options.cache_mib,
        chat_template=TEMPLATE if aloud else "",
    )
    load_s = max(options.fast.load_s, options.deep.load_s)
    process = EmbeddedProcess(launch, log=log, load_s=load_s)

    def view(role: str, dialect: Dialect, deadlines: Deadlines) -> Embedded:
        return Embedded(process, role, ChatServer(url="", model=weights.stem, dialect=dialect, deadlines=deadlines))

    fast = view("fast", _plain(_FAST_SLOT), options.fast)
    if not aloud:
        return fast, view("deep", _thinking(_DEEP_SLOT), options.deep)
    thinker = view("thinker", _thinking(_DEEP_SLOT), options.deep)
    speaker = view("speaker", _plain(_DEEP_SLOT), options.deep)
    return fast, ThinkingAloud(f"{weights.stem} thinking aloud", thinker=thinker, speaker=speaker)


class Embedded:
    """One view of the child: a slot, a dialect and deadlines. `role` tells the views of a child apart."""

    def __init__(self, process: EmbeddedProcess, role: str, server: ChatServer) -> None:
        self.name = server.model
        self.start_state: StartState = "in_content"  # the server tells thoughts and content apart
        self.process = process
        self._role = role
        self._server = server

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Start the child and have it read the prefix into this view's slot. Raises ModelError."""
        model = await self._model()
        if prefix:
            await model.prepare(prefix)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer; closing the iterator frees the slot. Raises ModelError."""
        model = await self._model()
        try:
            async with aclosing(model.stream(request)) as deltas:
                async for delta in deltas:
                    yield delta
        except ModelUnavailable:
            await self.process.settle()
            raise

    async def close(self) -> None:
        """Let go of the child; the last view to do so stops it."""
        await self.process.leave(self._role)

    async def _model(self) -> OpenAiHttp:
        running = await self.process.running(self._role)
        server = msgspec.structs.replace(self._server, url=running.url, api_key=running.api_key)
        return OpenAiHttp(server, client=running.client)


def _plain(slot: int) -> Dialect:
    return Dialect(extra={"id_slot": slot, "cache_prompt": True, "chat_template_kwargs": {"enable_thinking": False}})


def _thinking(slot: int) -> Dialect:
    return Dialect(
        extra={"id_slot": slot, "cache_prompt": True, "chat_template_kwargs": {"enable_thinking": True}},
        budget_field="thinking_budget_tokens",
        budget=THOUGHT_TOKENS,
    )
