import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.contracts.event_memory import CAT, chat, performed
from vtuber.adapters.memory import database, writing
from vtuber.cli.memory import app
from vtuber.errors import NotFound, UserMistake

WHEN = 1_767_225_600_000  # 2026-01-01 00:00:00 UTC


def make(path: Path):
    db = database.connect(path)
    writing.sync_lore(db, ["She lives in a lighthouse."])
    said = [
        chat("a", CAT, viewer="t:1", at=WHEN),
        chat("b", "[bold]I play the drums[/bold] every day", viewer="t:2", at=WHEN + 60_000),
        performed("p", "Hello Biscuit", viewer="t:1", at=WHEN + 61_000),
    ]
    writing.add(db, said, "s")
    db.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make(database.store_path(tmp_path, "mio"))
    monkeypatch.setenv("VTUBER_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(*words: object, answer: Any = None):
    done = CliRunner().invoke(app, [str(word) for word in words], input=answer)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def printed(*words: object):
    return json.loads(run(*words, "--json").stdout)


def test_show_lists_memories_as_they_were_said(home: Path):
    shown = run("show").stdout
    assert CAT in shown
    assert "2026-01-01 00:00:00" in shown
    assert "[bold]I play the drums[/bold]" in shown  # a viewer's words are no markup
    assert [memory["text"] for memory in printed("show", "--viewer", "1")] == [CAT]


def test_timeline_is_in_order(home: Path):
    assert [event["id"] for event in printed("timeline")] == ["a", "b", "p"]
    assert "Hello Biscuit" in run("timeline", "--viewer", "t:1", "--limit", "5").stdout


def test_viewers_and_stats_count(home: Path):
    assert [(viewer["viewer_id"], viewer["memories"]) for viewer in printed("viewers")] == [("t:2", 1), ("t:1", 1)]
    assert "t:2" in run("viewers").stdout
    assert printed("stats")["events"] == {"chat": 2, "performed": 1}
    assert "chat 2" in run("stats").stdout


@pytest.mark.real
def test_search_finds_memories_and_words(home: Path):
    found = printed("search", "Biscuit")
    assert [memory["text"] for memory in found["memories"]] == [CAT]
    assert [event["id"] for event in found["events"]] == ["a", "p"]
    assert printed("search", "Biscuit", "--viewer", "t:2") == {"memories": [], "events": []}
    assert CAT in run("search", "cat called Biscuit").stdout


def test_forget_asks_first_and_then_proves(home: Path):
    assert run("forget", "1", answer="n\n").exit_code == 1
    assert CAT in run("show").stdout
    told = run("forget", "1", answer="y\n")
    assert told.exit_code == 0
    assert "nothing is left" in told.stdout
    assert CAT not in run("show").stdout
    with pytest.raises(NotFound):
        run("show", "--viewer", "t:1")
    assert printed("forget", "t:2", "--yes")["verified"] is True
    assert [memory["scope"] for memory in printed("show")] == ["lore"]


def test_whose_memory_is_asked_only_where_there_are_several(home: Path):
    make(database.store_path(home, "efu"))
    with pytest.raises(UserMistake, match="efu, mio"):
        run("show")
    assert CAT in run("show", "--character", "mio").stdout
    assert CAT in run("show", "--store", database.store_path(home, "efu")).stdout
    assert CAT in run("show", "--character", "mio", "--home", home).stdout


@pytest.mark.parametrize("command", ["show", "timeline", "viewers", "stats"])
def test_where_there_is_no_memory_yet_one_sentence_says_so(tmp_path: Path, command: Any):
    for where in (["--home", tmp_path], ["--home", tmp_path, "--character", "mio"], ["--store", tmp_path / "x.sqlite"]):
        with pytest.raises(NotFound, match="no memory yet"):
            run(command, *where)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_memory_is_said_in_words(tmp_path: Path):
    database.connect(tmp_path / "m.sqlite").close()
    assert "yet" in run("show", "--store", tmp_path / "m.sqlite").stdout
    assert "met nobody yet" in run("viewers", "--store", tmp_path / "m.sqlite").stdout


@pytest.mark.parametrize("script", ["memory-show", "memory-search", "memory-forget"])
def test_the_scripts_are_short_programs_that_say_what_they_do(root: Path, script: Any):
    text = (root / "scripts" / script).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    command = script.removeprefix("memory-")
    assert f'"memory", "{command}"' in text
    assert (
        subprocess.run(
            [sys.executable, "-m", "vtuber", "memory", command, "--help"], capture_output=True, check=False
        ).returncode
        == 0
    )
