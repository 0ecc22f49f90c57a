"""Wishes to know the time or the date, here or at a place that she knows."""

import re
from typing import Final

from vtuber.core.places import place
from vtuber.core.tool_intents.forms import DESU, NOW, POLITE, WHAT_IS, Intent

_IN: Final = (
    r"(?:(?: over(?: there)?)? (?:in|at) (?P<place>[\w ,.'-]+?)"
    r"| (?:over )?there| here| for you| where (?:you|u) (?:are|live))?"
)
_IT: Final = r"(?:is it|it is|it's)"
_DAY: Final = r"(?:date|day|day of the week|name of the day)"
_JA_PLACE: Final = r"(?:(?P<place>[^\s今は]+?)(?:は|って|では|だと|の)?[、,]?\s*)?"
_JA_PLACE_2: Final = r"(?:(?P<place2>[^\s今は]+?)(?:は|って|では|だと)?\s*)?"
_HERE: Final = frozenset({"そっち", "そちら"})
_IMA: Final = r"(?:今|いま|現在)(?:は|って|の)?[、,]?\s*"

_TIME: Final = (
    rf"{POLITE}(?:what|wat) (?:time|hour) {_IT}{NOW}{_IN}{NOW}",
    rf"{POLITE}{WHAT_IS} the (?:current |exact |local )?time{NOW}{_IN}{NOW}",
    rf"{POLITE}(?:the )?(?:current|exact|local) time{_IN}{NOW}",
    rf"{POLITE}the time{_IN}{NOW}|do you have the time|got the time|time check",
    r"time in (?P<place>[\w ,.'-]+?) (?:right now|now|rn)",
    rf"{_JA_PLACE}{_IMA}{_JA_PLACE_2}(?:何時|なんじ)(?:何分)?{DESU}",
    r"(?:(?P<place>[^\s今は]+?)(?:の|は)\s*)?(?:今の|いまの|現在の?)(?:時間|時刻)(?:は|って|を)?(?:何時)?" + DESU,
)
_DATE: Final = (
    rf"{POLITE}what day {_IT}(?: today)?{_IN}{NOW}",
    rf"{POLITE}(?:what|which) (?:date|day|day of the (?:week|month)) (?:is|{_IT}) today{_IN}",
    rf"{POLITE}(?:what|which) day of the (?:week|month) {_IT}{_IN}",
    rf"{POLITE}(?:{WHAT_IS} )?(?:today's|todays) (?:date|day)",
    rf"{POLITE}{WHAT_IS} the {_DAY}(?: of)? today{_IN}",
    rf"{POLITE}(?:{WHAT_IS} )?the current {_DAY}{_IN}",
    rf"{POLITE}{WHAT_IS} the (?:current )?{_DAY} in (?P<place>[\w ,.'-]+?)(?: right now| now| today)",
    rf"{POLITE}(?:what|which) (?:month|year) (?:{_IT}|are we in){NOW}",
    r"(?:今日|きょう|本日)(?:は|って|の)?(?:何月何日|何日|何曜日?|なんにち|なんようび?|日付|曜日)(?:は|って|何曜日)?"
    + DESU,
    r"(?:今|いま)(?:は|って)?(?:何月何日|何月|何年何月|(?:西暦)?何年)" + DESU,
    r"今年(?:は|って)?(?:西暦)?何年" + DESU,
)
_PATTERNS: Final = tuple(
    (re.compile(pattern), show) for show, patterns in (("time", _TIME), ("date", _DATE)) for pattern in patterns
)


def clock(text: str, *, asked: bool) -> Intent | None:  # noqa: ARG001 - these words ask by themselves
    """Give the wish for the clock in a bare message, if it is one."""
    for pattern, show in _PATTERNS:
        if found := pattern.fullmatch(text):
            names = [name for name in found.groupdict().values() if name and name not in _HERE]
            if not names:
                return Intent("clock", {"show": show})
            if len(names) == 1 and place(names[0]):
                return Intent("clock", {"show": show, "place": names[0]})
    return None
