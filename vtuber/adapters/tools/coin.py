"""Coins."""

import random
from typing import Any

from vtuber.ports import Found

_MOST = 100


class Coin:
    """`dice` decides how they fall."""

    name = "coin"
    about = "Tosses a coin, or several: heads or tails."
    schema: dict[str, Any]

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.schema = {
            "type": "object",
            "properties": {"count": {"type": "integer", "minimum": 1, "maximum": _MOST}},
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Toss: one, if nothing else is said."""
        count = arguments.get("count", 1)
        heads = sum(self._dice.random() < 0.5 for _ in range(count))  # noqa: PLR2004 - a fair coin
        if count == 1:
            en, ja = ("heads", "表") if heads else ("tails", "裏")
            return Found(text=en, spoken={"en": f"It's {en}.", "ja": f"{ja}が出た。"})
        tails = count - heads
        return Found(
            text=f"{count} coins: heads {heads}, tails {tails}",
            spoken={"en": f"Heads {heads}, tails {tails}.", "ja": f"表が{heads}回、裏が{tails}回。"},
        )

    async def close(self) -> None:
        """There is nothing to let go of."""
