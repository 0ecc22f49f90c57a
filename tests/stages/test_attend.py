from itertools import pairwise

import pytest

from tests.playing import Script, adds_up, chat, play, reasons, replies
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Money, Performed, Turn
from vtuber.settings import Attention, Settings
from vtuber.show import Show


def test_of_two_halves_of_a_sentence_both_are_answered_in_one_turn():
    played = play(Script(heard=[(0, chat(1, "I was wondering why")), (2000, chat(2, "the sea is so salty?"))]))
    (turn,) = [event for event in played.of(Turn) if event.chats]
    assert [one.id for one in turn.chats] == ["twitch:ada:1", "twitch:ada:2"]
    assert summarise(tell(played.events))["answered"] == 2


def test_paused_she_chooses_nothing_until_she_is_resumed():
    def meddle(show: Show):
        yield 100, lambda: show.interrupt("pause")
        yield 20_000, lambda: show.interrupt("resume")

    played = play(Script(heard=[(1000, chat(1, "how are you?"))], meddle=meddle))
    (turn,) = [event for event in played.of(Turn) if event.chats]
    assert turn.at_ms >= 20_100


def test_paused_while_she_speaks_she_chooses_nothing_either():
    def meddle(show: Show):
        yield 4_000, lambda: show.interrupt("pause")
        yield 30_000, lambda: show.interrupt("resume")

    long = replies("This one sentence goes on for such a very long while that everybody is asleep before it is over.")
    heard = [(0, chat(1, "how are you?")), (100, chat(2, "and you?", viewer="zoe"))]
    played = play(Script(heard=heard, fast=long, meddle=meddle))
    _, second = [event.at_ms for event in played.of(Turn) if event.chats]
    assert any(event.started_ms < 4_000 < event.at_ms for event in played.of(Performed))
    assert second >= 30_000


def test_a_quiet_stream_hears_her_own_topics_less_and_less_often():
    played = play(Script(heard=[(400_000, chat(1, "hello?"))]))
    idle = [event.at_ms for event in played.of(Turn) if event.purpose == "idle"]
    gaps = [late - early for early, late in pairwise(idle)]
    assert len(idle) >= 2
    assert gaps == sorted(gaps)
    assert gaps[-1] > gaps[0]


def test_while_she_speaks_nothing_is_chosen_until_it_can_be_heard_next():
    lately = Script(
        heard=[(at, chat(at, f"do you like number {at}?", viewer=f"v{at}")) for at in range(0, 40_000, 4_000)],
        fast=replies("This is the first of two sentences. And this is the second one.", tokens_per_s=20),
    )
    played = play(lately)
    heard = played.of(Performed)
    chosen = [event.at_ms for event in played.of(Turn) if event.chats]
    left = [one.at_ms - at for at in chosen for one in heard if one.started_ms < at < one.at_ms]
    assert len(chosen) == 10
    assert left, "some were chosen while she was still speaking, so that no time is lost"
    assert max(left) <= 1_300


@pytest.mark.parametrize(("needs_ms", "ahead_ms"), [(400, 400), (1_300, 1_300), (2_000, 1_300), (5_000, 3_700)])
def test_it_is_chosen_so_early_that_neither_promises_come_late_nor_a_slow_model_leaves_her_silent(
    needs_ms: int, ahead_ms: int, monkeypatch: pytest.MonkeyPatch
):
    played = play(Script(heard=[]))
    monkeypatch.setattr(played.show.mind.fast, "expect_ms", lambda _tokens: needs_ms)
    assert played.show.mind.ahead_ms() == ahead_ms


def test_after_a_hush_the_next_message_is_chosen_at_once():
    def meddle(show: Show):
        yield 4_000, lambda: show.interrupt("hush")

    long = replies("This one sentence goes on for such a very long while that everybody is asleep before it is over.")
    heard = [(0, chat(1, "how are you?")), (100, chat(2, "and you?", viewer="zoe"))]
    played = play(Script(heard=heard, fast=long, meddle=meddle))
    (cut,) = [event for event in played.of(Performed) if not event.whole]
    _, second = [event.at_ms for event in played.of(Turn) if event.chats]
    assert cut.at_ms <= second <= cut.at_ms + 50


def test_old_free_messages_are_dropped_as_stale_and_paid_ones_wait():
    slow = replies(
        "A very long answer that goes on and on until nobody remembers what was asked. Really.", tokens_per_s=0.3
    )
    heard = [(0, chat(0, "how are you?")), (100, chat(1, "what is up?", viewer="taro"))]
    heard.append((100, chat(2, "hi", viewer="zoe", money=Money("5", "USD"))))
    hasty = Settings(attention=Attention(max_age_s=20))
    played = play(Script(heard=heard, fast=slow, settings=hasty))
    assert "stale" in reasons(played).values()
    assert "twitch:ada:2" not in reasons(played)
    assert any("5 dollars" in text for text in played.said())


def test_a_flood_larger_than_the_road_drops_the_oldest_with_its_reason():
    heard = [(5, chat(i, f"what about number {i}?", viewer=f"v{i}")) for i in range(100)]
    played = play(Script(heard=heard))
    assert "overflow" in reasons(played).values()
    adds_up(played)
