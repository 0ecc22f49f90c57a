"""A deep answer as text: which part of it is spoken, and the whole of it as the stage and the report may show it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from vtuber.core.attention import fold
from vtuber.core.guard import Guard
from vtuber.core.redaction import redact
from vtuber.core.reply import Reply, Said
from vtuber.core.sentences import Segmenter
from vtuber.core.verdict import unmarked

MOST_BYTES: Final = 8000  # and a line that says that there was more

_RULE: Final = re.compile(r"[ \t]*(?:-{3,}|—{2,}|\*{3,}|_{3,})[ \t]*")
_FENCE: Final = re.compile(r"[ \t]*(```+|~~~+)")
_LISTED: Final = re.compile(r"[ \t]*(?:[-*+][ \t　]+|[•・●○■]|\d{1,2}[.)．）][ \t　]*\D|#{1,6}[ \t]|\|)")
_TABLE: Final = re.compile(r"[^|\n]*\S[ \t]*\|[ \t]*\S[^|\n]*(?:\|[^\n]*)?")
_SENTENCE: Final = re.compile(r".*?(?:[。！？!?]+[」』）)]*|\.(?=\s+[^a-z\s]|\s*\Z)|\Z)\s*", re.DOTALL)
_ENDED: Final = re.compile(r"(?:[。！？…]|[!?.](?=[」』）)\"'”’\s]|[^\x00-\x7f]|\Z))[」』）)\"'”’]*")
_TAIL: Final = 24  # characters: a thought may not be told across two pieces either


class Essay(Reply):
    """A reply of which the first sentences are spoken and the whole is kept as text: it is read to its end.

    Nothing is given out before the spoken part is over, so that a thought that shows itself late is never heard.
    """

    def __init__(self, *, private: Sequence[str] = (), **held_to: Any) -> None:
        """`private`: what the operator never wants written down; `held_to`: as of any reply."""
        super().__init__(**held_to)
        self._most: int = held_to["sentences"]
        self._may_reopen = held_to["start"] == "auto"
        self._private = private
        self._speaking = self._spoke = self._ended = False

    @property
    def full(self) -> bool:
        """Whether she has said as much as she may; of the stream everything is needed."""
        return self._speaking and super().full

    def feed(self, content: str, thinking: str = "") -> list[Said]:
        """Take a piece of the stream; the spoken part is given when a line of dashes ends it."""
        thought, shown = self._filter.feed(content) if content else ("", "")
        self.thought += thinking + thought
        self._apart = self._apart or bool(thinking.strip())
        self._come += shown
        if self._filter.reopened_at > self._reopened_at:
            self._reopened_at = self._filter.reopened_at
            self._begin_anew()
            self._spoke = False
        if self._spoke or self._may_reopen or "\n" not in shown:
            return []
        before, line, _ = _parted(self._come)
        return self._speak(cut=False) if line and _prose(before) else []

    def close(self, *, cut: bool = False) -> list[Said]:
        """Take the end of the stream; `cut` says that it broke off."""
        thought, shown = self._filter.close()
        self.thought += thought
        self._come += shown
        self._ended = not cut
        self._outside = self._may_reopen and not cut
        return [] if self._spoke else self._speak(cut=cut)

    def written(self, said: str) -> str:
        """Give the whole of what has come as text; see `whole`."""
        text = whole(self._shown, said, self._guard, self.thought, self._private)
        return text if self._ended or not text else f"{text}\n…"

    def _speak(self, *, cut: bool) -> list[Said]:
        self.thought += self._come[: self._filter.reopened_at]
        if cut and self._may_reopen and not self._clear:  # no closer came: it may all be thought
            self.thought, self._come = self._come, ""
        spoken = spoken_part(self._shown)
        if cut and not _parted(self._shown)[1]:
            spoken = spoken[: max((found.end() for found in _ENDED.finditer(spoken)), default=0)]
        segmenter = Segmenter(self._language)
        self._speaking = self._spoke = True
        said = self._accept([*segmenter.push(spoken), *segmenter.flush()])
        self._speaking = False
        return list(_first(said, self._most))

    @property
    def _shown(self) -> str:
        return unmarked(self._come[self._filter.reopened_at :])


def spoken_part(text: str) -> str:
    """Give the prose before the first line of dashes, without code, tables, lists and headings.

    Where nothing stands before that line the prose behind it is spoken.
    """
    before, _, after = _parted(text)
    return _prose(before) or _prose(after)


def whole(text: str, said: str, guard: Guard, thought: str, private: Sequence[str] = ()) -> str:
    """Give the whole answer as text: looked at sentence by sentence, redacted, at most MOST_BYTES of UTF-8.

    "" where it holds no more than `said`, what is spoken of it. Code that holds what may not be shown is left out.
    """
    before, _, after = _parted(text)
    kept, tail = [], ""
    for block in _blocks("\n\n".join(part.strip() for part in (before, after) if part.strip())):
        shown = harmless("".join(_passed(block, guard, thought, tail)))
        kept.append(shown)
        tail = shown[-_TAIL:] or tail
    clean = _cut(redact(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip(), private))
    return clean if fold(clean) not in fold(said) else ""


def harmless(text: str) -> str:
    """Give lines of text without what is no letter, sign or line: control, escape and direction characters."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char)[0] != "C").rstrip()


