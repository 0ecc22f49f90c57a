import json
from pathlib import Path

from typer.testing import CliRunner

from vtuber.cli.app import app


def test_latency_prints_its_figures_as_json_with_nested_keys():
    result = CliRunner().invoke(app, ["bench", "latency", "--json", "--runs", "1"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    for language in ("en", "ja"):
        assert found["own"][language]["p50"] >= 1.0
        assert found["sent1"][language]["p50"] > 0.0
        assert found["lookahead_ms"][language] >= 0


def test_without_json_it_draws_a_table():
    result = CliRunner().invoke(app, ["bench", "latency", "--runs", "1"])
    assert "sent1" in result.stdout


def test_a_table_holds_every_figure_and_no_braces(tmp_path: Path):
    lines = ('{"text": "hello", "route": "simple"}', '{"text": "なぜ空は青いの？", "route": "hard"}')
    (tmp_path / "mine.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["bench", "routing", "--data", str(tmp_path)], env={"COLUMNS": "60"})
    assert result.exit_code == 0, result.output
    assert "files, mine, escalated" in result.stdout
    assert "disguised, ja" in result.stdout
    assert not set("{}…") & set(result.stdout)


def test_a_list_of_findings_stands_one_a_row():
    result = CliRunner().invoke(app, ["bench", "ponder", "--profile", "seed-cpu"], env={"COLUMNS": "100"})
    assert result.exit_code == 0, result.output
    assert "questions, 1" in result.stdout
    assert "questions, 2" in result.stdout
