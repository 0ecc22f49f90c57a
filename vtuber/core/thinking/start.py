"""Learns what a model's streams begin with, from a probe answer and from what the streams show later."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from vtuber.core.thinking.marks import Marks
from vtuber.core.thinking.tables import MORE, Mark
from vtuber.ports import StartState

_TELLING: Final = frozenset(("open", "close", "begin", "speaker", "part", "section", "section_end"))
_HARMONY: Final = frozenset(("start", "channel", "constrain", "message", "glue"))

# How a stream began, as it showed itself: inside a thought, by a closer that had no opener; outside of one, by a
# thought that it began with or by its end; "silent" where the model ended it and nothing of it was for the audience.
Shown: TypeAlias = Literal["", "inside", "outside", "silent"]

_LATER: Final[Mapping[tuple[StartState, Shown], StartState]] = MappingProxyType(
    {
        ("auto", "inside"): "in_thinking",
        ("auto", "outside"): "in_content",
        ("in_content", "inside"): "auto",
        ("in_thinking", "silent"): "auto",
    }
)


def learn_start(content: str, thinking: str, *, complete: bool = False) -> StartState | None:
    """Say what the streams of a model begin with, or None: that is not known yet, stay "auto".

    `content` is the raw text of a probe answer, before any filter, and `thinking` what came in a field of its own.
    `complete` says that the model ended the answer itself: without it a plain text may be a thought that was cut off.
    The probe must be asked as the model will be asked later, with the same template and the same thinking setting.

    - Thoughts in a field of their own, or behind an opener that the text begins with: "in_content". So is a plain,
      complete answer: a model that thinks only at times says by an opener when it does. An opener after other words
      may be one that a thought speaks of.
    - A closer without an opener: "in_thinking", the prompt opened the thought.
    - A harmony head, with its tokens or without: "harmony_implicit_start".
    - Openers that are plain words ("Here is my thought process:") are only read at a start that is open: None.
    """
    text = content.strip()
    if thinking.strip():
        return "in_content"
    marks = Marks()
    head = marks.opening(text, 0, closing=True) if text else None
    if head is not None and head is not MORE:
        return "harmony_implicit_start" if head.kind == "glue" else None
    at, mark = _first(marks, text)
    if mark is None:
        return "in_content" if complete and text else None
    if mark.kind in _HARMONY:
        return "harmony_implicit_start" if at == 0 else None
    if mark.kind == "open" and at > 0:
        return None
    closes = mark.kind == "close" or (mark.kind, mark.name) == ("section_end", "think")
    closes = closes or (mark.kind == "begin" and at > 0)
    return "in_thinking" if closes else "in_content"


def observed(start: StartState, showed: Shown) -> StartState:
    """Say what later streams begin with, after one that was read with `start`. A wrong guess so costs one answer."""
    return _LATER.get((start, showed), start)


def _first(marks: Marks, text: str) -> tuple[int, Mark | None]:
    """Give the first marker that tells how a stream began, and where it stands."""
    for found in re.finditer(rf"(?<!`)(?:[{re.escape(marks.firsts)}]|(?<![a-z])assistant)", text):
        mark = marks.at(text, found.start(), closing=True)
        if mark is not None and mark is not MORE and mark.kind in _TELLING | _HARMONY:
            return found.start(), mark
    return len(text), None
