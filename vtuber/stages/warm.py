"""Warm: loads the models while she says hello, and says on record how that goes."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from vtuber.core import prompt
from vtuber.errors import ModelError
from vtuber.events import Language, Loading, Tier
from vtuber.ports import LanguageModel, Message
from vtuber.stages.mind import Mind, note_failure
from vtuber.stages.roads import Roads


async def warm(
    mind: Mind, tell: Callable[[str], None], when_warm: Callable[[], Awaitable[None]], about: str, roads: Roads
) -> None:
    """Load both models, the fast one with the prompt that every turn begins with.

    `tell` tells the operator why one cannot be loaded; `about` begins the records' ids.
    """
    languages = mind.persona.languages
    await _load("fast", mind.fast, prompt.prefix(mind.persona, languages.primary), about, roads, tell)
    mind.warm.set()
    if languages.reply_in_viewer_language:
        # On a slow machine the first message in the other language would else wait for all of it to be read.
        with suppress(ModelError):
            other: Language = "en" if languages.primary == "ja" else "ja"
            await mind.fast.prepare(prompt.prefix(mind.persona, other))
    await _load("deep", mind.deep, (), about, roads, tell)
    await when_warm()


async def _load(
    tier: Tier, model: LanguageModel, prefix: tuple[Message, ...], about: str, roads: Roads, tell: Callable[[str], None]
) -> None:
    """Load one; a model that cannot be loaded is on record, and each of its turns tries it again."""
    began = roads.clock.now()
    roads.note(Loading(id=f"{about}/loading-{tier}", at_ms=began, tier=tier, model=model.name, state="began"))
    try:
        await model.prepare(prefix)
    except ModelError as error:
        note_failure(f"model_{tier}", error, about, roads)
        tell(f"The {tier} model {model.name} cannot be loaded; each of its turns tries it again. {error}")
        state = "failed"
    else:
        state = "ready"
    now = roads.clock.now()
    roads.note(
        Loading(
            id=f"{about}/loaded-{tier}",
            at_ms=now,
            tier=tier,
            model=model.name,
            state=state,  # type: ignore[arg-type]
            took_ms=now - began,
        )
    )
