"""Folds away the disguises of written words: look-alike letters, invisible marks, widths, kana forms, leet digits."""

import unicodedata
from typing import Final

_ALIKE: Final = dict(
    zip(
        "аеорсухіјѕԁһкмтнвгпѵԛѡɡıαβεικνορτυχγηωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijsdhkmthbrnvqwgiabeikvoptuxynwabezhikmnoptyx",
        strict=True,
    )
)
_DASHES: Final = frozenset("ー－ｰ〜～~―")
_SMALL: Final = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
_LEET: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s"}
LEET: Final = str.maketrans(_LEET | {"!": "i", "|": "i", "+": "t", "€": "e", "£": "l", "¡": "i"})
LEET_L: Final = str.maketrans({"i": "l", "1": "l", "|": "l", "!": "l"})
_BACKWARDS: Final = "\u202e"
GAPS: Final = frozenset(" \u3000・.．,，、。-_'\"/|\n\t")  # what is put between letters to hide a word
_TO_HIRAGANA: Final = ord("ァ") - ord("ぁ")


class Folds(dict[int, str | None]):
    """A translation table that learns each character once: lower-case base letters, hiragana, nothing invisible."""

    def __missing__(self, code: int) -> str | None:
        folded = self[code] = _fold(chr(code))
        return folded


class Bare(Folds):
    """The same without gaps and drawn-out sounds."""

    def __missing__(self, code: int) -> str | None:
        """Fold a character that is new."""
        char = chr(code)
        folded = self[code] = None if char in GAPS or char in _DASHES else _fold(char)
        return folded


def _fold(char: str) -> str | None:
    kind = unicodedata.category(char)
    if kind in {"Mn", "Me", "Cf", "Cc", "Co", "Cs"} and not char.isspace():
        return None
    if "ァ" <= char <= "ヶ":
        char = chr(ord(char) - _TO_HIRAGANA)
    if char in _SMALL:
        return _SMALL[char]
    if char in _ALIKE:
        return _ALIKE[char]
    base = unicodedata.normalize("NFKD", char.casefold())
    if base[:1].isascii():
        return "".join(letter for letter in base if unicodedata.category(letter) not in {"Mn", "Me"})
    lower = char.casefold()
    return _ALIKE.get(lower, lower)


def readable(text: str) -> str:
    """Give text with widths and composed forms made one, and with what is written backwards turned round."""
    if text.isascii():
        return text
    if _BACKWARDS in text:
        head, _, tail = text.partition(_BACKWARDS)
        text = head + tail.rstrip("\u202c\u2069")[::-1]
    return unicodedata.normalize("NFKC", text)


def is_dash(char: str) -> bool:
    """Say whether a character only draws a sound out."""
    return char in _DASHES


def runs(word: str) -> tuple[str, tuple[int, ...]]:
    """Give a word with repeats taken out, and how often each letter stood: "little" is ("litle", (1, 1, 2, 1, 1))."""
    letters: list[str] = []
    counts: list[int] = []
    for letter in word:
        if letters and letters[-1] == letter:
            counts[-1] += 1
        else:
            letters.append(letter)
            counts.append(1)
    return "".join(letters), tuple(counts)
