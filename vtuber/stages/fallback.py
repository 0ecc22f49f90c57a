"""Fallback: what she does where no model said anything fit to be heard."""

import asyncio
from contextlib import suppress

import msgspec

from vtuber.core.attention import is_question
from vtuber.core.fallbacks import SILENT_MS
from vtuber.events import Language, Turn
from vtuber.persona import Lines, Stock
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.roads import Roads, drop_turn

_POSES = ("sad", "thinking", "flustered", "surprised", "neutral")  # the first that she has
_HELD_S = 4.0  # while nobody can answer, so long a message keeps the next ones waiting: they may still be answered


async def fall_back(  # noqa: PLR0913 - what a turn's stage has in hand
    turn: Turn, refused: str, stop: str, *, mind: Mind, language: Language, clauses: Clauses, roads: Roads
) -> None:
    """Say a line of her own. `refused` is why the guard let nothing be said, `stop` how the call ended.

    That she has lost her thread she says three times in five minutes at most. Past that she only poses, or says
    something else when she has been silent for long; the message then was not answered.
    """
    lines, now = _instead(refused, turn.text, mind.persona.lines), roads.clock.now()
    told = mind.fast.fallbacks
    if lines is not mind.persona.lines.fallback or told.may_say(now):
        if lines is mind.persona.lines.fallback:
            told.say(now)
        await roads.replies.put(clauses.clause(mind.line(lines, language, name=mind.name(turn, language))))
        return
    if not any(chat.money or chat.first_time for chat in turn.chats):  # thanks, or a welcome, were an answer
        drop_turn(turn, "no_model", roads)
    if _silent_ms(mind, now) >= SILENT_MS:
        await _talk(turn, mind, roads)
    elif expression := next((name for name in _POSES if name in mind.persona.expressions), ""):
        await roads.replies.put(msgspec.structs.replace(clauses.clause("", expression=expression), pose=True))
    if stop == "down":
        with suppress(TimeoutError):
            async with asyncio.timeout(_HELD_S):
                await mind.fast.answers.wait()


async def _talk(turn: Turn, mind: Mind, roads: Roads) -> None:
    """Say something of her own, in a turn of its own: it answers nobody."""
    language = mind.persona.languages.primary
    line = mind.line(mind.persona.lines.idle, language)
    if not line:
        return
    own = Turn(id=f"{turn.id}+idle", turn=f"{turn.id}+idle", at_ms=roads.clock.now(), cause=turn.id, purpose="idle")
    roads.note(own)
    clauses = Clauses(own, language=language, source="persona", roads=roads)
    await roads.replies.put(clauses.clause(line))


def _silent_ms(mind: Mind, now: int) -> int:
    """Give how long nothing was heard of her, 0 if nothing ever was."""
    return now - mind.talk.heard[-1].at_ms if mind.talk.heard else 0


def _instead(refused: str, asked: str, lines: Stock) -> Lines:
    """Choose what is said where the model said nothing fit: a listed word is declined, a remark is nodded at."""
    if refused == "blocked_word":
        return lines.decline
    return lines.nod if refused and lines.nod and not is_question(asked) else lines.fallback
