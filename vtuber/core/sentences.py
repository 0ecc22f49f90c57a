"""Cuts a streaming reply into the pieces that are spoken, as early as it can be done without a wrong cut."""

import re
from typing import Final, Literal

from vtuber.core.phrases import BEFORE_NUMBER, INTERJECTIONS, MAY_END, TITLES, WITH_MARK, folded

FIRST_COMMA: Final = (6, 15)  # the least a piece holds, in Japanese and other characters
LATER_COMMA: Final = (30, 80)
LONGEST: Final = (60, 160)
HARD_LIMIT: Final = 300
_FENCE_LIMIT: Final = 4000

_ENDS: Final = frozenset("。！？!?｡♪♡♥☆★")
_STRONG: Final = frozenset("。！？!?｡.…")
_COMMAS: Final = frozenset("、，,､—")
_OPENERS: Final = {"「": "」", "『": "』", "（": "）", "(": ")", "“": "”", "【": "】", "[": "]", "〈": "〉", "《": "》"}
_CLOSERS: Final = frozenset(_OPENERS.values())
_LAUGHS: Final = frozenset("wｗ笑草")
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_WAITING: Final = frozenset(" \t\u3000")
_TRAILING: Final = frozenset("\"'”’)）]】*_")
_SPECIAL: Final = _ENDS | _COMMAS | _LAUGHS | _CLOSERS | frozenset(_OPENERS) | frozenset('.…"*`\n')
_URL: Final = re.compile(r"(?:://|^www\.|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/)", re.IGNORECASE | re.ASCII)
_WORD: Final = re.compile(r"[!-~]*\Z")
_INITIALS: Final = re.compile(r"(?:^|[^A-Za-z])(?:[A-Za-z]\.)*[A-Za-z]\.\Z")
_LAST_WORD: Final = re.compile(r"([A-Za-z]+)\.\Z")
_LIST_NUMBER: Final = re.compile(r"\s*(?:[-*]\s*)?\d{1,3}\.\Z")
_SOFT: Final = re.compile(r"[、，､,;；：—…。！？!?」』）)♪](?![\d」』）)。！？!?…])")
_SPACE: Final = re.compile(r"\s")
_TURN: Final = re.compile(r"[ぁ-んー](?=[一-龠々ァ-ヶA-Za-z0-9])")

_Doubt = Literal["", "dot", "dots", "comma", "quote", "face"]


def is_wide(char: str) -> bool:
    """Say whether a character belongs to Japanese writing."""
    return char >= "\u2e80" and not "\U0001f000" <= char <= "\U0001ffff"


def is_emoji(char: str) -> bool:
    """Say whether a character is an emoji or part of one."""
    return "\U0001f000" <= char <= "\U0001faff" or "\u2600" <= char <= "\u27bf" or char in _JOINERS
