import asyncio
import hashlib
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contracts.embedder import ODD, EmbedderContract
from vtuber.adapters.embed import sentence_transformer
from vtuber.adapters.embed.everyday import EVERYDAY
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.embed.sentence_transformer import SentenceTransformerEmbedder, hosts
from vtuber.clock import run_virtual
from vtuber.errors import EmbedderError

there = pytest.mark.skipif(not sentence_transformer.installed(), reason="sentence-transformers is not installed")
DIM = 256
LINES = [line for kinds in EVERYDAY.values() for lines in kinds.values() for line in lines]


@pytest.fixture(scope="module")
def packaged():
    made = asyncio.run(SentenceTransformerEmbedder.open("packaged"))
    yield made
    asyncio.run(made.close())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model made on the spot: a vector for each word or letter, the mean of them for a text."""
    library = importlib.import_module("sentence_transformers")
    static = importlib.import_module("sentence_transformers.sentence_transformer.modules").StaticEmbedding
    tokens = importlib.import_module("tokenizers")
    tokenizer = tokens.Tokenizer(tokens.models.BPE(unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = tokens.pre_tokenizers.BertPreTokenizer()
    texts = [*LINES, "my cat is called Biscuit", "the train was late again", "新しいギターを買った"]
    tokenizer.train_from_iterator(
        texts, tokens.trainers.BpeTrainer(vocab_size=2000, max_token_length=3, special_tokens=["[UNK]"])
    )
    weights = np.random.default_rng(0).normal(size=(tokenizer.get_vocab_size(), DIM)).astype(np.float32)
    where = tmp_path_factory.mktemp("models") / "tiny-e5"
    library.SentenceTransformer(modules=[static(tokenizer, embedding_weights=weights)], device="cpu").save(str(where))
    return where


@pytest.fixture(scope="module")
def from_folder(folder: Path):
    made = asyncio.run(SentenceTransformerEmbedder.open(str(folder)))
    yield made
    asyncio.run(made.close())


@there
@pytest.mark.real
class TestPackagedWeights(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _made(self, packaged: Any) -> Any:
        self.embedder = packaged

    def make(self):
        return self.embedder


@there
@pytest.mark.real
class TestModelInAFolder(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _made(self, from_folder: Any) -> Any:
        self.embedder = from_folder

    def make(self):
        return self.embedder


@there
@pytest.mark.real
@pytest.mark.parametrize("kind", ["query", "passage"])
def test_the_packaged_weights_give_the_vectors_of_the_packaged_embedder(packaged: Any, kind: Any):
    alone = PackagedEmbedder()
    texts = [*LINES, *ODD]
    wrapped = asyncio.run(packaged.embed(texts, kind))
    assert np.sum(wrapped * asyncio.run(alone.embed(texts, kind)), axis=1).min() > 0.999
    asyncio.run(alone.close())


@there
@pytest.mark.real
def test_questions_and_memories_are_read_with_the_models_own_prompts(packaged: Any, from_folder: Any):
    for embedder in (packaged, from_folder):
        asked = asyncio.run(embedder.embed(LINES[:3], "query"))
        filed = asyncio.run(embedder.embed(LINES[:3], "passage"))
        assert np.sum(asked * filed, axis=1).max() < 0.999


@there
@pytest.mark.real
def test_it_works_on_its_own_thread_with_few_threads_of_torch(from_folder: Any):
    before = threading.active_count()
    asyncio.run(from_folder.embed(LINES, "passage"))
    assert threading.active_count() == before
    assert importlib.import_module("torch").get_num_threads() <= 2


@there
@pytest.mark.real
def test_a_folder_keeps_its_name_for_its_vectors_when_it_moves_and_not_when_its_model_changes(
    folder: Path, from_folder: Any, tmp_path: Path
):
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    moved.symlink_to(folder)
    again = asyncio.run(SentenceTransformerEmbedder.open(str(moved)))
    assert again.model_id == from_folder.model_id
    assert str(folder) not in again.model_id
    assert again.model_id.startswith("st:tiny-e5-")
    asyncio.run(again.close())
    config = folder / "config_sentence_transformers.json"
    held = config.read_bytes()
    config.write_text(json.dumps(json.loads(held) | {"prompts": {"query": "Q: ", "document": ""}}), encoding="utf-8")
    try:
        other = asyncio.run(SentenceTransformerEmbedder.open(str(folder)))
    finally:
        config.write_bytes(held)
    assert other.model_id != from_folder.model_id
    asyncio.run(other.close())


@there
@pytest.mark.real
def test_a_model_that_gives_no_numbers_is_refused(from_folder: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        from_folder._loaded._model, "encode_query", lambda texts, **_: np.full((len(texts), DIM), np.nan, np.float32)
    )
    with pytest.raises(EmbedderError, match="broken vector"):
        asyncio.run(from_folder.embed(["x"], "query"))
    assert asyncio.run(from_folder.embed(["x"], "passage")).shape == (1, DIM)


@there
@pytest.mark.real
def test_a_model_that_fails_is_told_as_our_own_error(from_folder: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(from_folder._loaded._model, "encode_query", lambda *_, **__: 1 / 0)
    with pytest.raises(EmbedderError, match=r"The embedder failed \(ZeroDivisionError"):
        asyncio.run(from_folder.embed(["x"], "query"))


@pytest.mark.parametrize(
    ("name", "own", "wanted"),
    [
        ("intfloat/multilingual-e5-small", {"query": None, "document": None}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("me/some5-model", {}, ("", "")),
        ("me/e5-tuned", {"query": "Q ", "passage": "P "}, ("Q ", "P ")),
        ("all-MiniLM-L6-v2", {"query": "", "document": ""}, ("", "")),
        ("other", {"query": "ask ", "document": "", "corpus": "doc "}, ("ask ", "doc ")),
    ],
)
def test_prompts_are_the_models_own_or_those_that_e5_is_known_by(name: str, own: Any, wanted: Any):
    prompts = sentence_transformer._prompts(name, own)
    assert (prompts["query"], prompts["passage"]) == wanted


def test_only_a_name_on_the_hub_needs_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for variable in ("HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    assert hosts("intfloat/multilingual-e5-small") == ("huggingface.co",)
    assert hosts(str(tmp_path)) == ()
    assert hosts("packaged") == ()
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example:8443/")
    assert hosts("all-MiniLM-L6-v2") == ("hub.example",)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert hosts("all-MiniLM-L6-v2") == ()


@pytest.mark.parametrize("module", ["torch", "sentence_transformers"])
def test_without_the_packages_the_person_learns_what_to_install(module: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch", type(sys)("torch"))
    monkeypatch.setattr(sys.modules["torch"], "set_num_threads", lambda _: None, raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        EmbedderError, match=r"found by their words only.*pip install 'vtuber\[sentence-transformers\]'"
    ):
        run_virtual(SentenceTransformerEmbedder.open("packaged"))


@there
@pytest.mark.real
@pytest.mark.parametrize("wrong", ["/no/such/folder", "./no-model", "~/no-model", "a/b/c", "C:\\models\\x", ""])
def test_a_folder_that_is_not_there_is_named(wrong: str):
    with pytest.raises(EmbedderError, match="There is no folder"):
        asyncio.run(SentenceTransformerEmbedder.open(wrong))


@there
@pytest.mark.real
def test_a_folder_without_a_model_is_told(tmp_path: Path):
    with pytest.raises(EmbedderError, match=f"The embedder {tmp_path} could not be loaded"):
        asyncio.run(SentenceTransformerEmbedder.open(str(tmp_path)))


class Hub(ThreadingHTTPServer):
    """The hub's own protocol over one model's folder; it keeps the requests that it saw."""

    daemon_threads = True

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.name, self.folder, self.seen = name, folder, []


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self) -> None:
        path = self.path.split("?")[0]
        self.server.seen.append(f"{self.command} {path}")
        name, files = self.server.name, sorted(file for file in self.server.folder.rglob("*") if file.is_file())
        listed = [file.relative_to(self.server.folder).as_posix() for file in files]
        if path.startswith(f"/api/models/{name}/tree/"):
            tree = [
                {"type": "file", "path": one, "size": file.stat().st_size, "oid": "0"}
                for one, file in zip(listed, files, strict=True)
            ]
            return self.send(200, json.dumps(tree).encode())
        if path.startswith(f"/api/models/{name}"):
            told = {"id": name, "sha": "f" * 40, "siblings": [{"rfilename": one} for one in listed], "tags": []}
            return self.send(200, json.dumps(told).encode())
        wanted = path.removeprefix(f"/{name}/resolve/").partition("/")[2].removeprefix("./")
        if path.startswith(f"/{name}/resolve/") and wanted in listed:
            return self.send(200, (self.server.folder / wanted).read_bytes())
        return self.send(404, b"{}", "EntryNotFound" if path.startswith(f"/{name}/") else "RepoNotFound")

    def send(self, status: int, body: bytes, fault: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", "f" * 40)
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')  # noqa: S324 - a name, not a secret
        if fault:
            self.send_header("X-Error-Code", fault)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub(folder: Path) -> Iterator[Hub]:
    with Hub("someone/tiny", folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


OPEN = """
import asyncio, sys
from vtuber.adapters.embed.sentence_transformer import SentenceTransformerEmbedder
from vtuber.errors import EmbedderError
for name in sys.argv[1:]:
    try:
        print("opened", asyncio.run(SentenceTransformerEmbedder.open(name)).model_id)
    except EmbedderError as error:
        print(error)
