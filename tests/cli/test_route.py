"""`route` says difficulty, route and reason for each message, for machines and for people."""

import io
from pathlib import Path

import msgspec
import pytest

from vtuber.cli.route import route
from vtuber.errors import NotFound, UserMistake

QUESTION = "why do tea leaves gather in the middle of the cup when you stir"


def as_json(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]


def test_as_json_there_is_one_line_a_message(capsys: pytest.CaptureFixture[str]):
    route([QUESTION, "こんばんは"], json=True)
    first, second = as_json(capsys)
    assert list(first) == ["text", "difficulty", "route", "reason", "ms"]
    assert (first["text"], first["route"], second["route"]) == (QUESTION, "hard", "simple")
    assert first["reason"] == "asks for a cause; 14 words"


def test_a_file_holds_a_text_a_line_and_empty_lines_do_not_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "m.jsonl"
    path.write_text('{"text": "hi", "lang": "en"}\n\n{"text": "おはよう"}\n', encoding="utf-8")
    route(None, file=path, json=True)
    assert [line["text"] for line in as_json(capsys)] == ["hi", "おはよう"]


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "yo"}')))
    route(None, file=Path("-"), json=True)
    assert [line["text"] for line in as_json(capsys)] == ["yo"]


def test_for_people_it_is_a_table_and_a_message_is_never_markup(capsys: pytest.CaptureFixture[str]):
    route(["[bold]hi"])
    out = capsys.readouterr().out
    assert "[bold]hi" in out
    assert "simple" in out


def test_the_threshold_can_be_moved(capsys: pytest.CaptureFixture[str]):
    route([QUESTION], json=True, hard_from=1.0)
    assert as_json(capsys)[0]["route"] == "simple"


@pytest.mark.parametrize("line", ['{"words": "hi"}', "hello", '{"text": 3}'])
def test_a_broken_line_is_named(line: str, tmp_path: Path):
    path = tmp_path / "m.jsonl"
    path.write_text('{"text": "hi"}\n' + line, encoding="utf-8")
    with pytest.raises(UserMistake, match="Line 2 of"):
        route(None, file=path, json=True)


def test_nothing_to_judge_and_a_missing_file_are_said(tmp_path: Path):
    with pytest.raises(UserMistake, match="nothing to judge"):
        route(None)
    with pytest.raises(NotFound, match="There is no file"):
        route(None, file=tmp_path / "no.jsonl")
    with pytest.raises(UserMistake, match="cannot be read"):
        route(None, file=tmp_path)
