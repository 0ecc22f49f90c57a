"""Mend: loads again the model that is down, beside the show, so that its recovery costs no viewer a turn."""

import asyncio
from contextlib import aclosing, suppress
from functools import partial
from typing import Final

from vtuber.core.breaker import LONGEST_MS
from vtuber.core.thinking.start import learn_start, observed
from vtuber.errors import ModelError
from vtuber.events import Language, Tier
from vtuber.ports import LanguageModel, Message, ModelRequest, StartState
from vtuber.stages.ladder import Ladder
from vtuber.stages.mind import Mind
from vtuber.stages.roads import Roads
from vtuber.supervisor import Stage

_PROBE: Final[dict[Language, str]] = {"en": "What colour is snow?", "ja": "雪は何色？"}
_PROBE_TOKENS: Final = 512  # so that a thought may end, if _PROBE_S allows; an answer without one ends much sooner
_PROBE_S: Final = 10.0


def mending(ladder: Ladder, mind: Mind, about: str, roads: Roads) -> list[Stage]:
    """Give the stages that look after the models of a tier, one each: they end when they are cancelled.

    `about` begins the records' ids.
    """
    return [
        Stage(
            name=f"mend_{ladder.tier}" + (f"_{place + 1}" if place else ""),
            take=partial(_wanted, ladder, place, roads),
            handle=lambda _none, place=place: mend(ladder, place, mind, about, roads),  # type: ignore[misc]
        )
        for place in range(len(ladder.rungs))
    ]


async def mend(ladder: Ladder, place: int, mind: Mind, about: str, roads: Roads) -> None:
    """Take in how a stream of the model at this place began, and load it if it is down: no turn asks it meanwhile."""
    rung = ladder.rungs[place]
    if rung.odd:
        showed, rung.odd = rung.odd, ""
        if _only(rung.model, ladder.tier, mind):
            mind.starts[ladder.tier, rung.model.name] = observed(mind.start(rung.model, ladder.tier), showed)
        return
    rung.due = roads.clock.now() + LONGEST_MS  # in case that something quite unheard-of happens
    try:
        async with asyncio.timeout(None) as rung.care:
            await load(rung.model, ladder.tier, mind)
    except TimeoutError:
        pass  # another model was put in its place
    except ModelError:
        ladder.missed(rung, about, roads)
    else:
        ladder.loaded(rung, about, roads)
    finally:
        rung.care = None


async def load(model: LanguageModel, tier: Tier, mind: Mind) -> None:
    """Load a model, the fast one with the prompt that every turn begins with. Raises ModelError.

    Where nothing tells what its streams begin with, that is learnt.
    """
    language = mind.persona.languages.primary
    prefix = mind.prefix(language) if tier == "fast" else ()
    await model.prepare(prefix)
    if model.start_state == "auto" and (tier, model.name) not in mind.starts and _only(model, tier, mind):
        start = await learnt(model, tier, language, prefix)
        if start is not None:
            mind.starts[tier, model.name] = start


def _only(model: LanguageModel, tier: Tier, mind: Mind) -> bool:
    """Whether no other model of the tier has its name: of two, one may think and the other not: nothing is learnt."""
    ladder = mind.fast if tier == "fast" else mind.deep
    return model.name not in (one.name for one in ladder.models if one is not model)


async def learnt(
    model: LanguageModel, tier: Tier, language: Language, prefix: tuple[Message, ...] = ()
) -> StartState | None:
    """Ask a tiny question, as the model will be asked, and read until it tells; a failure tells nothing."""
    fast = tier == "fast"
    request = ModelRequest(
        messages=(*prefix, Message("user", _PROBE[language])),
        tier=tier,
        max_tokens=_PROBE_TOKENS,
        temperature=0.0,
        effort="none" if fast else "low",
        thinking_budget=0 if fast else _PROBE_TOKENS,
    )
    said, thought = "", ""
    with suppress(ModelError, TimeoutError):
        async with asyncio.timeout(_PROBE_S), aclosing(model.stream(request)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                said, thought = said + delta.content, thought + delta.thinking
                if start := learn_start(said, thought, complete=delta.stop == "stop"):
                    return start
    return None


async def _wanted(ladder: Ladder, place: int, roads: Roads) -> None:
    """Wait until the model at this place wants looking after."""
    while True:
        ladder.news.clear()
        now, at = roads.clock.now(), ladder.care_at(place)
        if ladder.rungs[place].odd or (at is not None and at <= now):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(None if at is None else (at - now) / 1000):
                await ladder.news.wait()
