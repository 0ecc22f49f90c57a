from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.stage_output import BASE_MS, cue
from tests.playing import HARD, Script, play, replies
from tests.playing import chat as said_in_chat
from tests.test_events import KINDS, an_event
from vtuber.core.live_view import Board, Pace, ailing, latest, musing, story, totals
from vtuber.core.live_words import as_text
from vtuber.events import (
    Airing,
    Changed,
    Chat,
    Clause,
    Connection,
    Dropped,
    Event,
    Failed,
    Generated,
    Health,
    Interrupt,
    Money,
    Notice,
    Question,
    Retract,
    Turn,
    Used,
)


def chat(number: int, **more: Any):
    return Chat(
        id=f"c{number}", at_ms=BASE_MS + number * 1000, platform="twitch", name=f"n{number}",
        **{"text": "hello", "viewer_id": f"twitch:{number}"} | more,
    )  # fmt: skip


def turn(*chats: Chat):
    return Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=chats)


def airing(*asked: str):
    return Airing(id="a", at_ms=BASE_MS, turn="t1", asked=asked)


def end_of_deep_answer():
    return Clause(id="e", at_ms=BASE_MS, turn="t1", seq=101, text="", language="en", source="deep", last=True)


def order(op: Any, **more: Any):
    return Interrupt(id=f"i-{op}", at_ms=BASE_MS + 65_000, op=op, **more)


def seen(*events: Event):
    board = Board()
    for event in events:
        board.note(event)
    return board


def fates(board: Board):
    return {line.id: line.fate for line in board.lines}


def test_a_message_waits_is_answered_and_has_been_answered_when_its_answer_is_heard():
    one, two = chat(1), chat(2)
    assert fates(seen(one, two)) == {"c1": "waiting", "c2": "waiting"}
    assert fates(seen(one, two, turn(one))) == {"c1": "answering", "c2": "waiting"}
    board = seen(one, two, turn(one), airing("c1"))
    assert fates(board) == {"c1": "answered", "c2": "waiting"}
    assert board.counts == {"heard": 2, "answered": 1}
    assert totals(board) == "2 heard · 1 waiting · 1 answered · 0 dropped"


def test_a_merged_sentence_counts_both_messages_as_answered():
    one, two = chat(1), chat(2)
    assert seen(one, two, turn(one, two), airing("c1", "c2")).counts["answered"] == 2


def test_a_whole_show_leaves_nobody_waiting_and_nobody_thought_for():
    heard = [
        (0, said_in_chat(1, "how are you?")),
        (5000, said_in_chat(2, f"{HARD}?", viewer="bo")),
        (0, said_in_chat(3, "!x")),
    ]
    board = seen(*play(Script(heard=heard)).events)
    assert board.counts == {"heard": 3, "answered": 2, "dropped": 1}
    assert (musing(board, 0), board.waiting, board.reasons) == ("", 0, {"command": 1})


def test_a_reply_that_a_hush_took_before_it_was_heard_is_dropped_with_its_reason():
    slow = replies("A first sentence. A second sentence.", tokens_per_s=1)
    played = play(
        Script(
            heard=[(0, said_in_chat(1, "how are you?"))],
            fast=slow,
            meddle=lambda show: [(3000, lambda: show.interrupt("hush"))],
        )
    )
    board = seen(*played.events)
    assert (board.waiting, board.reasons) == (0, {"interrupted_hush": 1})


def test_a_dropped_message_says_why_and_is_counted_once():
    drop = Dropped(id="d", at_ms=BASE_MS, cause="c1", reason="spam", item="chat")
    board = seen(chat(1), drop, drop)
    assert (board.lines[0].fate, board.lines[0].reason) == ("dropped", "spam")
    assert board.counts["dropped"] == 1


def test_a_message_that_has_left_the_view_is_counted_all_the_same():
    one = chat(1)
    board = seen(one, *(chat(number) for number in range(2, 40)), turn(one), airing("c1"))
    assert len(board.lines) == 14
    assert board.counts["answered"] == 1


