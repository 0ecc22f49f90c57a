"""Dice fall fairly, the same for the same seed, and are said aloud."""

import random
from typing import ClassVar

import pytest

from tests.contracts.tool import ToolContract
from vtuber.adapters.tools.dice import Dice
from vtuber.clock import run_virtual
from vtuber.ports import Found, Tool


def rolled(seed: int, **arguments: int) -> Found:
    return run_virtual(Dice(random.Random(seed)).call(arguments))


class TestDice(ToolContract):
    run = staticmethod(run_virtual)
    good: ClassVar = {"count": 2, "faces": 20}

    def make(self) -> Tool:
        return Dice(random.Random(1))


@pytest.mark.parametrize("faces", [2, 6, 20, 1000])
def test_every_face_and_no_other_can_fall(faces: int):
    fell = {
        int(rolled(seed, faces=faces).text.partition(": ")[2]) for seed in range(20 * faces if faces < 100 else 200)
    }
    assert fell <= set(range(1, faces + 1))
    assert faces > 20 or fell == set(range(1, faces + 1))


def test_the_same_seed_falls_the_same():
    assert rolled(7, count=5) == rolled(7, count=5)
    assert rolled(7, count=5) != rolled(8, count=5)


def test_what_fell_is_said():
    one, two, many = rolled(1), rolled(1, count=2), rolled(1, count=100, faces=1000)
    (first, second) = map(int, two.text.partition(": ")[2].partition(";")[0].split(", "))
    assert one.spoken == {"en": f"The die shows {one.text[-1]}.", "ja": f"出た目は{one.text[-1]}。"}
    assert two.spoken["en"] == f"The dice show {first} and {second}: {first + second} in all."
    assert two.spoken["ja"] == f"出た目は{first}、{second}、合計{first + second}。"
    assert many.spoken["ja"].startswith("1000面ダイス100個で、合計")
