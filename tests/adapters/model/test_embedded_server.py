import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from vtuber.adapters.model.embedded_server import Launch

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real


def serve(launch: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "vtuber.adapters.model.embedded_server"]
    return subprocess.run(command, input=launch, capture_output=True, timeout=60, check=False, env={**os.environ})


def test_weights_that_cannot_be_loaded_are_told_in_one_line(tmp_path: Path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    done = serve(msgspec.json.encode(Launch(model=str(broken), api_key="k")) + b"\n")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert msgspec.json.decode(line)["error"]


def test_without_a_word_on_stdin_it_ends_at_once():
    done = serve(b"")
    assert done.returncode != 0
    assert b"port" not in done.stdout
