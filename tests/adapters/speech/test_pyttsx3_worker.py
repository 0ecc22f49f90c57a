import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import vtuber.adapters.speech.pyttsx3_worker as worker
from vtuber.core.wav import decode

pytestmark = [pytest.mark.real, pytest.mark.skipif(sys.platform == "darwin", reason="a worker speaks once on macOS")]


@pytest.fixture
def child():
    with subprocess.Popen(
        [sys.executable, "-P", worker.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def _ask(child: Any, **request: Any) -> Any:
    child.stdin.write(json.dumps({"voice": "", "rate": 175, "pitch": 50} | request).encode() + b"\n")
    child.stdin.flush()
    return json.loads(child.stdout.readline())


def test_it_says_hello_with_the_voices_and_nothing_but_json_reaches_its_stdout(child: Any, tmp_path: Path):
    hello = json.loads(child.stdout.readline())
    assert hello["driver"]
    assert any(voice["id"] for voice in hello["voices"])
    for number, text in enumerate(
        ["The first of three.", "The second, which is rather longer than the first.", "The third."]
    ):
        path = tmp_path / f"{number}.wav"
        assert _ask(child, text=text, path=str(path)) == {"ok": True}
        wave, rate = decode(path.read_bytes())
        assert len(wave) / rate > 0.4


def test_each_text_is_spoken_and_not_the_one_before(child: Any, tmp_path: Path):
    child.stdout.readline()
    lengths = []
    for text in ("Yes.", "This one takes a good deal longer to say than the other one does.", "Yes."):
        path = tmp_path / "clause.wav"
        _ask(child, text=text, path=str(path))
        lengths.append(path.stat().st_size)
        path.unlink()
    assert lengths[0] == pytest.approx(lengths[2], rel=0.05)
    assert lengths[1] > 2 * lengths[0]


def test_it_ends_when_its_input_ends(child: Any):
    child.stdout.readline()
    child.stdin.close()
    assert child.wait(10) == 0


def test_an_error_is_reported_in_one_line_and_ends_it(child: Any, tmp_path: Path):
    child.stdout.readline()
    answer = _ask(child, text="", path=str(tmp_path / "x.wav"))
    assert "error" in answer
    child.stdin.close()
    assert child.wait(10) is not None
