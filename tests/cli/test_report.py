from pathlib import Path

from typer.testing import CliRunner

from tests.cli.test_recap import run_folder
from vtuber.cli.app import app
from vtuber.errors import NotFound
from vtuber.events import Thought
from vtuber.journal import encode


def test_a_report_can_be_made_again(tmp_path: Path):
    folder = run_folder(tmp_path)
    assert CliRunner().invoke(app, ["report", str(folder)]).exit_code == 0
    assert (folder / "report.html").exists()


def test_thoughts_stand_in_it_only_when_they_are_asked_for(tmp_path: Path):
    folder = run_folder(tmp_path)
    thought = Thought(id="t/thought-fast", at_ms=2500, turn="t", tier="fast", text="a quiet thought")
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(encode(thought) + b"\n")
    for options, shown in (([], False), (["--thoughts"], True)):
        assert CliRunner().invoke(app, ["report", str(folder), *options]).exit_code == 0
        assert ("a quiet thought" in (folder / "report.html").read_text(encoding="utf-8")) is shown


def test_a_folder_without_a_journal_is_no_run(tmp_path: Path):
    error = CliRunner().invoke(app, ["report", str(tmp_path)]).exception
    assert isinstance(error, NotFound)
    assert "journal.jsonl" in str(error)
