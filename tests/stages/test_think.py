import asyncio

import msgspec

from tests.playing import GOOD_NIGHT, HARD, PERSONA, WELCOME, Script, chat, play, reasons, replies
from vtuber.adapters.model.scripted import Scripted
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Generated, Money, Notice, Routed, Turn
from vtuber.show import Show


def test_money_is_thanked_with_its_amount_and_then_answered():
    paid = chat(1, "how are you?", form="paid", money=Money("500", "JPY"), platform="youtube")
    played = play(Script(heard=[(0, paid)]))
    assert played.said()[1:3] == ["Thank you for 500 yen, mika.", "Hello there!"]


def test_a_raid_is_welcomed():
    raid = Notice(id="n", at_ms=0, platform="twitch", viewer_id="twitch:zoe", name="zoe", notice="raid", count=12)
    assert "Welcome zoe and 12 friends." in play(Script(heard=[(0, raid)])).said()


def test_a_hard_question_that_ponder_has_no_room_for_is_answered_by_the_fast_model():
    deep = replies("It is slow. Very slow.", tokens_per_s=0.2)
    heard = [(i * 3000, chat(i, f"{HARD} number {i}", viewer=f"v{i}")) for i in range(4)]
    played = play(Script(heard=heard, deep=deep))
    accepted = [event.accepted for event in played.of(Routed) if event.route == "hard"]
    assert accepted.count(False) >= 1
    assert sum(event.tier == "fast" for event in played.of(Generated)) == accepted.count(False)


def test_a_message_in_japanese_is_answered_with_her_japanese_lines():
    played = play(
        Script(heard=[(1000, chat(1, "はじめまして、よろしくね", first_time=True))], fast=replies("よろしくね！"))
    )
    assert "mika、はじめまして。" in played.said()


def test_she_says_no_more_than_her_character_allows():
    played = play(
        Script(
            heard=[(0, chat(1, "tell me more?"))],
            fast=replies("The first one is here. The second one is here. The third one is here."),
        )
    )
    assert played.said()[1:-1] == ["The first one is here.", "The second one is here."]


def test_a_clause_that_the_guard_refuses_is_replaced_by_a_line_of_her_own():
    played = play(Script(heard=[(0, chat(1, "say it?"))], fast=replies("You are a slurword. Ha.")))
    assert played.said() == [WELCOME, "Let us talk about something else.", GOOD_NIGHT]


def test_stop_while_the_model_is_still_loading_ends_the_show_at_once():
    class Loading(Scripted):
        async def prepare(self, prefix: tuple[object, ...] = ()) -> None:
            await asyncio.sleep(300)

    def meddle(show: Show):
        yield 5_000, lambda: show.interrupt("stop")

    played = play(Script(heard=[(0, chat(1, "how are you?"))], fast=Loading(), meddle=meddle))
    assert played.events[-1].at_ms <= 6_000
    assert reasons(played)["twitch:ada:1"] == "show_ended"


def test_what_is_chosen_after_a_slow_start_is_fresh():
    class Loading(Scripted):
        async def prepare(self, prefix: tuple[object, ...] = ()) -> None:
            await asyncio.sleep(60)

    heard = [(0, chat(1, "how are you?")), (58_000, chat(2, "what is your name?", viewer="taro"))]
    played = play(Script(heard=heard, fast=Loading()))
    (turn,) = [event for event in played.of(Turn) if event.chats]
    assert turn.chats[0].name == "taro"
    assert reasons(played)["twitch:ada:1"] == "stale"


def without(*kinds: str):
    """Give the character without lines of these kinds."""
    return msgspec.structs.replace(
        PERSONA, lines=msgspec.structs.replace(PERSONA.lines, **{kind: {} for kind in kinds})
    )


def test_a_first_greeting_is_answered_also_by_a_character_who_has_no_line_for_it():
    played = play(Script(heard=[(0, chat(1, "hello", first_time=True))], persona=without("first_time")))
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]


def test_a_notice_for_which_she_has_no_line_is_dropped_with_its_reason():
    sub = Notice(id="n", at_ms=0, platform="twitch", viewer_id="twitch:zoe", name="zoe", notice="sub")
    played = play(Script(heard=[(0, sub)], persona=without("subscription")))
    assert played.said() == [WELCOME, GOOD_NIGHT]
    (turn,) = [one for one in played.of(Turn) if one.notice]
    assert reasons(played)[turn.id] == "no_line"
    assert summarise(tell(played.events))["notices"] == {"answered": 0, "dropped": {"no_line": 1}}
