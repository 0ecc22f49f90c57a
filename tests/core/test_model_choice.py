"""Which model plays which tier, as tables of situations that viewers of streams really sit in front of."""

import msgspec
import pytest

from vtuber.core.model_choice import Chosen, Machine, Served, Server, choose
from vtuber.errors import BadSetting
from vtuber.settings import Models

CPU_16 = Machine(ram_gb=16, free_ram_gb=10)
CARD_8 = Machine(ram_gb=32, free_ram_gb=24, vram_gb=8.6, free_vram_gb=7.6)
CARD_12 = Machine(ram_gb=32, free_ram_gb=24, vram_gb=12.9, free_vram_gb=11.8)
CARD_24 = Machine(ram_gb=32, free_ram_gb=24, vram_gb=25.8, free_vram_gb=24.5)
CARD_24_RAM_64 = Machine(ram_gb=64, free_ram_gb=55, vram_gb=25.8, free_vram_gb=24.5)
CARD_24_RAM_96 = Machine(ram_gb=96, free_ram_gb=86, vram_gb=25.8, free_vram_gb=24.5)
CARD_80 = Machine(ram_gb=128, free_ram_gb=110, vram_gb=85, free_vram_gb=84)
MAC_64 = Machine(ram_gb=64, free_ram_gb=50, vram_gb=48, free_vram_gb=48, unified=True)
MAC_128 = Machine(ram_gb=128, free_ram_gb=110, vram_gb=96, free_vram_gb=96, unified=True)

SIZES = {
    "qwen2.5:14b": 9.0, "qwen2.5:7b": 4.7, "qwen2.5:1.5b": 1.0, "qwen2.5:3b": 1.9,
    "gpt-oss:20b": 13.8, "gpt-oss:120b": 65.4, "llama3.1:8b": 4.9, "nomic-embed-text:latest": 0.3,
}  # fmt: skip
ALL = ("qwen2.5:14b", "qwen2.5:7b", "qwen2.5:1.5b", "gpt-oss:20b", "gpt-oss:120b")


def ollama(*names: str, url: str = "http://127.0.0.1:11434", **loaded: float) -> Server:
    """Give an Ollama that has pulled these; `loaded` are GB on the card by name with _ for what no keyword may hold."""
    on_card = {name.replace("__", ":").replace("_", "."): gb for name, gb in loaded.items()}
    return Server(
        kind="ollama",
        url=url,
        models=tuple(
            Served(
                name=name, size_gb=SIZES.get(name, 0.0), loaded=name in on_card, vram_gb=on_card.get(name, 0.0),
                cloud=name.endswith("-cloud"),
                capabilities=("embedding",) if "embed" in name else ("completion",),
            )
            for name in names
        ),
    )  # fmt: skip


def lm_studio(*names: str) -> Server:
    return Server(kind="lmstudio", url="http://127.0.0.1:1234", models=tuple(Served(name=name) for name in names))


def chosen(
    machine: Machine, *servers: Server, models: Models | None = None, embedded: bool = False
) -> tuple[Chosen, Chosen]:
    return choose(models or Models(), servers, machine, embedded_available=embedded)


def said(one: Chosen) -> str:
    return " ".join((one.why, *one.warnings))


@pytest.mark.parametrize(
    ("machine", "fast", "deep", "in_ram"),
    [
        (CPU_16, "qwen2.5:7b", "qwen2.5:7b", False),
        (CARD_8, "qwen2.5:7b", "gpt-oss:20b", True),
        (CARD_12, "qwen2.5:14b", "gpt-oss:20b", True),
        (CARD_24, "qwen2.5:14b", "gpt-oss:20b", True),
        (CARD_24_RAM_64, "qwen2.5:14b", "gpt-oss:20b", True),
        (CARD_24_RAM_96, "qwen2.5:14b", "gpt-oss:120b", True),
        (CARD_80, "qwen2.5:14b", "gpt-oss:120b", False),
        (MAC_64, "qwen2.5:14b", "gpt-oss:20b", False),
        (MAC_128, "qwen2.5:14b", "gpt-oss:120b", False),
    ],
    ids=["cpu 16", "8", "12", "24+32", "24+64", "24+96", "80+128", "mac 64", "mac 128"],
)
def test_with_everything_pulled_the_largest_pair_is_chosen_that_stays_in_memory_together(
    machine: Machine, fast: str, deep: str, *, in_ram: bool
):
    first, second = chosen(machine, ollama(*ALL))
    assert (first.spec, second.spec, second.in_ram) == (f"ollama/{fast}", f"ollama/{deep}", in_ram)
    assert first.where == second.where == "this machine, Ollama at 127.0.0.1:11434"
    assert not first.leaves
    assert not second.warnings


