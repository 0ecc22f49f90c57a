"""How much of a text fits in a part of a prompt: tokens are estimated; a cut is made where a sentence or line ends."""

import re
from bisect import bisect_right

_LAST_NARROW = "\u2e7f"  # after it come kana, Han characters and the like
_GAP = " … "
_END = re.compile(r"[。！？!?]+[」』）)”\"]*|\.(?=\s)|\n")


def tokens(text: str) -> int:
    """Estimate the tokens of a text: about one a Japanese character, one in four Latin ones."""
    wide = 0 if text.isascii() else sum(char > _LAST_NARROW for char in text)
    return wide + (len(text) - wide + 3) // 4


def cut(text: str, limit: int) -> str:
    """Give the beginning of a text, at most `limit` tokens: whole sentences or lines, if there are such."""
    if tokens(text) <= limit:
        return text
    head = _head(text, limit)
    last = max((found.end() for found in _END.finditer(head)), default=len(head))
    return head[:last].rstrip()


def ends(text: str, limit: int) -> str:
    """Give a text of at most `limit` tokens; of a longer one the beginning and, half as much, the end."""
    if tokens(text) <= limit:
        return text
    room = max(0, limit - tokens(_GAP))
    tail = _head(text[::-1], room // 3)[::-1]
    return f"{_head(text, room - room // 3).rstrip()}{_GAP}{tail.lstrip()}"


def _head(text: str, limit: int) -> str:
    """Give the longest beginning of at most `limit` tokens."""
    longest = text[: 4 * limit]
    return longest[: bisect_right(range(len(longest) + 1), limit, key=lambda length: tokens(longest[:length])) - 1]
