"""A stage output that only remembers: for tests, measurements and shows that nobody watches."""

from vtuber.events import Performed
from vtuber.ports import Cue, Musing


class Recorder:
    """Keeps every cue and how it ended, in order."""

    name = "recorder"

    def __init__(self) -> None:
        self.base_ms: int | None = None
        self.started: list[Cue] = []
        self.ended: list[Performed] = []
        self.mused: list[Musing | None] = []
        self.closed = False

    async def open(self, base_ms: int) -> None:
        """Note when the show began."""
        self.base_ms = base_ms

    async def start(self, cue: Cue) -> None:
        """Keep a cue."""
        self.started.append(cue)

    async def end(self, cue: Cue, performed: Performed) -> None:  # noqa: ARG002 - `performed` says it all
        """Keep how a cue ended."""
        self.ended.append(performed)

    async def muse(self, musing: Musing | None) -> None:
        """Keep whom she thinks for."""
        self.mused.append(musing)

    async def close(self) -> None:
        """Note the end."""
        self.closed = True
