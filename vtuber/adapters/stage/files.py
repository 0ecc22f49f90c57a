"""Writes the show into a run's folder: sounds, subtitles, written answers, and the texts that OBS text sources read."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from vtuber.core.run_files import detail_name, reading, saying, sound_name, subtitle, thinking
from vtuber.core.sound import cut, length
from vtuber.core.wav import HEADER_BYTES, header
from vtuber.errors import StageOutputError
from vtuber.events import Performed
from vtuber.ports import SAMPLE_RATE, Cue, Musing, Samples

_WAITING = 256  # writes that may wait for a slow disk before new ones are left out
_CLOSE_S = 10.0
_NOW = ("now_saying.txt", "now_reading.txt", "now_thinking.txt", "now_detail.txt")
_TRIES, _TRY_S = 4, 0.02  # Windows refuses to replace a file at the moment somebody reads it


def _uncredited(_voice: str) -> str:
    return ""


class FilesOutput:
    """Everything heard and read, as files. One thread writes; the show never waits for it.

    The first failure (a full disk, no permission) raises StageOutputError once; after that each write is tried, and
    those that fail are counted in `lost`.
    """

    name = "files"

    def __init__(
        self,
        folder: Path,
        *,
        credit_of: Callable[[str], str] = _uncredited,
        credits_: Iterable[str] = (),
        now: Path | None = None,
    ) -> None:
        """`credit_of` gives a voice's credit line, "" for none; `credits_` are written in any case.

        `now` is the folder of the texts that change with what she says; without it they lie with the rest.
        """
        self.lost = 0
        self._writer = _Writer(folder, now or folder, credit_of, tuple(credits_))
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._waiting = 0
        self._trouble: OSError | ValueError | None = None
        self._told = False
        self._closed = False

    async def open(self, base_ms: int) -> None:
        """Make the folder and its files. Raises StageOutputError."""
        self._put(self._writer.open, base_ms)
        await self._written()
        self._tell()

    async def start(self, cue: Cue) -> None:
        """Show what she says and to whom. Raises StageOutputError, once."""
        self._put(self._writer.start, cue)
        self._tell()

    async def end(self, cue: Cue, performed: Performed) -> None:
        """Keep what was heard of a cue. Raises StageOutputError, once."""
        self._put(self._writer.end, cue, performed)
        self._tell()

    async def muse(self, musing: Musing | None) -> None:
        """Show for whom she is thinking. Raises StageOutputError, once."""
        self._put(self._writer.muse, musing)
        self._tell()

    async def close(self) -> None:
        """Write what waits and close the files. Raises StageOutputError."""
        if self._closed:
            return
        self._closed = True
        try:
            self._hand_over(self._writer.close)
            async with asyncio.timeout(_CLOSE_S):
                await self._written()
        except TimeoutError as error:
            raise StageOutputError(
                f"The disk did not take the last files in {self._folder}; the end of the show may be missing there."
            ) from error
        finally:
            self._thread.shutdown(wait=False)
        self._tell()

    def _put(self, work: Callable[..., None], *arguments: object) -> None:
        if self._waiting >= _WAITING:
            self.lost += 1
        else:
            self._hand_over(work, *arguments)

    def _hand_over(self, work: Callable[..., None], *arguments: object) -> None:
        self._waiting += 1
        asyncio.get_running_loop().run_in_executor(self._thread, self._do, work, arguments).add_done_callback(
            self._done
        )

    def _done(self, _work: object) -> None:
        self._waiting -= 1

    def _do(self, work: Callable[..., None], arguments: tuple[object, ...]) -> None:
        try:
            work(*arguments)
        except (OSError, ValueError) as error:
            self.lost += 1
            self._trouble = self._trouble or error

    async def _written(self) -> None:
        await asyncio.get_running_loop().run_in_executor(
            self._thread, int
        )  # the thread works in order: an empty task comes last

    def _tell(self) -> None:
        if self._trouble is not None and not self._told:
            self._told = True
            why = getattr(self._trouble, "strerror", None) or str(self._trouble)
            raise StageOutputError(
                f"Files cannot be written to {self._folder} ({why}). The show goes on, but its recording "
                "will have gaps; make room or choose another folder with --out."
            ) from self._trouble


class _Writer:
    """The thread's side: plain blocking file work."""

    def __init__(self, folder: Path, now: Path, credit_of: Callable[[str], str], always: tuple[str, ...]) -> None:
        self._folder = folder
        self._at_hand = now
        self._credit_of = credit_of
        self._credits = dict.fromkeys(line for line in always if line)
        self._base_ms = 0
        self._show: BinaryIO | None = None
        self._length = 0  # samples in show.wav
        self._sounds = 0
        self._subtitles = 0
        self._details = 0
        self._detailed = ""  # the turn whose written answer is shown

    def open(self, base_ms: int) -> None:
        self._base_ms = base_ms
        (self._folder / "utterances").mkdir(parents=True, exist_ok=True)
        self._show = (self._folder / "show.wav").open("wb")
        self._show.write(header(0, SAMPLE_RATE))
        self._show.flush()
        (self._folder / "show.srt").write_text("", encoding="utf-8")
        self._clear(*_NOW)
        self._write_credits()

    def start(self, cue: Cue) -> None:
        self._now("now_saying.txt", saying(cue))
        self._now("now_reading.txt", reading(cue))
        if cue.detail:
            self._show_detail(cue)
        elif self._detailed and cue.turn != self._detailed:
            self._hide_detail()

    def end(self, cue: Cue, performed: Performed) -> None:
        self._clear("now_saying.txt", "now_reading.txt")
        if self._detailed and not performed.whole:
            self._hide_detail()
        heard = cue.audio.samples if performed.whole else cut(cue.audio.samples, performed.duration_ms)
        if heard.any():  # silence needs no file: in the whole show it is what lies between the sounds
            self._sounds += 1
            (self._folder / "utterances" / sound_name(self._sounds, cue)).write_bytes(
                header(len(heard), SAMPLE_RATE) + _bytes(heard)
            )
            self._append(heard, performed.started_ms)
        if performed.text.strip():
            self._subtitles += 1
            with (self._folder / "show.srt").open("a", encoding="utf-8", newline="\n") as file:
                file.write(subtitle(self._subtitles, performed, self._base_ms))
        self._credit(self._credit_of(cue.audio.voice))

    def muse(self, musing: Musing | None) -> None:
        self._now("now_thinking.txt", thinking(musing) if musing else "")

    def close(self) -> None:
        if self._show is not None:
            self._show.close()
            self._show = None
            self._clear(*_NOW)

    def _show_detail(self, cue: Cue) -> None:
        """Show a written answer until she says something else or is cut off, and keep it."""
        self._detailed = cue.turn
        self._now("now_detail.txt", cue.detail)
        self._details += 1
        folder = self._folder / "details"
        folder.mkdir(exist_ok=True)
        (folder / detail_name(self._details)).write_text(f"{cue.detail}\n", encoding="utf-8")

    def _hide_detail(self) -> None:
        self._detailed = ""
        self._clear("now_detail.txt")

    def _append(self, heard: Samples, started_ms: int) -> None:
        """Put a sound at its place on the stream clock; the header comes last, so the file is always a valid WAV."""
        if self._show is None:
            raise OSError("show.wav is not open")
        # The end of the clause before is never overwritten: an overlap of some milliseconds is played after it.
        place = max(self._length, length(started_ms - self._base_ms))
        head = header(place + len(heard), SAMPLE_RATE)
        self._show.seek(HEADER_BYTES + 2 * place)  # what is skipped reads as zeros: silence
        self._show.write(_bytes(heard))
        self._show.flush()
        self._show.seek(0)
        self._show.write(head)
        self._show.flush()
        self._length = place + len(heard)

    def _credit(self, line: str) -> None:
        if line and line not in self._credits:
            self._credits[line] = None
            self._write_credits()

    def _write_credits(self) -> None:
        (self._folder / "credits.txt").write_text("".join(f"{line}\n" for line in self._credits), encoding="utf-8")

    def _clear(self, *names: str) -> None:
        for name in names:
            self._now(name, "")

    def _now(self, name: str, text: str) -> None:
        fresh = self._at_hand / f".{name}.new"
        fresh.write_text(text, encoding="utf-8")
        for _ in range(_TRIES):
            with contextlib.suppress(PermissionError):
                os.replace(fresh, self._at_hand / name)  # noqa: PTH105 - one call that replaces on every system
                return
            time.sleep(_TRY_S)
        raise PermissionError(f"{name} is held open by another program")


def _bytes(samples: Samples) -> bytes:
    return samples.astype("<i2").tobytes()
