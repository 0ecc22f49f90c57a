"""What every chat source keeps to: its test inherits this class and says how one is made."""

import asyncio
from contextlib import aclosing

from vtuber.clock import Clock, run_virtual
from vtuber.events import Chat, Notice, Retract, Skipped, System
from vtuber.ports import ChatSource, FromChat

BASE_MS = 1_700_000_000_000


class ChatSourceContract:
    """Tests of the port. `make` gives a fresh source with at least three events, the same ones every time."""

    def make(self, clock: Clock) -> ChatSource:
        raise NotImplementedError

    def heard(self, *, pause_ms: float = 0, at_most: int = 1_000_000) -> list[tuple[int, FromChat]]:
        """Listen on virtual time, busy for `pause_ms` after each event: each one with what the clock showed."""

        async def listen() -> list[tuple[int, FromChat]]:
            clock = Clock(BASE_MS)
            got: list[tuple[int, FromChat]] = []
            async with aclosing(self.make(clock).events()) as events:  # type: ignore[type-var]
                async for event in events:
                    got.append((clock.now(), event))
                    if len(got) == at_most:
                        break
                    await clock.sleep(pause_ms)
            return got

        return run_virtual(listen())

    def test_ends_by_itself_after_a_few_events_of_the_kinds_that_chat_is_made_of(self) -> None:
        heard = [event for _, event in self.heard()]
        assert len(heard) >= 3
        assert all(isinstance(event, Chat | Notice | System | Retract | Skipped) for event in heard)

    def test_every_event_has_an_id_and_no_turn(self) -> None:
        assert all(event.id and not event.turn for _, event in self.heard())

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
