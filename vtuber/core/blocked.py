"""Finds words of a block list in a text, disguised or not, but not inside harmless longer words."""

import re
from collections.abc import Iterable
from operator import add
from typing import Final

import msgspec

from vtuber.core.folding import GAPS, LEET, LEET_L, Bare, Folds, is_dash, readable, runs

_TOKEN: Final = re.compile(r"[a-z0-9@$!|+*#€£¡'’._\-]+")
_EDGES: Final = " .,:;?!'’\"-_*#|+"
_INNER: Final = re.compile(r"[.\-_'’,]+")
_WORD: Final = re.compile(r"[a-z]+")
_REPEATS: Final = re.compile(r"(.)\1+")
_SPELT: Final = re.compile(r"(?<![a-z0-9@$])[a-z0-9@$!](?:[\s.,\-_・]+[a-z0-9@$!](?![a-z0-9@$])){2,}")
_ENDINGS: Final = ("s", "z", "ed", "er", "ers", "ing", "y")
_LETTERS: Final = 3  # fewer are not looked for inside other words or behind a mask
_DIGITS: Final = 6  # fewer digits without a letter are a number
_MASKS: Final = frozenset("〇○◯●◎✕×＊*")
_MASK: Final = "〇"
_REACH: Final = 14  # letters of the longest word looked for behind a mask
_SHORT: Final = 2  # kana: such a word must stand alone
_MIDDLE: Final = 4  # kana: up to here a word in katakana must not be part of a longer katakana word
_AFTER_SHORT: Final = frozenset("だなでやめじね")  # what may follow a short word in hiragana
_HIRAGANA: Final = re.compile(r"[ぁ-ゖ]")
_KATAKANA: Final = re.compile(r"[ァ-ヺ]")
_KANA_ONLY: Final = re.compile(r"[ぁ-ゖァ-ヺー－〜～~\s・.．,，、。\-_*＊'\"/|]+")


class _Wide(msgspec.Struct, frozen=True):
    """A word in a script without spaces, folded, and how it is listed."""

    word: str
    katakana: bool
    drawn: bool  # with a dash that draws a sound out
    gapped: bool  # with a gap of its own
    anywhere: bool  # also as part of a longer word


