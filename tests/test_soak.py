"""A long live show at twenty messages a second: memory, tasks and descriptors do not grow."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from vtuber.events import Chat, Connection, Event, Performed
from vtuber.settings import LocalSocket, Models, OneComme, Settings, Sources, Twitch
from vtuber.wiring import LiveOptions
from vtuber.wiring.live import play_live

ROOT = Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("VTUBER_SOAK_S", "60"))
RATE = 20


class Sample(msgspec.Struct, frozen=True):
    """What the process holds at a moment."""

    at_s: float
    resident_mb: float
    tasks: int
    descriptors: int


def sample(began: float) -> Sample:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Sample(
        at_s=round(time.monotonic() - began, 1),
        resident_mb=round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
        tasks=len(asyncio.all_tasks()),
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - no path is wanted
    )


async def soak(folder: Path, urls: dict[str, str]) -> tuple[list[Sample], Counter[str]]:
    settings = Settings(
        models=Models(fast="scripted", deep="scripted"),
        sources=Sources(
            twitch=Twitch(channels=("mika",), url=urls["twitch"]),
            onecomme=OneComme(on=True, url=urls["onecomme"]),
            local=LocalSocket(port=0),
        ),
    )
    options = LiveOptions(
        folder=folder / "run", home=folder, settings=settings, stream_id="soak",
        base_ms=round(time.time() * 1000), silent=True, live_view=False, sound=False,
    )  # fmt: skip
    counts: Counter[str] = Counter()
    samples: list[Sample] = []

    def tap(event: Event) -> None:
        if isinstance(event, Chat | Performed | Connection):
            counts[type(event).__name__] += 1

    began = time.monotonic()
    (folder / "run").mkdir()
    playing = asyncio.ensure_future(play_live(options, (tap,)))
    with (folder / "samples.jsonl").open("wb") as file:
        while time.monotonic() - began < SECONDS and not playing.done():
            await asyncio.wait([playing], timeout=min(30.0, SECONDS / 20))
            samples.append(sample(began))
            file.write(msgspec.json.encode(samples[-1]) + b"\n")
            file.flush()
    assert not playing.done(), "the show ended by itself"
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing
    return samples, counts


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.asyncio
async def test_a_long_show_does_not_grow(tmp_path: Path):
    folder = Path(os.environ.get("VTUBER_SOAK_DIR", tmp_path))
    command = [sys.executable, "-m", "tests.soak_peers", str(RATE)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peers:  # noqa: ASYNC220 - only started here
        assert peers.stdout is not None
        urls = json.loads(await asyncio.to_thread(peers.stdout.readline))
        try:
            samples, counts = await soak(folder, urls)
        finally:
            peers.kill()
    assert counts["Chat"] >= 0.9 * RATE * SECONDS
    assert counts["Performed"] > SECONDS / 20
    warm, last = samples[len(samples) // 2], samples[-1]  # by then everything that is kept for a while is full
    later = samples[3 * len(samples) // 4 :]
    print(warm, last, counts)  # noqa: T201 - figures for who runs it
    assert min(one.resident_mb for one in later[-5:]) <= 1.05 * max(warm.resident_mb, 100)
    assert min(one.tasks for one in later[-5:]) <= warm.tasks + 2
    assert min(one.descriptors for one in later[-5:]) <= warm.descriptors + 2
