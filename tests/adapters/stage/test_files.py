import asyncio
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.contracts.stage_output import BASE_MS, HOSTILE, StageOutputContract, cue, musing, performed
from vtuber.adapters.stage.files import FilesOutput
from vtuber.clock import run_virtual
from vtuber.errors import StageOutputError
from vtuber.ports import SAMPLE_RATE, Audio


def _read(path: Path) -> Any:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


class TestFilesOutput(StageOutputContract):
    def make(self):
        return FilesOutput(self.folder / "run")

    def test_the_whole_show_lies_on_the_stream_clock_with_silence_between(self):
        first, second = cue(0, at_ms=1000, length_ms=500), cue(1, at_ms=4000, length_ms=250)
        self.play((first, performed(first)), (second, performed(second)))
        show = _read(self.folder / "run" / "show.wav")
        assert len(show) == SAMPLE_RATE * 4250 // 1000
        assert np.array_equal(show[SAMPLE_RATE : SAMPLE_RATE * 3 // 2], first.audio.samples)
        assert np.array_equal(show[SAMPLE_RATE * 4 :], second.audio.samples)
        assert not show[:SAMPLE_RATE].any()
        assert not show[SAMPLE_RATE * 3 // 2 : SAMPLE_RATE * 4].any()

    def test_a_cut_cue_is_as_long_as_it_was_heard_and_ends_softly(self):
        cut = cue(0, at_ms=0, length_ms=2000)
        self.play((cut, performed(cut, heard_ms=700)))
        (sound,) = (self.folder / "run" / "utterances").iterdir()
        for samples in (_read(sound), _read(self.folder / "run" / "show.wav")):
            assert len(samples) == SAMPLE_RATE * 700 // 1000
            assert abs(int(samples[-1])) < 100
            assert np.abs(samples[:SAMPLE_RATE]).max() > 7900

    def test_clauses_that_touch_do_not_overwrite_each_other(self):
        first, second = cue(0, at_ms=0, length_ms=500), cue(1, at_ms=495, length_ms=500)
        self.play((first, performed(first)), (second, performed(second)))
        show = _read(self.folder / "run" / "show.wav")
        assert np.array_equal(show, np.concatenate([first.audio.samples, second.audio.samples]))

    def test_each_clause_has_its_sound_file_in_order(self):
        cues = [cue(seq, at_ms=seq * 1000, length_ms=100) for seq in range(3)]
        self.play(*((one, performed(one)) for one in cues))
        names = sorted(path.name for path in (self.folder / "run" / "utterances").iterdir())
        assert names == ["001-t1-0.wav", "002-t1-1.wav", "003-t1-2.wav"]

    def test_the_subtitles_have_the_times_at_which_she_spoke(self):
        first = cue(0, text="こんにちは！", at_ms=1500, length_ms=500)
        cut = cue(1, text="Well, I think so.", at_ms=61_000, length_ms=3000)
        self.play((first, performed(first)), (cut, performed(cut, heard_ms=1200, text="Well, I")))
        assert (self.folder / "run" / "show.srt").read_text(encoding="utf-8") == (
            "1\n00:00:01,500 --> 00:00:02,000\nこんにちは！\n\n2\n00:01:01,000 --> 00:01:02,200\nWell, I\n\n"
        )

    def test_hostile_words_do_not_break_the_subtitles(self):
        hostile = cue(text=HOSTILE)
        self.play((hostile, performed(hostile)))
        lines = (self.folder / "run" / "show.srt").read_text(encoding="utf-8").split("\n")
        assert [lines[0], *lines[3:]] == ["1", "", ""]
        assert "\x1b" not in lines[2]

    def test_credits_of_the_voices_really_heard_are_written_once(self):
        cues = [cue(0, voice="mei:normal"), cue(1, at_ms=2000, voice="mei:normal"), cue(2, at_ms=3000, voice="silent")]
        credit = {"mei:normal": "Voice Mei, CC BY 3.0", "sam": "unheard"}
        self.make = lambda: FilesOutput(
            self.folder / "run", credit_of=lambda voice: credit.get(voice, ""), credits_=["Model of the character: A"]
        )
        self.play(*((one, performed(one)) for one in cues))
        lines = (self.folder / "run" / "credits.txt").read_text(encoding="utf-8").splitlines()
        assert lines == ["Model of the character: A", "Voice Mei, CC BY 3.0"]


def test_the_text_sources_hold_what_she_says_and_reads_and_are_empty_afterwards(tmp_path: Path):
    seen = []

    async def show() -> None:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        one = cue(text="ありがとう！", to="mika", about="hello\nthere")
        for act in (output.start(one), output.end(one, performed(one))):
            await act
            seen.append(
                [(tmp_path / name).read_text(encoding="utf-8") for name in ("now_saying.txt", "now_reading.txt")]
            )
        await output.close()

    run_virtual(show())
    assert seen == [["ありがとう！", "mika: hello there"], ["", ""]]


def test_for_whom_she_thinks_stands_in_a_file_in_the_viewers_language_and_is_gone_afterwards(tmp_path: Path):
    seen = []

    async def show() -> None:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        for what in (None, musing(), musing(about="why {name}?", language="en"), None, musing()):
            await output.muse(what)
            seen.append((tmp_path / "now_thinking.txt").read_text(encoding="utf-8"))
        await output.close()
        seen.append((tmp_path / "now_thinking.txt").read_text(encoding="utf-8"))

    run_virtual(show())
    ja = "mikaさんの質問を考え中: なぜ海は青いの？"
    assert seen == ["", ja, "Thinking about mika's question: why {name}?", "", ja, ""]


def test_a_written_answer_is_shown_until_she_says_something_else_or_is_cut_off_and_is_kept(tmp_path: Path):
    seen = []

    async def say(output: FilesOutput, turn: str, *, detail: str = "", heard_ms: int | None = None) -> None:
        one = msgspec.structs.replace(cue(detail=detail), turn=turn)
        await output.start(one)
        await output.end(one, performed(one, heard_ms=heard_ms))
        seen.append((tmp_path / "now_detail.txt").read_text(encoding="utf-8"))

    async def show() -> None:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        await say(output, "t1")
        await say(output, "t1", detail="| 表 | b |")
        await say(output, "t1")
        await say(output, "t2")
        await say(output, "t3", detail="code")
        await say(output, "t3", heard_ms=20)
        await output.close()

    run_virtual(show())
    assert seen == ["", "| 表 | b |", "| 表 | b |", "", "code", ""]
    kept = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "details").iterdir()}
    assert kept == {"0001.md": "| 表 | b |\n", "0002.md": "code\n"}
    assert "表" not in (tmp_path / "show.srt").read_text(encoding="utf-8")


def test_a_face_without_words_leaves_no_sound_nor_subtitle(tmp_path: Path):
    async def show() -> None:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        one = msgspec.structs.replace(cue(text=""), audio=Audio(np.zeros(SAMPLE_RATE, np.int16), ""))
        await output.start(one)
        await output.end(one, performed(one))
        await output.close()

    run_virtual(show())
    assert not list((tmp_path / "utterances").iterdir())
    assert (tmp_path / "show.srt").read_text(encoding="utf-8") == ""


def test_the_recording_is_a_valid_wav_at_every_moment(tmp_path: Path):
    lengths = []

    async def show() -> None:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        lengths.append(len(_read(tmp_path / "show.wav")))
        for seq in range(3):
            one = cue(seq, at_ms=seq * 1000, length_ms=500)
            await output.start(one)
            await output.end(one, performed(one))
            lengths.append(len(_read(tmp_path / "show.wav")))
        await output.close()

    run_virtual(show())
    assert lengths == [0, 12_000, 36_000, 60_000]


def test_a_folder_that_cannot_be_made_is_said_once_and_then_counted(tmp_path: Path):
    (tmp_path / "file").touch()

    async def show() -> Any:
        output = FilesOutput(tmp_path / "file" / "run")
        with pytest.raises(StageOutputError, match="--out"):
            await output.open(BASE_MS)
        one = cue()
        await output.start(one)
        await output.end(one, performed(one))
        await output.close()
        return output.lost

    assert run_virtual(show()) >= 3


def test_a_folder_that_goes_away_in_mid_show_is_said_once_and_the_show_goes_on(tmp_path: Path):
    async def show() -> Any:
        output = FilesOutput(tmp_path / "run")
        await output.open(BASE_MS)
        (tmp_path / "run").rename(tmp_path / "gone")
        first, second = cue(0), cue(1, at_ms=3000)
        with pytest.raises(StageOutputError):
            await output.start(first)
        await output.end(first, performed(first))
        await output.start(second)
        await output.end(second, performed(second))
        await output.close()
        return output.lost

    assert run_virtual(show()) >= 4


def test_a_slow_disk_does_not_hold_up_the_show(tmp_path: Path):
    async def show() -> Any:
        output = FilesOutput(tmp_path)
        await output.open(BASE_MS)
        stuck = asyncio.Event()
        loop = asyncio.get_running_loop()
        output._put(lambda: asyncio.run_coroutine_threadsafe(stuck.wait(), loop).result(10))  # the disk takes its time
        before = loop.time()
        for seq in range(200):
            one = cue(seq, at_ms=seq * 100, length_ms=10)
            await output.start(one)
            await output.end(one, performed(one))
        took, lost = loop.time() - before, output.lost
        stuck.set()
        await output.close()
        return took, lost

    took, lost = asyncio.run(show())
    assert took < 1.0
    assert lost == 401 - 256  # what waits is bounded


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited there")
def test_a_full_disk_leaves_a_valid_recording_of_what_fitted(tmp_path: Path):
    script = f"""
import asyncio, resource, signal, sys
from pathlib import Path
from tests.contracts.stage_output import BASE_MS, cue, performed
from vtuber.adapters.stage.files import FilesOutput
from vtuber.errors import StageOutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
async def show():
    output, told = FilesOutput(Path({str(tmp_path)!r})), 0
    await output.open(BASE_MS)
    for seq in range(4):
        one = cue(seq, at_ms=seq * 1000, length_ms=800)
        for act in (lambda: output.start(one), lambda: output.end(one, performed(one))):
            try:
                await act()
                await asyncio.sleep(0.05)
            except StageOutputError as error:
                told += 1
    await output.close()
    print(told, output.lost)
asyncio.run(show())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    told, lost = map(int, done.stdout.split())
    assert told == 1
    assert lost >= 2
    assert len(_read(tmp_path / "show.wav")) == SAMPLE_RATE * 1800 // 1000
