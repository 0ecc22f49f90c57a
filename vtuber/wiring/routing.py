"""The scale of difficulty that the program ships: of words alone, or with what an embedder's vectors add."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TypeAlias

from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.core.routing_similarity import Similarity, decode_similarity, similarity_for
from vtuber.errors import EmbedderError, UserMistake
from vtuber.ports import Embedder
from vtuber.wiring.character import difficulty

Judge: TypeAlias = Callable[[str], float]  # text -> difficulty, 0..1


def similarity(embedder: Embedder) -> Similarity | None:
    """Give what the vectors of this embedder add to the difficulty; None if the weights were not learnt with it."""
    data = (files("vtuber") / "shipped" / "routing-similarity.json").read_bytes()
    return similarity_for(decode_similarity(data), embedder.model_id, embedder.dim)


@contextmanager
def judge(*, embed: bool) -> Iterator[Judge]:
    """Give the difficulty of texts as a function, outside any event loop; `embed` weighs the packaged vectors, too.

    Raises BadSetting; with `embed` also UserMistake where the packaged embedder cannot be had.
    """
    scale = difficulty()
    if not embed:
        yield scale
        return
    embedder = PackagedEmbedder()
    term = similarity(embedder)
    with asyncio.Runner() as runner:

        def judged(text: str) -> float:
            if term is None or not text.strip():
                return scale(text)
            return scale(text, term(runner.run(embedder.embed([text], "query"))[0]))

        try:
            runner.run(embedder.prepare())
            yield judged
        except EmbedderError as error:
            raise UserMistake(f"Vectors cannot be weighed, only words; leave out --embed. {error}") from error
        finally:
            runner.run(embedder.close())
