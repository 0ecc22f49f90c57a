"""Part: when everything has been answered, she says good-bye."""

from vtuber.channel import RoadClosed
from vtuber.events import Turn
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.roads import Roads


class Farewell:
    """Whether she has said it."""

    def __init__(self, turn_id: str, *, said: bool) -> None:
        self.turn_id = turn_id
        self.said = said


async def last_turn(farewell: Farewell, roads: Roads) -> Turn:
    """Wait until think and ponder have ended, then give the closing turn, once.

    Raises RoadClosed after it, or when she was stopped.
    """
    await roads.answers.ended()
    if farewell.said or roads.interrupts.stopped:
        raise RoadClosed("show")
    farewell.said = True
    turn = Turn(id=farewell.turn_id, turn=farewell.turn_id, at_ms=roads.clock.now(), purpose="closing")
    roads.note(turn)
    return turn


async def part(turn: Turn, mind: Mind, roads: Roads) -> None:
    """Say good-bye."""
    language = mind.persona.languages.primary
    clauses = Clauses(turn, language=language, source="persona", roads=roads)
    await roads.replies.put(clauses.clause(mind.line(mind.persona.lines.closing, language)))
    await roads.replies.put(clauses.end())
