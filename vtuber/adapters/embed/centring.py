"""Texts made fit for a model, and its vectors freed from what all texts of a language have in common.

The cosines of many models all lie close together, whatever the texts say. So the mean of everyday lines of the
text's language is taken off each vector: unrelated texts then lie about 0.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from vtuber.adapters.embed.everyday import EVERYDAY
from vtuber.core.lexical import script
from vtuber.errors import EmbedderError
from vtuber.ports import Vectors

Kind: TypeAlias = Literal["query", "passage"]
Centres: TypeAlias = Mapping[tuple[Kind, str], Vectors]  # of each kind and language, shape (dim,)
Raw: TypeAlias = Callable[[Sequence[str], Kind], Vectors]  # the model itself: a row a text

_LONGEST = 600  # letters: time grows with length, and what a chat message is about stands at its beginning


def plain(texts: Sequence[str]) -> list[str]:
    """Give the texts as a model can read them: not too long, no zero bytes, nothing that UTF-8 cannot hold."""
    return [text[:_LONGEST].replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]


def centres(raw: Raw) -> Centres:
    """Give the mean vector of the everyday lines of each kind and language."""
    return {
        (kind, language): raw(lines[kind], kind).mean(axis=0)
        for language, lines in EVERYDAY.items()
        for kind in ("query", "passage")
    }


def centred(rows: Vectors, texts: Sequence[str], kind: Kind, middle: Centres) -> Vectors:
    """Take the centres off the rows of these texts and give them unit length. Raises EmbedderError for a broken row."""
    rows = rows - np.stack([middle[kind, script(text) or "en"] for text in texts])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise EmbedderError("The embedder gave a broken vector; this text will be found by its words only.")
    return np.asarray(rows / lengths, dtype=np.float32)
