"""The only place that names concrete classes: from what a person chose to a show that is played."""

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from vtuber import home, persona
from vtuber.adapters.chat.replay import Replay, first_stamp_ms
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.model.embedded import embedded_pair
from vtuber.adapters.model.recorded import from_journal
from vtuber.adapters.model.scripted import Scripted
from vtuber.adapters.model.weights import find_weights
from vtuber.adapters.speech.chain import VoiceChain
from vtuber.adapters.speech.openjtalk_voice import OpenJTalkVoice
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice
from vtuber.adapters.speech.silent import SilentVoice
from vtuber.adapters.stage import sound_card
from vtuber.adapters.stage.files import FilesOutput
from vtuber.adapters.stage.terminal import Terminal
from vtuber.clock import Clock, run_virtual
from vtuber.core.guard import Guard
from vtuber.core.routing import Difficulty, decode
from vtuber.errors import UserMistake
from vtuber.events import Event, Language
from vtuber.journal import Journal
from vtuber.persona import Persona
from vtuber.ports import Embedder, LanguageModel, SpeechEngine, StageOutput, VoiceStyle
from vtuber.settings import Settings
from vtuber.show import Parts, Show

ModelChoice: TypeAlias = Literal["embedded", "scripted", "recorded"]
_STAND_IN_TALK = 160  # tokens
Taps: TypeAlias = Sequence[Callable[[Event], None]]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person chose for a replay."""

    log: Path
    folder: Path  # of the run
    home: Path
    character: str
    speed: float = 1.0
    max_gap_s: float = 60.0
    instant: bool = False
    memory: Path | None = None  # the folder of a memory that outlives the run
    model: ModelChoice = "embedded"
    weights: Path | None = None  # her own GGUF file
    recording: Path | None = None  # a journal whose answers are played back
    settings: Settings = Settings()
    live_view: bool = True
    sound: bool = True

    @property
    def uses_weights(self) -> bool:
        """Whether the embedded model plays."""
        return self.model == "embedded" and not self.instant


def prepare_weights(options: Options, progress: Callable[[int, int], None]) -> None:
    """Put the embedded model's weights together where that is still to be done; `progress` is told (done, total) bytes.

    Raises NotFound, BadSetting, UserMistake.
    """
    if options.uses_weights:
        find_weights(options.weights, home.cache(), progress=progress)


def play(options: Options, taps: Taps = ()) -> None:
    """Play a log through a show, to its end or until the person stops it; the run's folder holds its journal.

    `taps` see every event. Raises UserMistake and what the parts raise on opening.
    """
    journal = options.folder / "journal.jsonl"
    if journal.exists() and journal.samefile(options.log):
        raise UserMistake(f"{options.log} would be overwritten by its own replay. Choose another folder with --out.")
    if options.instant:
        run_virtual(_play(options, taps))
    else:
        asyncio.run(_play(options, taps))


async def _play(options: Options, taps: Taps) -> None:
    base_ms = first_stamp_ms(options.log)
    clock = Clock(base_ms)
    who = persona.load(persona.find(options.character, (options.home, persona.shipped())))
    stream_id = f"s{base_ms}" if options.instant else f"s{base_ms}-{options.folder.name}"
    source = Replay(options.log, clock, speed=options.speed, max_gap_s=options.max_gap_s)
    async with AsyncExitStack() as closing:
        journal = Journal(options.folder / "journal.jsonl", warn=say)
        closing.callback(journal.close)
        all_taps: Taps = (journal.note, *taps)
        outputs: tuple[StageOutput, ...]
        voices: SpeechEngine
        if options.instant:
            outputs, voices = (FilesOutput(options.folder, credits_=who.credits),), SilentVoice()
        else:
            voices = chain = _voices(who)
            closing.push_async_callback(chain.close)
            outputs, more = _outputs(options, who, chain)
            all_taps = (*all_taps, *more)

        def note(event: Event) -> None:
            for tap in all_taps:
                tap(event)

        memory, embedder = await closing.enter_async_context(_memory(options, who, stream_id))
        fast, deep = await closing.enter_async_context(_models(options))
        show = Show(
            Parts(
                sources=(source,),
                fast=fast,
                deep=deep,
                memory=memory,
                embedder=embedder,
                voices=voices,
                outputs=outputs,
                persona=who,
                settings=_settings(options),
                guard=guard_for(who),
                difficulty=difficulty(),
                stream_id=stream_id,
                character=options.character,
                note=note,
            ),
            clock,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(journal.run(clock), name="journal")
            with _ctrl_c(show):
                await show.run()
            journal.close()


@asynccontextmanager
async def _memory(options: Options, who: Persona, stream_id: str) -> AsyncIterator[tuple[SqliteMemory, Embedder]]:
    """Open her memory: on the run's disk, in the folder that outlives it, or on virtual time in plain memory."""
    if options.instant:
        embedder: Embedder = HashingEmbedder()
        memory = await SqliteMemory.open(
            ":memory:", stream_id=stream_id, embedder=embedder, vectors=ExactVectors(), warn=say, lore=who.lore
        )
    else:
        folder = options.memory or options.folder / "memory"
        packaged = PackagedEmbedder()
        vectors = await ChromaVectors.open(folder / "vectors" / options.character, warn=say)
        embedder = packaged
        memory = await SqliteMemory.open(
            folder / f"{options.character}.sqlite",
            stream_id=stream_id,
            embedder=packaged,
            vectors=vectors,
            warn=say,
            lore=who.lore,
        )
    try:
        yield memory, embedder
    finally:
        await memory.close()


