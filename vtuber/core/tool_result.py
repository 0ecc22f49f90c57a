"""What any tool gives becomes data here: one short quoted line in which nothing can act on a model, screen or voice."""

import re
from typing import Final

from vtuber.core.thinking.tables import CLOSING_WORDS, TAGS, literals
from vtuber.core.wording import one_line

LIMIT: Final = 2048  # bytes of UTF-8, quotation marks included
_READ: Final = 4 * LIMIT  # characters looked at: what is taken out leaves room for what comes after it
# Letters, marks and blanks that show nothing; control and format characters go by their category.
_UNSEEN: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_NAMES: Final = "|".join(re.escape(name) for name in sorted(TAGS, key=len, reverse=True))
_MARKERS: Final = re.compile(
    "|".join(
        (
            *(re.escape(mark.strip()) for mark in sorted((*literals(), *CLOSING_WORDS), key=len, reverse=True)),
            rf"</?\s?(?:{_NAMES})(?:[\s:=/][^<>]{{0,96}})?/?>",
            r"<\|[^<>]{0,60}\|?>",
            r"\[/?INST\]|<</?SYS>>",
        )
    ),
    re.IGNORECASE,
)
_PASSES: Final = 4  # what stood around a marker may be another: honest text has none inside one inside one …
# What is left of markup loses its meaning, and nothing inside can end the quotation.
_TAME: Final = str.maketrans("<>◁▷|｜`“”", '‹›‹›//\'""')


def bare(text: str, limit: int = LIMIT) -> str:
    """Give a text as one line of at most `limit` bytes without control or unseen characters or a model's markers."""
    line = _UNSEEN.sub("", one_line(text[:_READ], _READ))
    for _ in range(_PASSES):
        line = _MARKERS.sub(" ", line)
    if nested := _MARKERS.search(line):
        line = line[: nested.start()]  # … and what does is not worth more time
    tame = " ".join(line.translate(_TAME).split())
    return tame.encode()[:limit].decode(errors="ignore").rstrip()


def harmless(text: str, limit: int = LIMIT) -> str:
    """Give a tool's text as a prompt may hold it: one quoted line of at most `limit` bytes."""
    return f"“{bare(text, limit - len('“”'.encode()))}”"
