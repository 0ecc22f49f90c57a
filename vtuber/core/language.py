"""Which language a text is in, by its script."""

import re

from vtuber.events import Language

_KANA = re.compile(r"[ぁ-ゖァ-ヺー々]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
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
