"""An earlier run that is to go on: which stream it was, who played, and where its memory lies."""

from contextlib import closing
from pathlib import Path

import msgspec

from vtuber import journal
from vtuber.errors import NotFound
from vtuber.events import Opened


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What a resumed show takes over."""

    folder: Path
    stream_id: str
    character: str
    part: int  # the number of the part that begins now
    sources: tuple[str, ...] = ()  # where its chat came from


def earlier(run: Path) -> Earlier:
    """Read what a run was. Raises NotFound for a folder that holds no run."""
    opened: list[Opened] = []
    with closing(journal.read(run / "journal.jsonl")) as events:
        opened.extend(event for event in events if isinstance(event, Opened))
    if not opened:
        raise NotFound(f"{run} holds no run that could go on: its journal does not say how it began.")
    return Earlier(
        folder=run,
        stream_id=opened[0].stream_id,
        character=opened[0].character,
        part=max(one.part for one in opened) + 1,
        sources=opened[-1].sources,
    )
