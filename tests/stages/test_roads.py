import asyncio
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.playing import GOOD_NIGHT, Script, adds_up, chat, play, replies
from vtuber.clock import Clock
from vtuber.events import Closed, Dropped, Interrupt, Money, Performed, Question, Turn
from vtuber.interrupts import Interrupts
from vtuber.ports import Audio
from vtuber.show import Show
from vtuber.stages.mind import Clauses
from vtuber.stages.roads import Speech, interrupted, lay


async def test_free_and_paid_messages_have_room_of_their_own_and_nobody_waits_for_room():
    noted: list[Any] = []
    roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=2)
    money = Money("1", "USD")
    for number in range(300):
        await roads.chat.put(chat(number, "paid", money=money))
        await roads.chat.put(chat(1_000 + number, "free"))
    waiting = [heard.id for heard in roads.chat.waiting()]
    assert [one for one in waiting if len(one) > 14] == ["twitch:ada:1298", "twitch:ada:1299"], "the newest free ones"
    assert len(waiting) == 258
    fates = Counter(event.reason for event in noted)
    assert fates == {"overflow": 298, "held": 44}


def test_hush_silences_her_and_the_next_message_is_answered():
    def meddle(show: Show):
        yield 4_000, lambda: show.interrupt("hush")

    heard = [(0, chat(1, "tell me a long story?")), (15_000, chat(2, "and now?", viewer="taro"))]
    slow = replies("Once upon a time there was a very old lighthouse. Its keeper never slept.", tokens_per_s=4)
    played = play(Script(heard=heard, fast=slow, meddle=meddle))
    assert any(event.reason == "interrupted_hush" for event in played.of(Dropped))
    hushed = next(event.at_ms for event in played.events if getattr(event, "op", "") == "hush")
    between = [one for one in played.of(Performed) if hushed < one.started_ms < 15_000]
    assert between == []
    assert played.of(Performed)[-1].text == GOOD_NIGHT
    adds_up(played)


def test_stop_ends_the_show_at_once_and_says_what_became_of_every_message():
    def meddle(show: Show):
        yield 5_000, lambda: show.interrupt("stop")

    heard = [(i * 400, chat(i, f"question number {i}?", viewer=f"v{i}")) for i in range(40)]
    played = play(Script(heard=heard, meddle=meddle))
    assert isinstance(played.events[-1], Closed)
    assert played.events[-1].reason == "stopped"
    assert played.events[-1].at_ms < 6_500
    adds_up(played)


def question(number: int, *, held: bool = True) -> Question:
    asked = Turn(id=f"t{number}", turn=f"t{number}", at_ms=0, purpose="answer", chats=(chat(number, "why?"),))
    return Question(
        id=f"t{number}/question", at_ms=0, turn=asked.id, asked=asked, language="en", deadline_ms=9, held=held
    )  # fmt: skip


def hand(op: Any, **target: Any) -> Interrupt:
    return Interrupt(id=f"i-{op}", at_ms=0, op=op, **target)


async def test_what_was_promised_is_owed_after_a_hush_or_a_skip_and_to_nobody_who_is_gone():
    noted: list[Any] = []
    roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=2)
    for number, (op, held) in enumerate((("hush", True), ("hush", False), ("skip", True), ("ban", True))):
        interrupted(question(number, held=held), hand(op), roads)
    assert [one.id for one in roads.owed.waiting()] == ["t0/question", "t2/question"]
    assert [event.reason for event in noted] == [
        "interrupted_hush", "interrupted_hush", "interrupted_skip", "interrupted_ban"
    ]  # fmt: skip
    roads.interrupts.send(hand("hush"))
    assert len(roads.owed) == 2, "a second hush forgives nothing"
    roads.interrupts.send(hand("retract", target_event="twitch:ada:0"))
    assert [one.id for one in roads.owed.waiting()] == ["t2/question"]
    roads.interrupts.send(hand("stop"))
    assert not len(roads.owed)


async def test_however_many_promises_are_broken_few_are_owed_and_nobody_waits():
    roads = lay(Clock(0), lambda _event: None, interrupts=Interrupts(), sources=1, chat_size=2)
    for number in range(20):
        interrupted(question(number), hand("hush"), roads)
    assert len(roads.owed) == 8


async def test_a_question_that_waits_is_taken_back_with_its_message():
    for order in (hand("retract", target_event="twitch:ada:1"), hand("ban", target_viewer="twitch:mika"), hand("stop")):
        noted: list[Any] = []
        roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=2)
        assert roads.questions.offer(question(1))
        roads.interrupts.send(hand("retract", target_event="twitch:ada:2"))
        assert len(roads.questions) == 1, "another message is no reason"
        roads.interrupts.send(order)
        assert not len(roads.questions)
        assert noted[-1].reason == f"interrupted_{order.op}"


@pytest.mark.parametrize("order", [hand("ban", target_viewer="twitch:mika"), hand("hush"), hand("stop")])
async def test_what_changes_hands_in_the_moment_of_an_interrupt_is_taken_back_too(order: Interrupt):
    noted: list[Any] = []
    roads = lay(Clock(0), noted.append, interrupts=Interrupts(), sources=1, chat_size=2)
    turn = question(1).asked
    clause = Clauses(turn, language="en", source="fast", roads=roads).clause("The moon pulls.")
    takers = [asyncio.ensure_future(road.get()) for road in (roads.turns, roads.speech)]
    await asyncio.sleep(0)
    await roads.turns.put(turn)
    await roads.speech.put(Speech(clause, Audio(np.zeros(1, np.int16), "")))
    roads.interrupts.send(order)
    await asyncio.sleep(1)
    assert [taker.done() for taker in takers] == [False, False]
    lost = [(event.cause, event.item, event.reason) for event in noted if isinstance(event, Dropped)]
    reason = f"interrupted_{order.op}"
    assert lost == [("t1", "turn", reason), ("t1/0", "clause", reason)]
    for taker in takers:
        taker.cancel()
