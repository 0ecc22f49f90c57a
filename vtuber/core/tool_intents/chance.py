"""Wishes for dice and coins."""

import re
from typing import Final

from vtuber.core.figures import in_digits
from vtuber.core.tool_intents.forms import KUDASAI, POLITE, WHAT_IS, Intent

_MOST: Final = 100  # dice or coins
_MOST_FACES: Final = 1000

_TELL: Final = r"(?: and (?:tell|show|let) [\w' ]{1,40}| exactly|,? heads or tails)?"
_TIMES: Final = r"(?: (?P<times>\d+) times| twice)?"
_DICE: Final = (
    r"(?:(?:(?P<many>\d+)|an?|the|some|your|my) )?(?:(?P<sides>\d+)[- ]?sided )?(?:dice|dices|die)"
    r"(?: (?:with|that has|having) (?P<faces>\d+) (?:sides|faces))?"
)
_D: Final = r"(?:an? |the |one )?(?P<n>\d{0,4})\s?d\s?(?P<d>\d{1,6})"
_FURU: Final = r"(?:振って|ふって|転がして|ころがして|投げて|なげて|ロールして)" + KUDASAI
_ONEGAI: Final = r"(?:お願い|おねがい|頼む|よろしく)(?:します)?"

_RANDOM: Final = r"(?:乱数|ランダムな(?:数字|数|整数))(?:を)?(?:1つ)?(?:出して|言って|選んで|作って|ください)" + KUDASAI
_SAIKORO: Final = (
    r"(?:(?P<many>\d+)[個つ]の?)?(?:(?P<sides>\d+)面)?の?(?:サイコロ|さいころ|ダイス)(?:ロール)?を?"
    r"(?:(?P<times>\d+)[個回つ])?を?"
)

_ROLLS: Final = (
    rf"{POLITE}(?:roll|throw|toss|cast)(?: me| us)? {_DICE}{_TIMES}{_TELL}",
    rf"{POLITE}(?:roll|throw)(?: me| us)? {_D}{_TIMES}{_TELL}",
    rf"{POLITE}(?:give me|gimme|i need|do|make) {_D} roll",
    rf"{POLITE}(?:i need |give me |do |make |have )?a (?:dice|die) roll(?: (?:for|of|with) {_DICE})",
    rf"{POLITE}(?:i need|give me|do|make|have|get) a (?:dice|die) roll",
    rf"(?:{WHAT_IS}|what do (?:you|i) get|tell me)(?: the result)? (?:when|if|of) (?:you roll|rolling) {_DICE}",
    rf"{POLITE}(?:give me|gimme|generate|say)? ?(?:a )?random number (?:(?:from|between) )?1 ?(?:to|and|-) ?(?P<d>\d+)",
    rf"{POLITE}(?:pick|choose)(?: me)? a (?:random )?number (?:from|between) 1 (?:to|and|-) (?P<d>\d+)",
    rf"{_SAIKORO}(?:{_FURU}|{_ONEGAI})",
    rf"(?P<n>\d{{0,4}})d(?P<d>\d{{1,6}})(?:ダイス)?(?:を|で)?(?:{_FURU}|{_ONEGAI})",
    rf"1(?:から|[~〜-])(?P<d>\d+)(?:まで)?[ので]{_RANDOM}",
)
_TOSSES: Final = (
    rf"{POLITE}(?:flip|toss|throw)(?: me)? (?:(?P<many>\d+)|an?|the|your|my) coins?{_TIMES}{_TELL}",
    rf"{POLITE}(?:do|give me|make|i need|get|have) an? coin ?(?:flip|toss)",
    rf"コイン(?:トス|投げ)?を?(?:(?P<times>\d+)[回枚])?を?(?:(?:トス|フリップ)?(?:して|やって)|投げて|なげて|弾いて|はじいて){KUDASAI}",
    rf"コイン(?:トス|投げ|フリップ)を?(?:(?P<times>\d+)回)?{_ONEGAI}",
)
_PATTERNS: Final = tuple(
    (re.compile(pattern), tool) for tool, patterns in (("dice", _ROLLS), ("coin", _TOSSES)) for pattern in patterns
)


def chance(text: str, *, asked: bool) -> Intent | None:  # noqa: ARG001 - these words ask by themselves
    """Give the wish for dice or a coin in a bare message, if it is one that they can fulfil."""
    text = in_digits(text)
    for pattern, tool in _PATTERNS:
        if found := pattern.fullmatch(text):
            count = _number(found, "many", "n") * _number(found, "times", usual=2 if "twice" in text else 1)
            faces = _number(found, "sides", "faces", "d", usual=6)
            if not 1 <= count <= _MOST or not 1 < faces <= _MOST_FACES:
                return None
            return Intent(tool, {"count": count, "faces": faces} if tool == "dice" else {"count": count})
    return None


def _number(found: re.Match[str], *names: str, usual: int = 1) -> int:
    given = found.groupdict()
    return next((int(given[name]) for name in names if given.get(name)), usual)
