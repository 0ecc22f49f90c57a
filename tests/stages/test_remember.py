from tests.playing import Script, chat, play, replies
from vtuber.channel import Road
from vtuber.clock import Clock
from vtuber.events import Performed, Remembered
from vtuber.show import Show
from vtuber.stages.remember import next_batch
from vtuber.stages.roads import Memorable


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


async def test_a_single_message_is_safe_soon_and_of_many_one_batch_is_made():
    clock, road = Clock(0), Road[Memorable]("memory", 512)
    await road.put(chat(1, "hello"))
    assert len(await next_batch(road, clock)) == 1
    alone = clock.now()
    for number in range(10):
        await road.put(chat(number, "hello"))
    assert len(await next_batch(road, clock)) == 10
    assert alone < clock.now() - alone, "in a busy chat it waits for more"
    for number in range(300):
        await road.put(chat(number, "hello"))
    began = clock.now()
    assert len(await next_batch(road, clock)) == 256
    assert clock.now() == began, "a full batch waits for nothing"
