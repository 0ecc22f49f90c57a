"""What was found of language models, judged: servers, both tiers, their room in memory, and Ollama's own settings."""

from collections.abc import Iterator

from vtuber.core import mending
from vtuber.core.checks import Check, Findings
from vtuber.core.hosts import address, place
from vtuber.core.model_named import asked, url_of
from vtuber.core.model_spec import parse
from vtuber.core.served import Chosen, Machine, Served

_LARGE_GB = 40.0  # of weights: from here on loading may take minutes from a slow disk
_PROGRAMS = {"ollama": "Ollama", "lmstudio": "LM Studio", "openai": "model server"}


def model_checks(found: Findings) -> Iterator[Check]:
    """Judge what thinks."""
    if found.settings_error:
        return
    yield Check("computer", "ok", _room(found.machine))
    yield from _servers(found)
    for one in found.chosen:
        yield _tier(one, found)
    yield from _hints(found)


def _room(machine: Machine) -> str:
    if not machine.ram_gb:
        return "It could not be found out."
    words = f"{machine.ram_gb:.0f} GB, {machine.free_ram_gb:.0f} GB of it free"
    if machine.unified:
        return f"{words}, shared with the graphics chip; models may take up to {machine.vram_gb:.0f} GB"
    if machine.vram_gb:
        return f"{words}; graphics card: {machine.vram_gb:.1f} GB, {machine.free_vram_gb:.1f} GB of it free"
    return f"{words}; no graphics card was found that models could use"


def _servers(found: Findings) -> Iterator[Check]:
    """Judge the servers that are asked. One that is not needed may be silent."""
    answering = {server.url.rstrip("/"): server for server in found.servers}
    for kind, url in asked(found.settings.models):
        if kind not in _PROGRAMS:
            continue
        name, server = _PROGRAMS[kind], answering.get(url)
        if server is not None:
            version = f" {server.version}" if server.version else ""
            count = len(server.models)
            models = "1 model" if count == 1 else f"{count} models"
            yield Check(name, "ok", f"{name}{version} answers at {address(url)} with {models}")
        elif kind == "ollama" and place(url) == "here" and not found.servers:
            how = "is installed and does not answer" if found.ollama_installed else "is not installed"
            yield Check(name, "warn", f"Ollama {how}", mending.ollama(found.system, installed=found.ollama_installed))


def _tier(one: Chosen, found: Findings) -> Check:
    name = f"{one.tier} model"
    mend = mending.for_shell(one.mend, found.system)
    if one.spec and parse(one.spec).kind == "lmstudio-sdk" and not found.studio_library:
        install = mending.pip_extra("lmstudio", found.system)
        return Check(name, "missing", f"{one.spec} needs LM Studio's own library, which is not installed.", install)
    if not one.there:
        return Check(name, "missing", " ".join(one.warnings) or one.why, mend)
    words = "\n".join((f"{one.spec} ({one.where}). {one.why}", *one.warnings))
    return Check(name, "warn" if one.warnings else "ok", words, mend)


def _hints(found: Findings) -> Iterator[Check]:
    """Name those settings of Ollama's server that would get in the way, as far as they can be seen from here."""
    served = [model for one in found.chosen if (model := _found(one, found)) is not None]
    largest = max((model.size_gb for model in served), default=0.0)
    if largest >= _LARGE_GB and "OLLAMA_LOAD_TIMEOUT" not in found.ollama_variables:
        yield Check(
            "OLLAMA_LOAD_TIMEOUT",
            "warn",
            (
                f"{largest:.0f} GB may take longer to load from a slow disk than the 5 minutes after which Ollama "
                "gives up. It is not set in this terminal; if you set it for Ollama's service, all is well."
            ),
            mending.ollama_variable("OLLAMA_LOAD_TIMEOUT", "30m", found.system),
        )
    if len({model.name for model in served}) > 1 and found.ollama_variables.get("OLLAMA_MAX_LOADED_MODELS") == "1":
        yield Check(
            "OLLAMA_MAX_LOADED_MODELS",
            "warn",
            "It is 1: Ollama keeps only one model in memory, and each tier throws the other's out.",
            mending.ollama_variable("OLLAMA_MAX_LOADED_MODELS", "2", found.system),
        )


def _found(one: Chosen, found: Findings) -> Served | None:
    """Give the model of this machine's Ollama that a tier uses."""
    if not one.spec:
        return None
    spec = parse(one.spec)
    url = url_of(spec, found.settings.models).rstrip("/")
    if spec.kind != "ollama" or place(url) != "here":
        return None
    models = (model for server in found.servers if server.url.rstrip("/") == url for model in server.models)
    return next((model for model in models if model.name in {spec.name, f"{spec.name}:latest"}), None)
