"""Arithmetic, worked out exactly."""

from typing import Any

from vtuber.core.arithmetic import LONGEST, aloud, currency, tokens
from vtuber.core.calculator import calculate
from vtuber.core.figures import said, written
from vtuber.errors import ToolRefused
from vtuber.events import Language
from vtuber.ports import Found

_FAULTS: dict[str, dict[Language, str]] = {
    "zero": {"en": "Nothing can be divided by zero.", "ja": "ゼロで割ることはできない。"},
    "too_big": {"en": "That number is too big to say.", "ja": "数が大きすぎて言えない。"},
    "no_number": {"en": "No real number is the answer to that.", "ja": "答えになる実数はない。"},
}


class Calculator:
    """Works out what is written, in symbols or words; runs nothing."""

    name = "calculator"
    about = "Works out arithmetic exactly: + - * / % ** brackets, percentages, sqrt. Always use it for numbers."
    schema: dict[str, Any]

    def __init__(self) -> None:
        self.schema = {
            "type": "object",
            "properties": {"expression": {"type": "string", "minLength": 1, "maxLength": LONGEST}},
            "required": ["expression"],
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Work it out. Raises ToolRefused for what is no arithmetic."""
        expression = arguments["expression"]
        result = calculate(expression)
        if result.fault == "unreadable":
            raise ToolRefused("this is no arithmetic")
        if result.fault:
            sentences = _FAULTS[result.fault]
            return Found(text=sentences["en"], spoken=sentences)
        answers: dict[Language, str] = {
            language: said(result.value, language, exact=result.exact) for language in ("en", "ja")
        }
        money = {"en": currency(expression, "en"), "ja": currency(expression, "ja")}
        money["en"] = " " * bool(money["en"]) + money["en"]
        read = tokens(expression)
        en = f"{aloud(read, 'en', money['en']) or 'The answer'} is {answers['en']}{money['en']}."
        ja = f"{aloud(read, 'ja', money['ja']) or '答え'}は{answers['ja']}{money['ja']}。"
        return Found(
            text=f"{expression} = {written(result.value, exact=result.exact)}",
            spoken={"en": en[0].upper() + en[1:], "ja": ja},
        )

    async def close(self) -> None:
        """There is nothing to let go of."""
