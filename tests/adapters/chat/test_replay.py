"""A log plays as it happened: its gaps are kept within bounds, and nothing in it stops the show."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.chat_source import BASE_MS, ChatSourceContract
from vtuber import journal
from vtuber.adapters.chat.log_file import open_log
from vtuber.adapters.chat.replay import Progress, Replay, first_stamp_ms
from vtuber.clock import Clock, run_virtual
from vtuber.core.chatlog import inspect
from vtuber.errors import BadLog, NotFound, UserMistake
from vtuber.events import SCHEMA, Chat, Clause, Closed, Event, Opened, Retract, Skipped
from vtuber.ports import FromChat

START_MS = 1_699_000_000_000


def irc(text: str, at_ms: int | None = None, native: str = "") -> str:
    stamp = f"tmi-sent-ts={START_MS + at_ms};" if at_ms is not None else ""
    return f"@{stamp}id={native};user-id=7 :hana!hana@hana PRIVMSG #mika :{text}"


def youtube(text: str, offset_ms: int | str, native: str = "") -> str:
    item = {
        "id": native,
        "timestampUsec": f"{(START_MS + int(offset_ms)) * 1000}",
        "message": {"runs": [{"text": text}]},
    }
    action = {"addChatItemAction": {"item": {"liveChatTextMessageRenderer": item}}}
    line = {"replayChatItemAction": {"actions": [action], "videoOffsetTimeMsec": offset_ms}}
    return msgspec.json.encode(line).decode()


def lines_of(events: Sequence[Event]) -> list[str]:
    return [journal.encode(event).decode() for event in events]


def written(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def played(path: Path, *, speed: float = 1.0, max_gap_s: float = 60.0) -> list[tuple[int, FromChat]]:
    """Play a log on virtual time; give each event with how long after the start it came."""

    async def listen() -> list[tuple[int, FromChat]]:
        clock = Clock(BASE_MS)
        async with aclosing(Replay(path, clock, speed=speed, max_gap_s=max_gap_s).events()) as events:
            return [(clock.now() - BASE_MS, event) async for event in events]

    return run_virtual(listen())


def heard(path: Path) -> list[FromChat]:
    return [event for _, event in played(path)]


TALK = (
    Opened(id="o", at_ms=START_MS - 500, schema=SCHEMA, character="mika", stream_id="s", seed=0),
    Chat(id="twitch:mika:a", at_ms=START_MS, platform="twitch", text="one", viewer_id="twitch:7", sent_at_ms=3),
    Clause(id="c", at_ms=START_MS + 10, seq=0, text="hi", language="en", source="fast", last=True),
    Chat(id="twitch:mika:b", at_ms=START_MS + 1000, platform="twitch", text="two"),
    Retract(id="twitch:mika:r", at_ms=START_MS + 2000, target_event="twitch:mika:a"),
    Skipped(id="k", at_ms=START_MS + 2000, reason="ticker", line=9),
    Closed(id="z", at_ms=START_MS + 9000),
)
LOGS = {
    "twitch-irc": [irc("one", 0, "a"), "PING :tmi.twitch.tv", irc("two", 1000, "b"), "what?", irc("three", 3000, "c")],
    "yt-dlp": [youtube("one", 0, "a"), youtube("two", "1000", "b"), "{torn", youtube("three", 3000, "c")],
    "journal": [*lines_of(TALK), '{"kind":"chat","id":"twitch:mi'],
}


class ReplayContract(ChatSourceContract):
    lines: Sequence[str]

    @pytest.fixture(autouse=True)
    def write(self, tmp_path: Path) -> None:
        self.path = written(tmp_path / "log", self.lines)

    def make(self, clock: Clock) -> Replay:
        return Replay(self.path, clock)


class TestReplayOfTwitchIrc(ReplayContract):
    lines = LOGS["twitch-irc"]


class TestReplayOfYtDlp(ReplayContract):
    lines = LOGS["yt-dlp"]


class TestReplayOfAJournal(ReplayContract):
    lines = LOGS["journal"]


def test_it_goes_on_behind_the_last_event_that_was_heard(tmp_path: Path):
    path = written(tmp_path / "log", [irc("a", 0, "1"), "what?", irc("b", 5000, "2"), irc("c", 9000, "3")])

    async def listen(after: str) -> tuple[int, list[tuple[int, str]]]:
        clock = Clock(0)
        replay = Replay(path, clock, after=after)
        before = replay.progress.lines
        async with aclosing(replay.events()) as events:
            return before, [(clock.now(), event.text) async for event in events if isinstance(event, Chat)]

    assert run_virtual(listen("twitch:mika:2")) == (3, [(0, "c")])
    assert run_virtual(listen("twitch:mika:3")) == (4, [])
    assert run_virtual(listen("twitch:mika:unknown")) == (0, [(0, "a"), (5000, "b"), (9000, "c")])


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("before", [[], ["", "  "], ["a note on top"]])
def test_the_format_is_told_by_the_content_whatever_stands_before_it(tmp_path: Path, name: str, before: list[str]):
    format_name, entries = open_log(written(tmp_path / "log.txt", [*before, *LOGS[name]]))
    assert format_name == name
    assert inspect(format_name, entries).skipped == {"broken_line": 2 if "a note on top" in before else 1}


@pytest.mark.parametrize("name", LOGS)
def test_a_byte_order_mark_does_not_hide_the_first_line(tmp_path: Path, name: str):
    path = written(tmp_path / "log.txt", LOGS[name])
    plain = heard(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert heard(path) == plain


def test_gaps_are_those_of_the_log_within_bounds_and_a_line_without_a_time_follows_by_a_second(tmp_path: Path):
    lines = [
        irc("a", 5000),
        irc("b", 5250),
        irc("c"),
        irc("d", 7000),
        irc("e", 1000),
        irc("f", 500_000),
        irc("g", 500_001),
    ]
    path = written(tmp_path / "log", lines)
    assert [(at_ms, event.text) for at_ms, event in played(path) if isinstance(event, Chat)] == [
        (0, "a"),
        (250, "b"),
        (1250, "c"),
        (2000, "d"),
        (2000, "e"),
        (62_000, "f"),
        (62_001, "g"),
    ]
    assert [at_ms for at_ms, _ in played(path, speed=10)] == [0, 25, 125, 200, 200, 6200, 6200]
    assert [at_ms for at_ms, _ in played(path, max_gap_s=0.5)] == [0, 250, 750, 1250, 1250, 1750, 1751]


@given(st.lists(st.none() | st.integers(0, 10**7), min_size=1, max_size=20), st.sampled_from([0.5, 1, 7]))
def test_whatever_the_stamps_every_event_comes_in_file_order_no_later_than_the_longest_gap(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[int | None], speed: float
):
    path = written(tmp_path_factory.mktemp("log") / "log", [irc(str(n), at_ms) for n, at_ms in enumerate(stamps)])
    events = played(path, speed=speed)
    assert [event.text for _, event in events if isinstance(event, Chat)] == [str(n) for n in range(len(stamps))]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(events)]
    assert all(0 <= gap <= 60_000 / speed + 1 for gap in gaps)


def test_the_original_time_stays_in_sent_at(tmp_path: Path):
    first, second = heard(written(tmp_path / "log", [irc("a", 0), irc("b", 400_000)]))
    assert isinstance(second, Chat)
    assert (second.sent_at_ms, second.at_ms, second.received_at_ms) == (
        START_MS + 400_000,
        BASE_MS + 60_000,
        BASE_MS + 60_000,
    )
    assert first.at_ms == BASE_MS


def test_of_a_journal_only_what_was_heard_is_played_under_its_own_ids(tmp_path: Path):
    events = heard(written(tmp_path / "log", LOGS["journal"]))
    assert [event.id for event in events] == ["twitch:mika:a", "twitch:mika:b", "twitch:mika:r", "line:8"]
    assert isinstance(events[0], Chat)
    assert (events[0].sent_at_ms, events[0].viewer_id) == (3, "twitch:7")


def test_a_retraction_comes_at_its_time(tmp_path: Path):
    clear = f"@tmi-sent-ts={START_MS + 2500};target-msg-id=a :tmi.twitch.tv CLEARMSG #mika :one"
    path = written(tmp_path / "log", [irc("one", 0, "a"), irc("two", 1000, "b"), clear])
    at_ms, last = played(path)[-1]
    assert isinstance(last, Retract)
    assert (at_ms, last.target_event) == (2500, heard(path)[0].id)


def test_a_broken_line_is_skipped_with_its_number_and_takes_no_time(tmp_path: Path):
    path = written(tmp_path / "log", [irc("a", 0), "what?", "", irc("b", 100)])
    assert [(at_ms, getattr(event, "line", 0)) for at_ms, event in played(path)] == [(0, 0), (0, 2), (100, 0)]


@pytest.mark.parametrize(("name", "stamp"), [("twitch-irc", START_MS), ("yt-dlp", START_MS), ("journal", START_MS)])
def test_the_stream_starts_at_the_logs_first_stamp(tmp_path: Path, name: str, stamp: int):
    assert first_stamp_ms(written(tmp_path / "log", LOGS[name])) == stamp


def test_a_log_without_stamps_starts_at_zero(tmp_path: Path):
    assert first_stamp_ms(written(tmp_path / "log", [irc("a")])) == 0


def test_how_far_it_has_come_is_told_in_events_and_lines(tmp_path: Path):
    path = written(tmp_path / "log", LOGS["twitch-irc"])

    async def listen() -> list[Progress]:
        replay = Replay(path, Clock(0))
        seen = [replay.progress]
        async with aclosing(replay.events()) as events:
            seen += [replay.progress async for _ in events]
        return [*seen, replay.progress]

    seen = [(progress.events, progress.lines, progress.total_lines) for progress in run_virtual(listen())]
    assert seen == [(0, 0, 5), (1, 1, 5), (2, 3, 5), (3, 4, 5), (4, 5, 5), (4, 5, 5)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \n", "in no known format.*twitch-irc.*yt-dlp.*journal"),
        (b"dear diary\n", "in no known format.*twitch-irc.*yt-dlp.*journal"),
        (b"\x00\xff" * 5000, "in no known format"),
        (b"[" * 100_000, "in no known format"),
        (b"PING :tmi.twitch.tv\n", "nothing in it is chat"),
        (journal.encode(TALK[0]), "nothing in it is chat"),
    ],
)
def test_a_log_with_nothing_to_play_is_said_in_one_sentence(tmp_path: Path, content: bytes, sentence: str):
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(BadLog, match=sentence):
        open_log(path)
    with pytest.raises(BadLog, match=sentence):
        first_stamp_ms(path)


def test_a_log_that_is_not_there_or_is_a_folder_is_said_so(tmp_path: Path):
    with pytest.raises(NotFound, match="no chat log"):
        open_log(tmp_path / "log")
    with pytest.raises(BadLog, match="cannot be read"):
        open_log(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_log_without_permission_is_said_so(tmp_path: Path):
    path = written(tmp_path / "log", LOGS["twitch-irc"])
    path.chmod(0)
    with pytest.raises(BadLog, match="no permission"):
        open_log(path)


def test_a_speed_of_nothing_is_the_persons_mistake(tmp_path: Path):
    path = written(tmp_path / "log", LOGS["twitch-irc"])

    async def make(speed: float, max_gap_s: float) -> None:
        Replay(path, Clock(0), speed=speed, max_gap_s=max_gap_s)

    for speed, max_gap_s in ((0, 1), (-1, 1), (float("nan"), 1), (1, -1)):
        with pytest.raises(UserMistake, match="speed"):
            asyncio.run(make(speed, max_gap_s))


def test_a_line_too_long_to_be_chat_is_one_broken_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("vtuber.adapters.chat.log_file._LINE_BYTES", 256)
    path = written(tmp_path / "log", [irc("a", 0), "x" * 1000, irc("b", 10)])
    _, entries = open_log(path)
    assert [(entry.line, type(entry.events[0])) for entry in entries] == [(1, Chat), (2, Skipped), (3, Chat)]


def test_the_same_log_played_twice_gives_the_same_bytes(samples: Path):
    for name in ("twitch_irc_chatterino.txt", "youtube_replay.live_chat.json"):
        path = samples / "chatlogs" / name
        once, again = ([journal.encode(event) for event in heard(path)] for _ in range(2))
        assert once == again
        assert len(once) == {"twitch_irc_chatterino.txt": 121, "youtube_replay.live_chat.json": 49}[name]


def test_a_journal_of_a_replay_replays_the_same_chat(samples: Path, tmp_path: Path):
    events = heard(samples / "chatlogs" / "twitch_irc_chatterino.txt")
    again = heard(written(tmp_path / "log", lines_of(events)))
    assert again == events
