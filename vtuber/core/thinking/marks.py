"""Reads a model's markers: `Marks.at(text, pos)` says what stands at a position.

The answer is a `Mark`, `MORE` when only further text can tell, or None. What a mark means is not decided here;
that depends on the state in which it is met.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from vtuber.core.thinking.tables import CLOSING_WORDS, GLUE, MORE, OPENING_WORDS, Mark, literals
from vtuber.core.thinking.tags import tag

_HEADS: Final = ("<|im_start|>", "<|open|>", "<|close|>", "<|content_", "<|message_")  # more belongs to these
_SECTION: Final = re.compile(r"<\|(open|close)\|>([A-Za-z_]{1,40})[^<]{0,100}<\|sep\|>")
_SECTION_BEGUN: Final = re.compile(
    r"<\|(?:open|close)\|>(?:[A-Za-z_]{1,40}[^<]{0,100}(?:<(?:\|(?:s(?:ep?\|?)?)?)?)?)?\Z"
)
_PART: Final = re.compile(r"<\|(content|message)_([a-z_]{1,40})\|>")
_PART_BEGUN: Final = re.compile(r"<\|(?:content|message)_[a-z_]{0,40}\|?\Z")
_TURN: Final = re.compile(r"<\|im_start\|>(assistant|user|system|tool)?((?: ?->[^\n<]{0,60})?)\n?")
_TURN_BEGUN: Final = re.compile(r"<\|im_start\|>(?:[a-z]{0,9}|assistant ?(?:-(?:>[^\n<]{0,60})?)?)\Z")
_LABEL: Final = "thought"  # may follow Gemma's opener, on a line of its own


class _Table:
    """Literal markers, looked up by one expression; `heads` are beginnings that other rules read on from."""

    def __init__(self, marks: Mapping[str, Mark], heads: Iterable[str] = ()) -> None:
        self._marks = marks
        longest_first = sorted(marks, key=len, reverse=True)
        self._match = re.compile("|".join(map(re.escape, longest_first))).match
        begun = {mark[:end] for mark in marks for end in range(1, len(mark))}
        self._begun = begun | {head[:end] for head in heads for end in range(1, len(head) + 1)}
        self._longest = max(map(len, self._begun)) + 1

    def at(self, text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the mark at `pos`, MORE if one may have begun, or None."""
        found = self._match(text, pos)
        if len(text) - pos < self._longest and text[pos:] in self._begun and not (found and closing):
            return MORE
        return msgspec.structs.replace(self._marks[found[0]], length=len(found[0])) if found else None


_LITERALS: Final = _Table(literals(), _HEADS)
_CLOSING: Final = _Table(CLOSING_WORDS)
_OPENING: Final = _Table(OPENING_WORDS | GLUE)


class Marks:
    """The markers of every known model, and the pairs (opener, closer) that one declares for itself."""

    def __init__(self, own: Iterable[tuple[str, str]] = ()) -> None:
        marks: dict[str, Mark] = {}
        for number, (opener, closer) in enumerate(own):
            marks |= {opener: Mark("open", f"own{number}")} if opener else {}
            marks |= {closer: Mark("close", f"own{number}")} if closer else {}
        self._own = _Table(marks) if marks else None
        self.firsts = "".join(sorted({mark[0] for mark in marks} | set("<[{◁_")))  # what a marker may begin with

    def at(self, text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the mark at `pos`. With `closing` no further text comes: MORE then means a marker cut off."""
        own = self._own.at(text, pos, closing=closing) if self._own else None
        if own is not None and not (own is MORE and closing):
            return own
        first = text[pos]
        if first in ".H":
            return _CLOSING.at(text, pos, closing=closing)
        found = _special(text, pos, closing=closing)
        if found is None and first == "<":
            found = tag(text, pos, closing=closing)
        return found or own

    @staticmethod
    def opening(text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the opening words at the first character of a stream, where plain prose may be a marker."""
        return _OPENING.at(text, pos, closing=closing)


def _special(text: str, pos: int, *, closing: bool) -> Mark | None:
    mark = _LITERALS.at(text, pos, closing=closing)
    if mark is not None:
        gemma = mark.kind == "open" and mark.name == "gemma4"
        return _labelled(text, pos, mark, closing=closing) if gemma else mark
    if not text.startswith(_HEADS, pos):
        return None
    if text.startswith("<|im_start|>", pos):
        return _turn(text, pos, closing=closing)
    if found := _SECTION.match(text, pos):
        return Mark("section" if found[1] == "open" else "section_end", found[2], len(found[0]))
    if found := _PART.match(text, pos):
        return Mark("part" if found[1] == "content" else "speaker", found[2], len(found[0]))
    return MORE if _SECTION_BEGUN.match(text, pos) or _PART_BEGUN.match(text, pos) else None


def _turn(text: str, pos: int, *, closing: bool) -> Mark:
    if not closing and _TURN_BEGUN.match(text, pos):
        return MORE
    found = _TURN.match(text, pos)
    role, recipient = (found[1] or "assistant", found[2]) if found else ("assistant", "")
    return Mark("turn", "tool" if recipient else role, len(found[0]) if found else 1)


def _labelled(text: str, pos: int, mark: Mark, *, closing: bool) -> Mark:
    label = text[pos + mark.length : pos + mark.length + len(_LABEL) + 1]
    if _LABEL.startswith(label) and not closing:
        return MORE
    if label == _LABEL or (label.startswith(_LABEL) and label[-1] in "\r\n<"):
        return msgspec.structs.replace(mark, length=mark.length + len(_LABEL))
    return mark