"""


def opening(names: list[str], cache: Path, **environment: str) -> tuple[list[str], str]:
    """Open models in a process of their own; give what it said on each of its two outputs."""
    env = {**os.environ, "HF_HOME": str(cache), **environment}
    told = subprocess.run([sys.executable, "-c", OPEN, *names], env=env, capture_output=True, text=True, check=True)
    return told.stdout.splitlines(), told.stderr


@there
@pytest.mark.real
def test_a_model_is_fetched_by_its_name_once_and_then_needs_no_network(hub: Hub, tmp_path: Path):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    said, beside = opening(["someone/tiny", "someone/other"], tmp_path, HF_ENDPOINT=endpoint, HF_HUB_OFFLINE="")
    assert said[0] == f"opened st:someone/tiny:{DIM}:centred-1"
    assert said[1].startswith("There is no model someone/other at http://127.0.0.1")
    assert beside == ""
    assert any("model.safetensors" in line for line in hub.seen)
    assert all("/someone/" in line for line in hub.seen)
    hub.seen.clear()
    said, _ = opening(["someone/tiny", str(hub.folder), "packaged"], tmp_path, HF_ENDPOINT=endpoint, HF_HUB_OFFLINE="")
    assert [line.split(":")[0] for line in said] == ["opened st"] * 3
    assert said[:1] == [f"opened st:someone/tiny:{DIM}:centred-1"]
    assert hub.seen == []


@there
@pytest.mark.real
def test_offline_nothing_is_asked_and_an_unreachable_hub_is_told_soon(hub: Hub, tmp_path: Path):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    said, _ = opening(["someone/tiny"], tmp_path, HF_ENDPOINT=endpoint, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE forbids to fetch it" in said[0]
    assert "hf download someone/tiny" in said[0]
    assert hub.seen == []
    said, _ = opening(["someone/tiny"], tmp_path, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_OFFLINE="")
    assert "http://127.0.0.1:9 did not answer (ConnectError" in said[0]
    assert said[0].endswith("or name the folder of a model.")
