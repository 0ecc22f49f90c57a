"""Time: the show's clock, and an event loop whose time passes only when everyone is idle."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class Clock:
    """Milliseconds on the stream clock: `base_ms` when the show opens, then as the event loop's time passes."""

    def __init__(self, base_ms: int) -> None:
        self._base_ms = base_ms
        self._opened = asyncio.get_running_loop().time()

    def now(self) -> int:
        """Give the time in whole milliseconds."""
        return self._base_ms + round((asyncio.get_running_loop().time() - self._opened) * 1000)

    async def sleep(self, milliseconds: float) -> None:
        """Wait that long."""
        await asyncio.sleep(max(0.0, milliseconds / 1000))

    async def until(self, at_ms: int) -> None:
        """Wait until the clock shows `at_ms`."""
        await self.sleep(at_ms - self.now())


class Ending:
    """When something that goes on will be over, as far as is known, for whoever is to begin shortly before that."""

    def __init__(self, clock: Clock) -> None:
        self.at_ms = 0
        self._clock = clock
        self._moved = asyncio.Event()

    def move(self, at_ms: int) -> None:
        """Say that it will be over then, sooner or later than was known."""
        self.at_ms = at_ms
        self._moved.set()

    def left_ms(self) -> int:
        """Give how long it goes on, in ms, 0 once it is over."""
        return max(0, self.at_ms - self._clock.now())

    async def near(self, lead_ms: int) -> None:
        """Wait until it goes on for at most so long."""
        while (ahead := self.left_ms() - lead_ms) > 0:
            self._moved.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(ahead / 1000):
                    await self._moved.wait()


class Deadlock(RuntimeError):
    """Everyone waits and nothing is scheduled: a show on virtual time would hang for ever."""


class _IdleSelector(selectors.BaseSelector):
    """When nothing is ready, advances the loop's time by the time-out instead of waiting."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self._real = selectors.SelectSelector()
        self._pass_time = pass_time

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Deadlock("Everyone waits and nothing is scheduled: the show would hang here.")
        self._pass_time(timeout)
        return []

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Any:
        return self._real.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time: a sleep costs nothing, and the same work gives the same order every time.

    An executor call is run on the spot, so that no other task can overtake it; sockets and child processes are
    refused, since the outside world does not wait for virtual time.
    """

    def __init__(self) -> None:
        self._virtual = 0.0
        super().__init__(_IdleSelector(self._pass))

    def _pass(self, seconds: float) -> None:
        self._virtual += seconds

    def time(self) -> float:
        """Give the virtual time in seconds."""
        return self._virtual

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]  # noqa: ARG002
        """Run the call now and give a future that is already done."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever the call raises belongs to whoever awaits it
            done.set_exception(error)
        return done

    async def _refused(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise RuntimeError("On virtual time there are no sockets and no child processes.")

    create_connection = _refused
    create_server = _refused
    create_datagram_endpoint = _refused
    subprocess_exec = _refused
    subprocess_shell = _refused


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a fresh virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
