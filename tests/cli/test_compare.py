"""`compare` holds two runs against each other; a run played back from its record says the same words."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from vtuber.cli.app import app
from vtuber.cli.compare import compare
from vtuber.errors import NotFound, UserMistake
from vtuber.events import SCHEMA, Chat, Dropped, Event, Opened
from vtuber.journal import encode


def written(folder: Path, *events: Event) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "journal.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return folder


def a_run(folder: Path, reason: str) -> Path:
    return written(
        folder,
        Opened(id="o", at_ms=0, schema=SCHEMA, character="efu", stream_id="s", seed=0),
        Chat(id="c1", at_ms=5, platform="twitch", viewer_id="twitch:1", name="mika", text="hi"),
        Dropped(id="d", at_ms=9, cause="c1", reason=reason, item="chat"),
    )


def test_a_table_and_a_page_tell_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    compare(a_run(tmp_path / "one", "stale"), a_run(tmp_path / "two", "bot"))
    out = capsys.readouterr().out
    assert "1 of 1 messages fared differently" in out
    assert "dropped: stale" in out
    assert "two" in (tmp_path / "two" / "compare.html").read_text(encoding="utf-8")


def test_as_json_it_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    page = tmp_path / "page.html"
    compare(a_run(tmp_path / "one", "stale"), a_run(tmp_path / "two", "stale"), out=page, json=True)
    found = msgspec.json.decode(capsys.readouterr().out)
    assert found["changed"] == {"presence": 0, "choice": 0, "route": 0, "words": 0, "memories": 0}
    assert page.exists()
    assert not (tmp_path / "two" / "compare.html").exists()


def test_what_is_no_run_and_what_cannot_be_written_is_said_so(tmp_path: Path):
    run = a_run(tmp_path / "one", "stale")
    with pytest.raises(NotFound, match="not the folder of a run"):
        compare(run, tmp_path / "nothing")
    with pytest.raises(UserMistake, match="cannot be written"):
        compare(run, run, out=tmp_path / "no" / "where.html")


@pytest.mark.parametrize("character", ["efu", "nettie"])
def test_a_recorded_run_is_played_back_without_a_model_in_the_same_words(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], character: str
):
    log = root / "characters" / character / "expect.jsonl"
    first, second = tmp_path / "first", tmp_path / "second"
    instant = ["--instant", "--character", character]
    played = CliRunner().invoke(app, ["replay", str(log), *instant, "--out", str(first)])
    assert played.exit_code == 0, played.output
    journal = str(first / "journal.jsonl")
    recorded = ["--model", "recorded", "--recording", journal]
    again = CliRunner().invoke(app, ["replay", journal, *instant, *recorded, "--out", str(second)])
    assert again.exit_code == 0, again.output
    compare(first, second, json=True)
    found = msgspec.json.decode(capsys.readouterr().out)
    assert set(found["changed"].values()) == {0}
    assert found["lines"] == []
    assert sum(bool(message["before"]["words"]) for message in found["messages"]) >= 12
