"""Obey: what the operator wants done that takes more than a cut: words to say, a ban, a reload, another model."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from vtuber.core.attention import Gate
from vtuber.core.guard import Guard
from vtuber.core.language import detect
from vtuber.core.sentences import Segmenter
from vtuber.errors import ModelError, UserMistake, VtuberError
from vtuber.events import Changed, Interrupt, Tier, Turn
from vtuber.persona import Persona
from vtuber.ports import LanguageModel
from vtuber.stages.mend import load
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.roads import Roads

ReadCharacter = Callable[[], tuple[Persona, Guard]]  # raises UserMistake
OpenModel = Callable[[str, Tier], Awaitable[LanguageModel]]  # raises UserMistake, ModelError


async def obey(order: Interrupt, gate: Gate, read: ReadCharacter, mind: Mind, roads: Roads) -> None:
    """Do what was ordered; a character that cannot be read leaves the one that plays as she is."""
    if order.op == "say":
        await _say(order, mind, roads)
    elif order.op == "ban":
        gate.ban(order.target_viewer)
        await roads.memory.put(order)
    else:
        try:
            mind.coming = await asyncio.to_thread(read)
        except UserMistake as error:
            _note(order, "persona", "", roads, error)
        else:
            _note(order, "persona", next(iter(mind.coming[0].name.values())), roads)


async def switch(order: Interrupt, open_model: OpenModel, mind: Mind, roads: Roads) -> None:
    """Open and load another model while the old one goes on answering; one that cannot be loaded changes nothing."""
    ladder = mind.fast if order.tier == "fast" else mind.deep
    async with roads.interrupts.scope(lambda interrupt: interrupt.op == "stop"), AsyncExitStack() as undo:
        try:
            model = await open_model(order.model, order.tier)
            undo.push_async_callback(model.close)
            mind.starts.pop((order.tier, model.name), None)  # learnt of a namesake, perhaps elsewhere
            await load(model, order.tier, mind)
        except (UserMistake, ModelError) as error:
            _note(order, order.tier, order.model, roads, error)
            return
        undo.pop_all()
        old = ladder.replace(model)
        if old not in mind.models:
            mind.retired.append(old)
        _note(order, order.tier, model.name, roads)


async def _say(order: Interrupt, mind: Mind, roads: Roads) -> None:
    """Put the operator's words before whatever she would say next."""
    turn = Turn(id=order.id, turn=order.id, at_ms=roads.clock.now(), cause=order.id, purpose="say", say=order.say)
    roads.note(turn)
    language = detect(order.say, mind.persona.languages.primary)
    clauses = Clauses(turn, language=language, source="operator", roads=roads)
    segmenter = Segmenter(language)
    for piece in (*segmenter.push(order.say), *segmenter.flush()):
        await roads.answers.put(clauses.clause(piece))
    await roads.answers.put(clauses.end())


def _note(order: Interrupt, what: str, to: str, roads: Roads, error: VtuberError | None = None) -> None:
    roads.note(
        Changed(
            id=f"{order.id}/changed",
            at_ms=roads.clock.now(),
            cause=order.id,
            what=what,  # type: ignore[arg-type]
            to=to,
            refused=type(error).__name__ if error else "",
        )
    )
