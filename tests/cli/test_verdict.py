"""An expectation file is read strictly, and its verdict on a run is told in plain words."""

from pathlib import Path

import pytest
from rich.console import Console

from vtuber.cli.verdict import judge, load
from vtuber.errors import BadSetting, NotFound
from vtuber.events import SCHEMA, Chat, Event, Opened, Performed, Turn
from vtuber.journal import encode


def chat(text: str) -> Chat:
    return Chat(id="c1", at_ms=5, platform="twitch", viewer_id="twitch:1", name="[red]Mika", text=text)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    asked = chat("why? [bold]now")
    events: list[Event] = [
        Opened(id="o", at_ms=0, schema=SCHEMA, character="efu", stream_id="s", seed=0),
        asked,
        Turn(id="t", turn="t", at_ms=6, purpose="answer", chats=(asked,)),
        Performed(id="p", at_ms=900, turn="t", seq=0, text="Because [it] is.", language="en", source="fast", last=True,
                  started_ms=400, duration_ms=500, voice="v"),
    ]  # fmt: skip
    (tmp_path / "journal.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return tmp_path


def told(run: Path, text: str) -> tuple[bool, str]:
    file = run / "expect.toml"
    file.write_text(text, encoding="utf-8")
    console = Console(record=True, width=60)
    return judge(run, file, console), console.export_text()


def test_a_show_that_fared_as_expected_is_one_line(run: Path):
    met, text = told(run, '[[expect]]\nmessage = "why"\ncontains = ["because"]\nwithin_ms = 500\n')
    assert met
    assert text == "4 expectations of expect.toml met.\n"


def test_a_miss_is_told_with_what_she_said_and_nobodys_text_is_markup(run: Path):
    met, text = told(run, '[[expect]]\nmessage = "why"\ncontains = ["since"]\n[show]\nmax_answered = 0\n')
    assert not met
    assert text.splitlines() == [
        "✗ expect 1  [red]Mika: why? [bold]now",
        "    expected  she says “since”",
        "    happened  she does not",
        "    she said  Because [it] is.",
        "✗ show  ",
        "    expected  at most 0 messages are answered",
        "    happened  1 are",
        "2 expectations of expect.toml met, 2 missed.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[expect]]\nmesage = "x"\n', "“expect, item 1.mesage”.*“message”"),
        ('[[expect]]\nmessage = "x"\nanswered = "yes"\n', "true or false"),
        ('[[expect]]\nmessage = "x"\nroute = "soft"\n', "has no route “soft”"),
        ('[[expect]]\nviewer = "x"\n', "names no message"),
        ("[show]\nsaid = 3\n", "a list in"),
        ("[[expect]\n", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, sentence: str):
    file = tmp_path / "expect.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting, match=sentence):
        load(file)


def test_a_file_or_a_run_that_is_not_there_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound, match="no expectation file"):
        load(tmp_path / "expect.toml")
    (tmp_path / "expect.toml").write_text("", encoding="utf-8")
    with pytest.raises(NotFound, match="no journal"):
        judge(tmp_path, tmp_path / "expect.toml", Console())
