import asyncio

from vtuber.channel import Road, RoadClosed
from vtuber.clock import Clock, run_virtual
from vtuber.events import Chat, Dropped, Event, Failed
from vtuber.supervisor import Limits, Stage, supervise


def chat(number: int) -> Chat:
    return Chat(id=f"c{number}", at_ms=0, platform="twitch", text="hello")


def play(
    items: int, broken: set[str], limits: Limits | None = None, pause_ms: int = 0
) -> tuple[list[str], list[Event], bool]:
    handled: list[str] = []
    noted: list[Event] = []
    amended: list[str] = []

    async def main() -> bool:
        clock = Clock(0)
        road: Road[Chat] = Road("in", 100)
        out: Road[Chat] = Road("out", 1)

        async def handle(item: Chat) -> None:
            await clock.sleep(pause_ms)
            if item.id in broken:
                raise ValueError("secret detail")
            handled.append(item.id)

        async def amends(item: Chat) -> None:
            amended.append(item.id)

        for number in range(items):
            await road.put(chat(number))
        road.producer_done()
        stage = Stage(name="think", take=road.get, handle=handle, feeds=(out,), amends=amends)
        await supervise(stage, clock=clock, note=noted.append, limits=limits)
        return out.closed

    closed = run_virtual(main())
    assert sorted(amended) == sorted(event.cause for event in noted if isinstance(event, Dropped))
    return handled, noted, closed


def test_a_failure_costs_the_item_in_hand_and_nothing_else():
    handled, noted, closed = play(3, {"c1"})
    assert handled == ["c0", "c2"]
    assert [(event.cause, event.reason, event.item) for event in noted if isinstance(event, Dropped)] == [
        ("c1", "stage_failed", "chat")
    ]
    assert closed


def test_a_failure_is_on_record_by_the_name_of_its_class_and_never_by_its_text():
    _, noted, _ = play(1, {"c0"})
    failed = next(event for event in noted if isinstance(event, Failed))
    assert (failed.stage, failed.error, failed.degraded) == ("think", "ValueError", False)
    assert "secret detail" not in repr(noted)


def test_past_its_limit_a_stage_is_visibly_down_and_comes_back_after_a_while():
    limits = Limits(failures=2, window_ms=30_000, backoff_ms=10, down_ms=5_000)
    handled, noted, _ = play(60, {"c0", "c1", "c2"}, limits, pause_ms=100)
    degraded = [event.degraded for event in noted if isinstance(event, Failed)]
    assert degraded == [False, False, True]
    reasons = {event.reason for event in noted if isinstance(event, Dropped)}
    assert reasons == {"stage_failed", "stage_down"}
    assert handled == [], "everything on the road came while the stage was down"


def test_a_stage_that_is_down_takes_work_again_when_its_time_is_over():
    limits = Limits(failures=0, window_ms=1_000, backoff_ms=10, down_ms=2_000)
    seen: list[str] = []

    async def main() -> None:
        clock = Clock(0)
        road: Road[Chat] = Road("in", 10)

        async def handle(item: Chat) -> None:
            if item.id == "c0":
                raise ValueError
            seen.append(item.id)

        async def feed() -> None:
            for number in range(4):
                await road.put(chat(number))
                await clock.sleep(1_000)
            road.producer_done()

        async with asyncio.TaskGroup() as group:
            group.create_task(feed())
            group.create_task(
                supervise(
                    Stage(name="s", take=road.get, handle=handle), clock=clock, note=lambda _e: None, limits=limits
                )
            )

    run_virtual(main())
    assert seen == ["c2", "c3"]


def test_a_take_that_fails_is_tried_again():
    tries = iter([ValueError(), chat(1), RoadClosed("end")])
    handled: list[str] = []
    noted: list[Event] = []

    async def take() -> Chat:
        result = next(tries)
        if isinstance(result, Exception):
            raise result
        return result

    async def handle(item: Chat) -> None:
        handled.append(item.id)

    async def main() -> None:
        await supervise(Stage(name="s", take=take, handle=handle), clock=Clock(0), note=noted.append)

    run_virtual(main())
    assert handled == ["c1"]
    assert [type(event) for event in noted] == [Failed]
