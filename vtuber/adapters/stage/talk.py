"""The talk in a terminal, line by line as it comes, beside a person who types there at the same time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType

from vtuber.core.talk import Piece, Style, Talk
from vtuber.events import Event, Opened

_STYLES: Final[dict[Style, str]] = {"typed": "", "said": "cyan", "aside": "dim"}
_HELD = 1000  # pieces that may wait for a stopped terminal
_WAIT_S = 3.0  # for a stopped terminal at the end
_CLEAR: Final = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class TalkView:
    """Writes a talk as the show's tap `note` sees it; a thread writes, so that a stopped terminal stops nothing else.

    Where a person types, `label` gives who ("you") for the prompt, which comes back whenever a line has ended.
    """

    def __init__(
        self, speaker: str, label: Callable[[], str], *, prompting: bool, console: Console | None = None
    ) -> None:
        """`speaker`: her name. `prompting`: a person types in this terminal, which shows what is typed."""
        self._talk = Talk(speaker, echo=not prompting)
        self._label = label
        self._prompting = prompting
        self._console = console or Console(highlight=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="talk")
        self._waiting = 0
        self._over_prompt = False  # nothing but the prompt is on the line

    def note(self, event: Event) -> None:
        """Show an event, if there is anything to show; the first prompt comes when the show opens."""
        pieces = self._talk.note(event)
        if pieces or (isinstance(event, Opened) and self._prompting):
            self._show(pieces)

    def tell(self, sentence: str) -> None:
        """Show a sentence for the person who types."""
        self._show(self._talk.aside(sentence))

    async def close(self) -> None:
        """Write what is left; what a stopped terminal does not take is lost."""
        over, self._over_prompt = self._over_prompt, False
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_S):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._write, over, (), "")
        self._thread.shutdown(wait=False)

    def _show(self, pieces: tuple[Piece, ...]) -> None:
        """Hand pieces to the writing thread: over the prompt, with a new one behind them where a line has ended."""
        if self._waiting >= _HELD:
            return
        prompt = f"{self._label()}> " if self._prompting and (not pieces or pieces[-1].ends) else ""
        over, self._over_prompt = self._over_prompt, bool(prompt)
        self._waiting += 1
        loop = asyncio.get_running_loop()
        loop.run_in_executor(self._thread, self._write, over, pieces, prompt).add_done_callback(self._written)

    def _written(self, _done: object) -> None:
        self._waiting -= 1

    def _write(self, over: bool, pieces: tuple[Piece, ...], prompt: str) -> None:  # noqa: FBT001 - the thread's side
        try:
            if over:
                self._console.control(_CLEAR)
            for piece in pieces:
                self._out(piece.text, _STYLES[piece.style], "\n" if piece.ends else "")
            self._out(prompt, "bold", "")
        except (OSError, ValueError):  # the output has gone or was closed
            self._prompting = False

    def _out(self, text: str, style: str, end: str) -> None:
        encoding = self._console.encoding  # the old code pages of Windows lack some characters
        self._console.out(text.encode(encoding, "replace").decode(encoding), style=style, end=end, highlight=False)
