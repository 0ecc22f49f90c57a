"""What happened in a show, folded from its journal: every message with its one fate, every turn with all its parts."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias, TypeVar

import msgspec

from vtuber.events import (
    Chat,
    Clause,
    Closed,
    Dropped,
    Event,
    Failed,
    Generated,
    Interrupt,
    Notice,
    Opened,
    Performed,
    Question,
    Recalled,
    Recollection,
    Retract,
    Routed,
    Skipped,
    System,
    Thought,
    Tier,
    Turn,
    Used,
)

LATER = 100  # from this number on a turn's clauses are the deep answer that came later
SHOW_ENDED = "show_ended"  # nobody answered it nor said why
_One = TypeVar("_One")
Fate: TypeAlias = Literal["answered", "dropped"]


class MessageStory(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what became of it. `reason` is "" for an answered one; `turn` is "" where none took it."""

    heard: Chat | Notice
    fate: Fate
    reason: str = ""
    turn: str = ""
    deleted: bool = False  # the platform took it back: its words are not to be shown


class TurnStory(msgspec.Struct, frozen=True, kw_only=True):
    """A turn with all its parts, each in the order of the journal. Latencies are in ms from the turn's being chosen."""

    turn: Turn
    decisions: tuple[Routed, ...] = ()
    recalled: tuple[Recollection, ...] = ()
    prompts: tuple[dict[str, int], ...] = ()  # of each prompt, the estimated tokens by part
    question: Question | None = None
    used: tuple[Used, ...] = ()
    generated: tuple[Generated, ...] = ()
    thoughts: tuple[Thought, ...] = ()
    clauses: tuple[Clause, ...] = ()
    performed: tuple[Performed, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    failed: tuple[Failed, ...] = ()
    deleted: frozenset[str] = frozenset()  # those of its messages that the platform took back

    @property
    def routed(self) -> Routed | None:
        """The decision that held: the last, but a later one to think it over counts only if that was done."""
        held = (one for one in reversed(self.decisions) if one.accepted or one.route != "hard")
        return next(held, self.decisions[0] if self.decisions else None)

    @property
    def refused(self) -> tuple[Routed, ...]:
        """The decisions to think it over that the slow model had no time for."""
        return tuple(one for one in self.decisions if one.route == "hard" and one.refused)

    @property
    def detail(self) -> str:
        """The whole written answer, "" where there was no more than what she said."""
        return next((one.detail for one in self.clauses if one.detail), "")

    @property
    def at_once(self) -> tuple[Performed, ...]:
        """What was performed as the turn's own reply; for a hard one the holding line."""
        return tuple(one for one in self.performed if one.seq < LATER)

    @property
    def delivery(self) -> tuple[Performed, ...]:
        """What was performed of the deep answer, its introduction included."""
        return tuple(one for one in self.performed if one.seq >= LATER)

    @property
    def delivered(self) -> bool:
        """Whether the slow model's own words were heard."""
        return any(one.source == "deep" for one in self.performed)

    def call(self, tier: Tier) -> Generated | None:
        """Give the last call of a model, if there was one."""
        return next((one for one in reversed(self.generated) if one.tier == tier), None)

    @property
    def first_token_ms(self) -> int | None:
        """When the fast model's first token came."""
        call = self.call("fast")
        if call is None or not call.first_token_ms:
            return None
        return call.at_ms - call.total_ms + call.first_token_ms - self.turn.at_ms

    @property
    def first_clause_ms(self) -> int | None:
        """When the first clause to be spoken was complete."""
        first = next((one for one in self.clauses if one.text and one.seq < LATER), None)
        return None if first is None else first.at_ms - self.turn.at_ms

    @property
    def first_audio_ms(self) -> int | None:
        """When the first sample was handed to a stage."""
        first = min((one.started_ms for one in self.at_once), default=None)
        return None if first is None else first - self.turn.at_ms

    @property
    def delivered_ms(self) -> int | None:
        """When the deep answer began to be heard."""
        first = min((one.started_ms for one in self.delivery), default=None)
        return None if first is None else first - self.turn.at_ms


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A whole show. `began_ms` and `ended_ms` are stream times."""

    began_ms: int = 0
    ended_ms: int = 0
    opened: Opened | None = None
    closed: Closed | None = None
    messages: tuple[MessageStory, ...] = ()
    turns: tuple[TurnStory, ...] = ()
    failures: tuple[Failed, ...] = ()
    retractions: int = 0
    interrupts: tuple[Interrupt, ...] = ()
    system: int = 0
    skipped: int = 0


def tell(events: Iterable[Event]) -> Story:
    """Fold a journal; any order of its events adds up, and an event that belongs to no known turn is left out."""
    everything = tuple(events)
    deleted = _deleted(everything)
    turns = _turns(everything, deleted)
    opened = _first(everything, Opened)
    stamps = [event.at_ms for event in everything if not isinstance(event, Skipped)]
    return Story(
        began_ms=opened.at_ms if opened else min(stamps, default=0),
        ended_ms=max(stamps, default=0),
        opened=opened,
        closed=_closed(everything),
        messages=_fates(everything, turns, deleted),
        turns=turns,
        failures=tuple(event for event in everything if isinstance(event, Failed)),
        retractions=sum(isinstance(event, Retract) for event in everything),
        interrupts=tuple(event for event in everything if isinstance(event, Interrupt)),
        system=sum(isinstance(event, System) for event in everything),
        skipped=sum(isinstance(event, Skipped) for event in everything),
    )


def _closed(events: tuple[Event, ...]) -> Closed | None:
    """Give the end, if the show ended well: a later part that was cut off has not."""
    last = next((event for event in reversed(events) if isinstance(event, Opened | Closed)), None)
    return last if isinstance(last, Closed) else None


def _deleted(events: tuple[Event, ...]) -> frozenset[str]:
    """Give the ids of the messages that were taken back: a viewer's or a channel's only up to that moment."""
    gone: set[str] = set()
    before: list[Chat | Notice | System] = []
    for event in events:
        if isinstance(event, Chat | Notice | System):
            before.append(event)
        elif isinstance(event, Retract):
            gone.add(event.target_event)
            gone.update(
                heard.id
                for heard in before
                if (event.target_viewer and heard.viewer_id == event.target_viewer)
                or (event.everything and (not event.channel or heard.channel == event.channel))
            )
    return frozenset(gone - {""})


def _turns(events: tuple[Event, ...], deleted: frozenset[str]) -> tuple[TurnStory, ...]:
    turns: dict[str, Turn] = {}
    parts: dict[str, list[Event]] = {}
    for event in events:
        if isinstance(event, Turn):
            turns.setdefault(event.id, event)
        else:
            about = event.turn or (event.cause if isinstance(event, Dropped) else "")
            parts.setdefault(about, []).append(event)
    return tuple(_turn(turn, parts.get(turn.id, []), deleted) for turn in turns.values() if turn.id)


def _turn(turn: Turn, parts: list[Event], deleted: frozenset[str]) -> TurnStory:
    memories = {item.id: item for recalled in _all(parts, Recalled) for item in recalled.items}
    return TurnStory(
        turn=turn,
        decisions=_all(parts, Routed),
        recalled=tuple(memories.values()),
        prompts=tuple(one.prompt_parts for one in _all(parts, Recalled) if one.prompt_parts),
        question=_first(parts, Question),
        used=_all(parts, Used),
        generated=_all(parts, Generated),
        thoughts=_all(parts, Thought),
        clauses=_all(parts, Clause),
        performed=_all(parts, Performed),
        dropped=_all(parts, Dropped),
        failed=_all(parts, Failed),
        deleted=deleted & set(turn.asked),
    )


def _fates(
    events: tuple[Event, ...], turns: tuple[TurnStory, ...], deleted: frozenset[str]
) -> tuple[MessageStory, ...]:
    reasons: dict[str, str] = {}
    for dropped in _all(events, Dropped):
        reasons.setdefault(dropped.cause, dropped.reason)
    taken: dict[str, TurnStory] = {}
    for turn in turns:
        for heard in turn.turn.asked:
            if heard not in taken or (turn.performed and not taken[heard].performed):
                taken[heard] = turn

    def fate(heard: Chat | Notice) -> MessageStory:
        turn, gone = taken.get(heard.id), heard.id in deleted
        where = turn.turn.id if turn else ""
        if turn and turn.performed:
            return MessageStory(heard=heard, fate="answered", turn=where, deleted=gone)
        reason = reasons.get(heard.id) or (turn and _unheard(turn)) or ("backlog" if heard.backlog else SHOW_ENDED)
        return MessageStory(heard=heard, fate="dropped", reason=reason, turn=where, deleted=gone)

    return tuple(fate(event) for event in _heard(events))


def _unheard(turn: TurnStory) -> str:
    """Say why nothing was heard of a turn, "" if nobody said: for want of a model she may have made a face."""
    if turn.dropped:
        return turn.dropped[0].reason
    return "no_model" if any(one.pose for one in turn.clauses) else ""


def _heard(events: tuple[Event, ...]) -> Iterator[Chat | Notice]:
    """Give what viewers sent; what a resumed show takes up from its earlier part is no second message."""
    earlier: set[str] = set()
    here: set[str] = set()
    for event in events:
        if isinstance(event, Opened):
            earlier |= here
        elif isinstance(event, Chat | Notice) and event.id not in earlier:
            here.add(event.id)
            yield event


def _all(events: Iterable[Event], kind: type[_One]) -> tuple[_One, ...]:
    return tuple(event for event in events if isinstance(event, kind))


def _first(events: Iterable[Event], kind: type[_One]) -> _One | None:
    return next((event for event in events if isinstance(event, kind)), None)
