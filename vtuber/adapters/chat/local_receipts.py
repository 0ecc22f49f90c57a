"""What the local WebSocket owes its clients: a word when a message is safe on disk; and how fast they are read."""

from typing import Generic, TypeVar

from vtuber.adapters.chat import local_codec
from vtuber.events import Dropped, Remembered

C = TypeVar("C")

_NEVER_HEARD = frozenset({"stage_failed", "stage_down"})  # the show's ear failed with this message in hand


class _Owed(Generic[C]):
    """One receipt: for a client, under its own word, when every one of `missing` is safe."""

    def __init__(self, client: C, ref: str, missing: set[str]) -> None:
        self.client = client
        self.ref = ref
        self.missing = missing


class Receipts(Generic[C]):
    """The receipts owed, by event id; `C` is whatever stands for a client."""

    def __init__(self) -> None:
        self._owed: dict[str, list[_Owed[C]]] = {}

    def __len__(self) -> int:
        return len(self._owed)

    def expect(self, client: C, heard: local_codec.Heard) -> list[str]:
        """Owe a client a receipt; give the ids of the events that are not on their way through the show for it."""
        new = [event.id for event in heard.events if not self._owes(client, event.id)]
        owed = _Owed(client, heard.ref, {event.id for event in heard.events})
        for event_id in owed.missing:
            self._owed.setdefault(event_id, []).append(owed)
        return new

    def settle(self, event: Remembered | Dropped) -> list[tuple[C, bytes]]:
        """Give whom to tell what, now that an event is safe or will never be."""
        if isinstance(event, Remembered):
            return [(owed.client, local_codec.ok(owed.ref)) for owed in self._kept(event.cause)]
        if event.item == "memory" or event.reason in _NEVER_HEARD:
            return [(owed.client, _not_saved(owed.ref)) for owed in self._lost(event.cause)]
        return []

    def leave(self, client: C) -> None:
        """Forget what is owed to a client that is gone."""
        for event_id, waiting in tuple(self._owed.items()):
            waiting[:] = [owed for owed in waiting if owed.client is not client]
            if not waiting:
                del self._owed[event_id]

    def _owes(self, client: C, event_id: str) -> bool:
        return any(owed.client is client for owed in self._owed.get(event_id, ()))

    def _kept(self, event_id: str) -> list[_Owed[C]]:
        waiting = self._owed.pop(event_id, [])
        for owed in waiting:
            owed.missing.discard(event_id)
        return [owed for owed in waiting if not owed.missing]

    def _lost(self, event_id: str) -> list[_Owed[C]]:
        lost = self._owed.pop(event_id, [])
        for owed in lost:
            for other in owed.missing & self._owed.keys():
                self._owed[other].remove(owed)
                if not self._owed[other]:
                    del self._owed[other]
        return lost


class Pace:
    """How fast one client is read: `rate` frames a second, after a burst of `burst`."""

    def __init__(self, *, rate: int = 1000, burst: int = 2000) -> None:
        self._each_ms = 1000 / rate
        self._burst_ms = burst * self._each_ms
        self._due_ms = 0.0

    def wait_ms(self, now: int) -> float:
        """Count one more frame; give how long to wait before it is read."""
        self._due_ms = max(self._due_ms, now - self._burst_ms) + self._each_ms
        return max(0.0, self._due_ms - now)


def _not_saved(ref: str) -> bytes:
    said = "The show could not keep this message; send it again."
    return local_codec.refused(local_codec.Refusal("not_saved", said, id=ref))
