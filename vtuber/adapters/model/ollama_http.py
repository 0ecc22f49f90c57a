"""A language model that Ollama serves, streamed through Ollama's own client."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import ollama

from vtuber.adapters.model.deadlines import FAST, Deadlines, timed
from vtuber.adapters.model.ollama_codec import (
    Resident,
    Thinks,
    arguments,
    cannot_think,
    deltas,
    full_name,
    loading,
    refusal,
    thinks,
)
from vtuber.errors import BadSetting, ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, StartState

_LINE_BYTES = 1024 * 1024  # a longer line is no part of an answer
_ASK_S = 5.0  # for a question about the model itself
_GARBLED = (ValueError, TypeError, AttributeError)  # what the client makes of a line that is no JSON, or not Ollama's
_LOST = (httpx.HTTPError, httpx.StreamError, OSError)  # OSError: its own ConnectionError, and our TimeoutError


class OllamaServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Ollama, which of its models, and how the model is loaded."""

    url: str = "http://127.0.0.1:11434"
    model: str
    api_key: str = ""
    deadlines: Deadlines = FAST  # connect 2 s, first token 5 s, stall 3 s, total 30 s; DEEP: stall 10 s, total 120 s
    num_ctx: int = 8192  # tokens of prompt and answer together; Ollama's own default is 4096 on most machines
    options: dict[str, Any] = {}  # more that a model is loaded with: num_gpu, num_thread, …
    thought: int = 512  # room in tokens for the thoughts of a request that names no limit


class Ollama:
    """A model behind Ollama.

    It stays in memory until Ollama ends or needs the room. After any failure the next request first sees to it that
    the model is loaded, within `load_s`; the deadlines of an answer begin after that.
    """

    def __init__(self, server: OllamaServer, *, name: str = "") -> None:
        """Make the client. Raises BadSetting for an address that is none."""
        self.name = name or server.model
        self.url = server.url
        self.start_state: StartState = "auto"
        self._server = server
        self._fixed = {**server.options, "num_ctx": server.num_ctx}
        self._client = _client(server)
        self._thinks: Thinks = "unknown"
        self._loaded = False

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Have Ollama load the model and read the prefix. Raises ModelError.

        A gpt-oss model's effort stands at the head of its prompt: the prefix is read for "none" and "low".
        """
        await self._load()
        # The question after the prefix is cut off again by the first real one; the prefix stays in Ollama's cache.
        warm = ModelRequest(messages=(*prefix, Message("user", ".")), max_tokens=1, temperature=0.0)
        async with aclosing(self._told(warm, self._patient())) as read:
            async for _ in read:
                break

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer; closing the iterator hangs up, at which Ollama stops. Raises ModelError."""
        if not self._loaded:
            await self._load()
        async with aclosing(self._told(request, self._server.deadlines)) as answer:
            async for delta in answer:
                yield delta

    async def loaded(self) -> Resident | None:
        """Tell how the model lies in memory, None if it is not loaded. Raises ModelError."""
        try:
            async with asyncio.timeout(_ASK_S):
                running = await self._client.ps()
        except (*_LOST, *_GARBLED, ollama.ResponseError) as error:
            raise self._failed(error) from error
        for one in running.models:
            if full_name(one.model or one.name or "") == full_name(self._server.model):
                size, on_card = float(one.size or 0) / 1e9, float(one.size_vram or 0) / 1e9
                return Resident(name=self._server.model, size_gb=size, vram_gb=on_card)
        return None

    async def close(self) -> None:
        """Close the connections; the model stays in Ollama's memory."""
        await self._client.close()  # type: ignore[no-untyped-call]

    def _patient(self) -> Deadlines:
        load_s = self._server.deadlines.load_s
        return msgspec.structs.replace(self._server.deadlines, first_token_s=load_s, stall_s=load_s, total_s=load_s)

    async def _load(self) -> None:
        if self._thinks == "unknown":
            await self._ask_how_it_thinks()
        try:
            call = loading(self._server.model, self._fixed)
            async with aclosing(timed(self._answered(call), self._patient())) as loaded:
                async for _ in loaded:
                    pass
        except ModelTimeout:
            load_s = self._server.deadlines.load_s
            raise ModelTimeout(
                f"Ollama did not load {self._server.model} within {load_s:g} s; it may be too large for this machine."
            ) from None
        except ModelError as error:
            if error.transient:
                raise
            # What stands in for Ollama may not know this call; what is wrong, the request after it will tell.
        self._loaded = True

    async def _ask_how_it_thinks(self) -> None:
        try:
            async with asyncio.timeout(_ASK_S):
                shown = await self._client.show(self._server.model)
        except (httpx.ConnectTimeout, ConnectionError) as error:  # it is not there: no need to find that out twice
            raise self._failed(error) from error
        except (*_LOST, *_GARBLED, ollama.ResponseError, ModelError):
            return  # then nothing is said about thinking, and the model does as it is used to
        family = (shown.details.family if shown.details else "") or ""
        self._thinks = thinks(shown.capabilities, family, self._server.model)
        self.start_state = "in_content" if self._thinks in {"switched", "levels"} else "auto"

    async def _told(self, request: ModelRequest, deadlines: Deadlines) -> AsyncGenerator[Delta, None]:
        try:
            async with aclosing(timed(self._received(request), deadlines)) as answer:
                async for delta in answer:
                    yield delta
        except ModelError:
            self._loaded = False
            raise

    async def _received(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        server = self._server
        asked = arguments(request, self._thinks, model=server.model, fixed=self._fixed, thought=server.thought)
        try:
            async with aclosing(self._answered(asked)) as answer:
                async for delta in answer:
                    yield delta
        except ModelRefused as error:
            if "think" not in asked or not _is_about_thinking(error.__cause__):
                raise
        else:
            return
        self._thinks, self.start_state = "never", "auto"
        async with aclosing(self._received(request)) as answer:
            async for delta in answer:
                yield delta

    async def _answered(self, asked: dict[str, Any]) -> AsyncGenerator[Delta, None]:
        try:
            async with aclosing(await self._client.chat(**asked)) as parts:
                async for part in parts:
                    for delta in deltas(part):
                        yield delta
                    if part.done:
                        return
        except (*_LOST, *_GARBLED, ollama.ResponseError) as error:
            raise self._failed(error) from error
        raise ModelUnavailable("Ollama hung up in the middle of an answer; this answer is lost.")

    def _failed(self, error: Exception) -> ModelError:
        if isinstance(error, ollama.ResponseError):
            return refusal(error.status_code, str(error.error), self._server.model)
        if isinstance(error, _GARBLED):
            return ModelError("Ollama sent something that is not its protocol; this answer is lost.")
        if isinstance(error, httpx.UnsupportedProtocol):
            return ModelError(f"{self._server.url} is no address of an Ollama server; check the settings.")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | OSError):
            return ModelUnavailable(
                f"Ollama does not answer at {self._server.url}; open the Ollama app or run: ollama serve. "
                "If it runs elsewhere, set its address."
            )
        return ModelUnavailable("Ollama hung up in the middle of an answer; this answer is lost.")


