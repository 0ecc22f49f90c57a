"""A conversion is said in both languages; what is no unit, money above all, is refused."""

from typing import ClassVar

import pytest

from tests.contracts.tool import ToolContract
from vtuber.adapters.tools.units import Units
from vtuber.clock import run_virtual
from vtuber.ports import Found, Tool


def converted(amount: float, unit: str, to: str) -> Found:
    return run_virtual(Units().call({"amount": amount, "unit": unit, "to": to}))


class TestUnits(ToolContract):
    run = staticmethod(run_virtual)
    good: ClassVar = {"amount": 5, "unit": "miles", "to": "km"}
    impossible = (
        {"amount": 100, "unit": "dollars", "to": "yen"},
        {"amount": 5, "unit": "km", "to": "kg"},
        {"amount": -300, "unit": "c", "to": "f"},
    )

    def make(self) -> Tool:
        return Units()


@pytest.mark.parametrize(
    ("asked", "en", "ja"),
    [
        ((5, "miles", "km"), "5 miles is about 8.05 kilometres.", "5マイルは約8.05キロメートル。"),
        ((0.1, "m", "cm"), "0.1 metres is 10 centimetres.", "0.1メートルは10センチメートル。"),
        (
            (180, "cm", "feet"),
            "180 centimetres is about 5.91 feet, or 5 feet 11 inches.",
            "180センチメートルは約5.91フィート、つまり5フィート11インチ。",
        ),
        ((182.8, "cm", "feet"), "182.8 centimetres is about 6 feet.", "182.8センチメートルは約6フィート。"),
        (
            (100, "km/h", "mph"),
            "100 kilometres per hour is about 62.14 miles per hour.",
            "時速100キロは時速約62.14マイル。",
        ),
        ((1, "mile", "feet"), "1 mile is 5280 feet.", "1マイルは5280フィート。"),
        (
            (-40, "c", "f"),
            "Minus 40 degrees Celsius is minus 40 degrees Fahrenheit.",
            "摂氏マイナス40度は華氏マイナス40度。",
        ),
        ((6, "畳", "平米"), "6 tatami mats is about 9.72 square metres.", "6畳は約9.72平方メートル。"),
    ],
)
def test_a_conversion_is_said(asked: tuple[float, str, str], en: str, ja: str):
    assert converted(*asked).spoken == {"en": en, "ja": ja}


def test_a_model_reads_more_digits_than_are_said():
    assert converted(5, "miles", "km").text == "5 miles = 8.04672 kilometres"
