"""Wishes to have something worked out."""

import re
from typing import Final

from vtuber.core.arithmetic import tokens
from vtuber.core.calculator import calculate
from vtuber.core.figures import in_digits
from vtuber.core.tool_intents.forms import DESU, NUMBER, POLITE, WHAT_IS, Intent

_LEAD: Final = re.compile(
    rf"{POLITE}(?:{WHAT_IS}|what are|what does|how much (?:is|are|does)|how many (?:is|are)|calculate|calc|compute"
    r"|work out|solve|evaluate|the answer to|do the math on|do|what do you get (?:if|when) you)"
    r" (?:(?:the )?(?:answer to|result of|sum of|value of) )?"
)
_TRAIL: Final = re.compile(r" ?(?:=|is|equals?|equal to|makes?|comes? (?:out )?to)\Z")
_IKUTSU: Final = r"(?:いくつ|いくら|何円|何|なに|なんぼ|計算して(?:ください|くれる|くれ|ほしい)?)"
_JA_TRAIL: Final = re.compile(
    rf"\s*(?:の答え|の計算結果|の計算)?\s*(?:(?:は|って|だと|=)\s*{_IKUTSU}?|(?:を|で)?\s*{_IKUTSU}){DESU}\Z"
)
_WORDED: Final = tuple(  # "add 45 to 87", 「100を7で割ると」
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (rf"{POLITE}what (.+) is\Z", r"\1"),  # do you know what 6 times 7 is
        (rf"{POLITE}add (.+?) (?:to|and|plus) (.+)", r"\1 + \2"),
        (rf"{POLITE}subtract ({NUMBER}) from ({NUMBER})", r"\2 - \1"),
        (rf"{POLITE}multiply ({NUMBER}) (?:by|and|with) ({NUMBER})", r"\1 * \2"),
        (rf"{POLITE}divide ({NUMBER}) by ({NUMBER})", r"\1 / \2"),
        (rf"({NUMBER})を({NUMBER})で割(?:ると|ったら|って|った(?:答え|数))", r"\1 / \2 は"),
        (rf"({NUMBER})に({NUMBER})を(?:足|た)(?:すと|したら|して)", r"\1 + \2 は"),
        (rf"({NUMBER})に({NUMBER})を(?:掛|か)け(?:ると|たら|て)", r"\1 * \2 は"),
        (rf"({NUMBER})から({NUMBER})を(?:引|ひ)(?:くと|いたら|いて)", r"\1 - \2 は"),
    )
)
_CLEAR: Final = frozenset({"+", "*", "/", "**", "//", "mod", "of", "off", "root", "sqrt", "squared", "cubed", "-"})
_LEADING_ZERO: Final = re.compile(r"(?<![\d.,])0\d")
_CHAIN: Final = re.compile(r"\d+([-/])\d+(?:\1\d+)+")  # dates, telephone numbers
_TIGHT: Final = re.compile(r"(\d+)([-/x])(\d+)")
_KNOWN: Final = frozenset({(24, 7), (16, 9), (21, 9), (2, 4)})
_MONTHS: Final = 12
_DAYS: Final = 31
_LONG: Final = 100  # factors from which 1920x1080 is a size of a screen


def sums(text: str, *, asked: bool) -> Intent | None:
    """Give the wish for a calculation in a bare message, if nothing else can be meant by it."""
    text = in_digits(text)
    for pattern, meaning in _WORDED:
        if found := pattern.match(text):
            return _wish(found.expand(meaning) + text[found.end() :], led=True, bare=False)
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    return _wish(rest, led=bool(lead), bare=asked)


def _wish(text: str, *, led: bool, bare: bool) -> Intent | None:
    """`led`: words before it ask for a result; `bare`: only its question mark does."""
    expression = _TRAIL.sub("", text)
    led |= expression != text
    shorter = _JA_TRAIL.sub("", expression)
    led |= shorter != expression
    expression = shorter.strip()
    read = tokens(expression)
    marks = [token.text for token in read if token.kind == "mark"]
    numbers = [token.text for token in read if token.kind == "number"]
    if not _CLEAR.intersection(marks) or not numbers or calculate(expression).fault == "unreadable":
        return None
    if read[0].text in {"+", "-"} and len(numbers) == 1:
        return None  # a number with its sign
    if _LEADING_ZERO.search(expression) or _CHAIN.search(expression) or _ambiguous(expression):
        return None
    if not led and not (bare and _stands_alone(expression, marks, numbers)):
        return None
    return Intent("calculator", {"expression": expression})


def _ambiguous(expression: str) -> bool:
    """Whether it may be a score, a date, a ratio, a size or a code: 3-0, 9/11, 50/50, 4x4, 24/7."""
    found = _TIGHT.fullmatch(expression)
    if found is None:
        return False
    left, mark, right = int(found[1]), found[2], int(found[3])
    if mark == "-":
        return left <= _DAYS or right >= left or max(left, right) >= 10 * _LONG
    if left == right or (left, right) in _KNOWN:
        return True
    if mark == "x":
        return min(left, right) >= _LONG
    return min(left, right) <= _MONTHS and max(left, right) <= _DAYS and right > 0


def _stands_alone(expression: str, marks: list[str], numbers: list[str]) -> bool:
    """Whether an expression with a question mark and no word is surely one: 17*23? is, 3-0? and 1+2? are not."""
    if len(numbers) == 2:  # noqa: PLR2004 - a single operation
        plainly = {"*", "+", "**", "of", "off"}.intersection(marks) or re.search(
            r"[÷]|plus|minus|times|divided", expression
        )
        return bool(plainly) and "x" not in expression and max(float(number) for number in numbers) >= 10  # noqa: PLR2004
    return len(numbers) > 2  # noqa: PLR2004
