"""Offering: a hard turn becomes a question for the slow model, if its answer can come in time."""

from typing import Final

import msgspec

from vtuber.core.pondering import WINDOW_MS, Plan, effort_for, plan
from vtuber.events import Chat, Language, Question, Recollection, Turn
from vtuber.stages.mind import Mind
from vtuber.stages.roads import Roads

_AT_ONCE_MS: Final = 3_000  # an answer that comes within this time needs no promise


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the question that was taken, or why none was (as Routed.refused), and the predicted wait."""

    question: Question | None = None
    refused: str = ""
    wait_ms: int = 0


def offer(
    turn: Turn, *, language: Language, recalled: tuple[Recollection, ...], mind: Mind, roads: Roads, said: str = ""
) -> Offer:
    """Offer a turn to ponder, never waiting. `said` is what she has answered already, for a second thought."""
    now, viewer = roads.clock.now(), _viewer(turn)
    refused, chosen, wait = _looked_at(turn, mind, roads)
    if chosen is None:
        return Offer(refused=refused, wait_ms=wait)
    lines, after = mind.persona.lines.holding, wait + chosen.took_ms
    held = not said and after > _AT_ONCE_MS and mind.desk.may_hold(now) and any(lines.values())
    question = Question(
        id=f"{turn.id}/question",
        at_ms=now,
        cause=turn.id,
        turn=turn.id,
        asked=turn,
        language=language,
        deadline_ms=now + round(chosen.cap.deadline_s * 1000),
        recalled=recalled,
        effort=chosen.effort,
        expected_ms=now + after,
        held=held,
        said=said,
    )
    roads.questions.offer(question)
    mind.desk.take(question, viewer, now, chosen.took_ms)
    if held:
        mind.desk.hold(now)
    return Offer(question=question, wait_ms=after)


def refusal(turn: Turn, mind: Mind, roads: Roads) -> str:
    """Say why this turn would not be taken now (as Routed.refused), "" if it would."""
    return _looked_at(turn, mind, roads)[0]


def holding_line(offered: Offer, mind: Mind, language: Language) -> str:
    """Give the line that promises an answer, "" where none is needed or too many were said lately."""
    if offered.question is None or not offered.question.held:
        return ""
    return mind.line(mind.persona.lines.holding, language, name=mind.name(offered.question.asked, language))


def _looked_at(turn: Turn, mind: Mind, roads: Roads) -> tuple[str, Plan | None, int]:
    """Give why a turn is refused, or how it is to be thought about, and in how many ms that could begin."""
    now, settings = roads.clock.now(), mind.settings
    if not mind.deep.usable(now):
        return "model_down", None, 0
    if roads.questions.closed or len(roads.questions) >= roads.questions.size:
        return "no_room", None, 0
    in_hand = roads.interrupts.in_hand("ponder")
    mind.desk.take_back((f"{in_hand}/question", *(one.id for one in roads.questions.waiting())))
    wait = mind.desk.left_ms(now)
    idle = not (in_hand or len(roads.chat)) and mind.deep.pace_learnt  # a slow one shows itself with a short thought
    effort = effort_for(turn.effort, mind.persona.pondering, settings.effort, text=turn.text, idle=idle)
    chosen = plan(effort, settings, wait_ms=wait, expect=mind.deep.expect_ms)
    busy_ms = chosen.took_ms if chosen else 0
    refused = mind.desk.refusal(_viewer(turn), now, audience=_audience(mind, now), busy_ms=busy_ms)
    if chosen is None or refused:
        return refused or "too_slow", None, wait
    return "", chosen, wait


def _viewer(turn: Turn) -> str:
    return turn.who.viewer_id if turn.who else ""


def _audience(mind: Mind, now: int) -> int:
    """Count the viewers who wrote lately, as far as memory at hand goes back: in a large audience it need not."""
    chats = (one for one in mind.memory.recent() if isinstance(one, Chat))
    return len({chat.viewer_id for chat in chats if now - chat.at_ms < WINDOW_MS})
