"""Any model of sentence-transformers as an embedder: by its name on the hub, by its folder, or the packaged weights."""

import asyncio
import hashlib
import importlib
import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from vtuber.adapters.embed import wrapped
from vtuber.adapters.embed.centring import Centres, Kind, centred, centres, plain
from vtuber.adapters.embed.environment import environment, few_threads
from vtuber.errors import EmbedderError
from vtuber.ports import Vectors

PACKAGED = "packaged"
_OWNER = "sentence-transformers/"  # of a model that is named without its owner
_AT_ONCE = 4  # texts a call of the model: a viewer's question never waits long behind memories being filed
_HUB_S = 15.0
_NO_TELEMETRY = {"HF_HUB_DISABLE_TELEMETRY": "1"}  # else the hub is asked things even for a folder
_BY_WORDS = "Memories are found by their words only."
_SMALL = 100_000  # bytes: a file of a model that is read whole to tell it from others


class SentenceTransformerEmbedder:
    """A model on one worker thread; open it with `SentenceTransformerEmbedder.open`."""

    def __init__(self, worker: ThreadPoolExecutor, loaded: "_Loaded") -> None:
        self._worker = worker
        self._loaded = loaded
        self.model_id = loaded.model_id
        self.dim = loaded.dim

    @classmethod
    async def open(cls, model: str, *, threads: int = 2, device: str = "cpu") -> "SentenceTransformerEmbedder":
        """Load a model: a name on the hub, a folder, or "packaged". Takes some ten seconds, more if it is fetched.

        It computes on the processor, with few threads, unless `device` names a graphics card ("cuda", "mps"): that
        is the game's and the language models'. Raises EmbedderError.
        """
        with ExitStack() as undo:
            worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")
            undo.callback(worker.shutdown, wait=False)
            loaded = await asyncio.get_running_loop().run_in_executor(worker, _load, model, threads, device)
            undo.pop_all()
        return cls(worker, loaded)

    async def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Give one unit-length row a text, shape (len(texts), dim), float32. Raises EmbedderError."""
        loop = asyncio.get_running_loop()
        parts = [
            await loop.run_in_executor(self._worker, self._loaded.embed, texts[at : at + _AT_ONCE], kind)
            for at in range(0, len(texts), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), dtype=np.float32)

    async def close(self) -> None:
        """Let go of the worker thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def installed() -> bool:
    """Tell whether sentence-transformers and torch are there, without loading them."""
    return all(importlib.util.find_spec(name) for name in ("sentence_transformers", "torch"))


def hosts(model: str) -> tuple[str, ...]:
    """Give the hosts that loading this model may talk to: none for a folder, the packaged weights, or when offline."""
    if model == PACKAGED or _folder(model) or _offline():
        return ()
    return (urlsplit(_endpoint()).hostname or _endpoint(),)


class _Loaded:
    """A model with the prompts it wants and the centres of its vectors; used on one thread only."""

    def __init__(self, name: str, model: Any, prompts: Mapping[Kind, str]) -> None:
        self._model = model
        self._prompts = prompts
        self._centres: Centres = centres(self._raw)
        self.dim = len(self._centres["query", "en"])
        self.model_id = f"st:{name}:{self.dim}:centred-1"

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Give a row a text. Raises EmbedderError."""
        with _translating("The embedder failed"):
            rows = self._raw(texts, kind)
        return centred(rows, texts, kind, self._centres)

    def _raw(self, texts: Sequence[str], kind: Kind) -> Vectors:
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        rows = encode(
            plain(texts),
            prompt=self._prompts[kind],
            batch_size=_AT_ONCE,
            show_progress_bar=False,
            normalize_embeddings=True,
        )
        return np.asarray(rows, dtype=np.float32)


def _load(model: str, threads: int, device: str) -> _Loaded:
    with _translating(f"The embedder {model} could not be loaded"):
        with environment(few_threads(threads) | _NO_TELEMETRY):
            importlib.import_module("torch").set_num_threads(threads)
            library = importlib.import_module("sentence_transformers")
        _silence()
        if model == PACKAGED:
            return _Loaded(PACKAGED, wrapped.packaged(threads, device), _prompts(PACKAGED, wrapped.PROMPTS))
        folder = _folder(model)
        read = library.SentenceTransformer(str(folder), device=device) if folder else _named(library, model, device)
        return _Loaded(_name(model), read, _prompts(folder.name if folder else model, read.prompts))


def _named(library: Any, model: str, device: str) -> Any:
    """Load a model by its name, from the hub's cache on this machine or, if it is not there, from the hub."""
    if model.count("/") > 1 or model.startswith(("/", "~", ".")) or "\\" in model or not model:
        raise EmbedderError(f"There is no folder {model} with a model in it. {_BY_WORDS}")
    name = model if "/" in model else _OWNER + model
    try:
        return library.SentenceTransformer(name, device=device, local_files_only=True)
    except OSError as error:
        if _offline():
            raise EmbedderError(
                f"The embedder {model} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it. {_BY_WORDS} "
                f"Start once without HF_HUB_OFFLINE, or fetch it with: hf download {name}"
            ) from error
    _ask_hub(name)
    return library.SentenceTransformer(name, device=device)


