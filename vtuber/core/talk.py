"""A talk in a terminal: what is typed, what she says clause by clause, and in between why, as pieces of text."""

from typing import Literal, TypeAlias

import msgspec

from vtuber.core.language import joined
from vtuber.core.live_words import as_text, news
from vtuber.core.wording import one_line
from vtuber.events import Chat, Clause, Dropped, Event, Failed, Loading, Recalled, Routed

Style: TypeAlias = Literal["typed", "said", "aside"]
_MEMORY = 100  # characters of a memory shown


class Piece(msgspec.Struct, frozen=True):
    """Some text for the end of what is shown; one line ends with it if `ends`."""

    text: str
    style: Style
    ends: bool = True


class Talk:
    """Folds the show's events into pieces. What she says goes on in its line until her reply ends."""

    def __init__(self, speaker: str, *, echo: bool) -> None:
        """`echo`: whether what was typed is to be shown; a terminal has shown it already."""
        self._speaker = one_line(speaker, 40)
        self._echo = echo
        self._open = ""  # the turn whose line goes on
        self._said = ""  # on that line

    def note(self, event: Event) -> tuple[Piece, ...]:
        """Give what there is to show of an event."""
        match event:
            case Clause():
                return self._says(event)
            case Chat() if self._echo:
                label = event.viewer_id.partition(":")[2] or event.name
                return self._line(Piece(f"{one_line(label, 40)}> {one_line(event.text)}", "typed"))
            case _:
                told = _aside(event)
                return self._line(Piece(told, "aside")) if told else ()

    def aside(self, sentence: str) -> tuple[Piece, ...]:
        """Give a sentence for the person who types."""
        return self._line(Piece(one_line(sentence, 1000), "aside"))

    def _says(self, clause: Clause) -> tuple[Piece, ...]:
        text = one_line(clause.text)
        before: tuple[Piece, ...] = ()
        if text and clause.turn != self._open:
            before = self._line(Piece(f"{self._speaker}> ", "said", ends=False))
            self._open = clause.turn
        added = joined([self._said, text])[len(self._said) :] if text else ""
        self._said += added
        pieces = (*before, *((Piece(added, "said", ends=False),) if added else ()))
        return (*pieces, *self._end()) if clause.last and clause.turn == self._open else pieces

    def _line(self, piece: Piece) -> tuple[Piece, ...]:
        return (*self._end(), piece)

    def _end(self) -> tuple[Piece, ...]:
        going_on, self._open, self._said = bool(self._open), "", ""
        return (Piece("", "said"),) if going_on else ()


def _aside(event: Event) -> str:
    match event:
        case Routed(route="hard", by="confidence" | "hedging", accepted=False):
            return ""  # she has answered already
        case Routed(route="hard"):
            refused = one_line(event.refused.replace("_", " "), 40) or "the deep one is busy"
            busy = f"the fast model answers ({refused})"
            thinks = f"thinks about it with the deep model … ({one_line(event.reason, _MEMORY)})"
            return thinks if event.accepted else busy
        case Recalled() if event.items:
            return "remembers: " + " / ".join(one_line(item.text, _MEMORY) for item in event.items)
        case Dropped(item="chat"):
            return f"not answered: {one_line(event.reason, 40)}"
        case Failed():
            return as_text(event, event.at_ms).partition("] ")[2]
        case _:
            quiet = isinstance(event, Loading) and event.state != "failed"  # a person who types needs no word of it
            return "" if quiet else news(event)
