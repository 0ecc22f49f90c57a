"""The report of a show as one HTML page that needs nothing else: pictures, every turn and its reasons."""

from collections.abc import Iterable

from vtuber.core.story import tell
from vtuber.events import Event
from vtuber.report.page import page


def render(events: Iterable[Event], title: str = "", *, thoughts: bool = False) -> str:
    """Give the page for a journal's events. `title` (the run's name) stands below the character's name.

    What the models thought is counted; with `thoughts` it is shown, too.
    """
    return page(tell(events), title, thoughts=thoughts)
