"""Choosing one of her own lines and filling it in: varied, the same for the same dice, and safe with viewers' words."""

import re
import unicodedata
from collections.abc import MutableSequence, Sequence
from typing import Protocol, TypeVar

from vtuber.core.wording import one_line
from vtuber.events import Language
from vtuber.persona import Lines

T = TypeVar("T")

PLACEHOLDERS = ("name", "amount", "count", "question", "result")
_LIMITS = {"name": 40, "amount": 40, "count": 12, "question": 60, "result": 160}
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_ASCII_WORD = re.compile(r"[\x00-\x7f]+")


class Dice(Protocol):
    """What chooses: a seeded random.Random, or anything that chooses from a sequence."""

    def choice(self, seq: Sequence[T], /) -> T:
        """Give one of them."""
        ...


def pick(lines: Lines, language: Language, dice: Dice, recent: MutableSequence[str], **fields: str) -> str:
    """Choose a line that was not used lately, fill it in, and note it in `recent` (as it is written, not filled).

    When all were used lately it is the one whose use is longest ago. Without lines in `language` another language
    serves; without any, "". A line whose placeholders cannot all be filled is taken only if there is no other.
    """
    there = lines.get(language) or next((some for some in lines.values() if some), ())
    fit = [line for line in there if all(fields.get(name) for name in _PLACEHOLDER.findall(line))] or list(there)
    if not fit:
        return ""
    used = {line: place for place, line in enumerate(recent)}
    fresh = [line for line in fit if line not in used]
    chosen = dice.choice(fresh) if fresh else min(fit, key=lambda line: used[line])
    recent.append(chosen)
    return filled(chosen, **fields)


def filled(line: str, **fields: str) -> str:
    """Fill the placeholders once: braces inside a viewer's words stay words. A missing field leaves no stray comma."""
    text = _PLACEHOLDER.sub(lambda found: _harmless(found[1], fields.get(found[1], "")), line)
    return re.sub(r"^[、,\s]+|[,、]?\s+(?=[,.!?])", "", re.sub(r"「」(のこと)?", "", text))


def mentions(text: str, words: Sequence[str]) -> bool:
    """Whether a text holds one of the words, whatever its case or width: Latin words whole, others anywhere."""
    folded = _folded(text)
    spaced = f" {re.sub(r'[^0-9a-z]+', ' ', folded.replace(chr(39), ''))} "
    return any(_holds(folded, spaced, _folded(word)) for word in words)


def _holds(folded: str, spaced: str, word: str) -> bool:
    if _ASCII_WORD.fullmatch(word):
        plain = " ".join(re.sub(r"[^0-9a-z]+", " ", word.replace("'", "")).split())
        return bool(plain) and f" {plain} " in spaced
    return bool(word) and "".join(word.split()) in "".join(folded.split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _harmless(name: str, value: str) -> str:
    if name != "question":
        return one_line(value, _LIMITS[name])
    words = _LINK.sub("", value).translate(str.maketrans('「」『』“”"', "       "))
    return one_line(words, _LIMITS[name])
