"""No embedder at all: memories are found by their words only."""

from collections.abc import Sequence
from typing import Literal

from vtuber.errors import EmbedderError
from vtuber.ports import Vectors


class WordsOnly:
    """Stands where an embedder would; `dim` 0 tells the memory to keep the vectors that others made."""

    model_id = "words"
    dim = 0

    def __init__(self, reason: str = "Memories are found by their words only, as the settings say.") -> None:
        self._reason = reason

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:  # noqa: ARG002 - the port's
        """Raise EmbedderError with the reason."""
        raise EmbedderError(self._reason)
