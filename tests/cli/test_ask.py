"""`vtuber ask` reads questions, asks models side by side, and shows what they said and how fast."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from vtuber.cli.ask import ask, read_questions
from vtuber.errors import BadLog, BadSetting, NotFound

QUESTIONS = "Good evening!\n\n# a remark\nなにを預かってるの？\n"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.txt"
    file.write_text(QUESTIONS, encoding="utf-8")
    return file


def asked(*arguments: object, columns: int = 200) -> Result:
    app = typer.Typer()
    app.command()(ask)
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": str(columns)})


def test_a_person_reads_answers_and_speed_side_by_side(questions: Path, tmp_path: Path):
    result = asked(questions, "--models", "scripted", "--home", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Good evening!" in result.stdout
    assert "tok/s" in result.stdout
    assert "first words" in result.stdout
    assert "[" not in result.stdout.splitlines()[1]


def test_a_program_reads_one_object_and_a_file_may_hold_it_too(questions: Path, tmp_path: Path):
    out = tmp_path / "answers.json"
    result = asked(questions, "--models", "scripted", "--home", tmp_path, "--json", "--out", out)
    told = json.loads(result.stdout)
    assert told == json.loads(out.read_text(encoding="utf-8"))
    assert (told["character"], told["tier"]) == ("efu", "fast")
    (model,) = told["models"]
    assert [answer["question"] for answer in model["answers"]] == ["Good evening!", "なにを預かってるの？"]
    assert all(answer["text"] and answer["first_token_ms"] > 0 for answer in model["answers"])
    assert not any(answer["thought"] for answer in model["answers"])


def test_a_model_that_cannot_be_had_is_named_and_the_other_answers(questions: Path, tmp_path: Path):
    gone = f"embedded/{tmp_path / 'gone.gguf'}"
    result = asked(questions, "--models", f"scripted,{gone}", "--home", tmp_path)
    assert result.exit_code == 0, result.output
    assert "cannot be read" in " ".join(result.stdout.split())
    assert asked(questions, "--models", gone, "--home", tmp_path).exit_code == 1


def test_a_slip_in_a_models_name_is_told_before_any_is_asked(questions: Path, tmp_path: Path):
    result = asked(questions, "--models", "scripted,olama/x", "--home", tmp_path)
    assert isinstance(result.exception, BadSetting)
    assert "ollama/x" in str(result.exception)


def test_questions_are_lines_or_json_lines(questions: Path, tmp_path: Path):
    assert read_questions(questions) == ("Good evening!", "なにを預かってるの？")
    lines = tmp_path / "q.jsonl"
    lines.write_text('{"text": "# not a remark", "lang": "en"}\n\n{"text": "おはよう"}\n', encoding="utf-8")
    assert read_questions(lines) == ("# not a remark", "おはよう")


def test_a_file_that_holds_no_questions_is_refused_in_a_sentence(tmp_path: Path):
    with pytest.raises(NotFound):
        read_questions(tmp_path / "nowhere.txt")
    for name, content in (("a.txt", b"\n# only\n"), ("b.txt", b"\xff\xfe\xff"), ("c.jsonl", b'{"words": 1}\n')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadLog):
            read_questions(tmp_path / name)


def test_a_long_japanese_line_is_folded_and_not_cut(tmp_path: Path):
    question = "むかしむかしあるところにおじいさんとおばあさんがいましたとさおしまいなのかな？"
    file = tmp_path / "q.txt"
    file.write_text(question, encoding="utf-8")
    out = asked(file, "--models", "scripted", "--home", tmp_path, columns=40).stdout
    first_column = "".join(line.split("│")[1].strip() for line in out.splitlines() if line.startswith("│"))
    assert question in first_column