class BlockList:
    """Words to find. An entry is a word, with common endings; `word!` exactly so; `*word*` also inside other words."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._folds = Folds()
        self._bare = Bare()
        self._exact: dict[str, list[tuple[int, ...]]] = {}
        self._wide: dict[str, list[_Wide]] = {}  # by the first two letters
        inside, phrases, masked = set[str](), set[str](), set[str]()
        for entry in entries:
            bare = readable(entry.strip("*!"))
            word = bare.translate(self._folds)
            if not word.isascii():
                masked |= self._add_wide(bare, word, anywhere=entry.startswith("*"))
            elif " " in word.strip():
                phrases.add(" ".join(word.split()))
            elif word:
                inside |= {runs(word)[0]} if entry.startswith("*") else set()
                masked |= self._add_latin(word, plain=entry.endswith("!"))
        self._masked = frozenset(masked)
        self._inside = _any_of(inside)
        self._phrases = re.compile(rf"(?<![a-z0-9])(?:{_any_of(phrases).pattern})(?![a-z0-9])") if phrases else None

    def find(self, text: str) -> str:
        """Give the first listed word in `text` as folded, "" if there is none."""
        plain = readable(text)
        found = self._latin(plain.translate(self._folds))
        return found if found or text.isascii() else self._other(plain, plain.translate(self._bare))

    def _add_wide(self, bare: str, word: str, *, anywhere: bool) -> set[str]:
        word = "".join(char for char in word if char not in GAPS and not is_dash(char))
        entry = _Wide(
            word,
            katakana=not _HIRAGANA.search(bare),
            drawn=any(map(is_dash, bare)),
            gapped=not GAPS.isdisjoint(bare),
            anywhere=anywhere,
        )
        self._wide.setdefault(word[:2], []).append(entry)
        return _behind_masks(word)

    def _add_latin(self, word: str, *, plain: bool) -> set[str]:
        forms = [word, *(word + ending for ending in _ENDINGS if not plain and len(word) > _LETTERS)]
        for form in forms:
            letters, counts = runs(form)
            self._exact.setdefault(letters, []).append(counts)
        return set().union(*map(_behind_masks, forms))

    def _latin(self, text: str) -> str:
        squeezed = _REPEATS.sub(r"\1", text)
        alike = not self._exact.keys().isdisjoint(_WORD.findall(squeezed)) or self._inside.search(squeezed)
        for token in _TOKEN.findall(text):
            core = token if token.isalpha() else token.strip(_EDGES)
            if (alike or not core.isalpha()) and (found := self._token(core)):
                return found
        for spelt in _SPELT.findall(text):
            if found := self._token("".join(char for char in spelt if char not in GAPS)):
                return found
        phrase = self._phrases.search(" ".join(text.split())) if self._phrases else None
        return str(phrase[0]) if phrase else ""

    def _token(self, core: str) -> str:
        if core.isalpha():
            return self._word(core)
        if not any("a" <= char <= "z" for char in core) and len(core) < _DIGITS:
            return ""
        if ("*" in core or "#" in core) and (masked := core.replace("#", "*").replace("*", _MASK)) in self._masked:
            return masked
        joined = _INNER.sub("", core)
        found = self._word(joined.translate(LEET)) or self._word(joined.translate(LEET_L).translate(LEET))
        return found or next((word for part in _INNER.split(core) if (word := self._word(part.translate(LEET)))), "")

    def _word(self, word: str) -> str:
        letters, counts = runs(word)
        for least in self._exact.get(letters, ()):
            if all(have >= need for have, need in zip(counts, least, strict=True)):
                return letters
        inside = self._inside.search(letters)
        return str(inside[0]) if inside else ""

    def _other(self, plain: str, text: str) -> str:
        """Look in scripts without spaces; `text` is `plain` folded, without gaps and drawn-out sounds."""
        places: list[int] = []  # for each letter of `text`, where it stands in `plain`
        for at, key in enumerate(map(add, text, text[1:] + " ")):
            if key not in self._wide and key[0] not in self._wide:
                continue
            for entry in (*self._wide.get(key, ()), *self._wide.get(key[0], ())):
                if text.startswith(entry.word, at):
                    places = places or [place for place, char in enumerate(plain) for _ in self._bare[ord(char)] or ""]
                    if _stands(plain, places[at], places[at + len(entry.word) - 1] + 1, entry):
                        return str(entry.word)
        return "" if _MASKS.isdisjoint(text) else self._uncovered(text)

    def _uncovered(self, text: str) -> str:
        for at, char in enumerate(text):
            if char in _MASKS:
                near = text[:at] + _MASK + text[at + 1 :]
                for start in range(max(0, at - _REACH), at + 1):
                    for end in range(max(at + 1, start + _LETTERS), min(len(near), start + _REACH) + 1):
                        if near[start:end] in self._masked:
                            return near[start:end]
        return ""


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")


def _behind_masks(word: str) -> set[str]:
    """Give the forms of a word with one letter masked, or all but the outer ones."""
    if len(word) <= _LETTERS and word.isascii():
        return set()
    one = {word[:at] + _MASK + word[at + 1 :] for at in range(len(word))} if len(word) >= _LETTERS else set[str]()
    return one | ({word[0] + _MASK * (len(word) - 2) + word[-1]} if word.isascii() else set())


def _stands(plain: str, start: int, end: int, entry: _Wide) -> bool:
    """Say whether what was found between two places is the word itself and no part of a harmless one."""
    span = plain[start:end]
    if entry.anywhere or not _KANA_ONLY.fullmatch(span):
        return True
    size, gaps = len(entry.word), sum(char in GAPS for char in span)
    dashes = sum(map(is_dash, span))
    if size <= _SHORT and dashes == 1 and not entry.drawn:
        return False
    before, after = plain[:start][-1:], plain[end:].lstrip("ー〜～~")[:1]
    if gaps:
        alone = size > _SHORT or not (before.isalnum() or after.isalnum())
        return (gaps >= size - 1 and alone) or entry.gapped or size >= _MIDDLE
    if not _HIRAGANA.search(span):
        return size > _MIDDLE or not (_KATAKANA.match(before) or _KATAKANA.match(after))
    if (entry.drawn and not dashes) or size <= _SHORT or (entry.katakana and size <= _LETTERS):
        return not before.isalnum() and (not _HIRAGANA.match(after) or after in _AFTER_SHORT)
    return True
