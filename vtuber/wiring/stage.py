"""What is heard and seen of a show: voices and stage outputs; and the words for the operator."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from vtuber.adapters.speech.chain import VoiceChain
from vtuber.adapters.speech.openjtalk_voice import OpenJTalkVoice
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice
from vtuber.adapters.stage import sound_card
from vtuber.adapters.stage.files import FilesOutput
from vtuber.adapters.stage.terminal import Terminal
from vtuber.events import Event, Language
from vtuber.persona import Persona
from vtuber.ports import StageOutput, VoiceStyle

Taps: TypeAlias = Sequence[Callable[[Event], None]]


def voices_of(who: Persona) -> VoiceChain:
    """Give the voices there are, in the character's styles."""
    styles: dict[Language, VoiceStyle] = {
        language: VoiceStyle(voice.engine, voice.voice, voice.speed, voice.pitch)
        for language, voice in who.voice.items()
    }
    return VoiceChain([OpenJTalkVoice(), Pyttsx3Voice()], styles=styles)


def outputs_of(
    who: Persona, folders: tuple[Path, Path], voices: VoiceChain, *, live_view: bool, sound: bool, keys: str
) -> tuple[tuple[StageOutput, ...], Taps]:
    """Give the stage: files always, the terminal and the sound card where they are wanted.

    `folders`: of what is kept, and of the texts that change with what she says.
    """
    kept, now = folders
    outputs: list[StageOutput] = [FilesOutput(kept, credit_of=voices.credit_of, credits_=who.credits, now=now)]
    taps: list[Callable[[Event], None]] = []
    if live_view:
        terminal = Terminal(who.name[who.languages.primary], keys=keys)
        outputs.append(terminal)
        taps.append(terminal.note)
    if sound and sound_card.available():
        outputs.append(sound_card.SoundCard())
    return tuple(outputs), tuple(taps)


def say(sentence: str) -> None:
    """Tell the operator something, on stderr, without disturbing the live view's lines."""
    print(f"vtuber: {sentence}", file=sys.stderr)  # noqa: T201 - the operator's terminal
