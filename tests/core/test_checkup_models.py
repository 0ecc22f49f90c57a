"""Model servers, tiers and Ollama's own settings are judged with the one command that mends each."""

import msgspec
import pytest

from vtuber.core.checks import Check, Findings
from vtuber.core.checkup_models import model_checks
from vtuber.core.mending import System
from vtuber.core.model_choice import Machine, Served, Server, choose
from vtuber.settings import Models, Settings

PC = Machine(ram_gb=64, free_ram_gb=55, vram_gb=25.8, free_vram_gb=24)
LARGE = Machine(ram_gb=128, free_ram_gb=110, vram_gb=25.8, free_vram_gb=24)


def ollama(**sizes: float) -> Server:
    models = tuple(Served(name=name.replace("__", ":").replace("_", "."), size_gb=gb) for name, gb in sizes.items())
    return Server(kind="ollama", url="http://127.0.0.1:11434", version="0.13.0", models=models)


def found(
    *servers: Server, models: Models | None = None, machine: Machine = PC, system: System = "linux", **more: object
) -> Findings:
    settings = Settings(models=models or Models())
    chosen = choose(settings.models, servers, machine, embedded_available=False)
    findings = Findings(
        system=system, python="", home="", settings=settings, machine=machine, servers=servers, chosen=chosen
    )
    return msgspec.structs.replace(findings, **more)


def checks(findings: Findings) -> dict[str, Check]:
    return {check.name: check for check in model_checks(findings)}


def test_two_models_that_fit_are_well():
    told = checks(found(ollama(qwen2_5__14b=9.0, **{"gpt-oss__20b": 13.8})))
    assert {name: check.state for name, check in told.items()} == {
        "computer": "ok", "Ollama": "ok", "fast model": "ok", "deep model": "ok",
    }  # fmt: skip
    assert told["Ollama"].words == "Ollama 0.13.0 answers at 127.0.0.1:11434 with 2 models"
    assert told["fast model"].words.startswith("ollama/qwen2.5:14b (this machine, Ollama at 127.0.0.1:11434).")


@pytest.mark.parametrize(
    ("system", "installed", "mend"),
    [
        ("linux", False, "curl -fsSL https://ollama.com/install.sh | sh"),
        ("linux", True, "ollama serve"),
        ("macos", True, "open -a Ollama"),
        ("windows", False, "winget install Ollama.Ollama"),
    ],
)
def test_without_a_server_and_a_stand_in_a_show_is_stopped(system: System, mend: str, *, installed: bool):
    told = checks(found(system=system, ollama_installed=installed))
    assert (told["Ollama"].state, told["Ollama"].mend) == ("warn", mend)
    assert (told["fast model"].state, told["fast model"].mend) == ("missing", "ollama pull qwen2.5:14b")
    assert told["deep model"].state == "missing"


def test_a_model_that_is_not_pulled_is_missing_with_the_command():
    told = checks(found(ollama(qwen2_5__14b=9.0), models=Models(deep="ollama/mistral")))
    assert (told["deep model"].state, told["deep model"].mend) == ("missing", "ollama pull mistral")
    assert told["fast model"].state == "ok"


def test_a_pair_that_does_not_fit_is_a_warning():
    named = Models(fast="ollama/qwen2.5:14b", deep="ollama/gpt-oss:120b")
    told = checks(found(ollama(qwen2_5__14b=9.0, **{"gpt-oss__120b": 65.0}), models=named))
    assert told["deep model"].state == "warn"
    assert "requests will queue" in told["deep model"].words


def test_a_silent_server_that_nobody_needs_is_not_spoken_of():
    studio = Server(kind="lmstudio", url="http://127.0.0.1:1234", models=(Served(name="qwen2.5-14b-instruct"),))
    told = checks(found(studio))
    assert "Ollama" not in told
    assert told["LM Studio"].words == "LM Studio answers at 127.0.0.1:1234 with 1 model"


def test_a_large_model_may_need_more_time_to_load_than_ollama_gives():
    server = ollama(qwen2_5__14b=9.0, **{"gpt-oss__120b": 65.0})
    told = checks(found(server, machine=LARGE))
    assert told["OLLAMA_LOAD_TIMEOUT"].state == "warn"
    assert "OLLAMA_LOAD_TIMEOUT=30m" in told["OLLAMA_LOAD_TIMEOUT"].mend
    mac = checks(found(server, machine=LARGE, system="macos"))
    assert mac["OLLAMA_LOAD_TIMEOUT"].mend == "launchctl setenv OLLAMA_LOAD_TIMEOUT 30m"
    assert "OLLAMA_LOAD_TIMEOUT" not in checks(
        found(server, machine=LARGE, ollama_variables={"OLLAMA_LOAD_TIMEOUT": "1h"})
    )


def test_an_ollama_that_keeps_one_model_only_is_warned_of():
    server = ollama(qwen2_5__14b=9.0, **{"gpt-oss__20b": 13.8})
    one = {"OLLAMA_MAX_LOADED_MODELS": "1"}
    assert checks(found(server, ollama_variables=one))["OLLAMA_MAX_LOADED_MODELS"].state == "warn"
    assert "OLLAMA_MAX_LOADED_MODELS" not in checks(found(ollama(qwen2_5__14b=9.0), ollama_variables=one))


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (PC, "64 GB, 55 GB of it free; graphics card: 25.8 GB, 24.0 GB of it free"),
        (Machine(ram_gb=16, free_ram_gb=9), "16 GB, 9 GB of it free; no graphics card was found that models could use"),
        (
            Machine(ram_gb=64, free_ram_gb=50, vram_gb=48, free_vram_gb=48, unified=True),
            "64 GB, 50 GB of it free, shared with the graphics chip; models may take up to 48 GB",
        ),
        (Machine(ram_gb=0, free_ram_gb=0), "It could not be found out."),
    ],
)
def test_the_computer_is_described(machine: Machine, words: str):
    assert checks(found(machine=machine))["computer"].words == words


def test_settings_that_cannot_be_read_say_nothing_of_models():
    assert checks(found(settings_error="vtuber.toml: no")) == {}


def test_lm_studios_own_library_is_missed_where_a_model_is_named_through_it():
    models = Models(fast="lmstudio-sdk/m", deep="embedded")
    told = checks(found(models=models, studio_library=False))
    assert (told["fast model"].state, told["fast model"].mend) == ("missing", "pip install 'vtuber[lmstudio]'")
    assert "library" not in checks(found(models=models))["fast model"].words
