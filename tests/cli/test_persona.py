"""`vtuber persona check` as a person and as a program reads it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vtuber.cli.persona import app
from vtuber.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]


def test_a_good_character_is_ready_and_exits_0():
    result = CliRunner().invoke(app, ["check", "efu"])
    assert result.exit_code == 0
    assert "ready for the stage" in result.stdout


def test_a_bad_character_is_listed_and_exits_1(tmp_path: Path):
    folder = shutil.copytree(ROOT / "characters" / "nettie", tmp_path / "nettie")
    file = folder / "persona.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Ooh, that's off the edge", "Because it is off the edge"), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(folder), "--json"])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["errors"] == 1
    assert report["findings"][0]["where"] == "lines.holding.en, item 1"
    assert CliRunner().invoke(app, ["check", str(folder)]).exit_code == 1


def test_a_missing_character_is_the_one_error_that_names_the_others():
    result = CliRunner().invoke(app, ["check", "effu"])
    assert isinstance(result.exception, NotFound)
    assert "efu" in str(result.exception)


@pytest.mark.parametrize("name", ["efu", "nettie"])
def test_the_report_counts_add_up(name: str):
    report = json.loads(CliRunner().invoke(app, ["check", name, "--json"]).stdout)
    assert report["errors"] + report["warnings"] == len(report["findings"])
