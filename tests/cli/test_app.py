"""Every command is found by its name, and nothing more is loaded than the one that is called."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from vtuber.cli.app import _COMMANDS, app


@pytest.mark.parametrize("name", sorted(_COMMANDS))
def test_a_command_tells_what_it_does(name: str):
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage" in result.output


def test_the_help_lists_every_command():
    result = CliRunner().invoke(app, ["--help"])
    assert all(name in result.output for name in _COMMANDS)


def test_an_unknown_command_is_refused():
    result = CliRunner().invoke(app, ["nonsense"])
    assert result.exit_code == 2
    assert "nonsense" in result.output


def test_a_small_command_does_not_load_the_stores_and_models():
    code = "import sys; from vtuber.__main__ import main; print([n for n in ('chromadb', 'ollama', 'numpy') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
