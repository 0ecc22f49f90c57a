"""A model that the person named: passed through as it is, with a warning where it will not answer or leaves home."""

from collections.abc import Sequence

import msgspec

from vtuber.core.hosts import address, place, same
from vtuber.core.model_names import not_for_business, runs_in_the_cloud
from vtuber.core.model_room import Found
from vtuber.core.model_spec import Kind, ModelSpec, parse
from vtuber.core.served import Chosen, Served, Server
from vtuber.events import Tier
from vtuber.settings import Models

_PROGRAM = {"ollama": "Ollama", "lmstudio": "LM Studio", "openai": "the model server"}
_START = {"ollama": "ollama serve", "lmstudio": "lms server start"}
_FETCH = {"ollama": "ollama pull", "lmstudio": "lms get"}
STAND_IN = "pip install 'vtuber[standin-model]'"
_WHY = "Named in the settings."
_INSIDE = "this machine, inside the program"


def named(
    tier: Tier, spec: ModelSpec, models: Models, servers: Sequence[Server], *, embedded: bool
) -> tuple[Chosen, Found | None]:
    """Give the choice that a person made, and the model if it was found. `servers` are those that answered."""
    if spec.kind in {"embedded", "scripted"}:
        return _inside(tier, spec, missing=spec.kind == "embedded" and not spec.name and not embedded), None
    url = url_of(spec, models)
    server = next((one for one in servers if one.kind == spec.server and same(one.url, url)), None)
    served = _served(spec, server)
    cloud = runs_in_the_cloud(spec.name) or (served is not None and served.cloud)
    leaves = cloud or place(url) != "here"
    where = _where(spec.server, url, cloud=cloud)
    lacking, mend = _lacking(spec, url, server, served)
    warnings = (
        *((lacking,) if lacking else ()),
        *((f"Viewers' messages leave this machine: they go to {where}.",) if cloud or place(url) == "away" else ()),
        *(("Its licence forbids commercial use, and a stream may earn money.",) if not_for_business(spec.name) else ()),
    )
    found = Found(server, msgspec.structs.replace(served, cloud=cloud)) if server and served else None
    return Chosen(
        tier=tier, spec=str(spec), where=where, why=_WHY, warnings=warnings, leaves=leaves, there=not lacking, mend=mend
    ), found


def asked(models: Models) -> tuple[tuple[Kind, str], ...]:
    """Give kind and address of every server that has to be asked before a choice; LM Studio's without /v1."""
    specs = [parse(text) for text in (models.fast, models.deep, *models.fast_next, *models.deep_next)]
    if any(spec.kind == "auto" for spec in specs):
        specs += [ModelSpec("ollama"), ModelSpec("lmstudio")]
    return tuple(dict.fromkeys((spec.server, url) for spec in specs if (url := url_of(spec, models).rstrip("/"))))


def url_of(spec: ModelSpec, models: Models) -> str:
    """Give the address of a served model: its own, else the settings' for its kind; "" for what needs no server."""
    return spec.url or {"ollama": models.ollama, "lmstudio": models.lmstudio}.get(spec.server, "")


def spec_of(found: Found, models: Models) -> str:
    """Write a found model as the settings do: with its address only where that is not the settings' own."""
    spec = ModelSpec(found.server.kind, found.served.name)
    own = same(url_of(spec, models), found.server.url)
    return str(spec if own else msgspec.structs.replace(spec, url=found.server.url))


def where_of(found: Found) -> str:
    """Say where a found model runs."""
    return _where(found.server.kind, found.server.url, cloud=found.served.cloud)


def _inside(tier: Tier, spec: ModelSpec, *, missing: bool) -> Chosen:
    warnings = (f"The stand-in is not installed. Do: {STAND_IN}",) if missing else ()
    mend = STAND_IN if missing else ""
    return Chosen(tier=tier, spec=str(spec), where=_INSIDE, why=_WHY, warnings=warnings, there=not missing, mend=mend)


def _where(kind: str, url: str, *, cloud: bool) -> str:
    program = _PROGRAM[kind]
    if cloud:
        return f"the cloud, through {program} at {address(url)}"
    there = {"here": "this machine", "near": "another machine in your network", "away": "a machine on the internet"}
    return f"{there[place(url)]}, {program} at {address(url)}"


def _served(spec: ModelSpec, server: Server | None) -> Served | None:
    wanted = spec.name.lower()
    plain = {wanted, f"{wanted}:latest"} if spec.kind == "ollama" else {wanted, wanted.partition("@")[0]}
    return next((one for one in server.models if one.name.lower() in plain), None) if server else None


def _lacking(spec: ModelSpec, url: str, server: Server | None, served: Served | None) -> tuple[str, str]:
    """Say what is missing, and the command that mends it; ("", "") where all is well."""
    kind = spec.server
    program = f"{_PROGRAM[kind][0].upper()}{_PROGRAM[kind][1:]} at {address(url)}"
    if server is None:
        mend = _START.get(kind, "") if place(url) == "here" else ""
        how = f"Start it with “{mend}”." if mend else "Start it, or mend its address in vtuber.toml."
        return f"{program} does not answer. {how}", mend
    if served is not None:
        return "", ""
    mend = f"{_FETCH[kind]} {spec.name}" if kind in _FETCH else ""
    how = f"Fetch it with “{mend}”." if mend else "Mend its name in vtuber.toml."
    return f"{program} has no model “{spec.name}”. {how}", mend
