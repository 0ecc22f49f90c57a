"""A log's format is told by its content, and even a huge file is never held in memory."""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from vtuber.adapters.chat.log_file import count, open_log
from vtuber.core.chatlog import Entry, inspect
from vtuber.errors import BadLog
from vtuber.events import Chat, Skipped

ITEM = {"action_type": "add_chat_item", "message_type": "text_message", "author": {"id": "UC1", "name": "hana"}}


def items(number: int) -> list[dict[str, Any]]:
    return [ITEM | {"message_id": f"m{n}", "message": f"hi {n}", "time_in_seconds": n * 1.5} for n in range(number)]


def comments(number: int) -> list[dict[str, Any]]:
    return [
        {
            "_id": f"c{n}",
            "content_offset_seconds": n * 1.5,
            "commenter": {"_id": "7", "name": "hana"},
            "message": {"body": f"hi {n}"},
        }
        for n in range(number)
    ]


def texts(path: Path) -> list[str]:
    return [event.text for entry in open_log(path)[1] for event in entry.events if isinstance(event, Chat)]


def entries(path: Path) -> list[Entry]:
    return list(open_log(path)[1])


def as_text(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent)


SHAPES = {
    "an array on one line": ("chat-downloader", as_text(items(3))),
    "an indented array": ("chat-downloader", as_text(items(3), indent=4)),
    "an item a line": ("chat-downloader", "\n".join(map(as_text, items(3)))),
    "an object on one line": (
        "twitch-downloader",
        as_text({"FileInfo": {}, "comments": comments(3), "embeddedData": {}}),
    ),
    "an indented object": ("twitch-downloader", as_text({"video": {"x": []}, "comments": comments(3)}, indent=2)),
    "the pictures first": ("twitch-downloader", as_text({"embeddedData": {"a": "A" * 9999}, "comments": comments(3)})),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("before", ["", "\ufeff", "\ufeff \n\n"])
def test_the_format_is_told_by_the_content_not_by_the_name_or_the_shape(tmp_path: Path, shape: str, before: str):
    expected, text = SHAPES[shape]
    path = tmp_path / "evening.txt"
    path.write_text(before + text, encoding="utf-8")
    assert open_log(path)[0] == expected
    assert texts(path) == ["hi 0", "hi 1", "hi 2"]
    assert [entry.stamp_ms for entry in entries(path)] == [0, 1500, 3000]


@pytest.mark.parametrize("shape", ["an array on one line", "an object on one line"])
def test_of_an_array_the_items_are_counted_and_numbered(tmp_path: Path, shape: str):
    path = tmp_path / "log"
    path.write_text(SHAPES[shape][1], encoding="utf-8")
    assert count(path) == 3
    assert [entry.line for entry in entries(path)] == [1, 2, 3]


def test_a_log_of_lines_has_its_lines_counted(tmp_path: Path):
    path = tmp_path / "log"
    path.write_text(SHAPES["an item a line"][1], encoding="utf-8")
    assert count(path) == 3


@pytest.mark.parametrize(
    ("values", "make"),
    [
        ([None, *items(1), "text", {"a": 1}, *items(1)], as_text),
        ([None, *comments(1), "text", {"a": 1}, *comments(1)], lambda all_: as_text({"comments": all_})),
    ],
)
def test_a_broken_item_is_skipped_with_its_number(tmp_path: Path, values: Sequence[Any], make: Any):
    path = tmp_path / "log"
    path.write_text(make(values), encoding="utf-8")
    events = [event for entry in entries(path) for event in entry.events]
    broken = [(event.reason, event.line) for event in events if isinstance(event, Skipped)]
    assert broken == [("broken_item", 1), ("broken_item", 3), ("broken_item", 4)]
    assert [event.text for event in events if isinstance(event, Chat)] == ["hi 0", "hi 0"]


def test_a_download_that_broke_off_is_played_as_far_as_it_goes(tmp_path: Path):
    path = tmp_path / "log"
    path.write_text(as_text(items(3))[:-20], encoding="utf-8")
    assert texts(path) == ["hi 0", "hi 1"]
    assert inspect(*open_log(path)).skipped == {"broken_item": 1}


def test_places_in_the_video_and_unix_times_are_not_mixed(tmp_path: Path):
    path = tmp_path / "log"
    late = ITEM | {"message": "late", "timestamp": 1_700_000_000_000_000}
    path.write_text(as_text([*items(2), late]), encoding="utf-8")
    assert [entry.stamp_ms for entry in entries(path)] == [0, 1500, None]
    path.write_text(
        as_text([late, *(one | {"timestamp": 1_700_000_001_000_000} for one in items(1))]), encoding="utf-8"
    )
    assert [entry.stamp_ms for entry in entries(path)] == [1_700_000_000_000, 1_700_000_001_000]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[1, 2]",
        '{"comments": []}',
        '{"comments": [{"a": 1}]}',
        '{"messages": [{"message": "hi"}]}',
        "[12:30:05] hana: hi",
        '[{"kind": "x"}]',
    ],
)
def test_other_json_is_in_no_known_format(tmp_path: Path, text: str):
    path = tmp_path / "log"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadLog, match=r"no known format.*chat-downloader.*twitch-downloader"):
        open_log(path)


def test_a_log_of_nothing_but_tickers_has_nothing_to_play(tmp_path: Path):
    path = tmp_path / "log"
    path.write_text(as_text([ITEM | {"message_type": "ticker_paid_message_item"}]), encoding="utf-8")
    with pytest.raises(BadLog, match="looks like chat-downloader"):
        open_log(path)


@pytest.mark.parametrize("where", ["before", "behind"])
def test_pictures_of_many_megabytes_and_many_comments_take_no_memory(tmp_path: Path, where: str):
    path = tmp_path / "log"
    picture = b'"embeddedData": {"firstParty": [{"data": "' + b"QUJD" * (4 << 20) + b'"}]}'
    spoken = b'"comments": [' + b", ".join(as_text(one).encode() for one in comments(20_000)) + b"]"
    path.write_bytes(b"{" + b", ".join((picture, spoken) if where == "before" else (spoken, picture)) + b"}")
    tracemalloc.start()
    try:
        heard = sum(1 for entry in open_log(path)[1] for _ in entry.events)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert heard == 20_000
    assert peak < 4 << 20
    assert path.stat().st_size > 16 << 20
