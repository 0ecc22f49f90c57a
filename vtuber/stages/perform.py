"""Perform: audio, subtitle and expression on every stage output, by one clock; reports what was really performed."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from vtuber.events import Performed
from vtuber.ports import Cue, StageOutput
from vtuber.stages.mind import DEEP
from vtuber.stages.roads import Roads, Speech, concerns, drop_clause
from vtuber.stages.showing import on_each

# Rests after a clause, in ms, by how it ends: voices are trimmed, so the rhythm of speech is made here.
_RESTS = {
    "。": 260,
    "！": 240,
    "？": 280,
    "!": 240,
    "?": 280,
    ".": 260,
    "…": 350,
    "、": 120,
    "，": 120,
    ",": 120,
    "—": 160,
}
_REST = 100
_SAFE_S = 1.0  # how long words wait for a slow disk; then they are heard all the same


async def perform(speech: Speech, outputs: Sequence[StageOutput], roads: Roads) -> None:
    """Perform one clause to its end or until an interrupt cuts it; what was performed goes on to be remembered."""
    clause, clock, cue = speech.clause, roads.clock, None
    lasts = speech.audio.duration_ms + _RESTS.get(clause.text.rstrip()[-1:], _REST)
    roads.silence.move(clock.now() + lasts)
    async with roads.interrupts.scope(
        lambda interrupt: concerns(interrupt, clause), stage="perform", turn=clause.turn
    ) as cut:
        with suppress(TimeoutError):
            async with asyncio.timeout(_SAFE_S):
                await roads.memory.settled(speech.safe_after)
        cue = _cue(speech, clock.now())
        if clause.seq >= DEEP:
            roads.unheard.purge(lambda question: question.turn == clause.turn)
        roads.silence.move(cue.started_ms + lasts)
        await on_each(outputs, lambda output: output.start(cue), clause.id, roads)
        await clock.until(cue.started_ms + speech.audio.duration_ms)
    if cut.by is not None:
        roads.silence.move(clock.now())
    if cue is None:  # nothing of it was heard
        drop_clause(clause, f"interrupted_{cut.by.op if cut.by else ''}", roads)
        return
    performed = _performed(speech, cue.started_ms, clock.now(), whole=cut.by is None)
    await on_each(outputs, lambda output: output.end(cue, performed), clause.id, roads)
    if not clause.pose:  # a face is no answer, and nothing to remember as said
        await roads.memory.put(performed)
    if cut.by is None:
        await clock.until(cue.started_ms + lasts)


def _cue(speech: Speech, now: int) -> Cue:
    clause = speech.clause
    return Cue(
        turn=clause.turn,
        seq=clause.seq,
        text=clause.text,
        language=clause.language,
        audio=speech.audio,
        started_ms=now,
        to=clause.to,
        about=clause.about,
        expression=clause.expression,
        last=clause.last,
        detail=clause.detail,
    )


def _performed(speech: Speech, started: int, ended: int, *, whole: bool) -> Performed:
    clause = speech.clause
    full = max(1, speech.audio.duration_ms)
    heard = full if whole else min(full, ended - started)
    text = clause.text if whole else clause.text[: round(len(clause.text) * heard / full)]
    return Performed(
        id=f"{clause.id}/performed",
        at_ms=ended,
        cause=clause.id,
        turn=clause.turn,
        seq=clause.seq,
        text=text,
        language=clause.language,
        source=clause.source,
        last=clause.last,
        started_ms=started,
        duration_ms=heard,
        voice=speech.audio.voice,
        to=clause.to,
        viewer_id=clause.viewer_id,
        expression=clause.expression,
        whole=whole,
    )
