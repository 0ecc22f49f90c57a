"""Reads a model's markers: `Marks.at(text, pos)` says what stands at a position of a `narrow` text.

The answer is a `Mark`, `MORE` when only further text can tell, or None. What a mark means is not decided here;
that depends on the state in which it is met.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from vtuber.core.thinking.tables import BARE_CALL, CLOSING_WORDS, GLUE, MORE, OPENING_WORDS, Mark, literals
from vtuber.core.thinking.tags import tag

_ANY_CASE: Final = re.IGNORECASE | re.ASCII
_SECTION: Final = re.compile(r"<\|(open|close)\|>([A-Za-z_]{1,40})[^<]{0,100}<\|sep\|>", _ANY_CASE)
_SECTION_BEGUN: Final = re.compile(
    r"<\|(?:open|close)\|>(?:[A-Za-z_]{1,40}[^<]{0,100}(?:<(?:\|(?:s(?:ep?\|?)?)?)?)?)?\Z", _ANY_CASE
)
_PART: Final = re.compile(r"<\|(content|message)_([a-z_]{1,40})\|>", _ANY_CASE)
_TURN: Final = re.compile(r"<\|im_start\|>(assistant|user|system|tool)?((?: ?->[^\n<]{0,60})?)\n?", _ANY_CASE)
_TURN_BEGUN: Final = re.compile(r"<\|im_start\|>(?:[a-z]{0,9}|assistant ?(?:-(?:>[^\n<]{0,60})?)?)\Z", _ANY_CASE)
_THOUGHT: Final = re.compile(  # `<|think:start|>`, `<|/thinking|>`: a token that no list has yet
    r"<\|(/?)((?:[a-z]{1,20}[_:]){0,3}(?:think|thinking|thought|reasoning)(?:[_:][a-z]{1,20}){0,3})\|>", _ANY_CASE
)
_ENDING: Final = frozenset(("end", "close", "stop"))
_TOKEN_BEGUN: Final = re.compile(r"<\|/?[a-z_:]{0,80}\|?\Z", _ANY_CASE)
_CALL: Final = re.compile(r"\[[a-z_]\w{0,63}\((?=[a-z_]\w{0,63}=|\)[\],])", _ANY_CASE)  # `[dice(sides=6)]`
_CALL_BEGUN: Final = re.compile(r"\[(?:[a-z_]\w{0,63}(?:\((?:[a-z_]\w{0,63}|\))?)?)?\Z", _ANY_CASE)
_LABEL: Final = "thought"  # may follow Gemma's opener, on a line of its own
_WIDE: Final = {code: code - 0xFEE0 for code in map(ord, "＜＞／｜［］｛｝：＿＝－")} | {
    code: code - 0xFEE0 for first in "Ａａ" for code in range(ord(first), ord(first) + 26)
}


def narrow(text: str) -> str:
    """Give a text in which full-width letters and brackets are plain ones; each stays in its place."""
    return text if text.isascii() else text.translate(_WIDE)


class _Table:
    """Literal markers, looked up by one expression."""

    def __init__(self, marks: Mapping[str, Mark], *, any_case: bool = False) -> None:
        self._fold = str.lower if any_case else str
        self._marks = {self._fold(narrow(token)): mark for token, mark in marks.items()}
        longest_first = sorted(self._marks, key=len, reverse=True)
        flags = _ANY_CASE if any_case else re.RegexFlag(0)
        self._match = re.compile("|".join(map(re.escape, longest_first)), flags).match
        self._begun = {mark[:end] for mark in self._marks for end in range(1, len(mark))}
        self._longest = max(map(len, self._begun), default=0) + 1

    def at(self, text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the mark at `pos`, MORE if one may have begun, or None."""
        found = self._match(text, pos)
        if len(text) - pos < self._longest and self._fold(text[pos:]) in self._begun and not (found and closing):
            return MORE
        return msgspec.structs.replace(self._marks[self._fold(found[0])], length=len(found[0])) if found else None


