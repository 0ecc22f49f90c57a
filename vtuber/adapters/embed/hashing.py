"""An embedder that needs no model, for instant replay and tests: words hashed into a vector.

It finds the same words, not the same meaning.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

import numpy as np

from vtuber.core.lexical import normalized, tokens
from vtuber.ports import Vectors

_PIECE = 0.35  # what a piece of a word weighs against the whole word


class HashingEmbedder:
    """The same text gives the same vector in every process and on every machine."""

    model_id = "hashing-1"

    def __init__(self, dim: int = 384) -> None:
        self.dim = dim

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:  # noqa: ARG002 - words are words
        """Give one unit-length row a text, shape (len(texts), dim), float32."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for at, text in enumerate(texts):
            for piece, weight in _pieces(text):
                place = int.from_bytes(blake2b(piece.encode("utf-8", "replace"), digest_size=8).digest(), "little")
                rows[at, (place >> 1) % self.dim] += weight if place & 1 else -weight
        lengths = np.linalg.norm(rows, axis=1)
        rows[lengths == 0, 0] = 1.0  # nothing to hash
        return np.asarray(rows / np.where(lengths, lengths, 1.0)[:, None], dtype=np.float32)


def _pieces(text: str) -> list[tuple[str, float]]:
    words = [(word, 1.0) for word in dict.fromkeys(tokens(text))]
    plain = normalized(text)
    return words + [(f"~{plain[at : at + 3]}", _PIECE) for at in range(max(0, len(plain) - 2))]
