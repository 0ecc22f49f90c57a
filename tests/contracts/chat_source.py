"""What every chat source keeps to: its test inherits one of these classes and says how one is made."""

import asyncio
from contextlib import aclosing
from itertools import pairwise

from vtuber.clock import Clock, run_virtual
from vtuber.events import Chat, Connection, Notice, Retract, Skipped, System
from vtuber.ports import ChatSource, FromChat

BASE_MS = 1_700_000_000_000


class SharedContract:
    """What sources that end and live ones have in common. `make` gives a fresh source, with the same events each time."""

    all_of_them = 1_000_000  # how many events to listen for

    def make(self, clock: Clock) -> ChatSource:
        raise NotImplementedError

    def heard(self, *, pause_ms: float = 0, at_most: int = 0) -> list[tuple[int, FromChat]]:
        """Listen on virtual time, busy for `pause_ms` after each event: each one with what the clock showed."""
        wanted = at_most or self.all_of_them

        async def listen() -> list[tuple[int, FromChat]]:
            clock = Clock(BASE_MS)
            got: list[tuple[int, FromChat]] = []
            async with aclosing(self.make(clock).events()) as events:  # type: ignore[type-var]
                async for event in events:
                    got.append((clock.now(), event))
                    if len(got) == wanted:
                        break
                    await clock.sleep(pause_ms)
            return got

        return run_virtual(listen())

    def test_every_event_has_an_id_of_its_own_and_no_turn(self) -> None:
        ids = [event.id for _, event in self.heard()]
        assert all(ids)
        assert len(set(ids)) == len(ids)
        assert not any(event.turn for _, event in self.heard())

    def test_an_event_is_stamped_with_the_clock_at_the_moment_when_it_is_given(self) -> None:
        heard = self.heard()
        assert all(event.at_ms == now for now, event in heard)
        assert all(event.received_at_ms == now for now, event in heard if isinstance(event, Chat | Notice | System))

    def test_time_never_goes_back(self) -> None:
        stamps = [event.at_ms for _, event in self.heard()]
        assert stamps == sorted(stamps)
        assert stamps[0] >= BASE_MS

    def test_a_retraction_names_exactly_one_target(self) -> None:
        for _, event in self.heard():
            if isinstance(event, Retract):
                assert [bool(event.target_event), bool(event.target_viewer), event.everything].count(True) == 1

    def test_an_edit_comes_right_after_the_retraction_of_the_wording_before(self) -> None:
        heard = [event for _, event in self.heard()]
        for before, event in pairwise(heard):
            if isinstance(event, Chat) and event.edit_of:
                assert isinstance(before, Retract)
                assert (before.target_event, before.reason) == (event.edit_of, "edited")
                assert event.id != event.edit_of

    def test_the_same_source_made_twice_gives_the_same_events(self) -> None:
        assert self.heard() == self.heard()

    def test_a_slow_listener_misses_nothing(self) -> None:
        assert [event.id for _, event in self.heard(pause_ms=90_000)] == [event.id for _, event in self.heard()]

    def test_a_listener_may_leave_after_the_first_event(self) -> None:
        assert self.heard(at_most=1) == self.heard()[:1]

    def test_a_cancelled_listener_is_let_go_at_once(self) -> None:
        async def leave() -> int:
            clock = Clock(BASE_MS)

            async def listen() -> None:
                async with aclosing(self.make(clock).events()) as events:  # type: ignore[type-var]
                    async for _ in events:
                        await asyncio.Event().wait()

            task = asyncio.ensure_future(listen())
            await clock.sleep(1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return clock.now() - BASE_MS

        assert run_virtual(leave()) == 1


class ChatSourceContract(SharedContract):
    """Tests of a source that ends by itself, with at least three events."""

    def test_ends_by_itself_after_a_few_events_of_the_kinds_that_chat_is_made_of(self) -> None:
        heard = [event for _, event in self.heard()]
        assert len(heard) >= 3
        assert all(isinstance(event, Chat | Notice | System | Retract | Skipped) for event in heard)


class LiveChatSourceContract(SharedContract):
    """Tests of a live source. `make` gives one whose line breaks after a while, and whose second line holds.

    `all_of_them` is how many events there are until the second line has nothing more to say.
    """

    def test_a_lost_line_is_told_and_tried_again_and_chat_goes_on(self) -> None:
        heard = [event for _, event in self.heard()]
        assert [event.state for event in heard if isinstance(event, Connection)] == ["connected", "lost", "connected"]
        assert isinstance(heard[0], Connection)
        assert isinstance(heard[-1], Chat)

    def test_a_connection_names_its_source_and_when_it_is_tried_again(self) -> None:
        async def name() -> str:
            return self.make(Clock(BASE_MS)).name

        mine = run_virtual(name())
        told = [(now, event) for now, event in self.heard() if isinstance(event, Connection)]
        assert {event.source for _, event in told} == {mine}
        (_, _), (lost_at, lost), (again_at, _) = told
        assert again_at == lost_at + lost.retry_ms
        assert lost.attempt == 1

    def test_never_ends_by_itself(self) -> None:
        async def listen_on() -> bool:
            clock = Clock(BASE_MS)
            ended = False

            async def listen() -> None:
                nonlocal ended
                async with aclosing(self.make(clock).events()) as events:  # type: ignore[type-var]
                    async for _ in events:
                        pass
                ended = True

            task = asyncio.ensure_future(listen())
            await clock.sleep(3_600_000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return ended

        assert not run_virtual(listen_on())

    def test_a_slow_listener_is_given_each_event_at_the_time_at_which_it_was_read(self) -> None:
        assert all(event.at_ms <= now for now, event in self.heard(pause_ms=90_000))
