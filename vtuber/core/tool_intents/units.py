"""Wishes to have an amount in another unit."""

import re
from fractions import Fraction
from typing import Final

from vtuber.core.figures import in_digits
from vtuber.core.tool_intents.forms import DESU, NUMBER, POLITE, Intent
from vtuber.core.units import convert

# English words that stand in sayings: "3 cups to go" wants no 合.
_WORDS: Final = frozenset({"go", "to", "ken", "ri", "sun", "kin", "kan", "tan", "are", "sho", "jo", "ha", "a"})
_A: Final = rf"(?P<n>-?{NUMBER})\s*"
_U: Final = r"(?P<u>[^\d\s](?:.{0,22}?[^\s])?)"
_V: Final = r"(?P<v>[^\d\s](?:.{0,22}?[^\s])?)"
_HOW: Final = r"how (?:many|much|long|tall|far|heavy|hot|cold|warm|big|fast|deep|high)"
_IKUTSU: Final = r"(?:いくつ|いくら|何度|どれくらい|どのくらい|どんくらい)"
_FEET: Final = re.compile(
    r"(?<![\d.])(\d{1,2}) ?(?:'|ft|foot|feet) ?(\d{1,2})(?: ?(?:\"|''|inches|inch|in(?= in | to )))?(?= |$)"
    r"|(?<![\d.])(\d{1,2}) ?フィート(\d{1,2}) ?インチ"
)
_ASK: Final = rf"(?:(?:what's|whats|what is|{_HOW} (?:is|are)|convert|calculate|change|turn) )?"
_ARE: Final = r"(?:is|are|in|are in|are there in|is in|does|make|equals?)"
_JA: Final = rf"(?P<before>時速|秒速|摂氏|華氏|大さじ|小さじ)?{_A}{_U}?"

_OTHER: Final = {"摂氏": "華氏", "華氏": "摂氏"}
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{POLITE}{_ASK}{_A}{_U} (?:in|into|to) {_V}",
        rf"{POLITE}how (?:many|much) {_V} {_ARE} (?:(?P<one>an?|one)|{_A}) ?{_U}",
        rf"{_A}{_U} (?:is|are|equals|=) (?:how (?:many|much)|what in|how much in) {_V}",
        rf"{_JA}(?:は|って|を|だと|が|で)\s*(?P<after>時速|秒速|摂氏|華氏|大さじ|小さじ)?で?(?:何|なん){_V}{DESU}",
        rf"{_JA}(?:は|って|を|だと)\s*{_V}(?:で|だと|にすると|に直すと|に換算すると){_IKUTSU}{DESU}",
        rf"{_JA}を\s*{_V}に(?:変換|換算|直|なお)して(?:ください|くれ|ほしい)?",
    )
)


def units(text: str, *, asked: bool) -> Intent | None:  # noqa: ARG001 - two units say enough
    """Give the wish for a conversion in a bare message, if both units are known and belong together."""
    text = _FEET.sub(_inches, in_digits(text))
    for pattern in _PATTERNS:
        if (found := pattern.fullmatch(text)) and (wish := _wish(found.groupdict())):
            return wish
    return None


def _wish(parts: dict[str, str | None]) -> Intent | None:
    before, after = parts.get("before") or "", parts.get("after") or ""
    unit, to = before + (parts["u"] or ""), after + (parts["v"] or "")
    if before in {"摂氏", "華氏", "大さじ", "小さじ"}:
        unit = before
    if to.endswith(("度", "杯")):
        to = to[:-1] or _OTHER.get(unit, "")
    if unit == "度":
        unit = _OTHER.get(to, "")
    if {unit, to} & _WORDS:
        return None
    amount = "1" if parts.get("one") else (parts["n"] or "").replace(",", "")
    found = convert(Fraction(amount), unit, to)
    return Intent("units", {"amount": _plain(amount), "unit": unit, "to": to}) if found else None


def _plain(amount: str) -> int | float:
    return float(amount) if "." in amount else int(amount)


def _inches(found: re.Match[str]) -> str:
    feet, inches = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{int(feet) * 12 + int(inches)} {'inches' if found[1] else 'インチ'}"
