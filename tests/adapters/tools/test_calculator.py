"""A result is said with its question in both languages, and what has none says so."""

from typing import ClassVar

import pytest

from tests.contracts.tool import ToolContract
from vtuber.adapters.tools.calculator import Calculator
from vtuber.clock import run_virtual
from vtuber.ports import Found, Tool


def worked_out(expression: str) -> Found:
    return run_virtual(Calculator().call({"expression": expression}))


class TestCalculator(ToolContract):
    run = staticmethod(run_virtual)
    good: ClassVar = {"expression": "17*23"}
    impossible = ({"expression": "hello"}, {"expression": "__import__('os')"}, {"expression": "1+"})

    def make(self) -> Tool:
        return Calculator()


@pytest.mark.parametrize(
    ("expression", "en", "ja"),
    [
        ("17*23", "17 times 23 is 391.", "17かける23は391。"),
        ("1200円の8%引き", "8 percent off 1200 yen is 1104 yen.", "1200円の8パーセント引きは1104円。"),
        ("-5 + 3", "Minus 5 plus 3 is minus 2.", "マイナス5足す3はマイナス2。"),
        ("10/3", "10 divided by 3 is about 3.33.", "10割る3は約3.33。"),
        ("(1+2)*3", "The answer is 9.", "答えは9。"),
        ("√2", "The square root of 2 is about 1.41.", "ルート2は約1.41。"),
        ("2**99", "2 to the power of 99 is about 6.34 times 10 to the power of 29.", "2の99乗は約6.34かける10の29乗。"),
        ("1/0", "Nothing can be divided by zero.", "ゼロで割ることはできない。"),
        ("9**9**9", "That number is too big to say.", "数が大きすぎて言えない。"),
        ("sqrt(-4)", "No real number is the answer to that.", "答えになる実数はない。"),
    ],
)
def test_a_result_is_said(expression: str, en: str, ja: str):
    assert worked_out(expression).spoken == {"en": en, "ja": ja}


def test_a_model_reads_more_digits_than_are_said():
    assert worked_out("10/3").text == "10/3 = about 3.333333333"
    assert worked_out("2**64").text == "2**64 = 18446744073709551616"
