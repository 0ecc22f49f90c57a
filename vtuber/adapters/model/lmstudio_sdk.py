"""A language model that LM Studio serves, streamed through LM Studio's own library and its WebSockets."""

import asyncio
import logging
import warnings
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from json import JSONDecodeError
from typing import Final, cast
from urllib.request import getproxies

import httpx
import msgspec

from vtuber.adapters.model.deadlines import FAST, Deadlines, timed
from vtuber.adapters.model.lmstudio_codec import FOR_EVER, arguments, delta, ended, host_of, refusal
from vtuber.core.hosts import address, place
from vtuber.errors import BadSetting, ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, StartState

try:
    import lmstudio
except ImportError as error:
    raise BadSetting("LM Studio's own library is not installed. Do: pip install 'vtuber[lmstudio]'") from error

_HANG_UP_S: Final = 2.0  # for words of farewell to a server that may not listen any more
_GARBLED: Final = (
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)  # what it makes of the unknown
_FAILED: Final = (lmstudio.LMStudioError, httpx.HTTPError, httpx.InvalidURL, OSError, *_GARBLED)
_TALKATIVE: Final = (  # its loggers: they tell whole frames, prompts and thoughts among them, on stderr
    "AsyncLLM",
    "AsyncRemoteCall",
    "AsyncWebsocketHandler",
    "ChannelHandler",
    "ChatResponseEndpoint",
    "GetOrLoadEndpoint",
    "RemoteCallHandler",
    "_AsyncLMStudioWebsocket",
)


class LmStudioServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which LM Studio, which of its models, and how the model is loaded if it is not yet."""

    url: str = "http://127.0.0.1:1234"
    model: str
    api_key: str = ""
    deadlines: Deadlines = FAST
    context: int = 8192  # tokens of prompt and answer together; LM Studio's own default is 4096


class LmStudioSdk:
    """A model behind LM Studio.

    It is asked for before every answer, which costs a millisecond or two: so it is loaded again where somebody put it
    out of memory, and the line is taken up again where LM Studio was started anew. The deadlines of an answer begin
    after that. What LM Studio loads for us has no time to live: it stays until somebody puts it out.
    """

    def __init__(self, server: LmStudioServer, *, name: str = "") -> None:
        """Take the settings; nothing is asked yet. Raises BadSetting for an address or a key that it cannot use."""
        if server.api_key:
            raise BadSetting(
                f"LM Studio's own library sends no key, and the settings name one for {address(server.url)}. "
                f"Write lmstudio/{server.model} instead of lmstudio-sdk/{server.model}."
            )
        self.name = name or server.model
        self.url = server.url
        # LM Studio sets thoughts apart only by marks that it knows, and only while that is switched on for the model;
        # any other model writes its marks into its content, and nothing tells which kind this one is.
        self.start_state: StartState = "auto"
        self._server = server
        self._host = host_of(server.url)
        self._client: lmstudio.AsyncClient | None = None
        self._asking = asyncio.Lock()  # asked for twice at once, LM Studio may load a model twice
        _hush()

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Have LM Studio load the model and read the prefix. Raises ModelError."""
        load_s = self._server.deadlines.load_s
        patient = msgspec.structs.replace(self._server.deadlines, first_token_s=load_s, stall_s=load_s, total_s=load_s)
        model = await self._model()
        # The question after the prefix is cut off again by the first real one; the prefix stays in the model's cache.
        warm = ModelRequest(messages=(*prefix, Message("user", ".")), max_tokens=1, temperature=0.0)
        async with aclosing(timed(self._answered(model, warm), patient)) as read:
            async for _ in read:
                break

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer; closing the iterator tells LM Studio to stop. Raises ModelError."""
        model = await self._model()
        async with aclosing(timed(self._answered(model, request), self._server.deadlines)) as answer:
            async for said in answer:
                yield said

    async def close(self) -> None:
        """Hang up; the model stays in LM Studio's memory."""
        client, self._client = self._client, None
        if client is not None:
            await _closed(client)

    async def _model(self) -> lmstudio.AsyncLLM:
        """Give the model, which is then in memory. Raises ModelError."""
        load_s = self._server.deadlines.load_s
        try:
            async with asyncio.timeout(load_s), self._asking:
                if self._client is not None:
                    with suppress(lmstudio.LMStudioWebsocketError):  # LM Studio was closed, or started anew
                        return await self._loaded(self._client)
                    await self.close()
                self._client = await self._connected()
                return await self._loaded(self._client)
        except TimeoutError:
            raise ModelTimeout(
                f"LM Studio did not load {self.name} within {load_s:g} s; it may be too large for this machine."
            ) from None
        except _FAILED as error:
            raise self._failed(error) from error

    async def _loaded(self, client: lmstudio.AsyncClient) -> lmstudio.AsyncLLM:
        return await client.llm.model(self._server.model, ttl=FOR_EVER, config={"contextLength": self._server.context})

    async def _connected(self) -> lmstudio.AsyncClient:
        client = lmstudio.AsyncClient(self._host)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(_closed, client)
            try:
                async with asyncio.timeout(self._server.deadlines.connect_s):
                    await client.__aenter__()
            except _FAILED as error:
                raise self._unreachable(error) from error
            undo.pop_all()
        return client

    async def _answered(self, model: lmstudio.AsyncLLM, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        history, how = arguments(request, self._server.model)
        try:
            prediction = await model.respond_stream(cast("lmstudio.ChatHistoryDataDict", history), **how)
            async with aclosing(_fragments(prediction)) as fragments:
                async for fragment in fragments:
                    said = delta(fragment.reasoning_type, fragment.content)
                    if said is not None:
                        yield said
            stats = prediction.result().stats
        except _FAILED as error:
            raise self._failed(error) from error
        yield ended(stats.stop_reason, stats.prompt_tokens_count, stats.predicted_tokens_count)

    def _failed(self, error: Exception) -> ModelError:
        if isinstance(error, lmstudio.LMStudioServerError) and error.server_error is not None:
            told = error.server_error
            code = told.display_data.get("code", "") if isinstance(told.display_data, dict) else ""
            words = ": ".join(dict.fromkeys(str(one) for one in (told.root_title, told.title, told.cause) if one))
            return refusal(str(code), words, self._server.model)
        if isinstance(error, _GARBLED):
            return ModelError(
                "LM Studio sent something that its library does not know; this answer is lost. "
                "One of them is too old: update LM Studio, or do: pip install -U lmstudio"
            )
        return ModelUnavailable("LM Studio hung up in the middle of an answer; this answer is lost.")

    def _unreachable(self, error: Exception) -> ModelError:
        where = address(self._server.url)
        if isinstance(error, JSONDecodeError):
            return ModelRefused(f"What answers at {where} is not LM Studio; check the address in the settings.")
        if isinstance(error, lmstudio.LMStudioServerError | ValueError):  # it stumbles over the words of a refusal
            return ModelRefused(
                f"LM Studio at {where} asks for a key, which its own library does not send. "
                f"Write lmstudio/{self._server.model} and name the key, or switch off authentication in LM Studio."
            )
        return ModelUnavailable(
            f"LM Studio does not answer at {where}; start it with: lms server start. {self._hint()}"
        )

    def _hint(self) -> str:
        proxies, host = getproxies(), self._host.partition(":")[0]
        asks_a_proxy = bool({"http", "all"} & set(proxies)) and host not in proxies.get("no", "")
        if place(self._server.url) == "here" and asks_a_proxy:  # which our own clients never do for this machine
            return f"If it runs: its library asks this machine's proxy for it, so add {host} to NO_PROXY."
        return "If it runs elsewhere, set its address."


async def _fragments(
    prediction: lmstudio.AsyncPredictionStream,
) -> AsyncGenerator[lmstudio.LlmPredictionFragment, None]:
    """Pass on what LM Studio says; where the reader leaves before the end, tell LM Studio to stop."""
    stream = cast("AsyncGenerator[lmstudio.LlmPredictionFragment, None]", aiter(prediction))
    try:
        while (fragment := await _next(prediction, stream)) is not None:
            yield fragment
    finally:
        await _stopped(prediction)
        await stream.aclose()
        await prediction.aclose()


async def _next(
    prediction: lmstudio.AsyncPredictionStream, stream: AsyncGenerator[lmstudio.LlmPredictionFragment, None]
) -> lmstudio.LlmPredictionFragment | None:
    """Give the next fragment, None at the end.

    The library's stream, cancelled while it waits, forgets what it asked for without a word to LM Studio, which then
    goes on for nobody. So it waits in a task of its own, which is cancelled only after the word was sent.
    """

    async def step() -> lmstudio.LlmPredictionFragment | Exception | None:
        try:
            return await anext(stream, None)
        except _FAILED as error:
            return error

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(step())
        try:
            await asyncio.wait([waiting])
        finally:
            if not waiting.done():
                await _stopped(prediction)
    got = waiting.result()
    if isinstance(got, Exception):
        raise got
    return got


async def _stopped(prediction: lmstudio.AsyncPredictionStream) -> None:
    """Have LM Studio stop, if it has not ended."""
    with suppress(*_FAILED):
        async with asyncio.timeout(_HANG_UP_S):
            await prediction.cancel()


async def _closed(client: lmstudio.AsyncClient) -> None:
    with suppress(*_FAILED):
        async with asyncio.timeout(_HANG_UP_S):
            await client.aclose()


def _hush() -> None:
    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True
    warnings.filterwarnings("ignore", category=lmstudio.LMStudioUnknownMessageWarning)
