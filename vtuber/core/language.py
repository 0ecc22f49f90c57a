"""Which language a text is in, by its script."""

import re
from collections.abc import Iterable

from vtuber.events import Language

_KANA = re.compile(r"[ぁ-ゖァ-ヺー々]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_CHINESE, _ENGLISH = 8, 4  # so many Han characters or English words without kana are no Japanese
_LAST_NARROW = "\u2e7f"  # after it come kana, Han characters and the like
# Shouts that both languages share: they say nothing about what the viewer speaks.
_SHARED = frozenset({"lol", "gg", "ww", "www", "wwww", "xd", "omg", "pog", "ez", "rip", "ok", "hi", "lul", "kusa", "f"})


def detect(text: str, fallback: Language) -> Language:
    """Give the language: kana or several Han characters are Japanese, Latin words English, else the fallback.

    One loan word or a shared shout ("草", "GG") does not switch the language.
    """
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    words = [word for word in _LATIN_WORD.findall(text) if word.lower() not in _SHARED]
    if kana + han >= 2 and (kana or len(words) <= 2):  # noqa: PLR2004 - two characters are more than a lone 草
        return "ja"
    return "en" if words else fallback


def may_be_in(text: str, language: Language) -> bool:
    """Whether a clause may belong to an answer in this language: one name or term of another does no harm."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    if language == "en":
        return kana + han <= len(_LATIN_WORD.findall(text))
    return kana > 0 or (han < _CHINESE and len(_LATIN_WORD.findall(text)) < _ENGLISH)


def joined(pieces: Iterable[str]) -> str:
    """Join clauses as they are written: with a space, but none between Japanese ones."""
    text = ""
    for piece in pieces:
        wide = not text or not piece or text[-1] > _LAST_NARROW or piece[0] > _LAST_NARROW
        text += piece if wide else f" {piece}"
    return text
