"""Ponder: the slow model thinks about one hard question, with a deadline; its answer returns to the asker by name."""

import asyncio

import msgspec

from vtuber.core import prompt
from vtuber.core.guard import shortened
from vtuber.core.reply import Said
from vtuber.events import Dropped, Language, Question
from vtuber.ports import ModelRequest
from vtuber.stages.generate import generate
from vtuber.stages.mind import Clauses, Mind, note_recalled
from vtuber.stages.roads import Roads, concerns

DEEP_SENTENCES = 4
_TRIES = 2  # an answer of which nothing may be said is given once more, without a thought to repeat
_QUOTED: dict[Language, int] = {"ja": 26, "en": 56}  # characters of the question that her answer begins with


async def ponder(question: Question, mind: Mind, roads: Roads) -> None:
    """Think a question through while the chat goes on; the whole answer goes on the answers road, or an honest line."""
    turn, language = question.asked, question.language
    said: list[Said] = []

    async def keep(clause: Said) -> None:
        said.append(clause)

    stop = "timeout"
    async with roads.interrupts.scope(lambda interrupt: concerns(interrupt, turn), stage="ponder", turn=turn.id) as cut:
        try:
            async with asyncio.timeout(max(0.0, (question.deadline_ms - roads.clock.now()) / 1000)):
                await mind.warm.wait()
                request = _request(question, mind, roads)
                thought = ""
                for _ in range(_TRIES):
                    reply = mind.reply(mind.deep, language, DEEP_SENTENCES, turn.text, thought)
                    stop = await generate(turn, mind.deep, request, reply, keep, roads)
                    if said or not reply.refused:
                        break
                    thought = reply.thought
                    request = msgspec.structs.replace(request, seed=request.seed + 1, effort="none", thinking_budget=0)
        except TimeoutError:
            if cut.by is not None:
                raise
    if cut.by is not None or not said:
        reason = f"interrupted_{cut.by.op}" if cut.by else "expired" if stop == "timeout" else "no_answer"
        roads.note(
            Dropped(
                id=f"{question.id}!{reason}",
                at_ms=roads.clock.now(),
                cause=question.id,
                turn=turn.id,
                reason=reason,
                item="question",
            )
        )
    if cut.by is None:
        await _deliver(question, said, mind, roads)


async def own_up(question: Question, mind: Mind, roads: Roads) -> None:
    """Say honestly that the promised answer did not come."""
    await _deliver(question, [], mind, roads)


async def _deliver(question: Question, said: list[Said], mind: Mind, roads: Roads) -> None:
    turn, language, lines = question.asked, question.language, mind.persona.lines
    clauses = Clauses(turn, language=language, source="deep", roads=roads)
    text = shortened(mind.as_asked(turn.text), _QUOTED[language]).rstrip(" 、。,.?？")
    intro = mind.line(
        lines.answer_intro if said else lines.too_hard, language, name=mind.name(turn, language), question=text
    )
    await roads.answers.put(clauses.clause(intro, source="persona"))
    for one in said:
        mind.emitted(turn, one.text)
        await roads.answers.put(clauses.clause(one.text, expression=one.expression))
    await roads.answers.put(clauses.end())


def _request(question: Question, mind: Mind, roads: Roads) -> ModelRequest:
    turn = question.asked
    recalled = tuple(one for one in question.recalled if one.viewer_id)  # her own world explains nothing
    asked = prompt.deep(
        mind.persona,
        language=question.language,
        name=mind.shown(turn, question.language),
        text=mind.as_asked(turn.text),
        recalled=recalled,
        already_said="",
    )
    note_recalled(turn, recalled, asked.parts, roads)
    return ModelRequest(
        messages=asked.messages,
        tier="deep",
        answering=turn.asked,
        max_tokens=mind.settings.deep_tokens,
        temperature=0.4,
        seed=mind.dice.randrange(2**31),
        effort="low",
        thinking_budget=mind.settings.deep_thinking_tokens,
    )