def _first(said: Iterable[Said], sentences: int) -> Iterator[Said]:
    """Give so many sentences: a clause may hold two of them."""
    for one in said:
        found = [sentence[0] for sentence in _SENTENCE.finditer(one.text) if sentence[0]]
        if sentences > 0:
            yield Said("".join(found[:sentences]).rstrip(), one.expression)
        sentences -= len(found)


def _parted(text: str) -> tuple[str, str, str]:
    """Part a text at its first line of dashes with something before it that stands in no code."""
    fence = ""
    lines = text.lstrip().splitlines(keepends=True)
    for number, line in enumerate(lines):
        fence = _fenced(line, fence)
        if number and not fence and _RULE.fullmatch(line.rstrip("\r\n")):
            return "".join(lines[:number]), line, "".join(lines[number + 1 :])
    return text, "", ""


def _fenced(line: str, fence: str) -> str:
    """Give the fence that is open after a line, "" for none."""
    found = _FENCE.match(line)
    if not found:
        return fence
    return "" if fence and found[1].startswith(fence) else fence or found[1]


def _prose(text: str) -> str:
    fence, kept = "", []
    for line in text.splitlines():
        before, fence = fence, _fenced(line, fence)
        if not (before or fence or _LISTED.match(line) or _TABLE.fullmatch(line)):
            kept.append(line)
    return "\n".join(kept).strip()


def _blocks(text: str) -> Iterator[str]:
    """Give the lines one by one, but code as one piece."""
    fence, code = "", list[str]()
    for line in text.splitlines():
        before, fence = fence, _fenced(line, fence)
        if before or fence:
            code.append(line)
        else:
            yield line
        if before and not fence:
            yield "\n".join(code)
            code.clear()
    if code:
        yield "\n".join(code)


def _passed(block: str, guard: Guard, thought: str, tail: str) -> Iterator[str]:
    """Give those sentences of a line, or the code, that may be shown."""
    pieces = [block] if _FENCE.match(block) else [found[0] for found in _SENTENCE.finditer(block) if found[0]]
    for piece in pieces:
        if guard.check(piece, thought).ok and guard.check(tail + piece, thought).ok:
            yield piece
            tail = piece[-_TAIL:]


def _cut(text: str) -> str:
    """Cut at the end of a line."""
    if len(text.encode()) <= MOST_BYTES:
        return text
    head = text.encode()[:MOST_BYTES].decode(errors="ignore")
    return f"{head.rpartition(chr(10))[0] or head}\n…"
