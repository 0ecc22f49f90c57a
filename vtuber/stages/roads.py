"""The roads between the stages, laid once when a show opens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from vtuber.channel import LET_IN, LetIn, Road
from vtuber.clock import Clock, Ending
from vtuber.core.attention import give_up, is_free
from vtuber.events import (
    Airing,
    Chat,
    Clause,
    Dropped,
    Event,
    Interrupt,
    Notice,
    Performed,
    Question,
    Retract,
    System,
    Turn,
    kind,
)
from vtuber.interrupts import Interrupts
from vtuber.ports import Audio

Memorable: TypeAlias = Chat | Notice | System | Retract | Airing | Performed | Interrupt
Note: TypeAlias = Callable[[Event], None]
_PAID = 256  # paid messages and notices on the chat road; what comes beyond is kept by memory alone
_ORDERS = frozenset({"say", "reload", "ban"})


class Speech(msgspec.Struct, frozen=True):
    """A clause with its sound."""

    clause: Clause
    audio: Audio
    safe_after: int = 0  # the number on the memory road behind which it may be heard: its Airing

    @property
    def id(self) -> str:
        """The clause's id."""
        return self.clause.id


@dataclass(frozen=True, kw_only=True)
class Roads:
    """Every road of a show, the interrupts, the clock, and `note`, which takes what happens for the record."""

    chat: Road[Chat | Notice]
    turns: Road[Turn]
    questions: Road[Question]
    owed: Road[Question]  # promised, and taken back by the operator's hand: she owns up to it when she next replies
    unheard: Road[Question]  # promised, and answered by clauses of which none was heard yet
    replies: Road[Clause]
    answers: Road[Clause]
    speech: Road[Speech]
    memory: Road[Memorable]
    orders: Road[Interrupt]  # what the operator wants done, beyond a cut
    switches: Road[Interrupt]  # other models, which take long to load
    interrupts: Interrupts
    silence: Ending  # of the clause that is heard now
    clock: Clock
    note: Note


def lay(clock: Clock, note: Note, *, interrupts: Interrupts, sources: int, chat_size: int) -> Roads:
    """Lay the roads of a show with that many chat sources."""

    def drop(item: Chat | Notice, reason: str) -> None:
        note(Dropped(id=f"{item.id}!{reason}", at_ms=clock.now(), cause=item.id, reason=reason, item=kind(item)))

    def full(waiting: Sequence[Chat | Notice], new: Chat | Notice) -> Chat | Notice | LetIn:
        return give_up(waiting, new, free=chat_size, paid=_PAID) or LET_IN

    def given_up(item: Chat | Notice) -> None:
        drop(item, "overflow" if is_free(item) else "held")

    roads = Roads(
        chat=Road("chat", chat_size, producers=sources, full=full, given_up=given_up),
        turns=Road("turns", 0, tap=note),
        questions=Road("questions", 1, tap=note),
        owed=Road("owed", 8),
        unheard=Road("unheard", 8),
        replies=Road("replies", 16, producers=2, tap=note),
        answers=Road("answers", 16, producers=3, tap=note),
        speech=Road("speech", 0),
        memory=Road("memory", 512, producers=sources + 3, tap=lambda item: _note_heard(note, item)),
        orders=Road("orders", 64),
        switches=Road("switches", 4),
        interrupts=interrupts,
        silence=Ending(clock),
        clock=clock,
        note=note,
    )
    interrupts.obey_first(lambda interrupt: _purge(roads, interrupt))
    return roads


def concerns(interrupt: Interrupt, about: Turn | Clause) -> bool:
    """Whether an interrupt ends this turn, or the performing of this clause."""
    if interrupt.op in {"hush", "stop"}:
        return True
    if interrupt.op == "skip":
        return bool(about.turn) and about.turn == interrupt.target_turn
    if interrupt.op not in {"retract", "ban"}:
        return False
    if isinstance(about, Turn):
        asked, viewer = about.asked, about.who.viewer_id if about.who else ""
    else:
        asked, viewer = about.asked, about.viewer_id
    return bool(asked) and (
        interrupt.everything or interrupt.target_event in asked or (bool(viewer) and viewer == interrupt.target_viewer)
    )


