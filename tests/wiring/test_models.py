import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vtuber.adapters.model.embedded import Embedded
from vtuber.adapters.model.openai_http import OpenAiHttp
from vtuber.adapters.model.scripted import Scripted
from vtuber.errors import BadSetting
from vtuber.settings import Models, Settings
from vtuber.wiring import models as wired

NOBODY = "http://127.0.0.1:9/v1"


def opened(models: Models, look: Any = lambda cast: cast) -> tuple[Any, list[str]]:
    """Open a cast, look at it, close it; give what was seen and what the operator was told."""
    told: list[str] = []

    async def go() -> Any:
        async with wired.open_cast(models, log=None, tell=told.append) as cast:
            return look(cast)

    return asyncio.run(go()), told


def test_stand_ins_are_opened_in_their_order_behind_the_chosen_model():
    models = Models(
        fast="scripted", deep="scripted",
        fast_next=(f"openai/a@{NOBODY}", f"openai/b@{NOBODY}"), deep_next=(f"openai/c@{NOBODY}",),
    )  # fmt: skip
    cast, told = opened(models)
    assert isinstance(cast.fast[0], Scripted)
    assert [one.name for one in cast.fast[1:]] == ["a", "b"]
    assert [one.name for one in cast.deep[1:]] == ["c"]
    assert isinstance(cast.deep[1], OpenAiHttp)
    assert told == []


def test_a_stand_in_that_is_the_same_model_again_is_left_out():
    again = ("lmstudio/a", f"openai/b@{NOBODY}", f"openai/b@{NOBODY}/", "lmstudio/a@http://127.0.0.1:1234")
    cast, told = opened(Models(fast="lmstudio/a", deep="scripted", fast_next=again, deep_next=("scripted",)))
    assert [one.name for one in cast.fast] == ["a", "b"]
    assert len(cast.deep) == 1
    assert told == []


@pytest.mark.parametrize("wrong", ["qwen", "auto", "openai/x", "embedded/gone.gguf"])
def test_a_stand_in_that_cannot_be_opened_is_told_and_left_out(wrong: str):
    models = Models(fast="scripted", deep="scripted", fast_next=(wrong, f"openai/b@{NOBODY}"))
    cast, told = opened(models)
    assert [one.name for one in cast.fast] == ["scripted", "b"]
    (sentence,) = told
    assert sentence.startswith(f"{wrong} cannot stand in for the fast model and is left out. ")


def test_a_chosen_model_that_cannot_be_opened_is_refused():
    with pytest.raises(BadSetting):
        opened(Models(fast="qwen", deep="scripted"))


def test_embedded_stand_ins_of_both_tiers_share_one_process_that_is_not_started_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wired, "find_weights", lambda *_: tmp_path / "weights.gguf")
    models = Models(fast="scripted", deep="embedded", fast_next=("embedded",))

    def look(cast: Any) -> tuple[bool, int]:
        fast, deep = cast.fast[1], cast.deep[0]
        assert isinstance(fast, Embedded)
        assert isinstance(deep, Embedded)
        return fast.process is deep.process, fast.process.pid

    assert opened(models, look)[0] == (True, 0)


def test_the_embedded_model_s_settings_show_it_little_of_the_talk_and_change_nothing_else():
    modest, usual = wired.modest(Settings(), frozenset({"fast", "deep"})), Settings()
    assert wired.modest(usual, frozenset()) == usual
    assert not modest.thinking.asks_first
    assert modest.thinking.effort == "low"
    assert modest.thinking.portions.talk < usual.thinking.portions.talk
    assert msgspec.structs.replace(modest, thinking=usual.thinking) == usual
