"""`inspect` prints what a log holds, for machines and for people."""

from pathlib import Path

import msgspec
import pytest

from vtuber.cli.inspect import inspect
from vtuber.errors import NotFound

LOG = """\
@id=1;bits=5;tmi-sent-ts=1700000000000 :hana!h@h PRIVMSG #mika :Cheer5
what?
@id=2;tmi-sent-ts=1700000065000;msg-id=raid :tmi.twitch.tv USERNOTICE #mika
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "evening.txt"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_as_json_it_is_one_object_with_exactly_the_counts(log: Path, capsys: pytest.CaptureFixture[str]):
    inspect(log, json=True)
    assert msgspec.json.decode(capsys.readouterr().out) == {
        "format": "twitch-irc",
        "span_s": 65,
        "events": {"chat": 1, "paid": 0, "notice": 1, "system": 0},
        "retractions": 0,
        "skipped": {"broken_line": 1},
    }


def test_for_people_it_names_the_format_the_length_and_the_lines_that_were_skipped(
    log: Path, capsys: pytest.CaptureFixture[str]
):
    inspect(log)
    out = capsys.readouterr().out
    assert "raw Twitch IRC lines" in out
    assert "1 min 5 s" in out
    row = next(line for line in out.splitlines() if "broken_line" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["skipped: broken_line", "1", "2"]


def test_a_log_that_is_not_there_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound):
        inspect(tmp_path / "nothing.txt")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "twitch_irc_chatterino.txt",
            {"format": "twitch-irc", "events": {"chat": 77, "paid": 0, "notice": 28, "system": 1}, "retractions": 15},
        ),
        (
            "youtube_replay.live_chat.json",
            {
                "format": "yt-dlp",
                "span_s": 3646,
                "events": {"chat": 47, "paid": 1, "notice": 0, "system": 0},
                "retractions": 0,
                "skipped": {"placeholder": 1},
            },
        ),
        (
            "chatdownloader_youtube_replay.json",
            {
                "format": "chat-downloader",
                "span_s": 3646,
                "events": {"chat": 47, "paid": 1, "notice": 0, "system": 0},
                "skipped": {"placeholder": 1},
            },
        ),
        (
            "chatdownloader_fork_youtube_events.json",
            {
                "format": "chat-downloader",
                "events": {"chat": 0, "paid": 1, "notice": 3, "system": 1},
                "skipped": {"banner": 1, "ticker": 2},
            },
        ),
        (
            "DERIVED_twitchdownloader.json",
            {
                "format": "twitch-downloader",
                "span_s": 300,
                "events": {"chat": 77, "paid": 0, "notice": 28, "system": 0},
                "skipped": {},
            },
        ),
    ],
)
def test_real_logs_give_the_counts_that_were_taken_from_them_by_hand(
    samples: Path, capsys: pytest.CaptureFixture[str], name: str, expected: dict[str, object]
):
    inspect(samples / "chatlogs" / name, json=True)
    found = msgspec.json.decode(capsys.readouterr().out)
    assert {key: found[key] for key in expected} == expected
