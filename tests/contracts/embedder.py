"""What every Embedder keeps to: its test inherits this class and says how one is made."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import numpy as np
import pytest

from vtuber.clock import run_virtual
from vtuber.ports import Embedder, Vectors

ODD = ("", " ", "\0", "a\0b", "\ud800", "😀😀", ":emote:", "x" * 20_000, "あ" * 5_000, "مرحبا", "\u200b")


class EmbedderContract:
    """Tests of the port. `make` gives an embedder; one embedder may serve them all."""

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(run_virtual)

    def make(self) -> Embedder:
        raise NotImplementedError

    def embed(self, *texts: str, kind: Literal["query", "passage"] = "passage") -> Vectors:
        vectors: Vectors = self.run(self.make().embed(texts, kind))
        return vectors

    @pytest.mark.parametrize("kind", ["query", "passage"])
    def test_gives_a_row_of_unit_length_for_each_text(self, kind: Literal["query", "passage"]) -> None:
        rows = self.embed("うちの猫はモチです", "my dog is called Taro", *ODD, kind=kind)
        assert rows.shape == (2 + len(ODD), self.make().dim)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)

    def test_no_texts_give_no_rows(self) -> None:
        assert self.embed().shape == (0, self.make().dim)

    def test_the_same_text_gives_the_same_vector_alone_or_among_others(self) -> None:
        texts = [f"sentence number {number} about something" for number in range(9)]
        together = self.embed(*texts)
        apart = np.concatenate([self.embed(text) for text in texts])
        assert np.abs(np.sum(together * apart, axis=1)).min() > 0.999

    def test_a_question_is_nearest_to_the_text_that_shares_its_words(self) -> None:
        filed = self.embed("my cat is called Biscuit", "the train was late again", "新しいギターを買った")
        for question, place in (("what is my cat called?", 0), ("was the train late?", 1), ("ギターを買ったの?", 2)):
            assert int(np.argmax(filed @ self.embed(question, kind="query")[0])) == place

    def test_unrelated_texts_lie_about_zero(self) -> None:
        filed = self.embed("my cat is called Biscuit", "miso ramen is my favourite", "看護師として夜勤をしています")
        asked = self.embed("explain the causes of the French revolution", "素数が無限にある理由は?", kind="query")
        assert abs(float(np.mean(asked @ filed.T))) < 0.15

    def test_has_a_name_that_tells_its_vectors_from_others(self) -> None:
        assert self.make().model_id.strip()

    def test_two_askers_at_once_get_their_own_answers(self) -> None:
        async def both() -> tuple[Vectors, Vectors]:
            embedder = self.make()
            first, second = await asyncio.gather(
                embedder.embed(["a", "b", "c", "d", "e", "f"], "passage"), embedder.embed(["a"], "passage")
            )
            return first, second

        first, second = self.run(both())
        assert np.allclose(first[0], second[0], atol=1e-3)
        assert len(first) == 6
