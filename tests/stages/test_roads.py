from collections import Counter
from typing import Any

from tests.playing import GOOD_NIGHT, Script, adds_up, chat, play, replies
from vtuber.clock import Clock
from vtuber.events import Closed, Dropped, Money, Performed
from vtuber.interrupts import Interrupts
from vtuber.show import Show
from vtuber.stages.roads import lay


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
