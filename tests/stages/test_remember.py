from tests.playing import Script, chat, play, replies
from vtuber.events import Performed, Remembered
from vtuber.show import Show


def test_everything_heard_and_performed_is_remembered_and_nothing_else():
    played = play(Script(heard=[(0, chat(1, "how are you?")), (10, chat(2, "!command", viewer="taro"))]))
    remembered = {event.cause for event in played.of(Remembered)}
    assert {"twitch:ada:1", "twitch:ada:2"} <= remembered
    assert {event.id for event in played.of(Performed)} <= remembered


def test_what_was_cut_off_is_remembered_as_far_as_it_was_heard():
    def meddle(show: Show):
        yield 3_500, lambda: show.interrupt("hush")

    played = play(
        Script(
            heard=[(0, chat(1, "tell me?"))], fast=replies("This is a rather long sentence to be heard."), meddle=meddle
        )
    )
    cut = [event for event in played.of(Performed) if not event.whole]
    assert cut, "the hush came while she spoke"
    assert all(len(event.text) < len("This is a rather long sentence to be heard.") for event in cut)
    assert {event.id for event in cut} <= {event.cause for event in played.of(Remembered)}
