"""`vtuber run` goes live with no file at all, and ends in order at Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vtuber.cli.app import app
from vtuber.cli.run import _with
from vtuber.settings import LocalSocket, Settings


def test_what_the_command_line_says_of_the_sources_goes_before_the_settings():
    found = _with(Settings(), ["#Mika", "@bo"], onecomme=True, port=1234).sources
    assert found.twitch.channels == ("mika", "bo")
    assert found.onecomme.on
    assert found.local == LocalSocket(on=True, port=1234)


def test_without_a_word_about_the_sources_the_settings_hold():
    assert _with(Settings(), [], onecomme=False, port=None) == Settings()
    assert not _with(Settings(), [], onecomme=False, port=-1).sources.local.on


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--character", "efuu"], "Did you mean"),
        (["--fast", "olama/x"], "ollama"),
        (["--resume", "nowhere"], "no journal"),
    ],
)
def test_a_mistake_gets_a_sentence_and_leaves_no_run(tmp_path: Path, arguments: list[str], said: str):
    options = ["run", "--home", str(tmp_path), "--deep", "scripted", "--port", "0", "--silent", *arguments]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1
    assert said in str(result.exception)
    assert not list((tmp_path / "runs").glob("*"))


@pytest.mark.real
@pytest.mark.skipif(os.name == "nt", reason="a signal cannot be sent there")
def test_ctrl_c_ends_a_live_show_in_order_with_its_report(tmp_path: Path):
    command = [sys.executable, "-m", "vtuber", "run", "--home", str(tmp_path), "--out", str(tmp_path / "run")]
    parts = ["--fast", "scripted", "--deep", "scripted", "--silent", "--port", "0"]
    journal = tmp_path / "run" / "journal.jsonl"
    with subprocess.Popen([*command, *parts], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as show:
        deadline = time.monotonic() + 60
        while "performed" not in (journal.read_text(encoding="utf-8") if journal.exists() else ""):
            assert time.monotonic() < deadline
            assert show.poll() is None
            time.sleep(0.1)
        show.send_signal(signal.SIGINT)
        told, _ = show.communicate(timeout=60)
    assert show.returncode == 0, told
    assert json.loads(journal.read_text(encoding="utf-8").splitlines()[-1])["kind"] == "closed"
    assert (tmp_path / "run" / "report.html").exists()
