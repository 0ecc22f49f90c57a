"""Speak: clause to audio, one clause ahead; changes between replies and answers only where a reply ends."""

from collections import deque

from vtuber.channel import Road, RoadClosed, first_of
from vtuber.core.speakable import speakable
from vtuber.events import Airing, Clause, Dropped, Language
from vtuber.persona import Persona
from vtuber.ports import SpeechEngine, VoiceStyle
from vtuber.stages.mind import Mind
from vtuber.stages.roads import Roads, Speech, concerns

_CALL = 300  # characters a voice call at most


class Mouth:
    """Which road she is speaking from, until its reply ends; and which events she has begun to answer aloud."""

    def __init__(self) -> None:
        self.road: Road[Clause] | None = None
        self.aired: deque[str] = deque(maxlen=500)  # event ids


async def next_clause(mouth: Mouth, roads: Roads) -> Clause:
    """Take the next clause of the reply being spoken; between replies an answer goes first. Raises RoadClosed."""
    while True:
        if mouth.road is None:
            mouth.road = await first_of(roads.answers, roads.replies)
        try:
            clause = await mouth.road.get()
        except RoadClosed:
            mouth.road = None
            continue
        if clause.last:
            mouth.road = None
        return clause


async def speak(clause: Clause, engine: SpeechEngine, mouth: Mouth, mind: Mind, roads: Roads) -> None:
    """Turn a clause into sound and hand both to perform."""
    persona = mind.persona
    text = speakable(clause.text, clause.language, _readings(persona, clause.language))[:_CALL] if clause.text else ""
    if not text:
        if clause.text:
            _drop(clause, "unspeakable", roads)
        return
    voice = persona.voice.get(clause.language)
    style = VoiceStyle(voice.engine, voice.voice, voice.speed, voice.pitch) if voice else VoiceStyle()
    async with roads.interrupts.scope(
        lambda interrupt: concerns(interrupt, clause), stage="speak", turn=clause.turn
    ) as cut:
        safe_after = await _air(clause, mouth, roads)
        audio = await engine.synthesize(text, clause.language, style)
        await roads.speech.put(Speech(clause, audio, safe_after))
    if cut.by is not None:
        _drop(clause, f"interrupted_{cut.by.op}", roads)


async def _air(clause: Clause, mouth: Mouth, roads: Roads) -> int:
    """Have memory know, before the first words of an answer are heard, that these events are answered.

    Gives the number on the memory road to wait for, 0 for none: the voice is made meanwhile.
    """
    new = tuple(one for one in clause.asked if one not in mouth.aired)
    if clause.holds or not new:
        return 0
    mouth.aired.extend(new)
    airing = Airing(id=f"{clause.id}/airing", at_ms=roads.clock.now(), cause=clause.id, turn=clause.turn, asked=new)
    return await roads.memory.put(airing)


def _readings(persona: Persona, language: Language) -> dict[str, str]:
    """Give the readings for a language: kana would make an English voice silent, or a Japanese one take over."""
    return {written: read for written, read in persona.reading.items() if language == "ja" or read.isascii()}


def _drop(clause: Clause, reason: str, roads: Roads) -> None:
    roads.note(
        Dropped(
            id=f"{clause.id}!{reason}",
            at_ms=roads.clock.now(),
            cause=clause.id,
            turn=clause.turn,
            reason=reason,
            item="clause",
        )
    )