@pytest.mark.parametrize(
    ("machine", "pulled", "fast", "hint"),
    [
        (CARD_12, ("qwen2.5:7b",), "qwen2.5:7b", "A larger one would fit: ollama pull qwen2.5:14b"),
        (CARD_8, ("qwen2.5:1.5b",), "qwen2.5:1.5b", "ollama pull qwen2.5:7b"),
        (CPU_16, ("qwen2.5:1.5b",), "qwen2.5:1.5b", "ollama pull qwen2.5:7b"),
        (CARD_8, ("qwen2.5:14b",), "qwen2.5:14b", "a part of the fast model runs on the processor"),
        (CPU_16, ("qwen2.5:7b",), "qwen2.5:7b", "No graphics memory was found"),
        (CARD_12, ("llama3.1:8b",), "", 'fast = "ollama/llama3.1:8b"'),
        (CARD_12, ("nomic-embed-text:latest",), "", "ollama pull qwen2.5:14b"),
        (CARD_12, ("qwen2.5:3b", "gpt-oss:120b-cloud"), "", "ollama pull qwen2.5:14b"),
    ],
)
def test_only_what_is_pulled_is_chosen_and_what_would_be_better_is_named(
    machine: Machine, pulled: tuple[str, ...], fast: str, hint: str
):
    first, second = chosen(machine, ollama(*pulled))
    assert first.spec == (f"ollama/{fast}" if fast else "")
    assert second.spec == first.spec
    assert hint in said(first)
    assert first.mend in hint or not fast


@pytest.mark.parametrize(
    ("machine", "pulled", "hint"),
    [
        (CARD_24, ("qwen2.5:14b",), "One would fit: ollama pull gpt-oss:20b"),
        (CARD_80, ("qwen2.5:14b",), "ollama pull gpt-oss:120b"),
        (CPU_16, ("qwen2.5:7b",), "no gpt-oss is here."),
        (CPU_16, ("qwen2.5:7b", "gpt-oss:20b"), "gpt-oss:20b would not fit beside the fast model"),
        (MAC_64, ("qwen2.5:14b", "gpt-oss:120b"), "gpt-oss:120b would not fit"),
    ],
)
def test_without_a_deep_model_that_fits_the_fast_one_gets_more_time(
    machine: Machine, pulled: tuple[str, ...], hint: str
):
    first, second = chosen(machine, ollama(*pulled))
    assert second.spec == first.spec
    assert second.why.startswith("The fast model, with more time to think")
    assert hint in second.why


def test_what_is_loaded_already_counts_as_fitting():
    full = Machine(ram_gb=32, free_ram_gb=20, vram_gb=12.9, free_vram_gb=1.0)
    first, _ = chosen(full, ollama("qwen2.5:14b", "qwen2.5:7b", qwen2_5__14b=10.5))
    assert first.spec == "ollama/qwen2.5:14b"
    assert "loaded already" in first.why
    assert not first.warnings


def test_what_another_loaded_model_holds_can_be_freed_for_the_fast_one():
    full = Machine(ram_gb=32, free_ram_gb=20, vram_gb=12.9, free_vram_gb=1.0)
    first, _ = chosen(full, ollama("qwen2.5:14b", "llama3.1:8b", llama3_1__8b=11.0))
    assert first.spec == "ollama/qwen2.5:14b"
    assert not first.warnings


def test_two_models_that_are_loaded_fit_together_whatever_the_estimate_says():
    full = Machine(ram_gb=32, free_ram_gb=1, vram_gb=25.8, free_vram_gb=0.2)
    first, second = chosen(full, ollama("qwen2.5:14b", "gpt-oss:20b", qwen2_5__14b=10.1, **{"gpt-oss__20b": 13.0}))
    assert (first.spec, second.spec) == ("ollama/qwen2.5:14b", "ollama/gpt-oss:20b")
    assert not second.in_ram


def test_memory_reserved_for_the_game_is_not_taken():
    first, _ = chosen(CARD_12, ollama(*ALL), models=Models(reserve_vram_gb=4))
    assert first.spec == "ollama/qwen2.5:7b"


def test_of_equal_models_ollamas_is_taken_and_each_tier_looks_for_itself():
    both = ("qwen2.5-14b-instruct", "openai/gpt-oss-20b")
    first, second = chosen(CARD_24, ollama("qwen2.5:14b"), lm_studio(*both))
    assert (first.spec, second.spec) == ("ollama/qwen2.5:14b", "lmstudio/openai/gpt-oss-20b")
    assert second.where == "this machine, LM Studio at 127.0.0.1:1234"
    assert not second.in_ram


def test_lm_studio_splits_what_ollama_would_evict_for():
    names = ("qwen2.5-14b-instruct", "openai/gpt-oss-120b")
    _, second = chosen(CARD_24_RAM_64, lm_studio(*names))
    assert second.spec == "lmstudio/openai/gpt-oss-120b"
    assert not second.in_ram