def _ask_hub(name: str) -> None:
    """See whether the hub has the model: loading itself tries for a minute before it says so."""
    hub = importlib.import_module("huggingface_hub")
    try:
        with _translating(f"The embedder {name} could not be fetched: {_endpoint()} did not answer"):
            hub.HfApi(endpoint=_endpoint()).model_info(name, timeout=_HUB_S)
    except EmbedderError as error:
        if isinstance(error.__cause__, hub.errors.RepositoryNotFoundError):
            raise EmbedderError(
                f"There is no model {name} at {_endpoint()}, or it is not open to you: look at its name again. "
                f"{_BY_WORDS}"
            ) from error
        raise EmbedderError(f"{error} Start again when the network is there, or name the folder of a model.") from error


def _prompts(name: str, own: Mapping[str, str | None]) -> dict[Kind, str]:
    """Give what the model wants before each text: its own prompts; for E5, which often has none saved, the known."""
    if not any(own.values()) and re.search(r"(^|[-_./])e5([-_./]|$)", name.lower()) and "instruct" not in name.lower():
        own = wrapped.PROMPTS
    passage = next((own[key] for key in ("document", "passage", "corpus") if own.get(key)), None)
    return {"query": own.get("query") or "", "passage": passage or ""}


def _folder(model: str) -> Path | None:
    path = Path(model).expanduser()
    return path.resolve() if model and path.is_dir() else None


def _name(model: str) -> str:
    """Give a name that stays when a folder moves and changes when its model does."""
    folder = _folder(model)
    if folder is None:
        return model.removeprefix(_OWNER)
    seen = hashlib.blake2b(digest_size=4)
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        size = file.stat().st_size
        seen.update(f"{file.relative_to(folder).as_posix()} {size}\n".encode())
        if size <= _SMALL and file.suffix == ".json":
            seen.update(file.read_bytes())
    return f"{folder.name}-{seen.hexdigest()}"


def _offline() -> bool:
    return any(
        os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"}
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _silence() -> None:
    """Keep progress bars and hints off the terminal, which is the show's."""
    for name in ("transformers", "huggingface_hub"):
        logging = importlib.import_module(f"{name}.utils.logging")
        logging.set_verbosity_error()
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    importlib.import_module("huggingface_hub.utils").disable_progress_bars()


class _translating:  # noqa: N801 - used as a statement
    """Turn whatever a model or its libraries raise into our own error, which begins with the given words."""

    def __init__(self, happened: str) -> None:
        self._happened = happened

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if kind is None or not isinstance(error, Exception) or isinstance(error, EmbedderError):
            return
        first = str(error).strip().splitlines()[:1]
        told = f"{kind.__name__}: {first[0][:160]}" if first else kind.__name__
        remedy = " Install what is missing with: pip install 'vtuber[sentence-transformers]'"
        raise EmbedderError(
            f"{self._happened} ({told}). {_BY_WORDS}{remedy if isinstance(error, ImportError) else ''}"
        ) from error
