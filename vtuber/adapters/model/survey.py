"""Looks which model servers answer and what they offer, within two seconds each."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from vtuber.adapters.model.ollama_codec import full_name
from vtuber.core.hosts import place
from vtuber.core.model_choice import Served, Server
from vtuber.core.model_names import runs_in_the_cloud

_Kind = TypeVar("_Kind", bound=msgspec.Struct)

_WAIT_S = 2.0
_OK = 200
_GB = 1e9
_ALL = 0.995  # Ollama's two sizes differ by rounding where all is on the card


class _Tag(msgspec.Struct):
    name: str
    size: int = 0
    remote_host: str | None = None
    capabilities: list[str] | None = None  # newer versions say them here too


class _Tags(msgspec.Struct):
    models: list[_Tag] | None


class _Resident(msgspec.Struct):
    name: str
    size: int = 0
    size_vram: int = 0


class _Residents(msgspec.Struct):
    models: list[_Resident] | None


class _Shown(msgspec.Struct):
    capabilities: list[str] | None = None


class _Version(msgspec.Struct):
    version: str


class _Offer(msgspec.Struct):
    id: str
    type: str = ""  # LM Studio: llm, vlm, embeddings
    state: str = ""  # LM Studio: loaded, not-loaded
    capabilities: list[str] | None = None


class _Offers(msgspec.Struct):
    data: list[_Offer]


async def survey_ollama(url: str, api_key: str = "", *, wanted: Sequence[str] = ()) -> Server | None:
    """Give what Ollama at `url` offers, None if it does not answer. Only `wanted` models are asked what they can."""
    url = url.rstrip("/")
    async with _client(url, api_key) as client, asyncio.TaskGroup() as group:
        tags = group.create_task(_read(client, f"{url}/api/tags", _Tags))
        running = group.create_task(_read(client, f"{url}/api/ps", _Residents))
        version = group.create_task(_read(client, f"{url}/api/version", _Version))
        shown = {
            full_name(name): group.create_task(_read(client, f"{url}/api/show", _Shown, {"model": name}))
            for name in wanted
        }
    offered, loaded, told = tags.result(), running.result(), version.result()
    if offered is None:
        return None
    residents = {one.name: one for one in (loaded.models if loaded else None) or ()}
    can = {name: found.capabilities for name, task in shown.items() if (found := task.result())}
    return Server(
        kind="ollama",
        url=url,
        version=told.version if told else "",
        models=tuple(_served(tag, residents.get(tag.name), can.get(tag.name)) for tag in offered.models or ()),
    )


async def survey_openai(url: str, kind: Literal["lmstudio", "openai"], api_key: str = "") -> Server | None:
    """Give what an OpenAI-compatible server offers, None if it does not answer; embedding models are left out.

    `url` is as in the settings: LM Studio's without a path or with /v1, any other with its version (…/v1).
    """
    url = url.rstrip("/")
    root = url.removesuffix("/v1")
    listing = f"{root}/v1/models" if kind == "lmstudio" else f"{url}/models"
    async with _client(url, api_key) as client:
        offers = await _read(client, f"{root}/api/v0/models", _Offers) if kind == "lmstudio" else None
        offers = offers or await _read(client, listing, _Offers)
    if offers is None:
        return None
    chatting = [one for one in offers.data if one.type != "embeddings"]
    return Server(kind=kind, url=url, models=tuple(_offered(one, kind, cloud=place(url) == "away") for one in chatting))


async def fits(url: str, specs: Sequence[str], api_key: str = "") -> str:
    """Tell what is wrong with how models lie in Ollama's memory after all of them were loaded, "" if all is well.

    `specs` are names, with or without the "ollama/" that the settings write before them.
    """
    url = url.rstrip("/")
    async with _client(url, api_key) as client:
        running = await _read(client, f"{url}/api/ps", _Residents)
    if running is None:
        return f"Ollama at {url} did not say which models are in memory; whether they fit is not known."
    residents = {one.name: one for one in running.models or ()}
    named = dict.fromkeys(spec.removeprefix("ollama/").partition("@")[0] for spec in specs)
    names = [name for name in named if not runs_in_the_cloud(name)]  # those lie in no memory of ours
    told = [_evicted(name) for name in names if full_name(name) not in residents]
    told += [_spilt(name, residents[full_name(name)]) for name in names if full_name(name) in residents]
    return " ".join(filter(None, told))


def _evicted(name: str) -> str:
    return (
        f"{name} was put out of memory when another model was loaded: they do not fit together, and each would be "
        "loaded anew for every answer. Choose a smaller model, or the same one for both."
    )


def _spilt(name: str, resident: _Resident) -> str:
    share = resident.size_vram / resident.size if resident.size else 1.0
    if share >= _ALL:
        return ""
    where = f"{round(100 * (1 - share))} % of {name} lies outside the graphics card's memory"
    return f"{where if resident.size_vram else f'{name} runs without the graphics card'}: it will answer slowly."


def _served(tag: _Tag, resident: _Resident | None, capabilities: list[str] | None) -> Served:
    return Served(
        name=tag.name,
        size_gb=tag.size / _GB,
        loaded=resident is not None,
        vram_gb=resident.size_vram / _GB if resident else 0.0,
        capabilities=tuple(capabilities or tag.capabilities or ()),
        cloud=bool(tag.remote_host) or runs_in_the_cloud(tag.name),
    )


def _offered(offer: _Offer, kind: str, *, cloud: bool) -> Served:
    """Say it in Ollama's words. What is no LM Studio lists only what it has loaded."""
    can = ["completion"] if offer.type in {"llm", "vlm"} else []
    can += ["vision"] if offer.type == "vlm" else []
    can += ["tools"] if "tool_use" in (offer.capabilities or ()) else []
    loaded = offer.state == "loaded" or kind != "lmstudio"
    return Served(name=offer.id, loaded=loaded, capabilities=tuple(can), cloud=cloud)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address at all: nothing will answer there
        return ""


def _client(url: str, api_key: str) -> httpx.AsyncClient:
    key = {"authorization": f"Bearer {api_key}"} if api_key else {}
    here = _host(url) in {"127.0.0.1", "localhost", "::1"}
    return httpx.AsyncClient(timeout=_WAIT_S, headers=key, trust_env=not here)


async def _read(
    client: httpx.AsyncClient, url: str, kind: type[_Kind], body: dict[str, Any] | None = None
) -> _Kind | None:
    """Give a server's answer; None for silence, a refusal, and what is not the protocol."""
    try:
        async with asyncio.timeout(_WAIT_S):
            response = await client.request("POST" if body else "GET", url, json=body)
        return msgspec.json.decode(response.content, type=kind) if response.status_code == _OK else None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, msgspec.DecodeError, UnicodeDecodeError):
        return None
