"""A server's name for a model is recognised in Ollama's and LM Studio's spelling, and nobody's variant is taken for it."""

import pytest

from vtuber.core.model_names import DEEP, FAST, known, need_gb, not_for_business, runs_in_the_cloud


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("qwen2.5:14b", "qwen2.5:14b"),
        ("qwen2.5", "qwen2.5:7b"),
        ("qwen2.5:latest", "qwen2.5:7b"),
        ("qwen2.5:14b-instruct-q4_K_M", "qwen2.5:14b"),
        ("qwen2.5:1.5b-instruct-q8_0", "qwen2.5:1.5b"),
        ("hf.co/bartowski/Qwen2.5-14B-Instruct-GGUF:Q4_K_M", "qwen2.5:14b"),
        ("hf.co/bartowski/Qwen2.5-14B-Instruct-GGUF:IQ3_XS", "qwen2.5:14b"),
        ("qwen2.5-14b-instruct", "qwen2.5:14b"),
        ("qwen2.5-7b-instruct-1m", "qwen2.5:7b"),
        ("qwen2.5-14b-instruct@q4_k_m", "qwen2.5:14b"),
        ("lmstudio-community/Qwen2.5-7B-Instruct-MLX-4bit", "qwen2.5:7b"),
        ("openai/gpt-oss-20b", "gpt-oss:20b"),
        ("openai/gpt-oss-120b", "gpt-oss:120b"),
        ("gpt-oss", "gpt-oss:20b"),
        ("gpt-oss:latest", "gpt-oss:20b"),
        ("gpt-oss:120b", "gpt-oss:120b"),
        ("unsloth/gpt-oss-20b-GGUF", "gpt-oss:20b"),
        ("gpt-oss-20b-MLX-8bit", "gpt-oss:20b"),
    ],
)
def test_a_name_is_recognised_by_family_and_size(name: str, title: str):
    found = known(name)
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5:3b",
        "qwen2.5-3b-instruct",
        "qwen2.5:32b",
        "qwen2.5:72b",
        "qwen2.5-coder:14b",
        "qwen2.5-coder-14b-instruct",
        "qwen2.5vl:7b",
        "qwen2.5-vl-7b-instruct",
        "qwen2.5-math-7b",
        "qwen2.5:7b-base",
        "qwen2.5-14b-instruct-abliterated",
        "deepseek-r1-distill-qwen-14b",
        "qwen3:14b",
        "qwen2:7b",
        "gpt-oss:120b-cloud",
        "gpt-oss-safeguard:20b",
        "gpt-oss-20b-uncensored",
        "llama3.1:8b",
        "",
    ],
)
def test_another_model_or_somebodys_variant_is_not_taken_for_it(name: str):
    assert known(name) is None


def test_the_cloud_and_a_licence_against_business_are_seen_in_a_name():
    assert runs_in_the_cloud("gpt-oss:120b-cloud")
    assert runs_in_the_cloud("gemma4:cloud")
    assert not runs_in_the_cloud("gpt-oss:120b")
    assert not_for_business("qwen2.5:3b-instruct")
    assert not_for_business("lmstudio-community/Qwen2.5-3B-Instruct")
    assert not not_for_business("qwen2.5:32b")


def test_each_server_has_its_command_to_fetch_a_model():
    assert FAST[0].fetched_by("ollama") == "ollama pull qwen2.5:14b"
    assert DEEP[1].fetched_by("lmstudio") == "lms get openai/gpt-oss-20b"


def test_the_servers_word_on_a_size_counts_before_the_table():
    assert need_gb("qwen2.5:14b", 0) == 10.5
    assert need_gb("qwen2.5:14b-instruct-q8_0", 15.7) == pytest.approx(17.2)
    assert need_gb("gemma3:12b", 8.1) == pytest.approx(9.6)
    assert need_gb("gemma3:12b", 0) == 0
