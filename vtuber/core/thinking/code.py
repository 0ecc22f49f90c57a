"""Follows code spans and fences in visible text, inside which markers are only words."""

import re
from typing import Final

_LONGEST_SPAN: Final = 200  # characters from a marker to the end of its code span
_FENCE_INDENT: Final = 3
_FENCE_TICKS: Final = 3


class Code:
    """Where visible text stands: in prose, in a span on one line, or in a fence.

    It is told runs of text (`run`), newlines, and runs of backticks or tildes (`ticks`).
    """

    def __init__(self) -> None:
        self._span = ("", 0, False)  # character, how many, whether the newline makes it a fence
        self._lasting = False  # a span of several lines
        self._fence = ("", 0)
        self._line = ""  # the line's beginning, as far as it matters

    @property
    def line_start(self) -> bool:
        """Whether nothing but a small indent stands on the line."""
        return len(self._line) <= _FENCE_INDENT and not self._line.strip(" ")

    def run(self, text: str) -> None:
        """Take ordinary text."""
        if len(self._line) < _LONGEST_SPAN:
            self._line += text

    def newline(self) -> None:
        """Take a newline."""
        char, count, fences = self._span
        if self._closes_fence():
            self._fence = ("", 0)
        elif fences and not self._fence[0]:
            self._fence = (char, count)
        if not self._lasting:
            self._span = ("", 0, False)
        self._line = ""

    def ticks(self, run: str, after: str) -> None:
        """Take a whole run of backticks or tildes, and the character after it ("" at the end)."""
        char, count, starts = run[0], len(run), self.line_start
        self.run(run)
        if self._fence[0]:
            return
        open_char, open_count, _ = self._span
        if open_char:
            if (open_char, open_count) == (char, count):
                self._span, self._lasting = ("", 0, False), False
        elif starts and count >= _FENCE_TICKS:
            self._span = (char, count, True)
        elif char == "`" and not (count == 1 and after in (")", "）", "")):  # a lone tick before ) ends a kaomoji
            self._span = (char, count, False)
            self._lasting = count >= _FENCE_TICKS and after == "\n"

    def protects(self, text: str, pos: int, *, closing: bool) -> bool | None:
        """Say whether a marker at `pos` is code; None when only further text can tell."""
        if self._fence[0] or self._lasting:
            over = bool(self._fence[0]) and self._closes_fence()  # its closing line runs on into a marker
            self._fence = ("", 0) if over else self._fence
            return not over
        char, count, _ = self._span
        if char != "`":
            self._span = ("", 0, False)
            return False
        ahead = text[pos : pos + _LONGEST_SPAN]
        found = re.search(rf"\n|(?<!`)`{{{count}}}(?!`)", ahead)
        settled = found is not None and (found[0] == "\n" or found.end() < len(ahead) or closing)
        if found is not None and settled and found[0] != "\n":
            return True
        if settled or closing or len(ahead) == _LONGEST_SPAN:
            self._span = ("", 0, False)
            return False
        return None

    def _closes_fence(self) -> bool:
        char, count = self._fence
        line = self._line.strip(" \t\r")
        return bool(char) and len(line) >= count and line == char * len(line)
