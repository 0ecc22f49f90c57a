"""`vtuber init` writes settings that load, asks three things at most, and overwrites nothing unasked."""

from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from vtuber.cli import init as command
from vtuber.core.checks import Findings
from vtuber.core.served import Chosen, Machine, Server
from vtuber.errors import NotFound, UserMistake
from vtuber.settings import FILE, Settings, load

FOUND = Findings(
    system="linux",
    python="3.11.7",
    home="",
    characters={"efu": "", "nettie": "", "odd": "broken"},
    machine=Machine(ram_gb=64, free_ram_gb=50, vram_gb=24, free_vram_gb=22),
    servers=(Server(kind="ollama", url="http://127.0.0.1:11434"),),
    chosen=(Chosen(tier="fast", spec="ollama/qwen2.5:14b", where="", why="It fits."),),
    voices={"ja": "Mei"},
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "look", lambda _home, _settings: FOUND)


def init(
    home: Path, *arguments: str, typed: str | None = None, monkeypatch: pytest.MonkeyPatch | None = None
) -> Result:
    if monkeypatch is not None:
        monkeypatch.setattr(command, "_may_ask", lambda: True)
    app = typer.Typer()
    app.command()(command.init)
    return CliRunner().invoke(app, ["--home", str(home), *arguments], input=typed)


@pytest.mark.usefixtures("found")
def test_without_a_terminal_it_asks_nothing_and_writes_settings_that_load(tmp_path: Path):
    result = init(tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert load(tmp_path / "new") == Settings()
    assert "Found: Ollama, 0 models" in result.stdout
    assert "a voice for ja: Mei" in result.stdout
    assert f"vtuber run --home {tmp_path / 'new'}" in result.stdout.replace("\n", "")


@pytest.mark.usefixtures("found")
def test_three_questions_are_asked_each_with_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    result = init(tmp_path, typed="\n\n\n", monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    assert load(tmp_path) == Settings()
    assert result.stderr.count(":") == 3


@pytest.mark.usefixtures("found")
def test_answers_are_checked_and_asked_again_until_they_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    typed = "not a channel!\nhttps://www.twitch.tv/Efu_CH\nodd\nnettie\nmuch\n4\n"
    result = init(tmp_path, typed=typed, monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    settings = load(tmp_path)
    assert settings.sources.twitch.channels == ("efu_ch",)
    assert settings.character == "nettie"
    assert settings.models.reserve_vram_gb == 4.0


@pytest.mark.usefixtures("found")
def test_with_yes_a_terminal_is_asked_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    result = init(tmp_path, "--yes", "--twitch", "#efu_ch", "--character", "nettie", monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    assert load(tmp_path).sources.twitch.channels == ("efu_ch",)
    assert load(tmp_path).character == "nettie"


def test_onecomme_that_answers_is_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    there = msgspec.structs.replace(FOUND, onecomme=True)
    monkeypatch.setattr(command, "look", lambda _home, _settings: there)
    init(tmp_path)
    assert load(tmp_path).sources.onecomme.on


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("arguments", [(), ("--yes",)])
def test_settings_that_are_there_stay_when_nobody_can_be_asked(arguments: tuple[str, ...], tmp_path: Path):
    (tmp_path / FILE).write_text("seed = 7\n", encoding="utf-8")
    result = init(tmp_path, *arguments)
    assert isinstance(result.exception, UserMistake)
    assert load(tmp_path).seed == 7


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(("answer", "seed"), [("n", 7), ("y", 0)])
def test_settings_that_are_there_go_only_with_a_yes_and_are_kept_beside(
    answer: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / FILE).write_text("seed = 7\n", encoding="utf-8")
    assert init(tmp_path, typed=f"{answer}\n\n\n\n", monkeypatch=monkeypatch).exit_code == 0
    assert load(tmp_path).seed == seed
    old = tmp_path / f"{FILE}.old"
    assert old.exists() == (answer == "y")
    assert not old.exists() or old.read_text(encoding="utf-8") == "seed = 7\n"


@pytest.mark.usefixtures("found")
def test_who_gives_up_at_a_question_keeps_the_old_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / FILE).write_text("seed = 7\n", encoding="utf-8")
    assert init(tmp_path, typed="y\n", monkeypatch=monkeypatch).exit_code != 0
    assert load(tmp_path).seed == 7


@pytest.mark.usefixtures("found")
def test_a_shipped_character_is_copied_to_be_changed_and_plays(tmp_path: Path):
    result = init(tmp_path, "--copy", "nettie")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "characters" / "nettie" / "persona.toml").is_file()
    assert list((tmp_path / "characters" / "nettie" / "lore").iterdir())
    assert load(tmp_path).character == "nettie"
    again = init(tmp_path, "--copy", "nettie")
    assert isinstance(again.exception, UserMistake)
    assert init(tmp_path, "--copy", "efu").exit_code == 0, "settings that are there do not keep a character out"
    assert load(tmp_path).character == "nettie"


@pytest.mark.usefixtures("found")
def test_a_character_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path):
    assert isinstance(init(tmp_path, "--copy", "nobody").exception, NotFound)
    assert isinstance(init(tmp_path, "--character", "nobody").exception, NotFound)
    assert isinstance(init(tmp_path, "--twitch", "no channel").exception, UserMistake)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("written", ["efu_ch", "#Efu_CH", "@efu_ch", "twitch.tv/efu_ch", "https://m.twitch.tv/EFU_CH/"])
def test_a_channel_is_read_from_its_name_or_address(written: str):
    assert command.channel_of(written) == "efu_ch"


@pytest.mark.parametrize("written", ["", "two words", "https://youtube.com/efu", "efu/clips", "えふ"])
def test_what_is_no_channel_is_refused(written: str):
    with pytest.raises(UserMistake):
        command.channel_of(written)