def test_without_a_server_the_embedded_model_plays_and_without_that_nothing():
    first, second = chosen(CARD_12, embedded=True)
    assert (first.spec, second.spec) == ("embedded", "embedded")
    assert "neither Ollama nor LM Studio answers" in first.why
    assert "ollama pull qwen2.5:14b" in first.why
    first, second = chosen(CARD_12)
    assert (first.spec, second.spec) == ("", "")
    assert "There is no language model" in said(first)


def test_a_server_on_another_machine_is_not_judged_by_this_ones_memory():
    there = "http://192.168.1.20:11434"
    first, second = chosen(CPU_16, ollama(*ALL, url=there), models=Models(ollama=there))
    assert (first.spec, second.spec) == ("ollama/qwen2.5:14b", "ollama/gpt-oss:120b")
    assert first.where == "another machine in your network, Ollama at 192.168.1.20:11434"
    assert first.leaves


def test_a_found_model_elsewhere_than_the_settings_say_is_written_with_its_address():
    first, _ = chosen(CARD_12, ollama("qwen2.5:14b", url="http://localhost:11999"))
    assert first.spec == "ollama/qwen2.5:14b@http://localhost:11999"


def test_a_machine_whose_memory_cannot_be_read_is_given_a_try():
    first, _ = chosen(Machine(ram_gb=0, free_ram_gb=0), ollama("qwen2.5:7b"))
    assert first.spec == "ollama/qwen2.5:7b"
    assert "not known" in first.why


@pytest.mark.parametrize(
    ("spec", "where", "hint"),
    [
        ("ollama/qwen2.5:14b", "this machine, Ollama at 127.0.0.1:11434", ""),
        ("ollama/mistral", "this machine, Ollama", "Fetch it with “ollama pull mistral”"),
        (
            "lmstudio/mistral",
            "this machine, LM Studio",
            "LM Studio at 127.0.0.1:1234 does not answer. Start it with “lms server start”",
        ),
        ("ollama/x@http://box:11434", "another machine in your network", "Ollama at box:11434 does not answer"),
        ("openai/x@https://api.example.com/v1", "on the internet", "messages leave this machine"),
        ("ollama/gpt-oss:120b-cloud", "the cloud, through Ollama", "messages leave this machine"),
        ("ollama/qwen2.5:3b", "this machine", "licence forbids commercial use"),
        ("embedded", "inside the program", "pip install 'vtuber[standin-model]'"),
        ("embedded/my.gguf", "inside the program", ""),
        ("scripted", "inside the program", ""),
    ],
)
def test_a_named_model_passes_through_with_what_there_is_to_say(spec: str, where: str, hint: str):
    server = ollama("qwen2.5:14b", "gpt-oss:120b-cloud", "qwen2.5:3b")
    first, _ = chosen(CARD_12, server, models=Models(fast=spec))
    assert first.spec == spec
    assert where in first.where
    assert hint in said(first)
    assert bool(first.warnings) == bool(hint)
    assert first.there == (not first.mend and "does not answer" not in said(first))


def test_a_named_pair_that_does_not_fit_together_is_warned_of_in_plain_words():
    named = Models(fast="ollama/qwen2.5:14b", deep="ollama/gpt-oss:120b")
    _, second = chosen(CARD_24_RAM_64, ollama(*ALL), models=named)
    assert second.spec == "ollama/gpt-oss:120b"
    assert any("requests will queue" in warning for warning in second.warnings)
    _, second = chosen(CARD_24_RAM_96, ollama(*ALL), models=named)
    assert second.in_ram
    assert not second.warnings


def test_a_cloud_model_named_as_the_deep_one_takes_no_memory_here_and_says_that_messages_leave():
    models = Models(deep="ollama/gpt-oss:120b-cloud")
    _, second = chosen(CARD_8, ollama("qwen2.5:7b", "gpt-oss:120b-cloud"), models=models)
    assert second.leaves
    assert len(second.warnings) == 1
    assert "messages leave this machine" in second.warnings[0]


def test_latest_need_not_be_written():
    first, _ = chosen(CARD_12, ollama("mistral:latest"), models=Models(fast="ollama/mistral"))
    assert not first.warnings


def test_a_text_that_names_no_model_is_refused():
    with pytest.raises(BadSetting, match="ollama/qwen"):
        chosen(CARD_12, models=Models(deep="olama/qwen2.5:14b"))


def test_a_choice_is_a_value_that_can_be_printed():
    for one in chosen(CARD_12, ollama(*ALL)):
        assert msgspec.json.decode(msgspec.json.encode(one), type=Chosen) == one