def test_she_thinks_for_the_asker_until_the_deep_answer_is_out():
    one = chat(1)
    question = Question(id="q", at_ms=BASE_MS, turn="t1", asked=turn(one), language="en", deadline_ms=0)
    board = seen(one, turn(one), question)
    assert musing(board, BASE_MS) == "… thinking for n1 (low effort)"
    assert fates(board) == {"c1": "answering"}
    board.note(end_of_deep_answer())
    assert musing(board, BASE_MS) == ""
    board.note(airing("c1"))
    assert fates(board) == {"c1": "answered"}


def test_her_effort_and_how_much_longer_she_thinks_are_in_view():
    question = Question(
        id="q", at_ms=BASE_MS, turn="t1", asked=turn(chat(1)), language="en", deadline_ms=0, effort="high",
        expected_ms=BASE_MS + 40_000,
    )  # fmt: skip
    board = seen(question)
    assert musing(board, BASE_MS + 10_400) == "… thinking for n1 (high effort, about 30 s more)"
    assert musing(board, BASE_MS + 50_000) == "… thinking for n1 (high effort, longer than expected)"


def health(state: Any, model: str = "qwen2.5:14b", **more: Any):
    return Health(id=f"h-{model}-{state}", at_ms=BASE_MS, tier="fast", model=model, state=state, **more)


def answered_by(model: str, stop: str = "stop"):
    return Generated(id="g", at_ms=BASE_MS, tier="fast", model=model, first_token_ms=1, total_ms=2, stop=stop)


def test_a_model_that_is_down_is_in_view_with_its_next_try_and_who_answers_meanwhile():
    board = seen(answered_by("qwen2.5:14b"), health("down", retry_ms=5000))
    assert ailing(board, BASE_MS) == "qwen2.5:14b (fast) is down, next try in 5 s"
    board.note(answered_by("qwen2.5:14b", stop="error"))
    board.note(answered_by("embedded"))
    assert ailing(board, BASE_MS + 2000) == "qwen2.5:14b (fast) is down, next try in 3 s; answering: embedded"
    assert ailing(board, BASE_MS + 60_000) == "qwen2.5:14b (fast) is down, next try now; answering: embedded"
    board.note(health("up"))
    assert ailing(board, BASE_MS) == ""


def test_of_several_models_that_are_down_none_is_said_to_answer_and_another_choice_forgets_them():
    board = seen(answered_by("b"), health("down", "a", retry_ms=5000), health("down", "b", retry_ms=10_000))
    assert ailing(board, BASE_MS) == "a (fast) is down, next try in 5 s · b (fast) is down, next try in 10 s"
    board.note(Changed(id="x", at_ms=BASE_MS, what="fast", to="c", refused="ModelUnavailable"))
    assert ailing(board, BASE_MS)
    board.note(Changed(id="x", at_ms=BASE_MS, what="fast", to="c"))
    assert ailing(board, BASE_MS) == ""


def test_the_tools_that_were_used_are_counted():
    used = Used(id="u", at_ms=BASE_MS, tool="calculator", tier="fast", arguments="{}", ok=True, took_ms=12)
    failed = Used(id="v", at_ms=BASE_MS, tool="clock", tier="fast", arguments="{}", ok=False, took_ms=2)
    board = seen(used, used, failed)
    assert story(board, BASE_MS).endswith("tools: calculator 2")


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


def test_an_edit_takes_the_place_of_the_old_wording():
    gone = Retract(id="r", at_ms=BASE_MS, target_event="c1", reason="edited")
    board = seen(chat(1, text="helo"), chat(2), gone, chat(3, text="hello", edit_of="c1"))
    assert [(line.id, line.text, line.edited, line.fate) for line in board.lines] == [
        ("c3", "hello", True, "waiting"),
        ("c2", "hello", False, "waiting"),
    ]
    unseen = seen(chat(3, text="hello", edit_of="c1"))
    assert unseen.lines[0].edited


