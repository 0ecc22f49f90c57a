"""From a model's stream to clauses that may be spoken: thoughts and marks out, cut, guarded, ended in time."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vtuber.core.attention import fold
from vtuber.core.guard import Guard, shortened
from vtuber.core.language import may_be_in
from vtuber.core.phrases import INTERJECTIONS, folded
from vtuber.core.sentences import Segmenter
from vtuber.core.speakable import displayable, expression
from vtuber.core.stock import mentions
from vtuber.core.thinking import ThinkingFilter
from vtuber.core.thinking.start import Shown
from vtuber.core.verdict import VerdictFilter
from vtuber.events import Language, Verdict
from vtuber.ports import StartState

_ENDS = "。！？!?.…♪♡〜"
# A clause may hold two short sentences.
_SENTENCE_ENDS = re.compile(r"[。！？!?…♪♡]+(?![」』）)、。！？!?…])|\.(?=[\"'”)\s]|$)")
# A choice of a tool, or an answer for a program: keys and values, or nothing but the name of a function.
_DATA = re.compile(
    r"\A\W*[a-z]+(?:_[a-z0-9]+)+\W*\Z"
    r"""|\{\s{0,3}["']?\w{1,40}["']?\s{0,2}:|"\w{1,40}"\s{0,2}:\s{0,2}(?:["{\[\d-]|true|false|null)|["\]]\s{0,3}\}"""
)
_LOOP = re.compile(r"(\w[^。！？!?]{2,24}?)\1{2,}")
_LEADING = re.compile(r"([^\s、。，,.!！?？]{1,12})[、。，,.!！]\s*(?=\w)")
_TELLING = 8  # folded characters from which a clause is worth being compared
_MOSTLY = 0.75
_TAIL = 24  # characters, white space included: more than the 15 that a told thought may leave in a clause
_SUBSTANCE = 6


def unlooped(text: str) -> tuple[str, bool]:
    """Cut a text where it begins to repeat itself for the third time. Give it, and whether it did."""
    found = _LOOP.search(text)
    return (text[: found.start() + len(found[1])], True) if found else (text, False)


def _alike(text: str, other: str) -> bool:
    """Whether most of a Japanese text stands in another one: the share of its pairs of letters."""
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    return text.isascii() is False and sum(pair in other for pair in pairs) >= _MOSTLY * len(pairs)


def _ended(pieces: list[str]) -> list[str]:
    """Give the pieces without a last one that is only half a sentence."""
    whole = not pieces or pieces[-1].rstrip("」』）)\"' \n").endswith(tuple(_ENDS))
    return pieces if whole else pieces[:-1]


def _unrepeated(text: str, own: Sequence[str]) -> str:
    """Take an interjection off a clause that the reply has begun with already: "はい、" 「はい。それは…」."""
    found = _LEADING.match(text)
    if not found or folded(found[1]) not in INTERJECTIONS or fold(found[1]) not in own:
        return text
    rest = text[found.end() :]
    return rest[:1].upper() + rest[1:]


def _closes(text: str) -> bool:
    """Whether a clause ends its sentence."""
    return text.rstrip("」』）)\"' \n").endswith(tuple(_ENDS))


def _repeated(text: str, own: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a clause says what is said already: in this reply (`own`), by the viewer or by her lately (`known`)."""
    bare = fold(text)
    return (
        bare in own
        or (bare in known and folded(text) in INTERJECTIONS)  # not every reply begins with "Well,"
        or (len(bare) >= _TELLING and any(bare in other or _alike(bare, other) for other in (*known, *own)))
    )


def _felt(text: str, expressions: Mapping[str, Sequence[str]]) -> str:
    """Give the first expression whose words a clause holds."""
    return next((name for name, words in expressions.items() if mentions(text, words)), "neutral")


class Said(msgspec.Struct, frozen=True):
    """A clause that may be performed."""

    text: str
    expression: str


class Reply:
    """Folds the deltas of one answer into clauses; any split of the stream gives the same clauses.

    While the start state of the model is unknown ("auto"), the clauses are held: the stream may have begun inside a
    thought, whose end drops them. They are given out when a thought that it begins with, or its end, shows that it did
    not. An answer may begin with a `verdict` instead of words: nothing of it is said, and it is full at once.
    """

    def __init__(  # noqa: PLR0913 - what a reply is held to
        self,
        *,
        start: StartState,
        guard: Guard,
        sentences: int,
        language: Language,
        expressions: Mapping[str, Sequence[str]] | None = None,
        known: Iterable[str] = (),
        earlier_thought: str = "",
    ) -> None:
        """Begin a reply of so many sentences at most. `known` need not be said again: the question, her last words."""
        self._filter = ThinkingFilter(start=start)
        self._marks = VerdictFilter()
        self._segmenter = Segmenter(language)
        self._guard = guard
        self._most = self._left = sentences
        self._language = language
        self._earlier = earlier_thought  # of another try at the same answer: not to be told either
        self._known = tuple(fold(text) for text in known)
        self._own: list[str] = []  # what this reply has already
        self._tail, self._headless = "", False  # headless: the beginning of the present sentence was left out
        self._expressions = expressions or {}
        self.open = start == "auto"  # it was not known whether the stream begins inside a thought
        self._held: list[Said] | None = [] if self.open else None
        self._apart = self._outside = False  # thoughts have a field of their own; it did not begin inside of one
        self._come, self._reopened_at = "", 0  # what the filter let out; how much of it was thought
        self.turned = 0  # how often what was let out turned out to be thought: what was given out then counts no more
        self.thought = self.refused = ""  # refused: why the guard refused a clause
        self.said = self.substance = 0  # clauses; those that are more than an "Oh," or a 「はい、」

    @property
    def full(self) -> bool:
        """Whether she has said as much as she may, or there is a verdict: the rest of the stream is not needed."""
        return (self._left <= 0 and self._held is None) or bool(self.verdict)

    @property
    def verdict(self) -> Verdict:
        """What the model asked for instead of answering, "" for nothing."""
        return self._marks.verdict

    @property
    def showed(self) -> Shown:
        """How the stream began, where that was open or was expected otherwise; "" where it does not show."""
        if self._filter.lone_closer:
            return "inside"
        told = self._outside and not self.verdict and self._filter.began != "words"
        return "outside" if told and (self._come or self.thought) else ""

    def feed(self, content: str, thinking: str = "") -> list[Said]:
        """Take a piece of the stream and give the clauses that it completed."""
        thought, shown = self._filter.feed(content) if content else ("", "")
        self.thought += thinking + thought
        shown = self._unthought(shown)
        shown = self._marks.feed(shown)
        self._apart = self._apart or bool(thinking.strip())
        return self._release(self._accept(self._segmenter.push(shown)) if shown else [], certain=self._clear)

    def close(self, *, cut: bool = False) -> list[Said]:
        """Take the end of the stream; `cut` says that it broke off, so that a half sentence is not spoken."""
        thought, shown = self._filter.close()
        self.thought += thought
        shown = self._unthought(shown)
        shown = self._marks.feed(shown) + self._marks.close()
        pieces = self._segmenter.push(shown) if shown else []
        pieces += self._segmenter.flush()
        if cut and (self.said or len(pieces) > 1 or self._held):
            pieces = _ended(pieces)
        said = self._release(self._accept(pieces), certain=not cut)
        if self._held is not None:  # it broke off while that was open: it may have been a thought
            self.thought += self._come
            self.said = self.substance = 0
        return said

    @property
    def _clear(self) -> bool:
        """Whether thoughts are told from words by now, however the stream began."""
        return self._apart or self._filter.lone_closer or self._filter.began in ("thought", "words")

    def _unthought(self, shown: str) -> str:
        """Give the part of this that was no thought; with the rest goes what was held, and a clause in the making."""
        before, until = len(self._come), self._filter.reopened_at
        self._come += shown
        if until <= self._reopened_at:
            return shown
        self.thought = self._come[self._reopened_at : until] + self.thought
        self._reopened_at = until
        self._segmenter, self._marks = Segmenter(self._language), VerdictFilter()
        self._begin_anew()
        return shown[max(0, until - before) :]

    def _begin_anew(self) -> None:
        self._tail, self._headless, self._held = "", False, None
        self._own, self.refused = [], ""
        self._left, self.said, self.substance = self._most, 0, 0
        self.turned += 1

    def _accept(self, pieces: list[str]) -> list[Said]:
        accepted = []
        for piece in pieces:
            if self._left <= 0:
                break
            name, text = expression(piece, self._expressions)
            text, looped = unlooped(_unrepeated(displayable(text), self._own))
            if any(char.isalnum() for char in text) and self._may_be_said(text):
                shown = shortened(text)
                accepted.append(Said(shown, name or _felt(shown, self._expressions)))
                self.said += 1
                self._left -= len(_SENTENCE_ENDS.findall(shown))
            self._left = 0 if looped else self._left
        return accepted

    def _may_be_said(self, text: str) -> bool:
        """Look at a clause; one that may not be said is left out with its sentence, a listed word with the rest."""
        if self._headless:
            self._headless = not _closes(text)
            return False
        thought = self._earlier + self.thought
        verdict = self._guard.check(text, thought)
        if verdict.ok and thought:  # nor may a thought be told across two clauses
            verdict = self._guard.check(self._tail + text, thought)
        bare = fold(text)
        said_before = _repeated(text, self._own, self._known)
        foreign = bool(_DATA.search(text)) or not may_be_in(text, self._language)
        if verdict.ok and not said_before and not foreign:
            self._own.append(bare)
            self._tail = text[-_TAIL:]
            self.substance += len(bare) >= _SUBSTANCE or text.rstrip().endswith(tuple(_ENDS))
            return True
        self.refused = self.refused or verdict.reason or ("language" if foreign else "said_before")
        self._headless = not _closes(text) and folded(text) not in INTERJECTIONS
        self._left = 0 if verdict.reason == "blocked_word" else self._left
        return False

    def _release(self, accepted: list[Said], *, certain: bool) -> list[Said]:
        """Give what may be given out: all, once it is certain that the stream did not begin inside a thought."""
        if certain and self._held is not None:
            accepted, self._held, self._outside = self._held + accepted, None, True
        if self._held is None:
            return accepted
        self._held += accepted
        return []


class Verbatim(Reply):
    """A reply that is not spoken, such as JSON: all of it is one piece, given at its end, nothing if it broke off."""

    def feed(self, content: str, thinking: str = "") -> list[Said]:
        """Take a piece of the stream."""
        thought, shown = self._filter.feed(content)
        self.thought += thinking + thought
        self._come += shown
        return []

    def close(self, *, cut: bool = False) -> list[Said]:
        """Take the end of the stream; give the text."""
        thought, shown = self._filter.close()
        self.thought += thought
        text = (self._come + shown)[self._filter.reopened_at :].strip()
        return [Said(text, "neutral")] if text and not cut else []
