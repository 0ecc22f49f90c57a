"""The system's own voices (espeak-ng, SAPI, macOS) through pyttsx3, in a worker process that can be killed."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vtuber.core.sound import master, silence
from vtuber.core.wav import decode
from vtuber.core.wording import audible, for_a_voice
from vtuber.errors import SpeechError, SpeechTimeout
from vtuber.events import Language
from vtuber.ports import Audio, Samples, VoiceStyle

# By its path, so that it starts from any working directory; -P: its neighbours are not to be taken for libraries.
_COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("pyttsx3_worker.py")))
_REST_MS = 300  # for a clause without a letter, such as "…"
_RATE, _RATES = 175, (81, 450)  # words a minute at speed 1, and what espeak takes
_PITCH, _PITCH_A_HALF_TONE = 50, 5.5  # espeak's middle, and its scale (measured: 49 steps are 9 half tones)
_MEND = (
    " Install a voice with: sudo apt install espeak-ng, or: pip install 'vtuber[espeak]'"
    if sys.platform == "linux"
    else ""
)
_LINE = 1 << 20  # bytes of an answer at most: a system may have hundreds of voices
# A second utterance in the same process fails on macOS ("run loop already started"): each takes a fresh worker.
_RENEW_AFTER = 1 if sys.platform == "darwin" else 200


class SystemVoice(msgspec.Struct, frozen=True):
    """A voice as the system lists it."""

    id: str
    name: str = ""
    languages: tuple[str, ...] = ()


class _Answer(msgspec.Struct, frozen=True):
    ok: bool = False
    error: str = ""
    driver: str = ""
    voices: tuple[SystemVoice, ...] = ()


def pick(voices: Sequence[SystemVoice], language: Language, wanted: str = "", driver: str = "espeak") -> str:
    """Give the id of the voice to use, "" for none.

    It is the wanted one, by id, short id or name (espeak's may carry a variant: "en-us+f3"), else the system's first
    for the language, American English before others.
    """
    base, plus, variant = wanted.partition("+")
    for voice in voices:
        if base and base.lower() in {voice.id.lower(), voice.id.lower().rpartition("/")[2], voice.name.lower()}:
            return voice.id + plus + variant
    # espeak has a Japanese voice, but it reads no Han characters: it spells out their code-point names.
    if language == "ja" and driver == "espeak":
        return ""
    tagged = [(_tags(voice), voice.id) for voice in voices]
    speaking = [(tags, name) for tags, name in tagged if any(tag.split("-")[0] == language for tag in tags)]
    speaking.sort(key=lambda each: not any(tag in {"en-us", "ja-jp"} for tag in each[0]))
    return speaking[0][1] if speaking else ""


def _tags(voice: SystemVoice) -> list[str]:
    return [tag.lower().replace("_", "-").strip("\x00\x02\x05 ") for tag in voice.languages]


class _Worker:
    """One child process, started and perhaps not yet asked anything."""

    def __init__(self, process: Process) -> None:
        self.utterances = 0
        self.pid = process.pid
        self._process = process
        self._greeting: _Answer | None = None

    @classmethod
    async def start(cls, command: Sequence[str]) -> "_Worker":
        return cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE))

    async def greeting(self) -> _Answer:
        """Give what it said at its start. Raises SpeechError."""
        if self._greeting is None:
            self._greeting = await self._heard()
        return self._greeting

    async def save(self, request: dict[str, object]) -> None:
        """Have a text spoken into a file. Raises SpeechError."""
        self.utterances += 1
        if self._process.stdin is not None:
            with contextlib.suppress(ConnectionError):  # a dead worker is noticed when its answer is read
                self._process.stdin.write(msgspec.json.encode(request) + b"\n")
                await self._process.stdin.drain()
        await self._heard()

    async def _heard(self) -> _Answer:
        line = await self._process.stdout.readline() if self._process.stdout is not None else b""
        try:
            answer = msgspec.json.decode(line, type=_Answer)
        except msgspec.DecodeError:
            answer = _Answer(error="it ended without a word")
        if answer.error:
            raise SpeechError(f"The system's voice failed ({answer.error}); the clause goes without it.")
        return answer

    def kill(self) -> None:
        """End it at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def gone(self) -> None:
        """Wait until it has ended after `kill`."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


class Pyttsx3Voice:
    """English, and what else the system has a voice for, one clause at a time.

    A worker that hangs, dies or is given up in mid-clause is killed, and the spare, already warm, takes over.
    """

    name = "pyttsx3"

    def __init__(
        self,
        *,
        limit_s: float = 4.0,
        start_s: float = 20.0,
        renew_after: int = _RENEW_AFTER,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """`limit_s`: how long a clause may take; `start_s`: a worker's start; `renew_after`: clauses a worker."""
        self.languages: tuple[Language, ...] = ("en",)
        self.credit = ""
        self._limit_s, self._start_s = limit_s, start_s
        self._renew_after = renew_after
        self._command = tuple(command)
        self._one_at_a_time = asyncio.Lock()
        self._worker: _Worker | None = None
        self._spare: _Worker | None = None
        self._leaving: list[_Worker] = []
        self._folder: Path | None = None
        self._files = 0

    async def prepare(self) -> None:
        """Start a worker and a spare, ask for the voices, and speak once. Raises SpeechError."""
        async with self._one_at_a_time:
            answer = await (await self._ready()).greeting()
        has_japanese = pick(answer.voices, "ja", driver=answer.driver) != ""
        self.languages = ("en", "ja") if has_japanese else ("en",)
        self.credit = (
            "English voice: eSpeak NG (https://github.com/espeak-ng/espeak-ng)" if answer.driver == "espeak" else ""
        )
        await self.synthesize("Hello.", "en", VoiceStyle())

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        """Speak a text. Raises SpeechError; SpeechTimeout after the limit."""
        spoken = for_a_voice(text)
        if not audible(spoken):
            return Audio(silence(_REST_MS), self.name)
        async with self._one_at_a_time:
            try:
                return await self._spoken(spoken, language, style)
            except SpeechTimeout:
                raise
            except SpeechError:  # the worker failed and is gone (seen with espeak, rarely): the spare says it
                return await self._spoken(spoken, language, style)

    async def close(self) -> None:
        """End the workers and remove the temporary files."""
        async with self._one_at_a_time:
            for _ in range(2):
                self._let_go()
                self._worker, self._spare = self._spare, None
            await self._see_off()
            if self._folder is not None:
                await asyncio.get_running_loop().run_in_executor(None, shutil.rmtree, self._folder, True)  # noqa: FBT003 - ignore_errors
                self._folder = None

    async def _spoken(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        worker = await self._ready()
        answer = await worker.greeting()
        voice = pick(answer.voices, language, style.voice, answer.driver)
        pitch = round(min(99, max(0, _PITCH + style.pitch * _PITCH_A_HALF_TONE)))
        rate = round(min(_RATES[1], max(_RATES[0], _RATE * style.speed)))
        path = await self._path()
        await self._save(worker, {"text": text, "path": str(path), "voice": voice, "rate": rate, "pitch": pitch})
        samples = await asyncio.get_running_loop().run_in_executor(None, _collect, path)
        return Audio(samples, f"{self.name}:{voice}" if voice else self.name)

    async def _save(self, worker: _Worker, request: dict[str, object]) -> None:
        done = False
        try:
            async with asyncio.timeout(self._limit_s):
                await worker.save(request)
            done = True
        except TimeoutError as error:
            raise SpeechTimeout(
                f"The system's voice hung for {self._limit_s:g} s and was replaced; the clause goes without it."
            ) from error
        finally:
            # Not done: it failed, hung, or nobody waits any more; what it does now is unknown.
            if not done or worker.utterances >= self._renew_after:
                self._let_go()

    async def _ready(self) -> _Worker:
        """Give a worker that has said hello, and see to it that a spare is starting. Raises SpeechError."""
        await self._see_off()
        try:
            if self._worker is None:
                self._worker, self._spare = self._spare or await _Worker.start(self._command), None
            if self._spare is None:
                self._spare = await _Worker.start(self._command)
        except OSError as error:
            raise SpeechError(f"The system's voice could not be started ({error}); clauses go without it.") from error
        greeted = False
        try:
            async with asyncio.timeout(self._start_s):
                await self._worker.greeting()
            greeted = True
        except SpeechError as error:
            raise SpeechError(f"{error}{_MEND}") from error
        except TimeoutError as error:
            raise SpeechTimeout(
                f"The system's voice did not start within {self._start_s:g} s; clauses go without it."
            ) from error
        finally:
            worker = self._worker
            if not greeted:
                self._let_go()
        return worker

    def _let_go(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._leaving.append(self._worker)
            self._worker = None

    async def _see_off(self) -> None:
        while self._leaving:
            await self._leaving[-1].gone()
            self._leaving.pop()

    async def _path(self) -> Path:
        if self._folder is None:
            made = await asyncio.get_running_loop().run_in_executor(
                None, lambda: tempfile.mkdtemp(prefix="vtuber-voice-")
            )
            self._folder = Path(made)
        self._files += 1  # a name of its own: what a killed worker left is never taken for another clause
        return self._folder / f"{self._files}.{'aiff' if sys.platform == 'darwin' else 'wav'}"


def _collect(path: Path) -> Samples:
    """Read and remove what the worker wrote. Raises SpeechError."""
    try:
        data = path.read_bytes()
        path.unlink()
        wave, rate = decode(data)
    except (OSError, ValueError) as error:
        raise SpeechError(
            f"The system's voice left no readable sound ({error}); the clause goes without it."
        ) from error
    samples = master(wave, rate)
    if not len(samples):
        raise SpeechError("The system's voice left an empty sound; the clause goes without it.")
    return samples