@asynccontextmanager
async def _models(options: Options) -> AsyncIterator[tuple[LanguageModel, LanguageModel]]:
    """Give the fast and the deep model."""
    scripted = Scripted()
    fast: LanguageModel = scripted
    deep: LanguageModel = scripted
    if options.recording:
        fast = deep = from_journal(options.recording, fallback=scripted)
    elif options.uses_weights:
        weights = await asyncio.to_thread(find_weights, options.weights, home.cache())
        fast, deep = embedded_pair(weights, log=options.folder / "model.log")
    try:
        yield fast, deep
    finally:
        await deep.close()
        await fast.close()


def _settings(options: Options) -> Settings:
    """Give the settings; the stand-in reads slowly and copies what it reads: it is shown little of the talk."""
    if not options.uses_weights or options.weights is not None:
        return options.settings
    thinking = msgspec.structs.replace(options.settings.thinking, talk_tokens=_STAND_IN_TALK)
    return msgspec.structs.replace(options.settings, thinking=thinking)


def guard_for(who: Persona) -> Guard:
    """Make the guard of a character from the shipped block list and her own."""
    words = (files("vtuber") / "shipped" / "blocklist.txt").read_text(encoding="utf-8")
    return Guard(words, who.speaking.never_say)


def difficulty() -> Difficulty:
    """Give the difficulty scale with the shipped weights."""
    return Difficulty(decode((files("vtuber") / "shipped" / "routing.json").read_bytes()))


def _voices(who: Persona) -> VoiceChain:
    styles: dict[Language, VoiceStyle] = {
        language: VoiceStyle(voice.engine, voice.voice, voice.speed, voice.pitch)
        for language, voice in who.voice.items()
    }
    return VoiceChain([OpenJTalkVoice(), Pyttsx3Voice()], styles=styles)


def _outputs(options: Options, who: Persona, voices: VoiceChain) -> tuple[tuple[StageOutput, ...], Taps]:
    """Give the stage: files always, the terminal and the sound card where they are wanted."""
    outputs: list[StageOutput] = [FilesOutput(options.folder, credit_of=voices.credit_of, credits_=who.credits)]
    taps: list[Callable[[Event], None]] = []
    if options.live_view:
        terminal = Terminal(who.name[who.languages.primary])
        outputs.append(terminal)
        taps.append(terminal.note)
    if options.sound and sound_card.available():
        outputs.append(sound_card.SoundCard())
    return tuple(outputs), tuple(taps)


def say(sentence: str) -> None:
    """Tell the operator something, on stderr, without disturbing the live view's lines."""
    print(f"vtuber: {sentence}", file=sys.stderr)  # noqa: T201 - the operator's terminal


@contextmanager
def _ctrl_c(show: Show) -> Iterator[None]:
    """Let the first Ctrl-C end the show in order; the second one ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        loop.call_soon_threadsafe(partial(show.interrupt, "stop"))

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