def _purge(roads: Roads, interrupt: Interrupt) -> None:
    """Take off the roads what an interrupt has made unwanted, each with its reason."""
    reason, now = f"interrupted_{interrupt.op}", roads.clock.now()
    for turn in roads.turns.purge(lambda turn: concerns(interrupt, turn)):
        drop_turn(turn, reason, roads)
    for road in (roads.replies, roads.answers):
        for clause in road.purge(lambda clause: not clause.last and concerns(interrupt, clause)):
            drop_clause(clause, reason, roads)
    for speech in roads.speech.purge(lambda speech: concerns(interrupt, speech.clause)):
        drop_clause(speech.clause, reason, roads)
    refused = interrupt.op in _ORDERS and not roads.orders.offer(interrupt)
    if refused or (interrupt.op == "switch" and not roads.switches.offer(interrupt)):
        roads.note(Dropped(id=f"{interrupt.id}!", at_ms=now, cause=interrupt.id, reason="busy", item="interrupt"))
    _purge_questions(roads, interrupt)
    if interrupt.op in {"retract", "ban", "stop"}:
        ends = interrupt.op == "stop" or interrupt.everything

        def hit(heard: Chat | Notice) -> bool:
            return (
                ends
                or heard.id == interrupt.target_event
                or (bool(interrupt.target_viewer) and heard.viewer_id == interrupt.target_viewer)
            )

        for heard in roads.chat.purge(hit):
            why = "show_ended" if interrupt.op == "stop" else f"{interrupt.op}ed".replace("baned", "banned")
            roads.note(Dropped(id=f"{heard.id}!{why}", at_ms=now, cause=heard.id, reason=why, item=kind(heard)))


def interrupted(question: Question, interrupt: Interrupt, roads: Roads) -> None:
    """Drop a question that an interrupt concerns; what was promised is owed if the operator only wants silence now."""
    drop_question(question, f"interrupted_{interrupt.op}", roads)
    _owe(question, interrupt, roads)


def _owe(question: Question, interrupt: Interrupt, roads: Roads) -> None:
    if question.held and interrupt.op in {"hush", "skip"}:
        roads.owed.offer(question)


def drop_turn(turn: Turn, reason: str, roads: Roads) -> None:
    """Put on record that a turn is not answered, and why."""
    _drop(turn, "turn", reason, roads)


def drop_clause(clause: Clause, reason: str, roads: Roads) -> None:
    """Put on record that a clause is not heard, and why."""
    _drop(clause, "clause", reason, roads)


def drop_question(question: Question, reason: str, roads: Roads) -> None:
    """Put on record that a question is not answered, and why."""
    _drop(question, "question", reason, roads)


def _drop(what: Turn | Clause | Question, item: str, reason: str, roads: Roads) -> None:
    now, number = roads.clock.now(), f"{what.id}!{reason}"
    roads.note(Dropped(id=number, at_ms=now, cause=what.id, turn=what.turn, reason=reason, item=item))


def _purge_questions(roads: Roads, interrupt: Interrupt) -> None:
    if interrupt.op in {"retract", "ban", "stop"}:
        roads.owed.purge(lambda question: concerns(interrupt, question.asked))
    for question in roads.questions.purge(lambda question: concerns(interrupt, question.asked)):
        interrupted(question, interrupt, roads)
    for question in roads.unheard.purge(lambda question: concerns(interrupt, question.asked)):
        _owe(question, interrupt, roads)


def _note_heard(note: Note, item: Memorable) -> None:
    """Put on record what goes to memory; an interrupt is on record already."""
    if not isinstance(item, Interrupt):
        note(item)
