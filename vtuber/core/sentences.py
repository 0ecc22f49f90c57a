"""Cuts a streaming reply into the pieces that are spoken, as early as it can be done without a wrong cut."""

import re
from typing import Final, Literal, TypeAlias

from vtuber.core.phrases import BEFORE_NUMBER, INTERJECTIONS, MAY_END, TITLES, WITH_MARK, folded
from vtuber.core.utterance import CLOSERS, OPENERS, Amount, Utterance, is_emoji, is_joined, is_wide
from vtuber.events import Language

LEAST: Final[Amount] = (6, 15)  # what a piece holds at least, in Japanese or other characters
LATER_COMMA: Final[Amount] = (30, 80)  # and before it is cut at a comma, past the first clause
MOST: Final[Amount] = (60, 160)
HARD_LIMIT: Final = 300  # characters, where there is no place to cut
FENCE_LIMIT: Final = 4000  # characters of code kept together

_ENDS: Final = frozenset("。！？!?｡♪♡♥☆★")
_STRONG: Final = frozenset("。！？!?｡.…")
_COMMAS: Final = frozenset("、，,､—")
_TRAILING: Final = frozenset("\"'”’)]*_") | CLOSERS
_PARTICLES: Final = frozenset("とってはがをにのもだでなよねか、")  # after a quote they carry the sentence on
_SOFT: Final = re.compile(r"[、，､,;；:：—…。！？!?」』）)♪](?=[^\d」』）)。！？!?…])")
_SPACE: Final = re.compile(r"(?<![.\s])\s+")
_TURN: Final = re.compile(r"[ぁ-んー](?=[一-龠々ァ-ヶA-Za-z0-9])")
_LAUGH: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff!?！？。](?:[wｗ]+|笑|草)\Z")
_PLAIN: Final = re.compile(
    r"(?:[0-9A-Za-vx-z' -]|(?<![^\x00-\x7f])w|(?![笑草])[ぁ-ゖァ-ヺー々一-鿿])+"
)  # decides nothing
_INITIALS: Final = re.compile(r"(?:^|[^A-Za-z])(?:(?:[A-Za-z]\.)+[A-Za-z]|[A-HJ-Za-z])\Z")
_LAST_WORD: Final = re.compile(r"([A-Za-z]+)\Z")
_LIST_NUMBER: Final = re.compile(r"\s*(?:[-*]\s*)?\d{1,3}")
_LONGEST_INTERJECTION: Final = 40  # characters, drawn-out vowels included
_ITEM: Final = 10  # characters at most from comma to comma in a list of things
_WIDE_ITEM: Final = 4  # and in Japanese
_LAST_OF: Final = 60  # characters looked back upon for a word

_Doubt: TypeAlias = Literal["", "dot", "dots", "comma", "quote", "face"]
_Ending: TypeAlias = Literal["end", "never", "number", "capital"]
_Verdict: TypeAlias = Literal["cut", "wait", "go on"]


