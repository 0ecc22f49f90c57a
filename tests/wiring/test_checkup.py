"""A look at this machine finds what is there, says what is not, and is over in time whatever hangs."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vtuber.adapters.memory import database
from vtuber.adapters.memory.lock import OwnerLock
from vtuber.core.checkup import report
from vtuber.core.model_choice import Machine
from vtuber.settings import FILE, LocalSocket, Models, OneComme, Settings, Sources, Twitch
from vtuber.wiring import checkup

ANSWERS = {
    "/api/tags": {
        "models": [{"name": "qwen2.5:7b", "size": 4_700_000_000}, {"name": "gpt-oss:20b", "size": 13_800_000_000}]
    },
    "/api/ps": {"models": []},
    "/api/version": {"version": "0.13.0"},
}


class _Ollama(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(ANSWERS.get(self.path, {})).encode()
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ollama() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ollama)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent() -> Iterator[int]:
    """Give a port where something takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what starts processes; one test below has them all."""

    async def no_voice() -> tuple[()]:
        return ()

    monkeypatch.setattr(checkup, "_system_voice", no_voice)
    monkeypatch.setattr(checkup, "_sound", lambda: ("no card", ""))


def nowhere() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def settings(ollama: str, **sources: object) -> Settings:
    models = Models(ollama=ollama, lmstudio=f"http://127.0.0.1:{nowhere()}")
    usual = {"onecomme": OneComme(url=f"ws://127.0.0.1:{nowhere()}/sub"), "local": LocalSocket(port=nowhere())}
    return Settings(models=models, sources=Sources(**{**usual, **sources}))  # type: ignore[arg-type]


def test_a_model_server_that_answers_is_found_and_chosen_from(
    ollama: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    card = Machine(ram_gb=64, free_ram_gb=50, vram_gb=25.8, free_vram_gb=24)
    monkeypatch.setattr(checkup.memory, "machine", lambda: card)
    found = checkup.look(tmp_path, settings=settings(ollama))
    assert [server.version for server in found.servers] == ["0.13.0"]
    assert [one.spec for one in found.chosen] == ["ollama/qwen2.5:7b", "ollama/gpt-oss:20b"]
    assert found.characters == {"efu": "", "nettie": ""}
    assert found.disk_gb > 0
    assert found.memory == "none"
    told = report(found)
    assert told.ok
    assert not told.leaves


def test_what_takes_a_connection_and_says_nothing_is_given_up(silent: int, tmp_path: Path):
    began = time.monotonic()
    url = f"ws://127.0.0.1:{silent}/sub"
    found = checkup.look(tmp_path, settings=settings(f"http://127.0.0.1:{silent}", onecomme=OneComme(on=True, url=url)))
    assert found.servers == ()
    assert found.onecomme, "that something listens is all that is asked of OneComme"
    assert time.monotonic() - began < 30, "it does not wait for what never comes"


def test_every_probe_is_told_of_once(tmp_path: Path):
    told: list[str] = []
    checkup.look(tmp_path, told.append, settings("http://127.0.0.1:1"))
    assert len(told) == len(set(told)) == checkup.PROBES


@pytest.mark.parametrize("line", ["sead = 1", '[models]\nfast = "olama/qwen2.5:14b"'])
def test_a_mistake_in_the_settings_is_a_finding(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def none(_: Models) -> tuple[()]:
        return ()

    monkeypatch.setattr(checkup, "survey", none)
    (tmp_path / FILE).write_text(line, encoding="utf-8")
    found = checkup.look(tmp_path)
    assert found.has_settings
    assert "nearest" in found.settings_error or "Did you mean" in found.settings_error
    assert not report(found).ok


def test_a_port_that_another_program_has_is_seen(silent: int, tmp_path: Path):
    found = checkup.look(tmp_path, settings=settings("http://127.0.0.1:1", local=LocalSocket(port=silent)))
    assert not found.port_free


def test_twitch_is_asked_only_if_a_channel_is_set(silent: int, tmp_path: Path):
    url = f"ws://127.0.0.1:{silent}"
    unset, set_ = (settings("http://127.0.0.1:1", twitch=Twitch(channels=names, url=url)) for names in ((), ("efu",)))
    assert not checkup.look(tmp_path, settings=unset).twitch
    assert checkup.look(tmp_path, settings=set_).twitch


def test_a_broken_character_is_a_finding(tmp_path: Path):
    folder = tmp_path / "characters" / "odd"
    folder.mkdir(parents=True)
    (folder / "persona.toml").write_text("schema = 1\nnmae = 1\n", encoding="utf-8")
    found = checkup.look(tmp_path, settings=settings("http://127.0.0.1:1"))
    assert "nmae" in found.characters["odd"]
    assert report(found).ok


def _made(home: Path) -> Path:
    store = database.store_path(home, "efu")
    with closing(database.connect(store)) as db:
        assert "events" in db.table_names()
    return store


def _well(_: Path) -> str:
    return "well"


def _broken(store: Path) -> str:
    store.write_bytes(b"not a database at all, whatever its name says" * 100)
    return "broken"


@pytest.mark.parametrize("change", [_well, _broken])
def test_her_memory_is_looked_into(change: Callable[[Path], str], tmp_path: Path):
    expected = change(_made(tmp_path))
    found = checkup.look(tmp_path, settings=settings("http://127.0.0.1:1"))
    assert found.memory == expected
    assert bool(found.memory_error) == (expected == "broken")


def test_her_memory_is_busy_while_a_show_has_it_and_stays_the_shows(tmp_path: Path):
    store = _made(tmp_path)
    lock = OwnerLock(store.with_name(store.name + ".lock"))
    lock.acquire()
    assert checkup.look(tmp_path, settings=settings("http://127.0.0.1:1")).memory == "busy"
    lock.release()
    assert checkup.look(tmp_path, settings=settings("http://127.0.0.1:1")).memory == "well"


@pytest.mark.real
def test_this_machines_own_voices_and_sound_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    found = checkup.look(tmp_path, settings=settings("http://127.0.0.1:1"))
    assert "ja" in found.voices
    assert found.sound in {"card", "no card", "no library", "no package"}
