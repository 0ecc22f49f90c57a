"""A vector adds to the difficulty by the side it lies on; vectors of another embedder add nothing."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.core.routing_similarity import Similarity, SimilarityWeights, decode_similarity, similarity_for
from vtuber.errors import BadSetting

SHIPPED = (Path(__file__).resolve().parents[2] / "vtuber/shipped/routing-similarity.json").read_bytes()
WEIGHTS = SimilarityWeights(
    schema=1, model_id="one", dim=3, bias=0.25, direction=np.array([2.0, -1.0, 0.5], dtype="<f2").tobytes()
)


def test_it_is_the_bias_and_how_far_the_vector_goes_in_the_direction():
    assert Similarity(WEIGHTS)(np.array([1.0, 0.0, 0.0], dtype=np.float32)) == 2.25
    assert Similarity(WEIGHTS)(np.array([0.0, 0.6, 0.8], dtype=np.float32)) == pytest.approx(0.05)


def test_another_embedder_has_none():
    assert similarity_for(WEIGHTS, "one", 3) is not None
    assert similarity_for(WEIGHTS, "other", 3) is None
    assert similarity_for(WEIGHTS, "one", 4) is None


def test_the_shipped_weights_belong_to_the_packaged_embedder_and_are_small():
    weights = decode_similarity(SHIPPED)
    assert similarity_for(weights, PackagedEmbedder.model_id, PackagedEmbedder.dim) is not None
    assert len(SHIPPED) < 2000


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        msgspec.json.encode(msgspec.structs.replace(WEIGHTS, schema=2)),
        msgspec.json.encode(msgspec.structs.replace(WEIGHTS, dim=2)),
        msgspec.json.encode(WEIGHTS).replace(b'"bias"', b'"tilt"'),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_a_sentence(broken: bytes):
    with pytest.raises(BadSetting, match="train-routing"):
        decode_similarity(broken)
