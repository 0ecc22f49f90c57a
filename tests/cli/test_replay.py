import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vtuber.cli.app import app
from vtuber.errors import BadLog, BadSetting, NotFound, UserMistake, VtuberError
from vtuber.events import Chat
from vtuber.journal import encode

RUN = CliRunner()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    rows = [("mika", "hello, how are you?"), ("taro", "!uptime"), ("zoe", "what is your name?")]
    path.write_bytes(
        b"".join(
            encode(Chat(id=f"t:x:{i}", at_ms=i * 5000, platform="t", viewer_id=f"t:{who}", name=who, text=text)) + b"\n"
            for i, (who, text) in enumerate(rows)
        )
    )
    return path


def refused(*arguments: object) -> VtuberError:
    result = RUN.invoke(app, ["replay", *map(str, arguments)])
    assert isinstance(result.exception, VtuberError), result.output
    return result.exception


def test_a_replay_on_virtual_time_leaves_journal_summary_and_report(log: Path, tmp_path: Path):
    out = tmp_path / "runs" / "one"
    result = RUN.invoke(app, ["replay", str(log), "--instant", "--out", str(out)])
    assert result.exit_code == 0, result.output
    summary = json.loads((out / "summary.json").read_text())
    assert summary["messages_in"] == {"chat": 3, "paid": 0, "notice": 0}
    assert (summary["answered"], summary["dropped"]) == (2, {"command": 1})
    assert "<svg" in (out / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "runs" / "latest" / "journal.jsonl").exists()
    assert "2 of 3 messages answered" in " ".join(result.output.split())


def test_a_journal_of_a_run_is_replayed_with_its_recorded_answers(log: Path, tmp_path: Path):
    first, second = tmp_path / "one", tmp_path / "two"
    RUN.invoke(app, ["replay", str(log), "--instant", "--out", str(first)])
    journal = first / "journal.jsonl"
    again = [
        "replay",
        str(journal),
        "--instant",
        "--model",
        "recorded",
        "--recording",
        str(journal),
        "--out",
        str(second),
    ]
    result = RUN.invoke(app, again)
    assert result.exit_code == 0, result.output

    def spoken(run: Path) -> list[str]:
        rows = [json.loads(line) for line in (run / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
        return [row["text"] for row in rows if row["kind"] == "performed" and row["source"] == "fast"]

    assert spoken(first) == spoken(second) != []


def test_two_processes_give_the_same_journal_byte_for_byte(log: Path, tmp_path: Path):
    RUN.invoke(app, ["replay", str(log), "--instant", "--out", str(tmp_path / "here")])
    subprocess.run(
        [sys.executable, "-m", "vtuber", "replay", str(log), "--instant", "--out", str(tmp_path / "there")],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
    )
    assert (tmp_path / "here" / "journal.jsonl").read_bytes() == (tmp_path / "there" / "journal.jsonl").read_bytes()


def test_what_a_person_gets_wrong_is_one_clear_sentence(log: Path, tmp_path: Path):
    empty, wrong = tmp_path / "empty.log", tmp_path / "characters" / "odd"
    empty.write_bytes(b"")
    wrong.mkdir(parents=True)
    (wrong / "persona.toml").write_text('schema = 1\nnmae = {en = "Odd"}\n')
    out = ["--out", tmp_path / "out", "--instant"]
    assert isinstance(refused(empty, *out), BadLog)
    assert isinstance(refused(tmp_path / "nowhere", *out), NotFound)
    assert "efu" in str(refused(log, "--character", "nobody", *out))
    unknown = refused(log, "--character", wrong, *out)
    assert isinstance(unknown, BadSetting)
    assert "“name”" in str(unknown)
    assert "--recording" in str(refused(log, "--model", "recorded", *out))
    assert not (tmp_path / "out").exists(), "a run that was not played leaves no empty folder"


def _with_journal(log: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(log.read_bytes())
    return folder


def test_a_run_cannot_overwrite_the_journal_it_replays(log: Path, tmp_path: Path):
    folder = _with_journal(log, tmp_path)
    before = (folder / "journal.jsonl").read_bytes()
    error = refused(folder / "journal.jsonl", "--out", folder, "--instant")
    assert isinstance(error, UserMistake)
    assert "already holds a run" in str(error)
    assert (folder / "journal.jsonl").read_bytes() == before


def test_broken_lines_are_skipped_and_the_rest_is_played(log: Path, tmp_path: Path):
    log.write_bytes(log.read_bytes() + b"{broken\n\xff\xfe\n" + log.read_bytes().replace(b"t:x:", b"t:y:"))
    result = RUN.invoke(app, ["replay", str(log), "--instant", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["messages_in"]["chat"] == 6


def test_the_shipped_demo_plays_on_virtual_time(tmp_path: Path):
    result = RUN.invoke(app, ["demo", "--instant", "--out", str(tmp_path / "demo")])
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "demo" / "summary.json").read_text())
    assert summary["answered"] >= 10
    assert summary["escalated"] == summary["delivered"] == 2
    assert summary["recalled"] >= 1
    assert summary["thought_chars_spoken"] == 0
    assert summary["messages_in"]["chat"] + summary["messages_in"]["paid"] == summary["answered"] + sum(
        summary["dropped"].values()
    )
