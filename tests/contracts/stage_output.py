"""What every stage output keeps to: apply it by subclassing and giving `make` (a fresh output)."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vtuber.clock import run_virtual
from vtuber.events import Performed
from vtuber.ports import SAMPLE_RATE, Audio, Cue, Musing, StageOutput

BASE_MS = 1_700_000_000_000
HOSTILE = "\x1b[2J\x1b]0;title\x07[bold red]x[/] \u202eevil\u202c\r\n1\n00:00:00,000 --> 00:00:09,000\nfake" + "̀" * 40


def tone(milliseconds: int, loud: int = 8000):
    at = np.arange(SAMPLE_RATE * milliseconds // 1000)
    return (loud * np.sin(2 * np.pi * 440 * at / SAMPLE_RATE)).astype(np.int16)


def cue(seq: int = 0, *, text: str = "こんにちは！", at_ms: int = 1000, length_ms: int = 500, **more: Any) -> Cue:
    audio = Audio(tone(length_ms), more.pop("voice", "scripted"))
    return Cue(turn="t1", seq=seq, text=text, language="ja", audio=audio, started_ms=BASE_MS + at_ms, **more)


def musing(to: str = "mika", about: str = "なぜ海は青いの？", **more: Any) -> Musing:
    fields = {"turn": "t1", "language": "ja", "since_ms": BASE_MS, "expected_ms": BASE_MS + 30_000} | more
    return Musing(to=to, about=about, **fields)


def performed(of: Cue, *, heard_ms: int | None = None, text: str | None = None) -> Performed:
    lasted = of.audio.duration_ms if heard_ms is None else heard_ms
    return Performed(
        id=f"{of.turn}/{of.seq}", at_ms=of.started_ms + lasted, turn=of.turn, seq=of.seq,
        text=of.text if text is None else text,
        language=of.language, source="fast", last=of.last, started_ms=of.started_ms, duration_ms=lasted,
        voice=of.audio.voice, to=of.to, whole=heard_ms is None,
    )  # fmt: skip


class StageOutputContract:
    """Subclasses give `make`."""

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(run_virtual)

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self) -> StageOutput:
        raise NotImplementedError

    def play(self, *cues: tuple[Cue, Performed]) -> StageOutput:
        async def show() -> Any:
            output = self.make()
            await output.open(BASE_MS)
            for one, how in cues:
                await output.start(one)
                await asyncio.sleep(how.duration_ms / 1000)
                await output.end(one, how)
            await output.close()
            return output

        return type(self).run(show())

    def test_it_has_a_name(self):
        assert self.make().name

    def test_it_takes_whole_cut_and_empty_cues(self):
        whole, cut, empty = cue(0), cue(1, at_ms=2000), cue(2, at_ms=3000, text="", length_ms=0, last=True)
        self.play(
            (whole, performed(whole)), (cut, performed(cut, heard_ms=120, text="こん")), (empty, performed(empty))
        )

    def test_a_cue_is_started_without_waiting_for_its_end(self):
        async def show() -> Any:
            output = self.make()
            await output.open(BASE_MS)
            before = asyncio.get_running_loop().time()
            one = cue(length_ms=4000)
            await output.start(one)
            took = asyncio.get_running_loop().time() - before
            await output.end(one, performed(one, heard_ms=10))
            await output.close()
            return took

        assert type(self).run(show()) < 1.0

    def test_names_and_words_from_outside_do_no_harm(self):
        hostile = cue(text=HOSTILE, to=HOSTILE, about=HOSTILE * 20, expression="x")
        self.play((hostile, performed(hostile)))

    def test_it_is_told_for_whom_she_thinks_at_any_time(self):
        async def show() -> None:
            output = self.make()
            await output.open(BASE_MS)
            one = cue(detail="| a | b |\n|---|---|\n```\ncode\n```")
            for what in (musing(HOSTILE, HOSTILE * 20, language="en"), None, None, musing()):
                await output.muse(what)
                await output.start(one)
                await output.muse(what)
                await output.end(one, performed(one, heard_ms=10))
            await output.close()

        type(self).run(show())

    def test_it_may_be_closed_twice_and_without_having_been_opened(self):
        async def close() -> None:
            output = self.make()
            await output.close()
            await output.close()

        type(self).run(close())
