import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from vtuber.cli import chat as module
from vtuber.errors import BadSetting
from vtuber.wiring.chatting import ChatOptions

APP = typer.Typer()
APP.command()(module.chat)


def chosen(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> ChatOptions:
    got: list[ChatOptions] = []
    monkeypatch.setattr(module, "talk", got.append)
    result = CliRunner().invoke(APP, arguments)
    assert result.exit_code == 0, result.output
    return got[0]


def test_by_default_she_plays_as_the_settings_say_on_a_copy_and_without_a_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "vtuber.toml").write_text('character = "nettie"\n[models]\nfast = "ollama/x"\n', encoding="utf-8")
    options = chosen(monkeypatch, "--home", str(tmp_path))
    assert (options.settings.character, options.settings.models.fast) == ("nettie", "ollama/x")
    assert (options.real, options.voice, options.home) == (False, False, tmp_path)


def test_the_command_line_goes_before_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    options = chosen(
        monkeypatch, "--home", str(tmp_path), "--model", "scripted", "--character", "nettie", "--real", "--voice",
        "--name", "Mika",
    )  # fmt: skip
    assert (options.settings.models.fast, options.settings.models.deep) == ("scripted", "scripted")
    assert (options.settings.character, options.real, options.voice, options.name) == ("nettie", True, True, "Mika")


def test_a_wrong_settings_file_is_said_before_anything_begins(tmp_path: Path):
    (tmp_path / "vtuber.toml").write_text("charakter = 1\n", encoding="utf-8")
    result = CliRunner().invoke(APP, ["--home", str(tmp_path)])
    assert isinstance(result.exception, BadSetting)


@pytest.mark.real
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_at_a_terminal_she_answers_and_ctrl_d_ends_the_talk_at_once(tmp_path: Path):
    import pty  # noqa: PLC0415 - there is none on Windows

    keyboard, terminal = pty.openpty()
    program = "import typer; from vtuber.cli.chat import chat; typer.run(chat)"
    talk = subprocess.Popen(
        [sys.executable, "-c", program, "--model", "scripted", "--home", str(tmp_path), "--character", "nettie"],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(terminal)
    watch = _Screen(keyboard, talk)
    watch.until("you> ")
    os.write(keyboard, b"hello there\n")
    watch.until("Tidepenny> ")
    os.write(keyboard, b"/dance\n")
    watch.until("This is no command: /dance")
    os.write(keyboard, b"\x04")
    assert talk.wait(20) == 0
    os.close(keyboard)


class _Screen:
    """What a program writes to its terminal, read on until some words are there; colours left out."""

    def __init__(self, fd: int, program: "subprocess.Popen[bytes]") -> None:
        self._fd = fd
        self._program = program

    def until(self, words: str) -> None:
        late = threading.Timer(60, self._program.kill)
        late.start()
        seen = ""
        while words not in seen:
            seen += _plain(os.read(self._fd, 4096).decode("utf-8", "replace"))
        late.cancel()


def _plain(text: str) -> str:
    for code in ("\x1b[0m", "\x1b[36m", "\x1b[1m", "\x1b[2m"):
        text = text.replace(code, "")
    return text
