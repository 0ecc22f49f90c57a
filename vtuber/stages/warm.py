"""Warm: loads the models while she says hello, says on record how that goes, and has them looked after."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from vtuber.errors import ModelError
from vtuber.events import Language, Loading
from vtuber.stages.ladder import Ladder
from vtuber.stages.mend import load, mending
from vtuber.stages.mind import Mind
from vtuber.stages.notes import note_failure
from vtuber.stages.roads import Roads
from vtuber.supervisor import supervise


async def warm(
    mind: Mind, tell: Callable[[str], None], when_warm: Callable[[], Awaitable[None]], about: str, roads: Roads
) -> None:
    """Load the first model of both tiers; go on as long as the show does, so that a model that is down comes back.

    `tell` tells the operator why one cannot be loaded; `about` begins the records' ids.
    """
    async with asyncio.TaskGroup() as group:
        for ladder in (mind.fast, mind.deep):
            for stage in mending(ladder, mind, about, roads):
                group.create_task(supervise(stage, clock=roads.clock, note=roads.note), name=stage.name)
        await _load(mind.fast, mind, about, roads, tell)
        mind.warm.set()
        languages = mind.persona.languages
        if languages.reply_in_viewer_language and not len(roads.chat):
            # On a slow machine the first message in the other language would else wait for all of it to be read; but
            # not so long as somebody waits already, who would then wait for that.
            with suppress(ModelError):
                other: Language = "en" if languages.primary == "ja" else "ja"
                await mind.fast.first.prepare(mind.prefix(other))
        await _load(mind.deep, mind, about, roads, tell)
        await when_warm()


async def _load(ladder: Ladder, mind: Mind, about: str, roads: Roads, tell: Callable[[str], None]) -> None:
    """Load one; a model that cannot be loaded is on record, and is tried again."""
    rung, tier, began = ladder.rungs[0], ladder.tier, roads.clock.now()
    name = rung.model.name
    roads.note(Loading(id=f"{about}/loading-{tier}", at_ms=began, tier=tier, model=name, state="began"))
    try:
        await load(rung.model, tier, mind)
    except ModelError as error:
        note_failure(f"model_{tier}", error, about, roads)
        tell(f"The {tier} model {name} cannot be loaded; it will be tried again. {error}")
        ladder.missed(rung, about, roads)
        state = "failed"
    else:
        ladder.loaded(rung, about, roads)
        state = "ready"
    now = roads.clock.now()
    roads.note(
        Loading(
            id=f"{about}/loaded-{tier}",
            at_ms=now,
            tier=tier,
            model=name,
            state=state,  # type: ignore[arg-type]
            took_ms=now - began,
        )
    )
