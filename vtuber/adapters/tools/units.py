"""Amounts in other units."""

from fractions import Fraction
from typing import Any

from vtuber.core.figures import written
from vtuber.core.units import Conversion, convert
from vtuber.errors import ToolRefused
from vtuber.events import Language
from vtuber.ports import Found

_MOST = 10**15
_TALL = 9  # feet up to which somebody may be meant, whose height is said in feet and inches
_FEET_AND_INCHES: dict[Language, str] = {"en": ", or {} feet {} inches", "ja": "、つまり{}フィート{}インチ"}


class Units:
    """Converts lengths, weights, temperatures, volumes, areas, speeds, times and sizes of data; never money."""

    name = "units"
    about = (
        "Converts units of length, weight, temperature, volume, area, speed, time and data, also 畳, 坪, 合. No money."
    )
    schema: dict[str, Any]

    def __init__(self) -> None:
        self.schema = {
            "type": "object",
            "properties": {
                "amount": {"type": "number", "minimum": -_MOST, "maximum": _MOST},
                "unit": {"type": "string", "minLength": 1, "maxLength": 30},
                "to": {"type": "string", "minLength": 1, "maxLength": 30},
            },
            "required": ["amount", "unit", "to"],
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Convert. Raises ToolRefused for units that it does not know or that do not belong together."""
        amount = Fraction(str(arguments["amount"]))
        found = convert(amount, arguments["unit"], arguments["to"])
        if found is None:
            raise ToolRefused("no such units are known, or they measure different things")
        en = f"{_said(found, amount, 'en')}{_tall(found, 'en')}."
        return Found(
            text=f"{written(amount)} {found.unit.many} = {written(found.value, exact=found.exact)} {found.to.many}",
            spoken={"en": en[0].upper() + en[1:], "ja": f"{_said(found, amount, 'ja')}{_tall(found, 'ja')}。"},
        )

    async def close(self) -> None:
        """There is nothing to let go of."""


def _said(found: Conversion, amount: Fraction, language: Language) -> str:
    given = found.unit.amount(amount, language)
    result = found.to.amount(found.value, language, exact=found.exact)
    return {"en": f"{given} is {result}", "ja": f"{given}は{result}"}[language]


def _tall(found: Conversion, language: Language) -> str:
    """Say a height as people do who measure in feet."""
    if found.to.one != "foot" or not 1 < found.value < _TALL or found.value.denominator == 1:
        return ""
    feet, inches = divmod(round(found.value * 12), 12)
    return _FEET_AND_INCHES[language].format(feet, inches) if inches else ""
