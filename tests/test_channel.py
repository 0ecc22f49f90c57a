"""Roads keep their order, their size and their rule for full, and end when their producers are done."""

import asyncio
from collections.abc import Sequence

import pytest

from vtuber.channel import LET_IN, Road, RoadClosed, first_of
from vtuber.clock import Deadlock, run_virtual


async def idle() -> None:
    """Let everyone go as far as they can: on virtual time a sleep ends only when nothing else is left to do."""
    await asyncio.sleep(0.001)


async def test_items_come_out_in_the_order_in_which_they_went_in():
    road: Road[int] = Road("chat", 3)
    for item in (1, 2, 3):
        await road.put(item)
    assert road.waiting() == (1, 2, 3)
    assert [await road.get() for _ in range(3)] == [1, 2, 3]
    assert len(road) == 0


async def test_a_put_on_a_full_road_waits_for_room():
    road: Road[int] = Road("chat", 1)
    await road.put(1)
    async with asyncio.TaskGroup() as group:
        second = group.create_task(road.put(2))
        await idle()
        assert not second.done()
        assert await road.get() == 1
    assert road.waiting() == (2,)


async def test_a_rendezvous_holds_the_putter_until_somebody_is_getting():
    road: Road[int] = Road("turns", 0)
    async with asyncio.TaskGroup() as group:
        putting = group.create_task(road.put(1))
        await idle()
        assert not putting.done()
        assert road.waiting() == ()
        assert await road.get() == 1
    assert putting.done()


async def test_room_on_a_rendezvous_is_there_only_while_somebody_is_getting():
    road: Road[int] = Road("turns", 0)
    async with asyncio.TaskGroup() as group:
        chosen_late = group.create_task(road.room())
        await idle()
        assert not chosen_late.done()
        getting = group.create_task(road.get())
        await idle()
        assert chosen_late.done()
        await road.put(7)
    assert getting.result() == 7


async def test_an_offer_never_waits_and_says_whether_it_was_taken():
    road: Road[int] = Road("questions", 1)
    assert road.offer(1)
    assert not road.offer(2)
    assert road.waiting() == (1,)
    rendezvous: Road[int] = Road("questions", 0)
    assert not rendezvous.offer(1)
    async with asyncio.TaskGroup() as group:
        getting = group.create_task(rendezvous.get())
        await idle()
        assert rendezvous.offer(2)
    assert getting.result() == 2


async def test_the_rule_for_full_names_what_to_give_up():
    given_up: list[int] = []
    seen: list[int] = []

    def smallest(items: Sequence[int], new: int) -> int:
        return min([*items, new])

    road: Road[int] = Road("chat", 2, full=smallest, given_up=given_up.append, tap=seen.append)
    for item in (5, 3, 9, 1):
        await road.put(item)
    assert road.waiting() == (5, 9)
    assert given_up == [3, 1]
    assert seen == [5, 3, 9, 1]


async def test_a_rule_for_full_that_gives_nothing_up_makes_the_putter_wait():
    road: Road[str] = Road("chat", 1, full=lambda items, _new: None if "paid" in items else items[0])
    await road.put("free")
    await road.put("paid")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60):
            await road.put("late")
    assert road.waiting() == ("paid",)


async def test_a_rule_for_full_may_let_an_item_in_all_the_same():
    given_up: list[str] = []
    road: Road[str] = Road(
        "chat", 1, full=lambda _items, new: LET_IN if "paid" in new else new, given_up=given_up.append
    )
    for item in ("free", "paid", "late", "paid too"):
        await road.put(item)
    assert road.waiting() == ("free", "paid", "paid too")
    assert given_up == ["late"]


async def test_taking_an_item_takes_that_very_one_even_among_equals():
    first, second = [1], [1]
    road: Road[list[int]] = Road("chat", 3)
    await road.put(first)
    await road.put(second)
    road.take(second)
    assert await road.get() is first
    with pytest.raises(ValueError, match="chat"):
        road.take(second)


async def test_a_purge_gives_what_it_took_and_lets_waiting_putters_in():
    road: Road[int] = Road("chat", 3)
    for item in (1, 2, 3):
        await road.put(item)
    async with asyncio.TaskGroup() as group:
        for item in (4, 5):
            group.create_task(road.put(item))
        await idle()
        assert road.purge(lambda item: item % 2 == 1) == (1, 3)
    assert road.waiting() == (2, 4, 5)
    assert road.purge(lambda _item: False) == ()


async def test_an_ended_road_gives_what_is_left_and_then_says_so():
    road: Road[int] = Road("chat", 2, producers=2)
    await road.put(1)
    road.producer_done()
    assert not road.closed
    await road.put(2)
    road.producer_done()
    assert road.closed
    assert [await road.get(), await road.get()] == [1, 2]
    assert not road.offer(3)
    for ended in (road.get, road.ready, road.room):
        with pytest.raises(RoadClosed):
            await ended()
    with pytest.raises(RoadClosed):
        await road.put(3)


