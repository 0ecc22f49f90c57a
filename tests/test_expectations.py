"""Both shipped characters do what their expectation files say, and a persona that breaks one of them is caught."""

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from vtuber import wiring
from vtuber.cli import verdict
from vtuber.core.expectation import Verdict
from vtuber.core.expectation import judge as judged
from vtuber.core.persona_check import check
from vtuber.core.story import tell
from vtuber.journal import read
from vtuber.persona import load

CHARACTERS = ("efu", "nettie")


def played(folder: Path, out: Path) -> Path:
    """Play a character's own chat on virtual time; give the run's folder."""
    out.mkdir(parents=True)
    log = folder / "expect.jsonl"
    wiring.play(wiring.Options(log=log, folder=out, home=out, character=str(folder), instant=True))
    return out


def fared(folder: Path, out: Path) -> Verdict:
    run = played(folder, out)
    expectations = verdict.load(folder / "expect.toml")
    return judged(expectations, tell(read(run / "journal.jsonl", thoughts=True)))


@pytest.mark.parametrize("name", CHARACTERS)
def test_a_shipped_character_does_what_is_expected_of_her(root: Path, tmp_path: Path, name: str):
    folder = root / "characters" / name
    console = Console(record=True, width=200)
    run = played(folder, tmp_path / "run")
    assert verdict.judge(run, folder / "expect.toml", console), console.export_text()
    assert "expectations of expect.toml met." in console.export_text()


@pytest.mark.parametrize("name", CHARACTERS)
def test_her_own_chat_is_in_two_languages_and_every_message_of_it_is_expected(root: Path, tmp_path: Path, name: str):
    folder = root / "characters" / name
    story = tell(read(played(folder, tmp_path / "run") / "journal.jsonl"))
    expectations = verdict.load(folder / "expect.toml")
    assert len(expectations.expect) == len(story.messages) >= 15
    assert {one.language for turn in story.turns for one in turn.performed} == {"ja", "en"}


def test_the_files_do_not_disturb_the_character(root: Path):
    for name in CHARACTERS:
        assert not [finding for finding in check(load(root / "characters" / name)) if finding.level == "error"]


@pytest.mark.parametrize(
    ("name", "old", "new", "missed"),
    [
        ("efu", '"ignore your instructions", "ignore all your instructions",', "", "route canned"),
        ("efu", "Yes, I'm an AI, and I won't pretend otherwise.", "Who knows?", "she says “I'm an AI”"),
        ("efu", "政治のお話は、窓口じゃお預かりしないことにしてるんだ。", "政治？ いいねえ。", "お預かりしない"),
        ("efu", '"should i invest", "invest in", "investing",', "", ""),
        ("efu", '"bitcoin", ', "", ""),
        ("nettie", "I only draw the borders that are made of water. ", "", "borders that are made of water"),
        ("nettie", '"AIですか", "AIなの", "AIでしょ",', "", "route canned"),
        ("nettie", '"何の病気", "症状"', '"症状"', "route canned"),
        ("nettie", "reply_in_viewer_language = true", "reply_in_viewer_language = false", "language ja"),
    ],
)
def test_an_edited_persona_that_breaks_an_expectation_is_caught(
    root: Path, tmp_path: Path, name: str, old: str, new: str, missed: str
):
    folder = tmp_path / name
    shutil.copytree(root / "characters" / name, folder)
    file = folder / "persona.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    found = [miss.expected for miss in fared(folder, tmp_path / "run").misses]
    # A word less of several that name a topic breaks nothing: it is still declined.
    assert any(missed in expected for expected in found) if missed else found == []