def test_a_message_that_comes_twice_is_shown_once_and_keeps_its_fate():
    again = Dropped(id="d", at_ms=BASE_MS, cause="c1", reason="heard_already", item="chat")
    board = seen(chat(1), chat(1), again)
    assert (fates(board), board.counts) == ({"c1": "waiting"}, {"heard": 1})


def test_how_a_source_fares_is_in_view():
    lost = Connection(id="1", at_ms=BASE_MS, source="twitch", state="lost", retry_ms=8000)
    board = seen(lost, Connection(id="2", at_ms=BASE_MS, source="local", state="connected"))
    assert story(board, BASE_MS).endswith("twitch: lost, trying again in 8 s · local: connected")
    board.note(Connection(id="3", at_ms=BASE_MS, source="twitch", state="stalled"))
    assert "twitch: silent for too long" in story(board, BASE_MS)


def test_the_operators_hand_and_what_came_of_it_are_in_view():
    board = seen(chat(1))
    for event, told in (
        (order("ban", target_viewer="twitch:1"), "banned n1"),
        (order("ban", target_viewer="twitch:77"), "banned twitch:77"),
        (order("say", say="Back in five.\n"), "to be said: Back in five."),
        (order("hush"), "hushed"),
        (order("switch", tier="deep", model="ollama/x"), "opening ollama/x as the deep model"),
        (Changed(id="x", at_ms=BASE_MS + 65_000, what="deep", to="x"), "the deep model is now x"),
        (
            Changed(id="x", at_ms=BASE_MS + 65_000, what="fast", to="y", refused="ModelUnavailable"),
            "y cannot be the fast model (ModelUnavailable): it stays as it was",
        ),
        (Changed(id="x", at_ms=BASE_MS + 65_000, what="persona", to="Efu"), "now Efu"),
    ):
        board.note(event)
        assert latest(board, BASE_MS) == f"* [1:05] {told}"
    board.note(order("retract", target_event="c1", by="platform"))
    assert latest(board, BASE_MS).endswith("now Efu"), "a platform's deletion is no order of the operator's"


def test_the_story_names_viewers_pace_and_reasons():
    board = seen(*(chat(number, viewer_id=f"twitch:{number % 3}") for number in range(1, 31)))
    now = BASE_MS + 30_000
    assert story(board, now) == "3 viewers · 1.0 messages/s"
    assert board.pace.rate(now + 60_000) == 0
    for number in range(1, 6):
        board.note(
            Dropped(id="d", at_ms=now, cause=f"c{number}", reason="spam" if number > 1 else "stale", item="chat")
        )
    assert story(board, now).endswith("dropped: spam 4, stale 1")


@given(st.lists(st.integers(0, 40_000), max_size=60).map(sorted), st.integers(0, 10_000))
def test_the_pace_counts_the_last_ten_seconds_whatever_came_before(stamps: list[int], later: int):
    pace = Pace()
    for at_ms in stamps:
        pace.count(at_ms)
    now = max(stamps, default=0) + later
    assert pace.rate(now) == sum(now // 1000 - 10 < at_ms // 1000 for at_ms in stamps) / 10


@given(st.lists(st.one_of(*(an_event(struct) for struct in KINDS)), max_size=12), st.integers(0, 2**50))
@settings(max_examples=200, deadline=None)
def test_no_event_whatsoever_makes_the_view_fail(events: Any, now: int):
    board = seen(*events)
    told = [totals(board), story(board, now), latest(board, 0), musing(board, now), ailing(board, now)]
    told += [*(as_text(event, 0, board.named) for event in events)]
    assert not any("\n" in line for line in told)
    assert len(board.lines) <= 14


def test_the_view_holds_no_more_after_a_long_show_than_after_a_short_one():
    board = Board()
    for number in range(60_000):
        one = chat(number)
        board.note(one)
        board.note(Turn(id=f"t{number}", at_ms=0, turn=f"t{number}", purpose="answer", chats=(one,)))
        board.note(Connection(id="x", at_ms=0, source=f"s{number}", state="connected"))
    assert len(board.viewers) == 20_000
    assert board.waiting <= 2000
    assert len(board.sources) <= 8
    assert story(board, 0).startswith("20000+ viewers")