def _is_about_thinking(cause: object) -> bool:
    return isinstance(cause, ollama.ResponseError) and cannot_think(cause.status_code, str(cause.error))


def _client(server: OllamaServer) -> ollama.AsyncClient:
    """Give a client that sends this server's key and no other: the library adds one that it finds in the environment.

    Proxies of the environment are for the outside world, not for this machine.
    """
    url, deadlines = server.url, server.deadlines
    timeout = httpx.Timeout(  # our own deadlines end a wait before it; this is for a line that they do not watch
        max(deadlines.load_s, deadlines.total_s) + 5.0, connect=deadlines.connect_s, pool=deadlines.connect_s
    )

    def with_our_key(request: httpx.Request) -> httpx.Request:
        request.headers.pop("authorization", None)
        if server.api_key:
            request.headers["authorization"] = f"Bearer {server.api_key}"
        return request

    try:
        here = urlsplit(url if "://" in url else f"//{url}").hostname in {"127.0.0.1", "localhost", "::1"}
        return ollama.AsyncClient(
            url,
            timeout=timeout,
            auth=with_our_key,
            trust_env=not here,
            follow_redirects=False,
            event_hooks={"response": [_bound_lines]},
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise BadSetting(f"{url} is no address of an Ollama server; it looks like http://127.0.0.1:11434.") from error


async def _bound_lines(response: httpx.Response) -> None:
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _BoundLines(response.stream)


class _BoundLines(httpx.AsyncByteStream):
    """An answer's bytes, as long as its lines end: the client would keep a line without end in memory."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        since = 0
        async for chunk in self._stream:
            since = len(chunk) - chunk.rfind(b"\n") if b"\n" in chunk else since + len(chunk)
            if since > _LINE_BYTES:
                raise ModelError("Ollama sent a line without end; this answer is lost.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
