"""Opens the models: from the text in the settings, or from what was found on this machine, to the two tiers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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
from vtuber.errors import BadSetting, ModelError, UserMistake
from vtuber.events import Tier
from vtuber.ports import LanguageModel
from vtuber.settings import Models, Settings

_DEADLINES: dict[Tier, Deadlines] = {"fast": FAST, "deep": DEEP}
_OLLAMA = "vtuber.adapters.model.ollama_http"  # imported where a model of Ollama's is opened
_STAND_IN_TALK = 160  # tokens
_NEVER = -100.0  # mean log-probability: no answer is that unlikely
_STAND_IN_SIMPLE = 0.7  # difficulty: with the usual `hard_from` the middle is 0.8


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


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays the two tiers: in each the chosen model, then those who stand in for it while it is down."""

    fast: tuple[LanguageModel, ...]
    deep: tuple[LanguageModel, ...]
    stand_ins: frozenset[Tier] = frozenset()  # tiers whose chosen model is the one that comes with the program


@asynccontextmanager
async def open_cast(models: Models, *, log: Path | None, tell: Callable[[str], None]) -> AsyncIterator[Cast]:
    """Open both tiers; "auto" is resolved first and `tell` is told who plays, where and why.

    Raises BadSetting, NotFound, ModelError; a stand-in that cannot be opened is told and left out.
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
        weights: dict[ModelSpec, tuple[LanguageModel, LanguageModel]] = {}  # both tiers share a process

        async def opened(spec: ModelSpec, tier: Tier, *, in_ram: bool = False) -> LanguageModel:
            if spec.kind == "embedded":
                weights[spec] = weights.get(spec) or await _embedded(spec, log)
                model = weights[spec][0 if tier == "fast" else 1]
            else:
                model = await _open(spec, tier, models, log, in_ram=in_ram)
            closing.push_async_callback(model.close)
            return model

        chosen_ones: dict[Tier, ModelSpec] = {"fast": parse(models.fast), "deep": parse(models.deep)}
        first = await opened(chosen_ones["fast"], "fast")
        second = await opened(chosen_ones["deep"], "deep", in_ram=in_ram)
        yield Cast(
            stand_ins=frozenset(tier for tier, spec in chosen_ones.items() if spec == ModelSpec("embedded")),
            fast=(first, *await _stand_ins("fast", (models.fast, *models.fast_next), models, opened, tell)),
            deep=(second, *await _stand_ins("deep", (models.deep, *models.deep_next), models, opened, tell)),
        )


async def _stand_ins(
    tier: Tier, specs: Sequence[str], models: Models, opened: Callable[[ModelSpec, Tier], Awaitable[LanguageModel]],
    tell: Callable[[str], None],
) -> list[LanguageModel]:  # fmt: skip
    """Open those behind the first that are not the same again. An embedded one loads its weights when it is asked."""
    known: set[tuple[str, str, str]] = set()
    there: list[LanguageModel] = []
    for number, text in enumerate(specs):
        try:
            spec = parse(text)
            who = (spec.kind, spec.name, url_of(spec, models).rstrip("/"))
            if number and who not in known:
                there.append(await opened(spec, tier))
            known.add(who)
        except (UserMistake, ModelError) as error:
            tell(f"{text} cannot stand in for the {tier} model and is left out. {error}")
    return there


async def crowded(pair: Sequence[LanguageModel], models: Models) -> str:
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


def modest(settings: Settings, stand_ins: frozenset[Tier]) -> Settings:
    """Give the settings for a show in which the stand-in plays these tiers.

    It reads slowly and copies what it reads: little of the talk is shown to it. Its verdicts miss four hard messages in
    ten, so that difficulty decides alone; and since it thinks for half a minute no better than it answers, only what is
    clearly hard goes to it, and no answer for want of confidence. A long thought of its runs in circles.
    """
    thinking = settings.thinking
    if "fast" in stand_ins:
        portions = msgspec.structs.replace(thinking.portions, talk=_STAND_IN_TALK)
        thinking = msgspec.structs.replace(
            thinking, portions=portions, asks_first=False, simple_below=max(thinking.simple_below, _STAND_IN_SIMPLE)
        )
    if "deep" in stand_ins:
        thinking = msgspec.structs.replace(thinking, effort="low", least_confidence=_NEVER)
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
        case "lmstudio-sdk":
            from vtuber.adapters.model.lmstudio_sdk import LmStudioSdk, LmStudioServer  # noqa: PLC0415 - slow, optional

            studio = LmStudioServer(url=url, model=spec.name, deadlines=_DEADLINES[tier], api_key=key)
            return LmStudioSdk(studio)
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
