"""A log that is one JSON array plays like one of lines, and passes the contract of every chat source."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from tests.contracts.chat_source import ChatSourceContract
from vtuber.adapters.chat.replay import Progress, Replay, first_stamp_ms
from vtuber.clock import Clock, run_virtual
from vtuber.events import Chat

START_MS = 1_699_000_000_000
CHAT_DOWNLOADER = [
    {
        "action_type": "add_chat_item",
        "message_type": "text_message",
        "message_id": f"m{seconds}",
        "message": text,
        "time_in_seconds": seconds,
        "timestamp": (START_MS + seconds * 1000) * 1000,
        "author": {"id": "UC7", "name": "hana"},
    }
    for text, seconds in (("one", 0), ("two", 1), ("three", 3))
]
COMMENTS = [
    {
        "_id": item["message_id"],
        "created_at": f"2023-11-03T08:26:4{item['time_in_seconds']}Z",
        "content_offset_seconds": item["time_in_seconds"],
        "commenter": {"_id": "7", "name": "hana"},
        "message": {"body": item["message"]},
    }
    for item in CHAT_DOWNLOADER
]


def written(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class ReplayContract(ChatSourceContract):
    lines: Sequence[str]

    @pytest.fixture(autouse=True)
    def write(self, tmp_path: Path) -> None:
        self.path = written(tmp_path / "log", self.lines)

    def make(self, clock: Clock) -> Replay:
        return Replay(self.path, clock)


class TestReplayOfChatDownloader(ReplayContract):
    lines = (msgspec.json.encode([*CHAT_DOWNLOADER, None]).decode(),)


class TestReplayOfChatDownloadersLines(ReplayContract):
    lines = (*(msgspec.json.encode(item).decode() for item in CHAT_DOWNLOADER), "{torn")


class TestReplayOfTwitchDownloader(ReplayContract):
    lines = (msgspec.json.encode({"video": {}, "comments": [*COMMENTS, 5], "embeddedData": {}}).decode(),)


@pytest.mark.parametrize(("name", "log"), [("chat-downloader", CHAT_DOWNLOADER), ("twitch", {"comments": COMMENTS})])
def test_a_log_that_is_one_array_plays_like_lines_and_starts_at_its_unix_time(tmp_path: Path, name: str, log: object):
    path = written(tmp_path / name, [msgspec.json.encode(log).decode()])

    async def all_of_it() -> list[tuple[int, str]]:
        clock = Clock(0)
        async with aclosing(Replay(path, clock).events()) as events:
            return [(clock.now(), event.text) async for event in events if isinstance(event, Chat)]

    assert run_virtual(all_of_it()) == [(0, "one"), (1000, "two"), (3000, "three")]
    assert first_stamp_ms(path) // 10_000 == START_MS // 10_000

    async def half() -> Progress:
        replay = Replay(path, Clock(0))
        async with aclosing(replay.events()) as events:
            await anext(events)
            return replay.progress

    assert run_virtual(half()) == Progress(events=1, lines=1, total_lines=3)
