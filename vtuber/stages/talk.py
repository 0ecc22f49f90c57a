"""The talk: what of the models' replies is on its way to be heard and what was heard, so that prompts can tell it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from vtuber.core import prompt
from vtuber.core.language import joined
from vtuber.core.names import shown_name
from vtuber.core.pondering import same_thing
from vtuber.events import Clause, Dropped, Event, Interrupt, Performed, Turn
from vtuber.stages.roads import concerns

_KEPT = 64  # clauses that were heard, and replies
_LATELY = 24  # clauses that she does not say again


@dataclass(eq=False)
class Saying:
    """A reply of a model's: its clauses that are on their way, by id, and those that were heard."""

    turn: Turn
    coming: dict[str, str] = field(default_factory=dict)
    said: list[Performed] = field(default_factory=list)


class Talk:
    """Every clause of a model's is on its way until it was performed or dropped, whatever became of the others."""

    def __init__(self, limit: int, before: Iterable[Performed] = ()) -> None:
        """`limit`: of the tokens of what was said, in a prompt. `before`: what was heard before a restart."""
        self.heard = deque(before, maxlen=_KEPT)  # of her, newest last
        self._limit = limit
        self._open: list[Saying] = []  # that are not in the talk yet
        self._over: deque[Saying] = deque(maxlen=_KEPT)
        self._told: tuple[Saying, ...] = ()

    def emitted(self, turn: Turn, clause: Clause) -> None:
        """Keep count of a clause that is on its way."""
        saying = next((one for one in self._open if one.turn is turn), None)
        if saying is None:
            saying = Saying(turn)
            self._open.append(saying)
        saying.coming[clause.id] = clause.text

    def note(self, event: Event) -> None:
        """Take in what became of a clause."""
        if isinstance(event, Performed | Dropped):
            for saying in self._open:
                if saying.coming.pop(event.cause, None) is not None and isinstance(event, Performed):
                    saying.said.append(event)
        if isinstance(event, Performed):
            self.heard.append(event)

    def take_back(self, interrupt: Interrupt) -> None:
        """Tell no model any more what was deleted, or what somebody wrote who is banned."""
        if interrupt.op in {"retract", "ban"}:
            every = (*self._told, *self._over, *self._open)
            gone = {one.turn.id for one in every if concerns(interrupt, one.turn)}
            self._told = tuple(one for one in self._told if one.turn.id not in gone)
            self._open = [one for one in self._open if one.turn.id not in gone]
            self.heard = deque((one for one in self.heard if one.turn not in gone), maxlen=_KEPT)

    @property
    def coming(self) -> list[str]:
        """What she is about to say and has not said yet."""
        return [text for saying in self._open for text in saying.coming.values()]

    @property
    def lately(self) -> list[str]:
        """What is not said again."""
        return [*[one.text for one in self.heard][-_LATELY:], *self.coming]

    def so_far(self) -> tuple[tuple[prompt.Exchanged, ...], str]:
        """Give the replies that were heard to their end, oldest first and trimmed, and what is still to be said."""
        over = [one for one in self._open if not one.coming]
        self._open = [one for one in self._open if one.coming]
        self._over.extend(over)
        self._told += tuple(one for one in over if one.turn.who and any(heard.text for heard in one.said))
        kept = prompt.trim([_exchanged(one) for one in self._told], self._limit)
        self._told = self._told[len(self._told) - len(kept) :]
        return kept, joined(self.coming)

    def answered(self, turn: Turn) -> bool:
        """Whether the same viewer has asked the same again since, and that was answered, or is about to be."""
        return any(
            one.turn.at_ms > turn.at_ms
            and one.turn.who is not None
            and turn.who is not None
            and one.turn.who.viewer_id == turn.who.viewer_id
            and any(same_thing(chat.text, turn.text) for chat in one.turn.chats)
            for one in (*self._over, *self._open)
            if one.coming or one.said
        )


def _exchanged(saying: Saying) -> prompt.Exchanged:
    turn, said = saying.turn, saying.said
    name = shown_name(turn.who.name) if turn.who else ""
    return prompt.Exchanged(name, turn.text, joined(one.text for one in said), said[0].language)
