"""Puts questions to models one after the other, as the show would, and measures how they answer."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path
from typing import TypeAlias

import msgspec

from vtuber.core import prompt
from vtuber.core.guard import Guard
from vtuber.core.language import detect, joined
from vtuber.core.redaction import redact
from vtuber.core.reply import Reply
from vtuber.errors import VtuberError
from vtuber.events import Effort, Language, Tier
from vtuber.persona import Persona
from vtuber.ports import LanguageModel, Message, ModelRequest, StartState, Usage
from vtuber.settings import Cap, Settings, Thinking
from vtuber.stages.mend import learnt

_DEEP_SENTENCES = 4
OpenModel: TypeAlias = Callable[[str, Tier, Settings, Path | None], AbstractAsyncContextManager[LanguageModel]]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How a model answered a question; times in ms from the request, 0 for what did not come."""

    model: str
    question: str
    text: str = ""  # what she would have said
    first_token_ms: int = 0  # of a thought or an answer
    first_words_ms: int = 0  # the first clause that may be spoken
    total_ms: int = 0
    tokens: int = 0
    tokens_per_s: float = 0.0
    refused: str = ""  # why something was not to be said
    thought: str = ""
    error: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A model and all its answers; `load_ms` is how long it took until it was ready."""

    model: str
    load_ms: int = 0
    answers: tuple[Answer, ...] = ()
    error: str = ""


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same for all models and questions."""

    who: Persona
    guard: Guard
    settings: Settings
    tier: Tier
    open_model: OpenModel
    thoughts: bool = False
    effort: Effort = "low"  # of the deep tier
    done: Callable[[str], None] = print  # told the model's name after each answer


async def ask_all(asker: Asker, models: Sequence[str], questions: Sequence[str]) -> tuple[Asked, ...]:
    """Ask each model every question, one model after the other: side by side they would slow each other down."""
    return tuple([await _ask_model(asker, spec, questions) for spec in models])


async def _ask_model(asker: Asker, spec: str, questions: Sequence[str]) -> Asked:
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asker.open_model(spec, asker.tier, asker.settings, None) as model:
            start = await _prepared(asker, model, questions)
            load_ms = round((loop.time() - began) * 1000)
            answers = []
            for question in questions:
                answers.append(await _ask(asker, spec, model, start, question))
                asker.done(spec)
    except VtuberError as error:  # this model cannot be had; the others can still be compared
        for _ in questions:
            asker.done(spec)
        return Asked(model=spec, error=str(error))
    return Asked(model=spec, load_ms=load_ms, answers=tuple(answers))


async def _prepared(asker: Asker, model: LanguageModel, questions: Sequence[str]) -> StartState:
    """Prepare a model as a show does, and give what its streams begin with: declared, or else learnt."""
    prefixes = _prefixes(asker, questions)
    for prefix in prefixes:
        await model.prepare(prefix)
    if model.start_state != "auto":
        return model.start_state
    return await learnt(model, asker.tier, _language(asker.who, questions[0]), prefixes[0]) or "auto"


async def _ask(asker: Asker, spec: str, model: LanguageModel, start: StartState, question: str) -> Answer:
    language = _language(asker.who, question)
    sentences = asker.who.speaking.reply_sentences if asker.tier == "fast" else _DEEP_SENTENCES
    reply = Reply(
        start=start, guard=asker.guard, sentences=sentences, language=language, known=(question,),
        expressions={name: one.words for name, one in asker.who.expressions.items()},
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    began, first, words, tokens = loop.time(), 0, 0, 0
    usage: Usage | None = None
    said: list[str] = []
    error = stop = ""
    try:
        async with aclosing(model.stream(_request(asker, question, language))) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                now = max(1, round((loop.time() - began) * 1000))
                tokens += bool(delta.content or delta.thinking)
                first = first or (now if tokens else 0)
                usage, stop = delta.usage or usage, delta.stop or stop
                said += [one.text for one in reply.feed(delta.content, delta.thinking)]
                words = words or (now if said else 0)
                if reply.full:
                    break
    except VtuberError as failure:
        error = str(failure)
    said += [one.text for one in reply.close(cut=bool(error) or stop == "length")]
    total = round((loop.time() - began) * 1000)
    count = usage.tokens if usage else tokens
    return Answer(
        model=spec, question=question, text=joined(said), first_token_ms=first,
        first_words_ms=words or (total if said else 0), total_ms=total, tokens=count,
        tokens_per_s=_rate(count, total - first), refused=reply.refused,
        thought=redact(reply.thought, asker.settings.privacy.redact) if asker.thoughts else "", error=error,
    )  # fmt: skip


def _rate(tokens: int, ms: int) -> float:
    """Give the tokens a second after the first one, which waited for the prompt to be read."""
    return round((tokens - 1) * 1000 / ms, 1) if tokens > 1 and ms > 0 else 0.0


def _language(who: Persona, question: str) -> Language:
    primary = who.languages.primary
    return detect(question, primary) if who.languages.reply_in_viewer_language else primary


def _prefixes(asker: Asker, questions: Sequence[str]) -> list[tuple[Message, ...]]:
    """Give what the model may read beforehand, as it does before a show: the fixed beginning in each language."""
    if asker.tier == "deep":
        return [()]
    languages = dict.fromkeys(_language(asker.who, question) for question in questions)
    layout = prompt.layout(asker.settings.thinking)
    return [prompt.prefix(asker.who, language, layout) for language in languages]


def _request(asker: Asker, question: str, language: Language) -> ModelRequest:
    """Give the request that the show would make for a message of somebody it does not know."""
    wanted: Thinking = asker.settings.thinking
    if asker.tier == "fast":
        layout = prompt.layout(wanted)
        asked = prompt.answer(asker.who, language=language, name="", text=question, talk=(), recalled=(), layout=layout)
        return ModelRequest(
            messages=asked.messages, max_tokens=wanted.fast_tokens, temperature=wanted.temperature,
            seed=asker.settings.seed,
        )  # fmt: skip
    cap: Cap = getattr(wanted, asker.effort)
    asked = prompt.deep(asker.who, language=language, name="", text=question, recalled=(), already_said="")
    return ModelRequest(
        messages=asked.messages, tier="deep", max_tokens=cap.tokens, temperature=0.4,
        seed=asker.settings.seed, effort=asker.effort, thinking_budget=cap.thinking_tokens,
    )  # fmt: skip
