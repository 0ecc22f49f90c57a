"""Delivering: a deep answer returns to who asked, by name, when what is being said is over; or it is owned up to."""

from collections.abc import Sequence

import msgspec

from vtuber.core.attention import fold
from vtuber.core.guard import shortened
from vtuber.core.language import joined
from vtuber.core.reply import Said
from vtuber.events import Clause, Language, Performed, Question
from vtuber.interrupts import Cut
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.roads import Roads, concerns, drop_question

_QUOTED: dict[Language, int] = {"ja": 34, "en": 56}  # characters of the question that her answer begins with
_ENDS = " 、。,.?？"
_TELLING = 8  # folded characters from which a clause is worth being compared


async def deliver(question: Question, said: tuple[Said, ...], detail: str, mind: Mind, roads: Roads) -> None:
    """Put an answer on its road; what takes the question back before it could takes back the answer."""
    turn, lines = question.asked, mind.persona.lines
    clauses = Clauses(turn, language=question.language, source="deep", roads=roads)
    intro = (question.said and lines.second_thought) or lines.answer_intro
    first = clauses.clause(_line(intro, question, mind), source="persona")
    own = [clauses.clause(one.text, expression=one.expression) for one in said]
    own[0] = msgspec.structs.replace(own[0], detail=detail)
    cut = await _put((first, *own), clauses, question, mind, roads)
    if cut.by is not None:
        drop_question(question, f"interrupted_{cut.by.op}", roads)


async def own_up(question: Question, mind: Mind, roads: Roads) -> None:
    """Say honestly that the answer did not come, unless she has answered before: a second thought is not missed."""
    if not question.said and not roads.interrupts.stopped:
        clauses = Clauses(question.asked, language=question.language, source="deep", roads=roads)
        line = clauses.clause(_line(mind.persona.lines.too_hard, question, mind), source="persona")
        await _put((line,), clauses, question, mind, roads)


async def _put(said: Sequence[Clause], clauses: Clauses, question: Question, mind: Mind, roads: Roads) -> Cut:
    """Put clauses on the answers road; they are spoken after the reply in hand, which may be what promises them."""
    _unheard(question, roads)
    async with roads.interrupts.scope(lambda interrupt: concerns(interrupt, question.asked)) as cut:
        for clause in said:
            await roads.answers.put(clause)
            if clause.source == "deep":
                mind.talk.emitted(question.asked, clause)
    await roads.answers.put(clauses.end())
    return cut


def _unheard(question: Question, roads: Roads) -> None:
    """Keep in mind what was promised until something of it is heard: a hush in between breaks the promise."""
    roads.unheard.purge(lambda one: one.id == question.id)
    if question.held:
        roads.unheard.offer(question)


def owned_up(question: Question, number: int, mind: Mind, roads: Roads) -> Clause:
    """Give the same as a reply of one clause, the `number`-th of a show, for what an operator's hand took back."""
    _unheard(question, roads)
    clauses = Clauses(question.asked, language=question.language, source="deep", roads=roads)
    clause = clauses.clause(_line(mind.persona.lines.too_hard, question, mind), source="persona", last=True)
    return msgspec.structs.replace(clause, id=f"{question.turn}/owed-{number}")  # an answer may be on record


def still_new(question: Question, said: Sequence[Said], mind: Mind) -> tuple[Said, ...]:
    """Give what of an answer she has not said meanwhile, nothing if she has answered the same to the same viewer."""
    if mind.talk.answered(question.asked):
        return ()
    heard = [fold(one.text) for one in _said_since(question, mind)]
    bare = [(one, fold(one.text)) for one in said]
    return tuple(one for one, text in bare if len(text) < _TELLING or not any(text in other for other in heard))


def already_said(question: Question, mind: Mind) -> str:
    """Give what she has told this viewer about it, or in the meantime."""
    viewer = question.asked.who.viewer_id if question.asked.who else ""
    since = [one.text for one in _said_since(question, mind) if one.source != "persona" and one.viewer_id == viewer]
    return joined([question.said, *(text for text in since if text not in question.said)])


def _said_since(question: Question, mind: Mind) -> list[Performed]:
    return [one for one in mind.talk.heard if one.at_ms > question.at_ms]


def _line(lines: dict[Language, tuple[str, ...]], question: Question, mind: Mind) -> str:
    turn, language = question.asked, question.language
    whole = mind.as_asked(turn.text).rstrip(_ENDS)
    text = shortened(whole, _QUOTED[language]).rstrip(_ENDS)
    text += "…" if len(text) < len(whole) else ""
    return mind.line(lines, language, name=mind.name(turn, language), question=text)
