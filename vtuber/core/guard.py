"""The last look at a clause before it is heard or shown: listed words, traces of thought, length."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from vtuber.core.blocked import BlockList
from vtuber.core.thinking.traces import traced

CALL_LIMIT: Final = 300  # characters a voice call at most
_WINDOW: Final = 16  # characters, white space aside, that a clause and a thought may not share
_STEP: Final = _WINDOW // 2

_DRAFTS: Final = re.compile(r"「[^」]{1,400}」|『[^』]{1,400}』|“[^”]{1,400}”|\"[^\"]{1,400}\"")
_BREAK: Final = re.compile(r"[、。，．,.!?！？…\s](?=[^、。，．,.!?！？…\s]*\Z)")


class Verdict(msgspec.Struct, frozen=True):
    """Whether a clause may be performed. `reason` is blocked_word, never_say, thought_marker, thought or ""."""

    ok: bool
    reason: str
    text: str  # what may be performed: at most CALL_LIMIT characters, "" if nothing


class Guard:
    """Built once from data; `check` has no memory.

    `block_words` are entries of a block list, or its text with one entry a line and comments after #: a word (with its
    common endings), `word!` for exactly this, `*word*` for anywhere inside a word. `never_say` are the character's own;
    Japanese ones are found wherever they stand.
    """

    def __init__(self, block_words: str | Iterable[str], never_say: Iterable[str] = ()) -> None:
        never = [word if word.isascii() else f"*{word}*" for word in _entries(never_say)]
        self._blocked = BlockList((*_entries(block_words), *never))
        self._never = BlockList(never)

    def check(self, clause: str, thought: str = "") -> Verdict:
        """Look at a clause. `thought` is what the model thought in this turn; words it only drafted may be said."""
        if traced(clause):
            return Verdict(ok=False, reason="thought_marker", text="")
        if thought and _repeats(clause, thought):
            return Verdict(ok=False, reason="thought", text="")
        if self._blocked.find(clause):
            return Verdict(ok=False, reason="never_say" if self._never.find(clause) else "blocked_word", text="")
        return Verdict(ok=True, reason="", text=shortened(clause))


def shortened(text: str, limit: int = CALL_LIMIT) -> str:
    """Give a text of at most `limit` characters, cut where a reader would pause."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    pause = _BREAK.search(head, limit // 2)
    return head[: pause.end()].rstrip() if pause else head


def _entries(words: str | Iterable[str]) -> list[str]:
    lines = words.splitlines() if isinstance(words, str) else words
    return [entry for line in lines if (entry := line.split("#", 1)[0].strip())]


def _repeats(clause: str, thought: str) -> bool:
    """Say whether _WINDOW characters of a thought stand in a clause, white space aside and quoted drafts left out."""
    said = "".join(clause.split())
    if len(said) < _WINDOW:
        return False
    kept = "".join(thought.split())
    last = len(said) - _WINDOW
    parts = (at for at in range(0, len(said) - _STEP + 1, _STEP) if said[at : at + _STEP] in kept)
    starts = {
        start for at in parts for start in range(max(0, at - _STEP), min(at, last) + 1)
    }  # any window holds a part
    shared = [window for start in starts if (window := said[start : start + _WINDOW]) in kept]
    if not shared:
        return False
    kept = "".join(_DRAFTS.sub(" \n", thought).split())
    return any(window in kept for window in shared)
