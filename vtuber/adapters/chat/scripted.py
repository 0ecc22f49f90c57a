"""A chat source that says what it was told to say, when it was told to: for tests, benches and demos."""

from collections.abc import AsyncGenerator, Iterable

import msgspec

from vtuber.clock import Clock
from vtuber.events import Connection, Retract, Skipped
from vtuber.ports import FromChat


class Scripted:
    """Gives each event `delay_ms` after the one before it; the stamps of emission are the clock's."""

    name = "scripted"

    def __init__(self, script: Iterable[tuple[float, FromChat]], clock: Clock) -> None:
        self._script = tuple(script)
        self._clock = clock

    async def events(self) -> AsyncGenerator[FromChat, None]:
        """Give the script's events at their time, then end."""
        due = float(self._clock.now())
        for delay_ms, event in self._script:
            due += max(0.0, delay_ms)
            await self._clock.until(round(due))
            now = self._clock.now()
            if isinstance(event, Retract | Connection | Skipped):
                yield msgspec.structs.replace(event, at_ms=now)
            else:
                yield msgspec.structs.replace(event, at_ms=now, received_at_ms=now, sent_at_ms=event.sent_at_ms or now)
