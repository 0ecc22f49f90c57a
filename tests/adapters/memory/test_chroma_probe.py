import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vtuber.adapters.memory import chroma_probe

pytestmark = pytest.mark.real


def make(folder: Path, rows: int):
    with contextlib.closing(chroma_probe.client(folder)) as opened:
        held = opened.get_or_create_collection("viewer", embedding_function=None)
        vectors = np.random.default_rng(0).normal(size=(rows, 4)).astype(np.float32)
        held.upsert(ids=[f"r{at}" for at in range(rows)], embeddings=vectors)


def test_reads_every_row_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make(tmp_path / "v", 25)
    monkeypatch.setattr(chroma_probe, "PAGE", 10)
    assert chroma_probe.read_all(tmp_path / "v") == 25


def test_as_a_program_it_tells_a_sound_folder_from_a_torn_one(tmp_path: Path):
    make(tmp_path / "v", 25)
    probe = [sys.executable, "-m", chroma_probe.__name__, str(tmp_path / "v")]
    assert subprocess.run(probe, capture_output=True, check=False).returncode == 0
    (tmp_path / "v" / "chroma.sqlite3").write_bytes(b"torn" * 1000)
    assert subprocess.run(probe, capture_output=True, check=False).returncode != 0
