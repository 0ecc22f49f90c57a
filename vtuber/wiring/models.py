"""Opens the models: from the text in the settings, or from what was found on this machine, to the two tiers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from vtuber import home
from vtuber.adapters.machine.memory import machine
from vtuber.adapters.model.deadlines import DEEP, FAST, Deadlines
from vtuber.adapters.model.embedded import embedded_pair
from vtuber.adapters.model.openai_dialects import dialect
from vtuber.adapters.model.openai_http import ChatServer, OpenAiHttp
from vtuber.adapters.model.scripted import Scripted
from vtuber.adapters.model.survey import fits, survey_ollama, survey_openai
from vtuber.adapters.model.weights import find_weights, has_weights
from vtuber.core.model_choice import choose
from vtuber.core.model_named import asked, url_of
from vtuber.core.model_spec import ModelSpec, parse
from vtuber.core.served import Chosen, Server
from vtuber.errors import BadSetting, UserMistake
from vtuber.events import Tier
from vtuber.ports import LanguageModel
from vtuber.settings import Models, Settings

_DEADLINES: dict[Tier, Deadlines] = {"fast": FAST, "deep": DEEP}
_OLLAMA = "vtuber.adapters.model.ollama_http"  # imported where a model of Ollama's is opened
_STAND_IN_TALK = 160  # tokens


async def survey(models: Models) -> tuple[Server, ...]:
    """Ask every server that a choice of models needs, side by side; give those that answered. Raises BadSetting."""
    surveys: list[Awaitable[Server | None]] = []
    for kind, url in asked(models):
        if kind == "ollama":
            surveys.append(survey_ollama(url, key_of(models, url)))
        elif kind in {"lmstudio", "openai"}:
            surveys.append(survey_openai(url, "lmstudio" if kind == "lmstudio" else "openai", key_of(models, url)))
    return tuple(server for server in await asyncio.gather(*surveys) if server is not None)


async def chosen(models: Models) -> tuple[Chosen, Chosen]:
    """Look for model servers and decide who plays which tier. Raises BadSetting, UserMistake where there is none."""
    servers, here = await asyncio.gather(survey(models), asyncio.to_thread(machine))
    pair = choose(models, servers, here, embedded_available=has_weights())
    for one in pair:
        if not one.spec:
            raise UserMistake(one.why)
    return pair


@asynccontextmanager
async def open_pair(
    models: Models, *, log: Path | None, tell: Callable[[str], None]
) -> AsyncIterator[tuple[LanguageModel, LanguageModel]]:
    """Open both tiers; "auto" is resolved first and `tell` is told who plays, where and why.

    Raises BadSetting, NotFound, ModelError.
    """
    in_ram = False
    if "auto" in {models.fast, models.deep}:
        fast, deep = await chosen(models)
        models = msgspec.structs.replace(models, fast=fast.spec, deep=deep.spec)
        in_ram = deep.in_ram
        for one in (fast, deep):
            tell(f"{one.tier} model: {one.spec}, {one.where}: {one.why}")
            for warning in one.warnings:
                tell(warning)
    async with AsyncExitStack() as closing:
        specs = parse(models.fast), parse(models.deep)
        if specs[0].kind == "embedded" and specs[0] == specs[1]:
            pair = await _embedded(specs[0], log)
        else:
            first = await _open(specs[0], "fast", models, log)
            pair = (first, await _open(specs[1], "deep", models, log, in_ram=in_ram))
        for model in pair:
            closing.push_async_callback(model.close)
        yield pair


async def crowded(pair: tuple[LanguageModel, LanguageModel], models: Models) -> str:
    """Say, once both are loaded, if Ollama cannot keep them so: each would drive the other out. "" if all is well."""
    if _OLLAMA not in sys.modules:  # its library takes a quarter of a second to import, and nobody needed it
        return ""
    from vtuber.adapters.model.ollama_http import Ollama  # noqa: PLC0415 - there already

    names: dict[str, list[str]] = {}  # by server: each tier may have its own
    for model in pair:
        if isinstance(model, Ollama):
            names.setdefault(model.url, []).append(model.name)
    told = [await fits(url, there, key_of(models, url)) for url, there in names.items()]
    return " ".join(filter(None, told))


async def open_one(spec: str, tier: Tier, models: Models, log: Path | None) -> LanguageModel:
    """Open one model; whoever asked closes it. Raises BadSetting, NotFound, ModelError."""
    if spec == "auto":
        spec = next(one.spec for one in await chosen(models) if one.tier == tier)
    return await _open(parse(spec), tier, models, log)


@asynccontextmanager
async def open_model(spec: str, tier: Tier, settings: Settings, log: Path | None) -> AsyncIterator[LanguageModel]:
    """Open one model and close it at the end. Raises BadSetting, NotFound, ModelError."""
    model = await open_one(spec, tier, settings.models, log)
    try:
        yield model
    finally:
        await model.close()


def modest(settings: Settings) -> Settings:
    """Give the settings for the stand-in, which reads slowly and copies what it reads: little of the talk is shown."""
    thinking = msgspec.structs.replace(settings.thinking, talk_tokens=_STAND_IN_TALK)
    return msgspec.structs.replace(settings, thinking=thinking)


def key_of(models: Models, url: str) -> str:
    """Give the key for a server, from the environment variable that the settings name, "" for none."""
    return os.environ.get(models.keys.get(url, ""), "")


async def _open(
    spec: ModelSpec, tier: Tier, models: Models, log: Path | None, *, in_ram: bool = False
) -> LanguageModel:
    url = url_of(spec, models).rstrip("/")
    key = key_of(models, url)
    match spec.kind:
        case "scripted":
            return Scripted()
        case "embedded":
            fast, deep = await _embedded(spec, log)
            return fast if tier == "fast" else deep
        case "ollama":
            from vtuber.adapters.model.ollama_http import Ollama, OllamaServer  # noqa: PLC0415 - slow: see _OLLAMA

            # On the card it would drive out the fast model, which then had to be loaded again for every message.
            options = {"num_gpu": 0} if in_ram else {}
            server = OllamaServer(url=url, model=spec.name, deadlines=_DEADLINES[tier], api_key=key, options=options)
            return Ollama(server)
        case "auto":
            raise BadSetting("“auto” is not one model: name one.")
        case "lmstudio" | "openai" as kind:
            root = url.removesuffix("/v1") + "/v1" if kind == "lmstudio" else url
            chat = ChatServer(
                url=root, model=spec.name, api_key=key, deadlines=_DEADLINES[tier], dialect=dialect(kind, spec.name)
            )
            return OpenAiHttp(chat)


async def _embedded(spec: ModelSpec, log: Path | None) -> tuple[LanguageModel, LanguageModel]:
    own = Path(spec.name) if spec.name else None
    weights = await asyncio.to_thread(find_weights, own, home.cache())
    return embedded_pair(weights, log=log)
