"""Dice of any number of faces."""

import random
from typing import Any

from vtuber.ports import Found

_MOST = 100
_MOST_FACES = 1000
_SHOWN = 5  # dice that are said one by one


class Dice:
    """`dice` decides how they fall."""

    name = "dice"
    about = "Rolls dice: how many, and of how many faces (6 is the usual one). Also a random number from 1 to N."
    schema: dict[str, Any]

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.schema = {
            "type": "object",
            "properties": {
                "count": {"type": "integer", "minimum": 1, "maximum": _MOST},
                "faces": {"type": "integer", "minimum": 2, "maximum": _MOST_FACES},
            },
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Roll: one six-sided die, if nothing else is said."""
        count, faces = arguments.get("count", 1), arguments.get("faces", 6)
        fell = [self._dice.randint(1, faces) for _ in range(count)]
        total = sum(fell)
        return Found(
            text=f"{count}d{faces}: {', '.join(map(str, fell))}" + (f"; together {total}" if count > 1 else ""),
            spoken={"en": _english(fell, faces), "ja": _japanese(fell, faces)},
        )

    async def close(self) -> None:
        """There is nothing to let go of."""


def _english(fell: list[int], faces: int) -> str:
    if len(fell) == 1:
        return f"The die shows {fell[0]}."
    if len(fell) > _SHOWN:
        return f"{len(fell)} dice of {faces} faces show {sum(fell)} in all."
    return f"The dice show {', '.join(map(str, fell[:-1]))} and {fell[-1]}: {sum(fell)} in all."


def _japanese(fell: list[int], faces: int) -> str:
    if len(fell) == 1:
        return f"出た目は{fell[0]}。"
    if len(fell) > _SHOWN:
        return f"{faces}面ダイス{len(fell)}個で、合計{sum(fell)}。"
    return f"出た目は{'、'.join(map(str, fell))}、合計{sum(fell)}。"
