"""A coin falls on either side, the same for the same seed."""

import random
from typing import ClassVar

from tests.contracts.tool import ToolContract
from vtuber.adapters.tools.coin import Coin
from vtuber.clock import run_virtual
from vtuber.ports import Found, Tool


def tossed(seed: int, **arguments: int) -> Found:
    return run_virtual(Coin(random.Random(seed)).call(arguments))


class TestCoin(ToolContract):
    run = staticmethod(run_virtual)
    good: ClassVar = {"count": 1}

    def make(self) -> Tool:
        return Coin(random.Random(1))


def test_both_sides_fall():
    sides = [tossed(seed).spoken["ja"] for seed in range(200)]
    assert set(sides) == {"表が出た。", "裏が出た。"}
    assert 60 < sides.count("表が出た。") < 140


def test_several_are_counted():
    found = tossed(3, count=10)
    heads = int(found.text.partition("heads ")[2].partition(",")[0])
    assert found.spoken == {"en": f"Heads {heads}, tails {10 - heads}.", "ja": f"表が{heads}回、裏が{10 - heads}回。"}
    assert found == tossed(3, count=10)
