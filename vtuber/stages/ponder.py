"""Ponder: the slow model thinks about one hard question, with a deadline; its answer returns to the asker by name."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from vtuber.core import prompt
from vtuber.core.names import shown_name
from vtuber.core.pondering import cap_for, fitted, least
from vtuber.core.reply import Reply, Said
from vtuber.core.written import Essay
from vtuber.events import Question
from vtuber.ports import Found, LanguageModel, ModelRequest, Musing, StageOutput
from vtuber.settings import Cap
from vtuber.stages.asking import Picking
from vtuber.stages.delivering import already_said, deliver, own_up, still_new
from vtuber.stages.generate import Call, generate
from vtuber.stages.mind import BY_RULE, Mind
from vtuber.stages.notes import note_recalled, note_thought
from vtuber.stages.roads import Roads, concerns, drop_question, interrupted
from vtuber.stages.showing import on_each

DEEP_SENTENCES = 4
_LOOKING = 1 / 3  # of the time until the deadline, at most
_TRIES = 2  # an answer of which nothing may be said is given once more, without a thought to repeat
_WHOLE = frozenset({"stop", "length"})
_SAYABLE = frozenset({"", "language"})  # why nothing was said, where another voice may say it
_REASONS = {"expired": "expired", "timeout": "expired", "error": "model_failed", "down": "model_down"}


@dataclass
class _Answer:
    """What has come of a question so far."""

    said: list[Said] = field(default_factory=list)
    essay: Essay | None = None
    detail: str = ""
    thoughts: list[str] = field(default_factory=list)
    picking: list[str] = field(default_factory=list)  # what was thought about which tool to use
    stop: str = "expired"

    async def keep(self, clause: Said) -> None:
        """Take a clause that may be spoken."""
        self.said.append(clause)

    def withdraw(self) -> tuple[str, ...]:
        """Take back all of it: it turned out to be thought, and nothing of it was heard yet."""
        gone = tuple(one.text for one in self.said)
        self.said.clear()
        return gone

    def written(self) -> str:
        """Give the whole answer as text, "" where it holds no more than what is said."""
        return self.essay.written("".join(one.text for one in self.said)) if self.essay else ""


async def ponder(question: Question, outputs: Sequence[StageOutput], mind: Mind, roads: Roads) -> None:
    """Think a question through while the chat goes on; the whole answer goes on the answers road, or an honest line."""
    turn, answer = question.asked, _Answer()
    try:
        async with roads.interrupts.scope(
            lambda interrupt: concerns(interrupt, turn), stage="ponder", turn=turn.id
        ) as cut:
            await on_each(outputs, lambda output: output.muse(_musing(question, roads)), turn.id, roads)
            await _think_through(question, answer, mind, roads)
        if cut.by is not None:
            interrupted(question, cut.by, roads)
        else:
            await _bring(question, answer, mind, roads)
    finally:  # only now: while this is waited for, an interrupt would find the answer neither in hand nor on its road
        await on_each(outputs, lambda output: output.muse(None), turn.id, roads)


async def next_expired(roads: Roads) -> Question:
    """Wait until the deadline of a question comes while it still waits, and take it. Raises RoadClosed."""
    while True:
        await roads.questions.ready()
        (question, *_) = roads.questions.waiting()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0, question.deadline_ms - roads.clock.now()) / 1000):
                await roads.questions.drained()
        if question in roads.questions.waiting():
            roads.questions.take(question)
            return question


async def expire(question: Question, mind: Mind, roads: Roads) -> None:
    """Own up to a question that was not even begun in time: the one before it took too long."""
    drop_question(question, "expired", roads)
    await own_up(question, mind, roads)


async def _bring(question: Question, answer: _Answer, mind: Mind, roads: Roads) -> None:
    """Put what has come of it on the answers road."""
    if said := still_new(question, answer.said, mind):
        await deliver(question, said, answer.written(), mind, roads)
    elif answer.said:
        drop_question(question, "answered_meanwhile", roads)
    else:
        drop_question(question, _REASONS.get(answer.stop, "no_answer"), roads)
        await own_up(question, mind, roads)


async def _think_through(question: Question, answer: _Answer, mind: Mind, roads: Roads) -> None:
    """Fill the answer until it is whole or its deadline has come; what was thought is on record in any case."""
    began = roads.clock.now()
    try:
        async with asyncio.timeout(max(0, question.deadline_ms - began) / 1000) as limit:
            await mind.warm.wait()
            await _ask(question, answer, mind, roads)
    except TimeoutError:
        if not limit.expired():
            raise
        answer.stop = "expired"
    finally:
        now = roads.clock.now()
        mind.desk.settle(question.id, now - began, now)
        note_thought(question.asked, "deep", (*answer.picking, *answer.thoughts), roads, mind.private)


def _musing(question: Question, roads: Roads) -> Musing:
    turn, who = question.asked, question.asked.who
    return Musing(
        turn=turn.id,
        to=shown_name(who.name) if who else "",
        about=turn.text[:200],
        language=question.language,
        since_ms=roads.clock.now(),
        expected_ms=question.expected_ms,
    )


async def _ask(question: Question, answer: _Answer, mind: Mind, roads: Roads) -> None:
    """Ask the slow model; what comes in the wrong language, or as nothing but lists, the fast one says her way."""
    found = await _looked_up(question, answer, mind, roads)
    request, refused = _request(question, found, mind, roads), ""

    def fold(model: LanguageModel) -> Reply:
        answer.essay = _essay(model, question, "\n".join(answer.thoughts), mind)
        return answer.essay

    for _ in range(_TRIES):
        call = Call(
            turn=question.asked, request=request, fold=fold, emit=answer.keep, withdraw=answer.withdraw,
            thoughts=answer.thoughts,
        )  # fmt: skip
        outcome = await generate(call, mind.deep, roads)
        answer.stop, refused = outcome.stop, outcome.reply.refused
        if answer.said or refused in _SAYABLE:
            break
        request = msgspec.structs.replace(request, seed=request.seed + 1, effort="none", thinking_budget=0)
    told = answer.stop in _WHOLE and refused in _SAYABLE and not answer.said
    text = answer.written() if told else ""
    if text:
        answer.essay = None if refused else answer.essay  # a text in another language is not shown either
        await _say_her_way(question, text, answer, mind, roads)


async def _looked_up(question: Question, answer: _Answer, mind: Mind, roads: Roads) -> tuple[Found, ...]:
    """Give what tools know about a question, if some can be asked by a model alone; nothing if that takes long."""
    if not mind.tools.keys() - BY_RULE:
        return ()
    picking = Picking(question.asked, mind.prefix(question.language), answer.picking, mind, roads)
    left_s = (question.deadline_ms - roads.clock.now()) / 1000
    with suppress(TimeoutError):
        async with asyncio.timeout(left_s * _LOOKING):
            return await picking.found("deep")
    return ()


def _essay(model: LanguageModel, question: Question, earlier_thought: str, mind: Mind) -> Essay:
    return Essay(
        start=mind.start(model, "deep"),
        private=mind.private,
        guard=mind.guard,
        sentences=DEEP_SENTENCES,
        language=question.language,
        known=(question.asked.text, *mind.talk.lately),
        earlier_thought=earlier_thought,
        expressions={name: one.words for name, one in mind.persona.expressions.items()},
    )


async def _say_her_way(question: Question, text: str, answer: _Answer, mind: Mind, roads: Roads) -> None:
    """Have the fast model say an answer in the viewer's language."""
    turn, language = question.asked, question.language
    asked = prompt.voiced(mind.persona, language=language, text=text, layout=mind.layout)
    request = ModelRequest(
        messages=asked.messages,
        tier="fast",
        answering=turn.asked,
        max_tokens=mind.settings.fast_tokens,
        temperature=mind.settings.temperature,
        seed=mind.dice.randrange(2**31),
        purpose="voice",
    )

    def fold(model: LanguageModel) -> Reply:
        return mind.reply(model, language, DEEP_SENTENCES, turn.text, "\n".join(answer.thoughts))

    call = Call(
        turn=turn, request=request, fold=fold, emit=answer.keep, withdraw=answer.withdraw, thoughts=answer.thoughts,
        purpose="voice",
    )  # fmt: skip
    answer.stop = (await generate(call, mind.fast, roads)).stop


def _request(question: Question, found: tuple[Found, ...], mind: Mind, roads: Roads) -> ModelRequest:
    turn = question.asked
    recalled = tuple(one for one in question.recalled if one.viewer_id)  # her own world explains nothing
    asked = prompt.deep(
        mind.persona,
        language=question.language,
        name=mind.shown(turn, question.language),
        text=mind.as_asked(turn.text),
        recalled=recalled,
        already_said=already_said(question, mind),
        found=found,
        portions=mind.settings.portions,
    )
    note_recalled(turn, recalled, asked.parts, roads, call=".deep")
    cap = _cap(question, mind, roads)
    return ModelRequest(
        messages=asked.messages,
        tier="deep",
        answering=turn.asked,
        max_tokens=cap.tokens,
        temperature=0.4,
        seed=mind.dice.randrange(2**31),
        effort=question.effort,
        thinking_budget=cap.thinking_tokens,
    )


def _cap(question: Question, mind: Mind, roads: Roads) -> Cap:
    """Give what fits in the time that is left, or else the least: the model may be faster than expected."""
    cap, left = cap_for(question.effort, mind.settings), question.deadline_ms - roads.clock.now()
    return fitted(cap, left, mind.deep.expect_ms) or least(cap)
