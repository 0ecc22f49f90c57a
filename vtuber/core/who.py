"""Who is meant when a person writes a viewer's name."""

from collections.abc import Sequence

from vtuber.core.attention import fold
from vtuber.events import Chat, Event, Notice


def viewer_meant(wanted: str, recent: Sequence[Event]) -> str:
    """Give the id of the viewer meant by an id or a name (of several, who wrote last), "" for nobody.

    An id (platform:userid) is taken as it is: its bearer need not have written lately.
    """
    if ":" in wanted:
        return wanted
    name = fold(wanted.lstrip("@"))
    for event in reversed(recent):
        if isinstance(event, Chat | Notice) and event.viewer_id and fold(event.name) == name:
            return event.viewer_id
    return ""