class Segmenter:
    """Cuts text that comes in any chunks into pieces; the same text gives the same pieces.

    A sentence is cut at 。！？!? at once, at a dot once the next character shows that it is no abbreviation, number or
    address. The first piece may end at a comma, and it may be a mere interjection ("Oh wow," 「わあ、」). Otherwise a
    piece holds at least LEAST and at most about MOST. Quotes, brackets, stage directions and code are cut only when
    they are too long. Joined, the pieces are the text, white space aside. A mark that
    follows a cut (the second of two exclamation marks) begins the next piece; one that follows the last cut is a piece
    without words, which is shown but not spoken.
    """

    def __init__(self, language_hint: Language | None = None) -> None:
        self._hint = language_hint
        self._run = Utterance()
        self._opening = True
        self._doubt: _Doubt = ""
        self._at = 0  # where a doubtful cut would be
        self._pieces: list[str] = []
        self._lookaheads: list[int] = []

    @property
    def lookaheads(self) -> tuple[int, ...]:
        """For each piece of the last call: how many characters past its end had to be seen to decide on the cut."""
        return tuple(self._lookaheads)

    def push(self, delta: str) -> list[str]:
        """Take text; give the pieces that are now certain."""
        self._pieces, self._lookaheads = [], []
        pos = 0
        while pos < len(delta):
            plain = None if self._doubt or self._run.opened or delta[pos] == "w" else _PLAIN.match(delta, pos)
            if plain and self._run.add_plain(plain[0], MOST):
                pos = plain.end()
            else:
                self._take(delta[pos])
                pos += 1
        return self._pieces

    def flush(self) -> list[str]:
        """End the text; give what is left, and be ready for another."""
        rest = self._run.text.strip()
        self._pieces, self._lookaheads = ([rest], [0]) if rest else ([], [])
        self._run, self._opening, self._doubt = Utterance(), True, ""
        return self._pieces

    def _take(self, char: str) -> None:
        run = self._run
        if self._doubt:
            verdict = self._settle(char)
            if verdict == "cut":
                self._cut(self._at, char)
                return
            if verdict == "wait":
                run.add(char)
                return
            self._doubt = ""
        run.add(char)
        if run.fenced or char == "`":
            self._consider_code()
        elif char == "\n":
            if run.holds(LEAST):
                self._cut(len(run.text) - 1)
        elif not run.opened:
            self._consider(char)
        if run is self._run and not self._doubt and not run.fenced and run.is_over(MOST):
            self._shorten()

    def _consider_code(self) -> None:
        closed = not self._run.fenced and self._run.text.endswith("```")
        if closed or len(self._run.text) >= FENCE_LIMIT:
            self._cut(len(self._run.text))

    def _consider(self, char: str) -> None:
        """Cut after `char`, or note that a cut there depends on what follows."""
        run, before = self._run, self._run.text[-2:-1]
        if char in _ENDS:
            if self._may_cut() and not run.in_address() and run.word()[:-1].lower() not in WITH_MARK:
                self._cut(len(run.text))
        elif char in _COMMAS:
            if self._may_cut(comma=True) and not run.in_address() and not _lists(run.text):
                if char in ",，" and before.isdigit():
                    self._wonder("comma")
                else:
                    self._cut(len(run.text))
        elif char == ".":
            self._wonder("dot")
        elif char == "…":
            self._wonder("dots")
        elif (char == '"' or char in CLOSERS) and before in _STRONG:
            self._wonder("quote")
        elif is_emoji(char) or (char in "wｗ笑草" and _LAUGH.search(run.text[-_LAST_OF:])):
            self._wonder("face")

    def _may_cut(self, *, comma: bool = False) -> bool:
        least = LATER_COMMA if comma and not self._opening else LEAST
        return self._run.holds(least) or self._interjects(len(self._run.text))

    def _interjects(self, at: int) -> bool:
        return self._opening and at <= _LONGEST_INTERJECTION and folded(self._run.text[:at]) in INTERJECTIONS

    def _wonder(self, doubt: _Doubt) -> None:
        if self._may_cut():
            self._doubt, self._at = doubt, len(self._run.text)

    def _settle(self, char: str) -> _Verdict:
        """Decide on a doubtful cut by the next character."""
        seen = self._run.text[self._at :]
        if self._doubt == "comma":
            return "go on" if char.isdigit() else "cut"
        if not seen and _extends(char, self._doubt):
            self._doubt = "dots" if self._doubt == "dot" and char in ".…" else self._doubt
            self._at += 1
            return "wait"
        ending = self._ending()
        if char.isspace():
            ends = ending == "end" or (char == "\n" and ending != "never")
            return "cut" if ends else "go on" if ending == "never" else "wait"
        return "cut" if (_starts_anew(char, ending, self._doubt) if seen else self._stands(char, ending)) else "go on"

    def _stands(self, char: str, ending: _Ending) -> bool:
        """Say whether a sentence ends though no space follows: before Japanese, or a quote before a quote."""
        if self._doubt == "quote":
            return char in "「『"
        stands = ending == "end" if self._doubt == "dot" else self._doubt == "dots" and self._interjects(self._at)
        return stands and is_wide(char) and char not in CLOSERS

    def _ending(self) -> _Ending:
        """Say what a doubtful cut needs: nothing more, a number to refute it, or a capital letter to confirm it."""
        if self._doubt != "dot":
            no_capitals = self._hint == "ja" and self._doubt != "quote"
            return "end" if no_capitals or (self._doubt == "dots" and self._interjects(self._at)) else "capital"
        return _dot(self._run.text[: self._at].rstrip("".join(_TRAILING)).removesuffix(".")[-_LAST_OF:])

    def _shorten(self) -> None:
        """Cut what has become too long; without a good place it waits for the hard limit."""
        at = _best_place(self._run.text)
        if at:
            self._cut(at)

    def _cut(self, at: int, char: str = "") -> None:
        """Make a piece of the text up to `at`; what was seen beyond it, with `char`, is the beginning of the next."""
        text = self._run.text
        piece, rest = text[:at].strip(), text[at:] + char
        self._opening = self._opening and not piece
        self._run, self._doubt, self._at = Utterance(), "", 0
        if piece:
            self._pieces.append(piece)
            self._lookaheads.append(len(rest))
        for again in rest:
            self._take(again)


def _lists(text: str) -> bool:
    """Say whether the comma at the end stands in a list of short items."""
    for at in range(len(text) - 2, max(-1, len(text) - 2 - _ITEM), -1):
        if text[at] in _COMMAS:
            return len(text) - 2 - at <= (_WIDE_ITEM if is_wide(text[at + 1]) else _ITEM)
    return False


def _extends(char: str, doubt: _Doubt) -> bool:
    """Say whether a character still belongs to the mark before it."""
    if doubt == "face":
        return is_emoji(char) or char in "wｗ"
    if doubt == "quote":
        return char in _TRAILING
    return char in ".…" or (doubt == "dot" and char in _TRAILING)


def _dot(stem: str) -> _Ending:
    """Say whether a dot after `stem` ends a sentence, as far as the words before it tell."""
    found = _LAST_WORD.search(stem)
    word = found[1] if found else ""
    if _LIST_NUMBER.fullmatch(stem) or _INITIALS.search(stem) or word in TITLES:
        return "never"
    if word.lower() in BEFORE_NUMBER:
        return "number"
    return "capital" if word.lower() in MAY_END else "end"


def _starts_anew(char: str, ending: _Ending, doubt: _Doubt) -> bool:
    """Say whether a character after white space begins a sentence."""
    if ending == "number":
        return not char.isdigit()
    if doubt == "quote" and char in _PARTICLES:
        return False
    return char.isupper() or is_wide(char) or char in OPENERS or char == '"'


def _best_place(text: str) -> int:
    """Give where to cut a text that is too long: after a mark, at a space, where the script turns; 0 if nowhere."""
    for places in (_SOFT, _SPACE, _TURN):
        found = [place.end() for place in places.finditer(text, len(text) // 3)]
        if found and found[-1] < len(text):
            return found[-1]
    if len(text) <= HARD_LIMIT:
        return 0
    at = HARD_LIMIT
    while at > 1 and is_joined(text, at):
        at -= 1
    return at
