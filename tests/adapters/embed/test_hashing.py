import os
import subprocess
import sys

import numpy as np

from tests.contracts.embedder import EmbedderContract
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.clock import run_virtual


class TestHashingEmbedder(EmbedderContract):
    def make(self):
        return HashingEmbedder()


def test_every_process_gives_the_same_numbers():
    program = (
        "import asyncio, sys; from vtuber.adapters.embed.hashing import HashingEmbedder\n"
        "sys.stdout.write(asyncio.run(HashingEmbedder(8).embed(['my cat', '猫とギター'], 'query')).tobytes().hex())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    here = run_virtual(HashingEmbedder(8).embed(["my cat", "猫とギター"], "query"))
    assert told == {here.tobytes().hex().encode()}


def test_the_length_can_be_chosen():
    rows = run_virtual(HashingEmbedder(16).embed(["one", "two"], "passage"))
    assert rows.shape == (2, 16)
    assert not np.allclose(rows[0], rows[1])
