"""The shipped demo stream is what its readable source says, and holds everything that a demo should show."""

import runpy
from pathlib import Path

import msgspec
import pytest

from vtuber.events import Chat, Event, Notice, Opened, Retract

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "vtuber" / "shipped"
MAKER = runpy.run_path(str(ROOT / "scripts" / "make-demo-log"))


@pytest.fixture(scope="module")
def log() -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in (SHIPPED / "demo.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def chats(log: list[Event]) -> list[Chat]:
    return [event for event in log if isinstance(event, Chat)]


def _seconds(event: Event, log: list[Event]) -> float:
    return (event.at_ms - log[0].at_ms) / 1000


def test_the_log_is_what_its_source_says(log: list[Event]):
    assert MAKER["events"]((SHIPPED / "demo.txt").read_text(encoding="utf-8")) == log


def test_a_line_that_cannot_be_read_is_named():
    with pytest.raises(SystemExit, match="Line 2"):
        MAKER["events"]("# fine\n0:01 radio someone: hello")
    with pytest.raises(SystemExit, match="frist"):
        MAKER["events"]("0:01 tw someone [frist]: hello")


def test_it_lasts_about_four_minutes_with_about_ninety_messages_in_order(log: list[Event], chats: list[Chat]):
    assert isinstance(log[0], Opened)
    assert [event.at_ms for event in log] == sorted(event.at_ms for event in log)
    assert 230 <= _seconds(log[-1], log) <= 245
    assert 80 <= len(chats) <= 100
    assert len({event.id for event in log}) == len(log)
    assert sum(_seconds(chat, log) > 215 for chat in chats) <= 5, "the end is calm"


def test_it_has_two_platforms_a_bot_a_command_first_timers_money_and_a_raid(log: list[Event], chats: list[Chat]):
    assert {chat.platform for chat in chats} == {"twitch", "youtube"}
    assert any("bot" in chat.roles for chat in chats)
    assert any(chat.text.startswith("!") for chat in chats)
    assert any(chat.first_time for chat in chats)
    assert {(chat.form, chat.money.currency) for chat in chats if chat.money} == {("paid", "JPY"), ("text", "bits")}
    assert {event.notice for event in log if isinstance(event, Notice)} >= {"raid"}


def test_a_flood_is_copied_by_several_viewers_and_emotes_are_counted(chats: list[Chat]):
    copies = [chat for chat in chats if chat.text.startswith("PAPER PLANE RAID")]
    assert len(copies) >= 5
    assert len({chat.viewer_id for chat in copies}) == len(copies)
    assert any(chat.emotes >= 4 for chat in chats)


def test_one_sentence_is_split_over_two_messages(chats: list[Chat]):
    first, second = (chat for chat in chats if "本番の前の日" in chat.text or "なにを食べたら" in chat.text)
    assert first.viewer_id == second.viewer_id
    assert 2000 <= second.at_ms - first.at_ms <= 3000


def test_a_message_is_taken_back_three_seconds_later(log: list[Event]):
    (taken,) = (event for event in log if isinstance(event, Retract))
    target = next(event for event in log if event.id == taken.target_event)
    assert 2000 <= taken.at_ms - target.at_ms <= 4000


def test_two_viewers_come_back_to_what_they_said_and_nobody_else_said_it(log: list[Event], chats: list[Chat]):
    for said, asked in (("hates the vacuum", "what my cat hates"), ("発表会", "明日なにをするか")):
        first = next(chat for chat in chats if said in chat.text)
        again = next(chat for chat in chats if asked in chat.text)
        assert first.viewer_id == again.viewer_id
        assert again.at_ms - first.at_ms > 110_000