async def test_the_end_of_a_road_reaches_everyone_who_waits_on_it():
    empty: Road[int] = Road("chat", 1)
    full: Road[int] = Road("turns", 1)
    await full.put(1)
    waits = [asyncio.ensure_future(wait) for wait in (empty.get(), empty.ready(), full.put(2), full.room())]
    await idle()
    empty.producer_done()
    full.producer_done()
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(end) for end in ends] == [RoadClosed] * 4


async def test_a_reader_cancelled_at_the_very_moment_of_a_put_leaves_the_item_to_the_next():
    road: Road[int] = Road("replies", 1)
    first, second = (asyncio.ensure_future(road.get()) for _ in range(2))
    await idle()
    await road.put(1)
    first.cancel()  # it was woken for the item, but has not run yet
    assert await second == 1
    assert first.cancelled()


async def test_a_writer_cancelled_at_the_very_moment_of_room_lets_the_next_in():
    road: Road[int] = Road("replies", 1)
    await road.put(1)
    second, third = (asyncio.ensure_future(road.put(item)) for item in (2, 3))
    await idle()
    assert await road.get() == 1
    second.cancel()
    assert await road.get() == 3
    assert third.done()


async def test_more_waits_for_something_newer_than_what_is_there():
    road: Road[int] = Road("chat", 3)
    await road.put(1)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(road.more())
        await idle()
        assert not waiting.done()
        await road.put(2)
    assert road.waiting() == (1, 2)
    road.producer_done()
    with pytest.raises(RoadClosed):
        await road.more()


async def test_a_road_has_ended_when_it_is_closed_and_empty():
    road: Road[int] = Road("chat", 3)
    await road.put(1)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(road.ended())
        road.producer_done()
        await idle()
        assert not waiting.done()
        await road.get()


async def test_one_who_only_watches_for_an_item_does_not_keep_it_from_a_reader():
    road: Road[int] = Road("replies", 1)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(road.ready())
        await idle()
        reading = group.create_task(road.get())
        await idle()
        await road.put(1)
    assert watching.done()
    assert reading.result() == 1


async def test_one_who_only_waits_for_an_empty_road_does_not_keep_a_writer_out():
    road: Road[int] = Road("replies", 1)
    await road.put(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(road.drained())
        await idle()
        group.create_task(road.put(2))
        await idle()
        assert await road.get() == 1
    assert road.waiting() == (2,)


def test_nobody_who_waits_on_a_road_can_hang_unnoticed():
    with pytest.raises(Deadlock):
        run_virtual(Road("chat", 1).get())


async def test_first_of_gives_the_road_that_has_something_and_prefers_the_earlier_one():
    answers: Road[int] = Road("answers", 2)
    replies: Road[int] = Road("replies", 2)
    async with asyncio.TaskGroup() as group:
        choosing = group.create_task(first_of(answers, replies))
        await idle()
        await replies.put(1)
    assert choosing.result() is replies
    await answers.put(2)
    assert await first_of(answers, replies) is answers
    assert [await answers.get(), await replies.get()] == [2, 1]  # choosing took nothing


async def test_first_of_waits_for_the_roads_that_are_still_open():
    answers: Road[int] = Road("answers", 2)
    replies: Road[int] = Road("replies", 2)
    choosing = asyncio.ensure_future(first_of(answers, replies))
    await idle()
    answers.producer_done()
    await idle()
    assert not choosing.done()
    replies.producer_done()
    with pytest.raises(RoadClosed, match="answers and replies"):
        await choosing


async def test_first_of_lets_a_rendezvous_happen_and_leaves_nobody_waiting_when_cancelled():
    answers: Road[int] = Road("answers", 0)
    replies: Road[int] = Road("replies", 0)
    async with asyncio.TaskGroup() as group:
        choosing = group.create_task(first_of(answers, replies))
        await idle()
        await replies.put(1)
    assert choosing.result() is replies
    cancelled = asyncio.ensure_future(first_of(answers, Road[int]("other", 0)))
    await idle()
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert not answers.offer(2)  # nobody is getting any more


async def test_what_was_put_is_settled_once_its_taker_says_so():
    road: Road[int] = Road("memory", 4)
    first, second = await road.put(1), await road.put(2)
    await road.get()
    waiting = asyncio.ensure_future(road.settled(first))
    later = asyncio.ensure_future(road.settled(second))
    await asyncio.sleep(0)
    assert not waiting.done()
    road.settle()
    await waiting
    assert not later.done()
    await road.get()
    road.settle()
    await later


async def test_nobody_waits_for_a_road_that_has_ended():
    road: Road[int] = Road("memory", 4)
    number = await road.put(1)
    await road.get()
    road.producer_done()
    await road.settled(number)
    await road.settled(number + 10)
