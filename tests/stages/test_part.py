from tests.playing import GOOD_NIGHT, HARD, Script, chat, play, replies
from vtuber.show import Show


def test_she_says_good_bye_after_the_last_answer():
    deep = replies("It takes a while. But here it is.", tokens_per_s=0.8)
    played = play(Script(heard=[(0, chat(1, f"{HARD} why"))], deep=deep))
    assert played.said()[-3:] == ["It takes a while.", "But here it is.", GOOD_NIGHT]


def test_stopped_she_says_no_good_bye():
    def meddle(show: Show):
        yield 3_000, lambda: show.interrupt("stop")

    played = play(Script(heard=[(20_000, chat(1, "hello?"))], meddle=meddle))
    assert GOOD_NIGHT not in played.said()
