"""Numbers as they are said aloud and written for a model, and number words read as digits, in both languages."""

import re
from fractions import Fraction
from typing import Final

from vtuber.events import Language

_PLACES: Final = 4  # decimals that are said as they are; more of them are rounded
_ROUNDED: Final = 2  # decimals of a rounded number, or …
_SIGNIFICANT: Final = 3  # … so many digits that count, of one below 1
_LARGE: Final = 16  # digits before the point from which a number is said as a power of ten
_SMALL: Final = -6
_WRITTEN: Final = 10  # digits that count, of a number written for a model

_UNITS: Final = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS: Final = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6}
_WORDS: Final = (
    {word: number for number, word in enumerate(_UNITS)}
    | {word: 10 * number for number, word in enumerate(_TENS, start=2)}
    | _SCALES
)
_WORD: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
_RUN: Final = re.compile(rf"\b(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*\b")
_POINT: Final = re.compile(r"(?<=\d) point (?=\d)")

_KANJI: Final = {char: number for number, char in enumerate("〇一二三四五六七八九")} | {"零": 0}
_STEPS: Final = {"十": 10, "百": 100, "千": 1000}
_MYRIADS: Final = {"万": 10**4, "億": 10**8, "兆": 10**12}
_KANJI_RUN: Final = re.compile(r"(?:\d[\d,]*(?:\.\d+)?|[〇零一二三四五六七八九十百千万億兆])+")
_KANJI_PART: Final = re.compile(r"\d[\d,]*(?:\.\d+)?|.")


def said(value: Fraction, language: Language, *, exact: bool = True) -> str:
    """Give a number as it is read aloud, with "about" or 約 before it where it is rounded."""
    text, whole = _rounded(abs(value))
    minus = {"en": "minus ", "ja": "マイナス"}[language] if value < 0 else ""
    about = "" if whole and exact else {"en": "about ", "ja": "約"}[language]
    mantissa, _, power = text.partition("e")
    if power:
        ten = {"en": "10 to the power of ", "ja": "10の"}[language]
        after = {"en": "", "ja": "乗"}[language]
        times = {"en": " times ", "ja": "かける"}[language]
        sign = {"en": "minus ", "ja": "マイナス"}[language] if power.startswith("-") else ""
        text = f"{'' if mantissa == '1' else mantissa + times}{ten}{sign}{power.lstrip('-')}{after}"
    return f"{about}{minus}{text}"


def written(value: Fraction, *, exact: bool = True) -> str:
    """Give a number for a model: a whole one in full, others with ten digits that count."""
    if value.denominator == 1 and exact and abs(value) < 10**30:
        return str(value.numerator)
    places = max(0, _WRITTEN - 1 - _magnitude(value))
    text, whole = _decimal(abs(value), places)
    if len(text) > _WRITTEN + 20:
        text, whole = _scientific(abs(value), _WRITTEN - 1)
    return f"{'' if whole and exact else 'about '}{'-' if value < 0 else ''}{text}"


def in_digits(text: str) -> str:
    """Give a text (in lower case) with English and Japanese number words as digits; what is no number stays."""
    text = _POINT.sub(".", _RUN.sub(_english, text))
    return _KANJI_RUN.sub(_japanese, text)


def _rounded(value: Fraction) -> tuple[str, bool]:
    """Give a positive number as text ("3.14", "1.27e30") and whether that is all of it."""
    if not value:
        return "0", True
    magnitude = _magnitude(value)
    if not _SMALL <= magnitude < _LARGE:
        return _scientific(value)
    text, whole = _decimal(value, _PLACES)
    return (text, True) if whole else _decimal(value, max(_ROUNDED, _SIGNIFICANT - 1 - magnitude))


def _scientific(value: Fraction, places: int = _ROUNDED) -> tuple[str, bool]:
    magnitude = _magnitude(value)
    text, whole = _decimal(value / Fraction(10) ** magnitude, places)
    return (f"1e{magnitude + 1}", False) if text == "10" else (f"{text}e{magnitude}", whole)


def _decimal(value: Fraction, places: int) -> tuple[str, bool]:
    scaled = value * 10**places
    nearest = int(scaled + Fraction(1, 2))
    whole, part = divmod(nearest, 10**places)
    digits = f"{part:0{places}d}".rstrip("0") if places else ""
    return (f"{whole}.{digits}" if digits else str(whole)), nearest == scaled


def _magnitude(value: Fraction) -> int:
    """Give the power of ten of the first digit that counts: 2 for 391, -1 for 0.3; 0 for zero."""
    if not value:
        return 0
    value = abs(value)
    power = len(str(value.numerator)) - len(str(value.denominator))
    return power if value >= Fraction(10) ** power else power - 1


def _english(found: re.Match[str]) -> str:
    total, current, last = 0, 0, 10**9
    for word in re.split(r"[\s-]+", found[0]):
        if word == "and":
            continue
        number = _WORDS[word]
        if word in _SCALES:
            current = max(1, current) * number
            if word != "hundred":
                total, current = total + current, 0
        elif (number < 10 <= last < 100 and last % 10 == 0 and last != 10) or last >= 100:  # noqa: PLR2004
            current += number
        else:
            return found[0]  # two numbers beside each other
        last = number
    return str(total + current)


def _japanese(found: re.Match[str]) -> str:
    if found[0].isascii():
        return found[0]
    total, step, number = Fraction(0), Fraction(0), None
    for part in _KANJI_PART.findall(found[0]):
        if part in _STEPS:
            step, number = step + (1 if number is None else number) * _STEPS[part], None
        elif part in _MYRIADS:
            total, step = total + ((step + (number or 0)) or 1) * _MYRIADS[part], Fraction(0)
            number = None
        elif number is not None and not (part in _KANJI and number.denominator == 1):
            return found[0]
        else:
            read = Fraction(_KANJI[part]) if part in _KANJI else Fraction(part.replace(",", ""))
            number = read if number is None else 10 * number + read
    return _decimal(total + step + (number or 0), 6)[0]
