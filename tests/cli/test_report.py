from pathlib import Path

from typer.testing import CliRunner

from tests.cli.test_recap import run_folder
from vtuber.cli.app import app
from vtuber.errors import NotFound


def test_a_report_can_be_made_again(tmp_path: Path):
    folder = run_folder(tmp_path)
    assert CliRunner().invoke(app, ["report", str(folder)]).exit_code == 0
    assert (folder / "report.html").exists()


def test_a_folder_without_a_journal_is_no_run(tmp_path: Path):
    error = CliRunner().invoke(app, ["report", str(tmp_path)]).exception
    assert isinstance(error, NotFound)
    assert "journal.jsonl" in str(error)
