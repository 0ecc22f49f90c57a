"""Interrupts: the operator's hands on the reins, ahead of every stage's input."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from vtuber.events import Interrupt


def _ignore(_interrupt: Interrupt) -> None:
    pass


class Cut:
    """What ended a scope early: `by` is the interrupt, or None when the work ran to its end."""

    def __init__(self) -> None:
        self.by: Interrupt | None = None


class Interrupts:
    """The hands on the reins: every scope that an interrupt concerns ends at once, before a stage sees more input.

    `tap` sees each interrupt once, in order; then `first` obeys (it purges roads); then scopes end.
    """

    def __init__(self, *, tap: Callable[[Interrupt], None] = _ignore) -> None:
        self._tap = tap
        self._first: list[Callable[[Interrupt], None]] = []
        self._scopes: list[Scope] = []  # that are running
        self._turns: dict[str, str] = {}  # stage -> the turn that it has in hand
        self._pause = asyncio.Event()
        self._pause.set()
        self.stopped = False

    def obey_first(self, first: Callable[[Interrupt], None]) -> None:
        """Have `first` called with every interrupt before any scope ends."""
        self._first.append(first)

    def send(self, interrupt: Interrupt) -> None:
        """Send an interrupt to everyone whom it concerns, at once."""
        self._tap(interrupt)
        if interrupt.op == "pause":
            self._pause.clear()
        elif interrupt.op in {"resume", "stop"}:
            self._pause.set()
        self.stopped = self.stopped or interrupt.op == "stop"
        for first in self._first:
            first(interrupt)
        for scope in tuple(self._scopes):
            scope.hear(interrupt)

    def scope(self, concerns: Callable[[Interrupt], bool], *, stage: str = "", turn: str = "") -> "Scope":
        """Give a block to run until its end or until an interrupt concerns it, whichever comes first.

        `stage` and `turn` say who has what in hand meanwhile, for `in_hand`.
        """
        return Scope(self._scopes, self._turns, concerns, (stage, turn))

    def in_hand(self, *stages: str) -> str:
        """Give the turn that the first of these stages has in hand which has one, "" for none."""
        return next((self._turns[stage] for stage in stages if self._turns.get(stage)), "")

    @property
    def paused(self) -> bool:
        """Whether the operator has paused her."""
        return not self._pause.is_set()

    async def unpaused(self) -> None:
        """Wait while the operator has paused her."""
        await self._pause.wait()


class Scope:
    """A block under `async with` that an interrupt may end early; see `Interrupts.scope`. It gives its Cut.

    A class, not a generator function: one is made for each message that is heard.
    """

    def __init__(
        self,
        running: "list[Scope]",
        turns: dict[str, str],
        concerns: Callable[[Interrupt], bool],
        in_hand: tuple[str, str],
    ) -> None:
        """Tell `running` and `turns` of it while the block runs; `in_hand` is the stage and its turn."""
        self._running = running
        self._turns = turns
        self._concerns = concerns
        self._in_hand = in_hand
        self._cut = Cut()
        self._task: asyncio.Task[object] | None = None  # that runs the block
        self._before = 0  # what it had been cancelled for before the block
        self._cancelled = False
        self._soon: asyncio.Handle | None = None

    def hear(self, interrupt: Interrupt) -> None:
        """End the block now if the interrupt concerns it: no step of it is done any more, not even one that is due.

        A block that has sent the interrupt itself ends where it next waits.
        """
        if self._cut.by is None and self._concerns(interrupt):
            self._cut.by = interrupt
            if asyncio.current_task() is self._task:
                self._soon = asyncio.get_running_loop().call_soon(self._cancel)
            else:
                self._cancel()

    def _cancel(self) -> None:
        self._cancelled = self._task is not None and self._task.cancel()

    async def __aenter__(self) -> Cut:
        """Begin."""
        stage, turn = self._in_hand
        self._turns[stage] = turn
        self._task = asyncio.current_task()
        self._before = self._task.cancelling() if self._task else 0
        self._running.append(self)
        return self._cut

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """End; that an interrupt ended it is no error."""
        self._running.remove(self)
        self._turns.pop(self._in_hand[0], None)
        if self._soon:
            self._soon.cancel()
        if self._task is None or not self._cancelled:
            return False
        return self._task.uncancel() <= self._before and isinstance(error, asyncio.CancelledError)
