"""Reads XML-like tags of known names: `<think>`, `</answer>`, `<function=dice>`."""

import re
from typing import Final

from vtuber.core.thinking.tables import EMPTY_TAGS, MORE, SUFFIX, TAGS, THINK_TAGS, TOOL_TAGS, WRAP_TAGS, Mark

_TAG: Final = re.compile(r"<[ \t]{0,2}(/?)[ \t]{0,2}([A-Za-z0-9_:|.-]*)")
_INSIDE: Final = re.compile(r"[^<>]{0,512}")  # from a tag's name to its end
_LONGEST_WORDS: Final = 40  # characters in a tag that are no attributes
_ATTRIBUTES: Final = re.compile(r"(?:\s+[\w:.-]+\s{0,8}=\s{0,8}(?:\"[^\"]*\"|'[^']*'|[^\s\"'=]+))*\s{0,8}/?")
_NAMES: Final = frozenset((*TAGS, *(name + SUFFIX for name in TAGS)))
_BEGUN: Final = frozenset(name[:end] for name in _NAMES for end in range(len(name)))
_SPACE: Final = re.compile(r"[a-z]{1,12}")  # of names: seed, mm, and whatever comes next
_SPACED: Final = ("think", "thinking", "thought")
_STRICT: Final = frozenset((*WRAP_TAGS, "final"))  # words of every day: only with proper attributes


def tag(text: str, pos: int, *, closing: bool) -> Mark | None:
    """Give the mark of the tag at `pos`, MORE if one may have begun, or None; attributes and a suffix are allowed."""
    found = _TAG.match(text, pos)
    name, end = (found[2].lower(), found.end()) if found else ("", pos)
    base = "co" if name.startswith("co:") else name.removesuffix(SUFFIX)
    if end == len(text):
        return MORE if name in _BEGUN or base in TAGS or _spaced(name, begun=True, closing=closing) else None
    ends = found is not None and found[1] == "/"
    if _family(base) is None and (base not in TAGS or (base == "function" and not ends and text[end] != "=")):
        return None
    if not text[end].isascii():  # "<think" ran into the words that follow it
        return Mark("broken", base, end - pos) if _family(base) else None
    rest = _INSIDE.match(text, end) if text[end] in " \t\r\n/=>" else None
    if rest is None:
        return None
    return _whole(base, text, pos, rest, ends=ends, closing=closing)


def _whole(base: str, text: str, pos: int, rest: re.Match[str], *, ends: bool, closing: bool) -> Mark | None:
    """Read a tag from what stands between its name and its end."""
    inside, stop = rest[0], rest.end()
    worded = bool(inside.strip()) and "=" not in inside[:_LONGEST_WORDS]
    if stop == len(text) and not (worded and (closing or len(inside) > _LONGEST_WORDS)):
        return MORE
    overlong = worded and len(inside) > _LONGEST_WORDS
    if overlong or text[stop : stop + 1] != ">" or (base in _STRICT and not _ATTRIBUTES.fullmatch(inside)):
        return Mark("stub", base, rest.start() - pos) if _family(base) and not ends else None
    return _named(base, stop + 1 - pos, ends=ends, empty=inside.rstrip().endswith("/"))


def _named(base: str, length: int, *, ends: bool, empty: bool) -> Mark:
    if base in EMPTY_TAGS or (empty and not ends):
        return Mark("drop", "", length)
    if family := _family(base):
        return Mark("close" if ends else "open", family, length, base)
    if base in TOOL_TAGS:
        return Mark("tool_end" if ends else "tool", base, length)
    return Mark("wrap_end" if ends else "wrap", base, length)


def _family(base: str) -> str | None:
    """Give the family of a tag of thought, None for any other."""
    return THINK_TAGS.get(base) or (f"{base.partition(':')[0]}:think" if _spaced(base) else None)


def _spaced(name: str, *, begun: bool = False, closing: bool = False) -> bool:
    """Say whether a name of thought stands in a space of names, or with `begun` may yet come to."""
    space, colon, word = name.partition(":")
    if not _SPACE.fullmatch(space) or not (colon or (begun and not closing)):
        return False
    return word in _SPACED or (begun and any(one.startswith(word) for one in _SPACED))
