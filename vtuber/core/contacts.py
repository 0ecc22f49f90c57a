"""Every host that a show would talk to by its settings, what for, and what is sent there."""

from collections.abc import Iterator, Sequence

import msgspec

from vtuber.core.hosts import Place, address, place
from vtuber.core.model_named import asked, url_of
from vtuber.core.model_names import runs_in_the_cloud
from vtuber.core.model_spec import parse
from vtuber.core.served import Chosen
from vtuber.settings import BY_NAME, Settings

_PROGRAMS = {"ollama": "Ollama", "lmstudio": "LM Studio", "openai": "a model server"}
_PROMPTS = "viewers' messages and what she remembers of them"


class Contact(msgspec.Struct, frozen=True):
    """A host, and what it is for. `sends` says what leaves this machine for it, "" for nothing that anybody wrote."""

    host: str  # with its port
    what: str
    place: Place
    sends: str = ""
    private: bool = False  # what is sent are viewers' words


def contacts(settings: Settings, chosen: Sequence[Chosen]) -> tuple[Contact, ...]:
    """List the hosts, this machine's first. Raises BadSetting where the settings name no model."""
    found = [*_models(settings, chosen), *_embedder(settings), *_sources(settings), *_tools(settings)]
    there = {"here": 0, "near": 1, "away": 2}
    return tuple(sorted(dict.fromkeys(found), key=lambda one: there[one.place]))


def _models(settings: Settings, chosen: Sequence[Chosen]) -> Iterator[Contact]:
    models = settings.models
    specs = [parse(one.spec) for one in chosen if one.spec]
    specs += [parse(text) for text in (*models.fast_next, *models.deep_next) if text != "auto"]
    used = {(spec.server, url_of(spec, models).rstrip("/")) for spec in specs}
    for kind, url in asked(models):
        if kind not in _PROGRAMS or not url:
            continue
        if (kind, url) in used:
            away = place(url) != "here"
            yield Contact(
                address(url), f"{_PROGRAMS[kind]}: thinks", place(url), _PROMPTS if away else "", private=away
            )
        else:
            yield Contact(address(url), f"{_PROGRAMS[kind]}: looked for", place(url))
    for spec in specs:
        if spec.kind == "ollama" and runs_in_the_cloud(spec.name):
            yield Contact("ollama.com:443", f"thinks with {spec.name}, through Ollama", "away", _PROMPTS, private=True)


def _embedder(settings: Settings) -> Iterator[Contact]:
    """Name the hub where an embedder's model comes from; a folder, which is written as a path, needs none."""
    wanted = settings.memory.embedder
    name = wanted.removeprefix(BY_NAME)
    if name not in {wanted, "packaged"} and not name.startswith((".", "/", "~", "\\")):
        yield Contact("huggingface.co:443", f"the embedder {name}: fetched once", "away", "the model's name")


def _sources(settings: Settings) -> Iterator[Contact]:
    sources = settings.sources
    if sources.twitch.channels:
        names = ", ".join(sources.twitch.channels)
        yield Contact(
            address(sources.twitch.url), "Twitch chat: read without an account", place(sources.twitch.url),
            "" if place(sources.twitch.url) == "here" else f"the channel's name ({names}), to read its chat",
        )  # fmt: skip
    if sources.onecomme.on:
        yield Contact(address(sources.onecomme.url), "わんコメ (OneComme): read", place(sources.onecomme.url))
    if sources.local.on:
        yield Contact(f"127.0.0.1:{sources.local.port}", "listens for programs on this machine", "here")


def _tools(settings: Settings) -> Iterator[Contact]:
    """Name where tools ask. Whom a search or a program that is started asks in turn cannot be seen from here."""
    tools, words = settings.tools, "words out of viewers' messages"
    if tools.web_search:
        url = tools.web_search
        passed = f"{words}, which it passes on to search engines"
        yield Contact(address(url), "SearXNG: searches the web", place(url), passed, private=True)
    for name, server in tools.mcp.items():
        if not server.tools:
            continue
        if server.url:
            away = place(server.url) != "here"
            sends = words if away else f"{words}, which it may pass on"
            yield Contact(address(server.url), f"{name}: tools (MCP)", place(server.url), sends, private=True)
        elif server.command:
            sends = f"{words}, which it may pass on"
            yield Contact(f"program {server.command[0]}", f"{name}: tools (MCP)", "here", sends, private=True)
