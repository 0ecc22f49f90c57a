"""How much a message's vector looks like those of hard questions: what an embedder adds to the words alone."""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from vtuber.errors import BadSetting

_AGAIN: Final = "reinstall, or run scripts/train-routing."


class SimilarityWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was learnt about the query vectors of one embedder, as it stands in a weights file."""

    schema: int
    model_id: str  # of the embedder; another one's vectors mean something else
    dim: int
    bias: float
    direction: bytes  # dim half-precision floats, little-endian (base64 in the file)


class Similarity:
    """Gives what a vector adds to the logit of the difficulty: above 0 it lies on the side of hard questions."""

    def __init__(self, weights: SimilarityWeights) -> None:
        self._bias = weights.bias
        self._direction = np.frombuffer(weights.direction, dtype="<f2").astype(np.float32)

    def __call__(self, vector: npt.NDArray[np.float32]) -> float:
        """Judge the query vector, shape (dim,), of a message as it was written."""
        return self._bias + float(self._direction @ vector)


def similarity_for(weights: SimilarityWeights, model_id: str, dim: int) -> Similarity | None:
    """Give the term for an embedder, None if it was learnt with another one."""
    return Similarity(weights) if (weights.model_id, weights.dim) == (model_id, dim) else None


def decode_similarity(data: bytes) -> SimilarityWeights:
    """Read a weights file's bytes. Raises BadSetting."""
    try:
        weights = msgspec.json.decode(data, type=SimilarityWeights)
    except msgspec.MsgspecError as error:
        raise BadSetting(f"The routing weights for vectors cannot be read ({error}); {_AGAIN}") from error
    if weights.schema != 1 or len(weights.direction) != 2 * weights.dim:
        raise BadSetting(f"The routing weights for vectors belong to another version; {_AGAIN}")
    return weights
