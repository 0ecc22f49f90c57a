"""Words of a text in any script, for search: Japanese runs and their pairs, Latin words by their stem, numbers.

Japanese writes no spaces. A run of kanji or of katakana is nearly always one word or a compound, and hiragana is
mostly grammar; so runs are words, and the pairs of characters inside a longer run find the parts of compounds.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, TypeAlias

Script: TypeAlias = Literal["ja", "en", ""]

_KANJI = "々〆ヶ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KATAKANA = "ァ-ヺー"
_WORD = re.compile(
    rf"(?P<kanji>[{_KANJI}]+)|(?P<katakana>[ァ-ヺ][{_KATAKANA}]*)|(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<latin>[a-z\u00df-\u024f]+(?:['’][a-z]+)?)|(?P<kana>[ぁ-ゖー]+)"
    rf"|(?P<other>(?:(?![a-z\u00df-\u024fぁ-ゖ{_KATAKANA}{_KANJI}])[^\W\d_])+)"
)
_JAPANESE = re.compile(rf"[ぁ-ゖ{_KATAKANA}{_KANJI}]")
_LETTER = re.compile(r"[^\W\d_]")
_EMOTE = re.compile(r":[A-Za-z0-9_]+:")
_CAPITAL = re.compile(r"(?<![.!?。！？])\s([A-Z][a-zA-Z]+)")
_SHORTENED = re.compile(r"['’](s|ve|d|ll|re)$")
_MIN_NAME = 2
_DOUBT = 2.0  # about the weight of a word that every fifth memory holds
_ENDINGS = (("ies", "y", 5), ("ie", "y", 5), ("ing", "", 6), ("ed", "", 5), ("es", "e", 5), ("s", "", 4))

# What is in nearly every sentence says nothing about which memory is meant.
_COMMON_LINES = (
    "a about again all also am an and any anything are as at be been but by call can could did do does doing don't "
    "for from get got had has have he her him his how i i'm if in into is isn't it it's its just know like me mine "
    "more my next no not of on one or our out she so some than that that's the their them then there these they thing "
    "this to too up us very was we well were what what's when where which who why will with would yes you your "
    "remember tell told said say think really 何 私 僕 俺 君 今 前 人 事 時 言 思 方 的 覚 話 知 見 今日 誰 "
)


def normalized(text: str) -> str:
    """Give the text as it is compared: NFKC, case folded, white space squeezed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokens(text: str) -> tuple[str, ...]:
    """Give the words of a text in order, repeats kept; a long kanji or katakana run is followed by its pairs."""
    found: list[str] = []
    for match in _WORD.finditer(normalized(text)):
        word = match.group()
        if match.lastgroup in {"kanji", "katakana"}:
            found.append(word)
            if len(word) > 2:  # noqa: PLR2004 - a run of two is its own pair
                found += [word[at : at + 2] for at in range(len(word) - 1)]
        elif match.lastgroup == "latin":
            found.append(_stem(word))
        elif match.lastgroup != "kana":
            found.append(word)
    return tuple(found)


def content(text: str) -> tuple[str, ...]:
    """Give the words that carry meaning, each once, in order."""
    return tuple(word for word in dict.fromkeys(tokens(text)) if word not in _COMMON_STEMS)


def names(text: str) -> frozenset[str]:
    """Give the words that must match exactly: numbers, katakana words, and capitalised words inside a sentence."""
    plain = unicodedata.normalize("NFKC", text)
    exact = {_stem(word.casefold()) for word in _CAPITAL.findall(plain)}
    for match in _WORD.finditer(normalized(text)):
        if match.lastgroup == "number" or (match.lastgroup == "katakana" and len(match.group()) >= _MIN_NAME):
            exact.add(match.group())
    return frozenset(exact - _COMMON_STEMS)


def coverage(wanted: Mapping[str, float], text: str) -> float:
    """Give how much of `wanted` (word -> weight) a text holds, 0 to below 1: one common word alone proves little."""
    held = set(tokens(text))
    return sum(weight for word, weight in wanted.items() if word in held) / (sum(wanted.values()) + _DOUBT)


def rarity(memories: int, holding: int) -> float:
    """Give the weight of a word that `holding` of all `memories` hold (inverse document frequency, above 0)."""
    return math.log(1.0 + memories / (holding + 0.5))


def script(text: str) -> Script:
    """Tell the language by its script: "ja" where there is any Japanese letter, "en" for other letters, else ""."""
    plain = _EMOTE.sub(" ", unicodedata.normalize("NFKC", text))
    if _JAPANESE.search(plain):
        return "ja"
    return "en" if _LETTER.search(plain) else ""


def _stem(word: str) -> str:
    """Take the commonest English endings off; crude on purpose: the same word must only meet itself."""
    if "'" in word or "’" in word:
        word = _SHORTENED.sub("", word).replace("’", "").replace("'", "")
    if word.endswith(("ss", "us", "is")):
        return word
    for ending, put, shortest in _ENDINGS:
        if len(word) >= shortest and word.endswith(ending):
            stem = word.removesuffix(ending) + put
            return stem if put else _undoubled(stem)
    return word


def _undoubled(word: str) -> str:
    if word[-1:] == word[-2:-1] and word[-1:] not in "aeiouls":
        return word[:-1]
    return word


_COMMON_STEMS = frozenset({form for word in _COMMON_LINES.split() for form in (word, _stem(word))})
