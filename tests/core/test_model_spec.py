"""A model's text form is read as the settings explain it, and a slip is answered with the nearest form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.model_spec import KINDS, ModelSpec, parse
from vtuber.errors import BadSetting


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("auto", ModelSpec("auto")),
        (" Auto ", ModelSpec("auto")),
        ("ollama/qwen2.5:14b", ModelSpec("ollama", "qwen2.5:14b")),
        ("OLLAMA/qwen2.5:14b", ModelSpec("ollama", "qwen2.5:14b")),
        (
            "ollama/qwen2.5:14b@http://192.168.1.20:11434",
            ModelSpec("ollama", "qwen2.5:14b", "http://192.168.1.20:11434"),
        ),
        ("ollama/qwen2.5:14b@http://box:11434/v1/", ModelSpec("ollama", "qwen2.5:14b", "http://box:11434")),
        (
            "ollama/hf.co/bartowski/Qwen2.5-14B-Instruct-GGUF:Q4_K_M",
            ModelSpec("ollama", "hf.co/bartowski/Qwen2.5-14B-Instruct-GGUF:Q4_K_M"),
        ),
        ("lmstudio/openai/gpt-oss-20b", ModelSpec("lmstudio", "openai/gpt-oss-20b")),
        ("lmstudio/qwen2.5-14b-instruct@q4_k_m", ModelSpec("lmstudio", "qwen2.5-14b-instruct@q4_k_m")),
        (
            "lmstudio/qwen2.5-14b-instruct@q4_k_m@http://box:1234",
            ModelSpec("lmstudio", "qwen2.5-14b-instruct@q4_k_m", "http://box:1234"),
        ),
        ("lmstudio-sdk/openai/gpt-oss-20b", ModelSpec("lmstudio-sdk", "openai/gpt-oss-20b")),
        ("LMStudio-SDK/m@http://box:1234/v1", ModelSpec("lmstudio-sdk", "m", "http://box:1234")),
        ("openai/m@https://me:word@x.example/v1", ModelSpec("openai", "m", "https://me:word@x.example/v1")),
        ("embedded", ModelSpec("embedded")),
        ("embedded/C:\\models\\my model.gguf", ModelSpec("embedded", "C:\\models\\my model.gguf")),
        ("embedded//srv/models/a.gguf", ModelSpec("embedded", "/srv/models/a.gguf")),
        ("scripted", ModelSpec("scripted")),
    ],
)
def test_a_model_is_read_as_the_settings_write_it(text: str, spec: ModelSpec):
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("olama/qwen2.5:14b", "“ollama/qwen2.5:14b”"),
        ("lm-studio/x", "“lmstudio/x”"),
        ("lmstudio_sdk/x", "“lmstudio-sdk/x”"),
        ("lmstudio-sdk/", "lmstudio-sdk/NAME"),
        ("qwen2.5:14b", "“ollama/qwen2.5:14b”"),
        ("gpt-oss", "“ollama/gpt-oss”"),
        ("my model.gguf", "“embedded/my model.gguf”"),
        ("autos", "“auto”"),
        ("auto/qwen", "stands alone"),
        ("scripted/", "stands alone"),
        ("", "auto, ollama, lmstudio"),
        ("ollama", "ollama/NAME"),
        ("ollama/", "ollama/NAME"),
        ("ollama/@http://box:1", "ollama/NAME"),
        ("ollama/x@192.168.1.20:11434", "“@http://192.168.1.20:11434”"),
        ("openai/x@box:8000/v1", "“@http://box:8000/v1”"),
        ("openai/gpt-4", "openai/gpt-4@http://HOST:PORT/v1"),
        ("ollama/x@http://", "no address"),
        ("ollama/x@http://box:port", "no address"),
        ("ollama/x@httpbox", "no address"),
        ("embedded/", "embedded/FILE.gguf"),
    ],
)
def test_a_slip_is_answered_with_the_form_that_was_meant(text: str, hint: str):
    with pytest.raises(BadSetting) as refused:
        parse(text)
    assert hint in str(refused.value)


def test_lm_studio_is_one_server_by_whichever_door():
    assert parse("lmstudio-sdk/x").server == parse("lmstudio/x").server == "lmstudio"
    assert parse("ollama/x").server == "ollama"


@given(st.text(max_size=40) | st.sampled_from(KINDS).flatmap(lambda kind: st.text(max_size=20).map(f"{kind}/".__add__)))
def test_any_text_is_read_or_refused_and_what_was_read_is_written_back_the_same(text: str):
    try:
        spec = parse(text)
    except BadSetting:
        return
    assert parse(str(spec)) == spec
