"""Reads arithmetic as people write it, in symbols, English or Japanese, into tokens, and says it aloud again."""

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import msgspec

from vtuber.core.figures import in_digits
from vtuber.events import Language

Kind: TypeAlias = Literal["number", "mark", "name", "end"]

LONGEST: Final = 100  # characters
_N: Final = r"\d+(?:\.\d+)?"
_MONEY: Final[dict[str, tuple[str, str]]] = {  # how amounts are marked: said in English, in Japanese
    r"[¥￥]|円|\byen\b": ("yen", "円"),
    r"\$|ドル|\b(?:dollars?|bucks)\b": ("dollars", "ドル"),
    r"€|ユーロ|\beuros?\b": ("euros", "ユーロ"),
    r"£|\bpounds?\b": ("pounds", "ポンド"),
}
_ANY_MONEY: Final = re.compile("|".join(_MONEY))


def _tenths(found: re.Match[str]) -> str:
    """Read 3割 as 30 percent, and 3割引 as that much off."""
    return f" {'off' if found['off'] else 'of' if found['of'] else ''} {Fraction(found['n']) * 10} percent "


# Written forms and what they mean, in this order; the meanings are the words of `_TOKEN`.
_READINGS: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"\bto the (\d+)(?:st|nd|rd|th)(?: power)?\b", r" ** \1 "),
        (r"\*\*|\^|\b(?:raised )?to the power(?: of)?\b", " ** "),
        (r"[−–]|\bminus\b|マイナス|引く|ひく", " - "),
        (r"\bplus\b|プラス|足す|たす", " + "),
        (r"\b(?:multiplied by|times)\b|[×✕✖⋅]|掛ける|かける", " * "),
        (r"\bdivided by\b|÷|割る|わる", " / "),
        (r"\b(?:modulo|mod)\b", " mod "),
        (r"\b(?:the )?(?:square root|sqrt) of\b|√|ルート", " sqrt "),
        (r"の平方根", " root "),
        (r"の?2乗|\bsquared\b", " squared "),
        (r"の?3乗|\bcubed\b", " cubed "),
        (rf"の?({_N})乗", r" ** \1 "),
        (rf"(?P<of>の)?\s*(?P<n>{_N})割(?P<off>引き?|びき|オフ)?", _tenths),
        (rf"の?\s*({_N})\s*(?:%|パーセント)\s*(?:引き?|びき|オフ)", r" off \1 percent "),
        (rf"({_N})\s*(?:%|per ?cent) off (?:of )?({_N})", r"\2 off \1 percent "),
        (rf"の({_N})倍", r" * \1 "),
        (r"\bhalf of\b", " 50 percent of "),
        (r"の半分", " / 2 "),
        (r"\bper ?cent\b|パーセント", " percent "),
        (r"%(?=\s*[\d.(]|\s*(?:sqrt|pi)\b)", " mod "),
        (r"%", " percent "),
        (r"の(?=\s*[\d(])", " of "),
        (r"(?<=[\d)])\s*x\s*(?=[\d(])", " * "),
    )
)
_RAISED: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_GROUPS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ARGUMENTS: Final = re.compile(r"max|min|round")
_OTHERWISE: Final = re.compile(r"(?<![\d.])0x|[₀-₉]", re.IGNORECASE)  # numbers in another base
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,3})?(?![\w.]))"
    r"|(?P<mark>\*\*|//|[-+*/(),]|(?:of|off|mod|percent|squared|cubed|root|sqrt)\b)"
    r"|(?P<name>(?:pi|e|abs|round|min|max)\b))\s*"
)
_ALOUD: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "+": " plus ",
        "-": " minus ",
        "*": " times ",
        "/": " divided by ",
        "percent": " percent",
        "squared": " squared",
        "cubed": " cubed",
        "sqrt": "the square root of ",
    },
    "ja": {
        "+": "足す",
        "-": "引く",
        "*": "かける",
        "/": "割る",
        "percent": "パーセント",
        "squared": "の2乗",
        "cubed": "の3乗",
        "sqrt": "ルート",
    },
}
_SHAPES: Final[dict[str, dict[Language, str]]] = {  # what is said in another order than it is written
    "# percent of #": {"en": "{0} percent of {1}{money}", "ja": "{1}{money}の{0}パーセント"},
    "# of # percent": {"en": "{1} percent of {0}{money}", "ja": "{0}{money}の{1}パーセント"},
    "# off # percent": {"en": "{1} percent off {0}{money}", "ja": "{0}{money}の{1}パーセント引き"},
    "# ** #": {"en": "{0} to the power of {1}", "ja": "{0}の{1}乗"},
    "# root": {"en": "the square root of {0}", "ja": "{0}の平方根"},
}
_OPERATORS: Final = frozenset("+-*/")
_BY_EAR: Final = 7  # tokens: nobody follows a longer one by ear …
_DIGITS: Final = 12  # … nor a longer number


class Token(msgspec.Struct, frozen=True):
    """A piece of an expression; a number's text is digits with at most one point and one exponent."""

    kind: Kind
    text: str = ""


def plain(text: str) -> str:
    """Give a text in lower case and usual widths; raised digits, which would be lost, become a power."""
    text = _RAISED.sub(lambda found: f"**{found[0]}", text)
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(expression: str) -> tuple[Token, ...]:
    """Read an expression of at most 100 characters; () for what is none."""
    text = _symbols(expression)
    read: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return ()
        kind: Kind = "number" if found["number"] else "mark" if found["mark"] else "name"
        read.append(Token(kind, found[kind]))
        at = found.end()
    return tuple(read)


def aloud(read: tuple[Token, ...], language: Language, money: str = "") -> str:
    """Give a short expression as it is said, "" for one that nobody could follow by ear. `money` follows an amount."""
    numbers = [token.text for token in read if token.kind == "number"]
    if len(read) > _BY_EAR or any(len(number) > _DIGITS or "e" in number for number in numbers):
        return ""
    if shape := _SHAPES.get(" ".join("#" if token.kind == "number" else token.text for token in read)):
        return shape[language].format(*numbers, money=money)
    words, minus = _ALOUD[language], {"en": "minus ", "ja": "マイナス"}[language]
    said, before = "", "-"
    for token in read:
        if token.kind != "number" and token.text not in words:
            return ""
        sign = token.text == "-" and before in _OPERATORS
        said += minus if sign else words.get(token.text, token.text)
        before = token.text
    return said


def currency(expression: str, language: Language) -> str:
    """Give the money that the result of an expression is in, "" if it is none or that is not certain."""
    text = plain(expression[:LONGEST])
    used = [said for mark, said in _MONEY.items() for _ in re.findall(mark, text)]
    sums_up = all(token.kind == "number" or token.text in {"+", "-"} for token in tokens(expression))
    return used[0][language == "ja"] if len(set(used)) == 1 and (len(used) == 1 or sums_up) else ""


def _symbols(expression: str) -> str:
    text = plain(expression) if len(expression) <= LONGEST else ""
    if len(text) > LONGEST or _OTHERWISE.search(expression) or sum(bool(re.search(mark, text)) for mark in _MONEY) > 1:
        return ""
    text = in_digits(_ANY_MONEY.sub("", text))
    text = text if _ARGUMENTS.search(text) else _GROUPS.sub("", text)
    for pattern, meaning in _READINGS:
        text = pattern.sub(meaning, text)
    return text.strip()
