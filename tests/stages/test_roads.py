from tests.playing import GOOD_NIGHT, Script, adds_up, chat, play, replies
from vtuber.events import Closed, Dropped, Performed
from vtuber.show import Show


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
