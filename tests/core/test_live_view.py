from typing import Any

from tests.contracts.stage_output import BASE_MS, cue
from vtuber.core.live_view import Board, as_text, stamp
from vtuber.events import Chat, Dropped, Event, Failed, Interrupt, Money, Notice, Performed, Question, Retract, Turn


def chat(number: int, **more: Any):
    return Chat(
        id=f"c{number}", at_ms=BASE_MS + number * 1000, platform="twitch",
        viewer_id=f"twitch:{number}", name=f"n{number}",
        **{"text": "hello"} | more,
    )  # fmt: skip


def turn(*chats: Chat):
    return Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=chats)


def spoken(*, source: Any = "fast", last: bool = True):
    return Performed(
        id=f"p-{source}-{last}", at_ms=BASE_MS, turn="t1", seq=0, text="x", language="en", source=source, last=last,
        started_ms=BASE_MS, duration_ms=10, voice="v",
    )  # fmt: skip


def seen(*events: Event):
    board = Board()
    for event in events:
        board.note(event)
    return board


def fates(board: Board):
    return {line.id: line.fate for line in board.lines}


def test_a_message_waits_is_answered_and_has_been_answered():
    one, two = chat(1), chat(2)
    assert fates(seen(one, two)) == {"c1": "waiting", "c2": "waiting"}
    assert fates(seen(one, two, turn(one))) == {"c1": "answering", "c2": "waiting"}
    board = seen(one, two, turn(one), spoken(last=False), spoken())
    assert fates(board) == {"c1": "answered", "c2": "waiting"}
    assert board.counts == {"heard": 2, "answered": 1}


def test_a_merged_sentence_counts_both_messages_as_answered():
    one, two = chat(1), chat(2)
    assert seen(one, two, turn(one, two), spoken()).counts["answered"] == 2


def test_a_dropped_message_says_why_and_is_counted_once():
    drop = Dropped(id="d", at_ms=BASE_MS, cause="c1", reason="spam", item="chat")
    board = seen(chat(1), drop, drop)
    assert (board.lines[0].fate, board.lines[0].reason) == ("dropped", "spam")
    assert board.counts["dropped"] == 1


def test_a_message_that_has_left_the_view_is_counted_all_the_same():
    one = chat(1)
    board = seen(one, *(chat(number) for number in range(2, 40)), turn(one), spoken())
    assert len(board.lines) == 14
    assert board.counts["answered"] == 1


def test_she_thinks_for_the_asker_until_the_deep_answer_is_out():
    one = chat(1)
    question = Question(id="q", at_ms=BASE_MS, turn="t1", asked=turn(one), language="en", deadline_ms=0)
    board = seen(one, turn(one), question, spoken())  # the holding line is not the answer
    assert board.pondering == {"t1": "n1"}
    assert fates(board) == {"c1": "answering"}
    board.note(spoken(source="deep"))
    assert board.pondering == {}
    assert fates(board) == {"c1": "answered"}


def test_a_deleted_message_is_not_shown_any_more():
    board = seen(chat(1, text="secret"), chat(2), Retract(id="r", at_ms=BASE_MS, target_event="c1"))
    assert (board.lines[0].text, board.lines[0].fate) == ("", "deleted")
    assert board.lines[1].text == "hello"
    board.note(Retract(id="r2", at_ms=BASE_MS, target_viewer="twitch:2"))
    assert board.lines[1].text == ""


def test_backlog_is_not_shown():
    assert not seen(chat(1, backlog=True)).lines


def test_money_notices_faults_and_pauses_are_in_view():
    paid = chat(1, money=Money("500", "JPY"))
    raid = Notice(id="n", at_ms=BASE_MS, platform="twitch", name="ren", notice="raid", count=20)
    board = seen(
        paid,
        raid,
        Failed(id="f", at_ms=BASE_MS, stage="think", error="ModelTimeout"),
        Interrupt(id="i", at_ms=BASE_MS, op="pause"),
    )
    assert board.lines[0].paid == "500 JPY"
    assert board.lines[1].text == "(raid)"
    assert board.trouble == "think: ModelTimeout"
    assert board.paused
    board.note(Interrupt(id="i2", at_ms=BASE_MS, op="resume"))
    assert not board.paused


def test_what_she_says_is_in_view_while_she_says_it():
    board, one = Board(), cue()
    board.begin(one)
    assert board.cue is one
    board.finish()
    assert board.cue is None


def test_each_event_in_view_is_one_plain_line():
    question = Question(id="q", at_ms=BASE_MS, turn="t1", asked=turn(chat(1)), language="en", deadline_ms=0)
    assert as_text(chat(12, money=Money("20.00", "USD")), BASE_MS) == "[0:12] n12: hello (20.00 USD)"
    assert as_text(question, BASE_MS) == "  … thinking for n1"
    assert (
        as_text(Failed(id="f", at_ms=BASE_MS, stage="think", error="E", degraded=True), BASE_MS)
        == "[0:00] ! think: E (gave up)"
    )
    assert "taken back" in as_text(Retract(id="r", at_ms=BASE_MS), BASE_MS)
    assert as_text(chat(1, text="a\n\x1b[2Jb"), BASE_MS) == "[0:01] n1: a b"
    assert as_text(spoken(), BASE_MS) == ""


def test_times_are_shown_as_a_clock_shows_them():
    assert stamp(BASE_MS + 65_000, BASE_MS) == "1:05"
    assert stamp(BASE_MS + 3_605_000, BASE_MS) == "1:00:05"
    assert stamp(BASE_MS - 5, BASE_MS) == "0:00"
