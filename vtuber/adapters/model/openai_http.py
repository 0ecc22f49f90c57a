"""Any OpenAI-compatible chat server (llama.cpp, LM Studio, vLLM, …), streamed over HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlsplit

import httpx
import msgspec

from vtuber.adapters.model.deadlines import Deadlines, timed
from vtuber.adapters.model.openai_codec import Decoder, Dialect, body, refusal
from vtuber.errors import ModelError, ModelUnavailable
from vtuber.ports import Delta, Message, ModelRequest, StartState

_OK = 200
_TOLD_BYTES = 64 * 1024  # of a refusal
_RETRY_S = 0.5  # between two tries of a server that is still loading


class ChatServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which server and which of its models."""

    url: str  # with the version: http://127.0.0.1:1234/v1
    model: str
    api_key: str = ""
    dialect: Dialect = Dialect()
    deadlines: Deadlines = Deadlines()
    start_state: StartState = "auto"


class OpenAiHttp:
    """A language model behind an OpenAI-compatible server."""

    def __init__(self, server: ChatServer, *, name: str = "", client: httpx.AsyncClient | None = None) -> None:
        self.name = name or server.model
        self.start_state = server.start_state
        self._server = server
        self._client = client or chat_client(server.url, server.deadlines.connect_s)
        self._owns_client = client is None

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Have the server load the model and read the prefix; a loading server is waited for. Raises ModelError."""
        deadlines = self._server.deadlines
        patient = msgspec.structs.replace(
            deadlines, first_token_s=deadlines.load_s, stall_s=deadlines.load_s, total_s=deadlines.load_s
        )
        # The question after the prefix is cut off again by the first real one; the prefix stays in the server's cache.
        warm = ModelRequest(messages=(*prefix, Message("user", ".")), max_tokens=1, temperature=0.0)
        until = asyncio.get_running_loop().time() + deadlines.load_s
        while True:
            try:
                async with aclosing(timed(self._received(warm), patient)) as deltas:
                    async for delta in deltas:
                        if delta.content or delta.thinking:
                            break
            except ModelUnavailable:
                if asyncio.get_running_loop().time() + _RETRY_S > until or not await self._listens():
                    raise
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer; closing the iterator hangs up, at which the server stops. Raises ModelError."""
        async with aclosing(timed(self._received(request), self._server.deadlines)) as deltas:
            async for delta in deltas:
                yield delta

    async def close(self) -> None:
        """Close the connections, if they are our own."""
        if self._owns_client:
            await self._client.aclose()

    async def _listens(self) -> bool:
        """Whether anything answers there: a server that loads is worth waiting for, one that is not there is not."""
        try:
            await self._client.get(self._server.url + "/models", headers=self._headers(), timeout=5.0)
        except httpx.HTTPError:
            return False
        return True

    async def _received(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        content = msgspec.json.encode(body(request, self._server.model, self._server.dialect))
        url, headers = self._server.url + "/chat/completions", self._headers()
        try:
            async with self._client.stream("POST", url, content=content, headers=headers) as response:
                if response.status_code != _OK:
                    told, missing = await _beginning(response), self._server.dialect.missing
                    raise refusal(response.status_code, told, model=self._server.model, missing=missing)
                decoder = Decoder()
                async with aclosing(response.aiter_bytes()) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        for delta in decoder.feed(chunk):
                            yield delta
                        if decoder.done:
                            return
                for delta in decoder.close():
                    yield delta
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _lost(self._server.url, error) from error

    def _headers(self) -> dict[str, str]:
        key = {"authorization": f"Bearer {self._server.api_key}"} if self._server.api_key else {}
        return {"content-type": "application/json", "accept": "text/event-stream", **key}


def chat_client(url: str, connect_s: float) -> httpx.AsyncClient:
    """Give a client for one server. Proxies of the environment are for the outside world, not for this machine."""
    here = urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
    return httpx.AsyncClient(timeout=httpx.Timeout(None, connect=connect_s, pool=connect_s), trust_env=not here)


async def _beginning(response: httpx.Response) -> bytes:
    """Give what a server says to its refusal; of one that never ends only the beginning."""
    told = b""
    async with aclosing(response.aiter_bytes()) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            told += chunk
            if len(told) > _TOLD_BYTES:
                break
    return told


def _lost(url: str, error: Exception) -> ModelError:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return ModelUnavailable(f"No model server answers at {url}; start it, or check the address.")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return ModelError(f"{url} is no address of a model server; check the settings.")
    return ModelUnavailable(f"The model server at {url} hung up in the middle of an answer; this answer is lost.")
