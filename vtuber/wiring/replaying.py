"""A replay: a chat log is the source, on real parts or at once on virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from vtuber import home, journal
from vtuber.adapters.chat.replay import Replay, first_stamp_ms
from vtuber.adapters.model.recorded import from_journal
from vtuber.adapters.model.scripted import Scripted
from vtuber.adapters.model.weights import find_weights
from vtuber.clock import run_virtual
from vtuber.errors import UserMistake
from vtuber.settings import Settings
from vtuber.wiring.models import Cast, open_cast
from vtuber.wiring.playing import Hearing, Opening, Plan, perform
from vtuber.wiring.resuming import Earlier
from vtuber.wiring.stage import Taps, say


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
    model: str = "embedded"  # of both tiers, as the settings write it, or "recorded"
    weights: Path | None = None  # her own GGUF file
    recording: Path | None = None  # a journal whose answers are played back
    resume: Earlier | None = None  # goes on behind the last remembered line of the log
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
    segments = journal.segments(options.folder / "journal.jsonl")
    if any(one.exists() and one.samefile(options.log) for one in segments):
        raise UserMistake(f"{options.log} would be overwritten by its own replay. Choose another folder with --out.")
    if options.instant:
        run_virtual(_play(options, taps))
    else:
        asyncio.run(_play(options, taps))


async def _play(options: Options, taps: Taps) -> None:
    base_ms = first_stamp_ms(options.log)
    resume = options.resume
    new_id = f"s{base_ms}" if options.instant else f"s{base_ms}-{options.folder.name}"
    plan = Plan(
        character=options.character,
        home=options.home,
        folder=options.folder,
        memory=options.memory or options.folder / "memory",
        settings=options.settings,
        stream_id=resume.stream_id if resume else new_id,
        part=resume.part if resume else 0,
        instant=options.instant,
        live_view=options.live_view,
        sound=options.sound,
    )

    def hear(opening: Opening) -> Hearing:
        source = Replay(
            options.log,
            opening.clock,
            speed=options.speed,
            max_gap_s=options.max_gap_s,
            after=opening.left.last_heard if resume else "",
        )
        return Hearing(sources=(source,))

    await perform(plan, _models(options), hear, base_ms=base_ms, taps=taps)


@asynccontextmanager
async def _models(options: Options) -> AsyncIterator[Cast]:
    """Give the models of both tiers: the one that was named, and nobody else in its place."""
    if options.recording:
        recorded = from_journal(options.recording, fallback=Scripted())
        yield Cast(fast=(recorded,), deep=(recorded,))
        return
    spec = "scripted" if options.instant else options.model
    if spec == "embedded" and options.weights:
        spec = f"embedded/{options.weights}"
    models = msgspec.structs.replace(options.settings.models, fast=spec, deep=spec, fast_next=(), deep_next=())
    async with open_cast(models, log=options.folder / "model.log", tell=say) as cast:
        yield cast
