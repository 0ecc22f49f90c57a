"""The fast model's verdict: a mark that it begins with instead of an answer. No mark is ever shown or spoken."""

import re
from typing import Final

from vtuber.events import Verdict

NAMES: Final[tuple[Verdict, ...]] = ("deep", "tool")

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_CAPITALS: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# Letter for letter, so that a place in the folded text is the same place in the text.
_FOLD: Final = str.maketrans(
    _FULL_WIDTH
    | _CAPITALS
    | {code: code + 32 - 0xFEE0 for code in range(0xFF21, 0xFF3B)}
    | {ord("【"): "[", ord("】"): "]", ord("〔"): "[", ord("〕"): "]", ord("\u3000"): " "}
)
_BRACKET: Final = re.compile(r"[\[［【〔]")
_NAME: Final = "|".join(NAMES)
_PART: Final = "|".join(sorted({name[:length] for name in NAMES for length in range(1, len(name))}))
_MARK: Final = re.compile(rf"\[ {{0,2}}({_NAME}) {{0,2}}\]")
_CUT_OFF: Final = re.compile(rf"\[ {{0,2}}({_NAME}) {{0,2}}")
_BEGUN: Final = re.compile(rf"\[ {{0,2}}(?:{_PART})?|{_CUT_OFF.pattern}")
_LEAD: Final = re.compile(r"\s*[\"'`*“”‘’「」『』\[]{0,3}\s*(?=\[|\Z)")  # quoted, bold, in two brackets


class VerdictFilter:
    """Takes marks ([deep], 【DEEP】, “`[tool]`” …) out of an answer that comes in any chunks.

    One at the very beginning is the `verdict`: what follows it is no answer and is left out. One further on is taken
    out and means nothing. Text is held back only while it may become a mark.
    """

    def __init__(self, *, opening: bool = True) -> None:
        """Begin with the beginning of an answer; not `opening`: further on, where no mark is a verdict."""
        self.verdict: Verdict = ""
        self._opening = opening
        self._held = ""

    def feed(self, text: str) -> str:
        """Take a piece of the answer; give what may be shown of it."""
        if self.verdict:
            return ""
        text = self._held + text
        plain = not self._opening and not _BRACKET.search(text)
        return text if plain else self._run(text, closing=False)

    def close(self) -> str:
        """End the answer; give what was held back. A mark that only lacks its bracket is one."""
        return "" if self.verdict else self._run(self._held, closing=True)

    def _run(self, text: str, *, closing: bool) -> str:
        if self._opening and not self._opened(text, closing=closing):
            return ""
        folded, shown, at = text.translate(_FOLD), "", 0
        while (found := folded.find("[", at)) >= 0:
            shown += text[at:found]
            if mark := _MARK.match(folded, found):
                shown += " "  # so that what stands around it cannot become another
                at = mark.end()
            elif not closing and _BEGUN.fullmatch(folded, found):
                self._held = text[found:]
                return shown
            elif closing and _CUT_OFF.fullmatch(folded, found):
                at = len(text)
            else:
                shown += text[found]
                at = found + 1
        self._held = ""
        return shown + text[at:]

    def _opened(self, text: str, *, closing: bool) -> bool:
        """Read the first words: say whether they are an answer. They are held while that is open."""
        folded = text.translate(_FOLD)
        lead = _LEAD.match(folded)
        at = lead.end() if lead else len(text)
        mark = _MARK.match(folded, at) or (_CUT_OFF.fullmatch(folded, at) if closing else None)
        if mark:
            self.verdict = "deep" if mark[1] == "deep" else "tool"
            return False
        if lead and not closing and (at == len(text) or _BEGUN.fullmatch(folded, at)):
            self._held = text
            return False
        self._opening = False
        return True


def unmarked(text: str) -> str:
    """Give somebody's words without marks: only the model itself may set one."""
    marks = VerdictFilter(opening=False)
    return marks.feed(text) + marks.close()
