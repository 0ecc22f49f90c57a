from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import ODD
from vtuber.adapters.embed.centring import centred, centres, plain
from vtuber.errors import EmbedderError


def raw(texts: Any, kind: Any) -> Any:
    """A model whose vectors all point nearly the same way, for each language its own."""
    rows = np.ones((len(texts), 8), dtype=np.float32)
    rows[:, 0] += [5.0 * ("あ" <= text[:1] <= "龥") for text in texts]
    rows[:, 1:] += [[0.1 * ((len(text) >> bit) & 1) for bit in range(7)] for text in texts]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_what_all_texts_of_a_language_share_is_gone():
    texts = ["one two", "a much longer line than that", "猫の名前", "長い日本語の文を書いてみました"]
    rows = raw(texts, "query")
    assert (rows @ rows.T).min() > 0.5
    free = centred(rows, texts, "query", centres(raw))
    assert (free @ free.T).min() < 0.3
    assert np.allclose(np.linalg.norm(free, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_row_is_refused(broken: float):
    rows = raw(["one", "two"], "query")
    rows[1, 3] = broken
    with pytest.raises(EmbedderError, match="broken vector"):
        centred(rows, ["one", "two"], "query", centres(raw))


def test_texts_are_made_such_that_every_model_can_read_them():
    made = plain(ODD)
    assert len(made) == len(ODD)
    assert all("\0" not in text and len(text) <= 600 and text.encode() is not None for text in made)
    assert plain(["うちの猫"]) == ["うちの猫"]
