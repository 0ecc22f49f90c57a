"""Speak: clause to audio, one clause ahead; changes between replies and answers only where a reply ends."""

from collections import deque

import numpy as np

from vtuber.channel import Road, RoadClosed, first_of
from vtuber.core.sound import length
from vtuber.core.speakable import speakable
from vtuber.events import Airing, Clause, Language
from vtuber.persona import Persona
from vtuber.ports import Audio, SpeechEngine, VoiceStyle
from vtuber.stages.delivering import owned_up
from vtuber.stages.mind import Mind
from vtuber.stages.roads import Roads, Speech, concerns, drop_clause

_CALL = 300  # characters a voice call at most
_POSE_MS = 1200  # how long an expression without words is held
_SILENCE = Audio(np.zeros(length(_POSE_MS), np.int16), "")


class Mouth:
    """Which road she is speaking from, until its reply ends; and which events she has begun to answer aloud."""

    def __init__(self) -> None:
        self.road: Road[Clause] | None = None
        self.owned = 0  # promises that she owned up to
        self.aired: deque[str] = deque(maxlen=500)  # event ids


async def next_clause(mouth: Mouth, mind: Mind, roads: Roads) -> Clause:
    """Take the next clause of the reply being spoken; between replies choose what comes next. Raises RoadClosed.

    Before a reply begins she owns up to a promise that the operator's hand made her break.
    """
    while True:
        if mouth.road is None:
            road = await _next_road(roads)
            if road is roads.replies and len(roads.owed) and road.waiting()[0].text:
                mouth.owned += 1
                clause = owned_up(await roads.owed.get(), mouth.owned, mind, roads)
                roads.note(clause)
                return clause
            mouth.road = road
        try:
            clause = await mouth.road.get()
        except RoadClosed:
            mouth.road = None
            continue
        if clause.last:
            mouth.road = None
        return clause


async def _next_road(roads: Roads) -> Road[Clause]:
    """Wait for words: the operator's go first, then the reply to a turn that is in hand, then a deep answer.

    Think takes up no turn while an answer waits, so that it waits for one reply at most.
    """
    road = await first_of(roads.replies, roads.answers)
    answers = roads.answers.waiting()
    if answers and answers[0].source == "operator":
        return roads.answers
    return await first_of(roads.replies) if roads.interrupts.in_hand("think") else road


async def speak(clause: Clause, engine: SpeechEngine, mouth: Mouth, mind: Mind, roads: Roads) -> None:
    """Turn a clause into sound and hand both to perform."""
    persona = mind.persona
    text = speakable(clause.text, clause.language, _readings(persona, clause.language))[:_CALL] if clause.text else ""
    if not text and not clause.pose:
        if clause.text:
            drop_clause(clause, "unspeakable", roads)
        return
    voice = persona.voice.get(clause.language)
    style = VoiceStyle(voice.engine, voice.voice, voice.speed, voice.pitch) if voice else VoiceStyle()
    async with roads.interrupts.scope(
        lambda interrupt: concerns(interrupt, clause), stage="speak", turn=clause.turn
    ) as cut:
        safe_after = await _air(clause, mouth, roads)
        audio = _SILENCE if clause.pose else await engine.synthesize(text, clause.language, style)
        await roads.speech.put(Speech(clause, audio, safe_after))
    if cut.by is not None:
        drop_clause(clause, f"interrupted_{cut.by.op}", roads)


async def _air(clause: Clause, mouth: Mouth, roads: Roads) -> int:
    """Have memory know, before the first words of an answer are heard, that these events are answered.

    Gives the number on the memory road to wait for, 0 for none: the voice is made meanwhile.
    """
    new = tuple(one for one in clause.asked if one not in mouth.aired)
    if clause.holds or clause.pose or not new:
        return 0
    mouth.aired.extend(new)
    airing = Airing(id=f"{clause.id}/airing", at_ms=roads.clock.now(), cause=clause.id, turn=clause.turn, asked=new)
    return await roads.memory.put(airing)


def _readings(persona: Persona, language: Language) -> dict[str, str]:
    """Give the readings for a language: kana would make an English voice silent, or a Japanese one take over."""
    return {written: read for written, read in persona.reading.items() if language == "ja" or read.isascii()}
