import json

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