_TOKENS: Final = _Table({token: mark for token, mark in literals().items() if token[0] in "<◁"}, any_case=True)
_WORDS: Final = _Table({token: mark for token, mark in literals().items() if token[0] not in "<◁"})
_CLOSING: Final = _Table(CLOSING_WORDS)
_OPENING: Final = _Table(OPENING_WORDS | GLUE)
_SURE: Final = _Table({words: mark for words, mark in OPENING_WORDS.items() if mark.kind == "open"})


class Marks:
    """The markers of every known model, and the pairs (opener, closer) that one declares for itself."""

    def __init__(self, own: Iterable[tuple[str, str]] = ()) -> None:
        marks: dict[str, Mark] = {}
        for number, (opener, closer) in enumerate(own):
            marks |= {opener: Mark("open", f"own{number}")} if opener else {}
            marks |= {closer: Mark("close", f"own{number}")} if closer else {}
        self._own = _Table(marks) if marks else None
        firsts = {narrow(mark[0]) for mark in marks}
        self.firsts = "".join(sorted(firsts | set("<[{◁_")))  # what a marker may begin with

    def at(self, text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the mark at `pos`. With `closing` no further text comes: MORE then means a marker cut off."""
        own = self._own.at(text, pos, closing=closing) if self._own else None
        if own is not None and not (own is MORE and closing):
            return own
        first = text[pos]
        if first in ".H":
            return _CLOSING.at(text, pos, closing=closing)
        if first in "<◁":
            found = _special(text, pos, closing=closing) or tag(text, pos, closing=closing)
        else:
            found = _WORDS.at(text, pos, closing=closing) or _bare_call(text, pos)
        return found or own

    @staticmethod
    def opening(text: str, pos: int, *, closing: bool = False, sure: bool = False) -> Mark | None:
        """Give the opening words at the first character of a stream, where plain prose may be a marker.

        With `sure` only those that no answer begins with.
        """
        return (_SURE if sure else _OPENING).at(text, pos, closing=closing)


def _special(text: str, pos: int, *, closing: bool) -> Mark | None:
    mark = _TOKENS.at(text, pos, closing=closing)
    if mark is not None:
        gemma = mark.kind == "open" and mark.name == "gemma4"
        return _labelled(text, pos, mark, closing=closing) if gemma else mark
    if _TURN.match(text, pos):
        return _turn(text, pos, closing=closing)
    if found := _SECTION.match(text, pos):
        return Mark("section" if found[1].lower() == "open" else "section_end", found[2].lower(), len(found[0]))
    if found := _PART.match(text, pos):
        return Mark("part" if found[1].lower() == "content" else "speaker", found[2].lower(), len(found[0]))
    if found := _THOUGHT.match(text, pos):
        ends = found[1] or _ENDING & set(re.split("[_:]", found[2].lower()))
        return Mark("close" if ends else "open", "token", len(found[0]))
    return MORE if _SECTION_BEGUN.match(text, pos) or _TOKEN_BEGUN.match(text, pos) else None


def _bare_call(text: str, pos: int) -> Mark | None:
    """Give the mark of a tool call that no tag is around."""
    if text[pos] == ")":  # only looked at inside one
        return Mark("tool_end", BARE_CALL, 2) if text.startswith(BARE_CALL, pos) else None if text[pos + 1 :] else MORE
    found = _CALL.match(text, pos)
    if found:
        return Mark("tool", BARE_CALL, len(found[0]))
    return MORE if _CALL_BEGUN.match(text, pos) else None


def _turn(text: str, pos: int, *, closing: bool) -> Mark:
    if not closing and _TURN_BEGUN.match(text, pos):
        return MORE
    found = _TURN.match(text, pos)
    role, recipient = (found[1] or "assistant", found[2]) if found else ("assistant", "")
    return Mark("turn", "tool" if recipient else role.lower(), len(found[0]) if found else 1)


def _labelled(text: str, pos: int, mark: Mark, *, closing: bool) -> Mark:
    label = text[pos + mark.length : pos + mark.length + len(_LABEL) + 1]
    if _LABEL.startswith(label) and not closing:
        return MORE
    if label == _LABEL or (label.startswith(_LABEL) and label[-1] in "\r\n<"):
        return msgspec.structs.replace(mark, length=mark.length + len(_LABEL))
    return mark
