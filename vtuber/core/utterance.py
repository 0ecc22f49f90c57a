"""The text since the last cut: how much it holds, and what is still open in it."""

import re
from typing import Final

Amount = tuple[int, int]  # so many Japanese characters, or so many others

OPENERS: Final = frozenset("「『（(“【[〈《")
_PAIRS: Final = dict(zip("」』）)”】]〉》", "「『（(“【[〈《", strict=True))
CLOSERS: Final = frozenset(_PAIRS)
_EYES: Final = frozenset(":;=8")  # before a parenthesis: a face
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_FENCE_TICKS: Final = 3
_WIDE: Final = re.compile(r"[\u2e80-\U0001efff]")
_URL: Final = re.compile(r"\w+://|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/", re.IGNORECASE | re.ASCII)


def is_wide(char: str) -> bool:
    """Say whether a character belongs to Japanese writing."""
    return char >= "\u2e80" and char < "\U0001f000"


def is_emoji(char: str) -> bool:
    """Say whether a character is an emoji or part of one."""
    return "\U0001f000" <= char <= "\U0001faff" or "\u2600" <= char <= "\u27bf" or char in _JOINERS


def is_joined(text: str, at: int) -> bool:
    """Say whether a cut at `at` would tear what is seen as one character."""
    after, before = text[at], text[at - 1]
    flags = [char for char in (before, after) if "\U0001f1e6" <= char <= "\U0001f1ff"]
    accent = "\u0300" <= after <= "\u036f" or "\u3099" <= after <= "\u309a" or "\U0001f3fb" <= after <= "\U0001f3ff"
    return after in _JOINERS or before == "\u200d" or accent or len(flags) > 1


class Utterance:
    """Text that grows by characters. `words` is the amount from the first letter to the last."""

    def __init__(self) -> None:
        self.text = ""
        self.amount: Amount = (0, 0)
        self.words: Amount = (0, 0)
        self._before_words: Amount = (0, 0)
        self.fenced = False
        self.opened: list[str] = []  # brackets, quotes and asterisks not yet closed

    def add(self, char: str) -> None:
        """Take one character."""
        before = self.text[-1:]
        self.text += char
        wide, other = self.amount
        self.amount = (wide + 1, other) if is_wide(char) else (wide, other + 1)
        if char.isalnum():
            self._count_words((wide, other), self.amount)
        if self.opened and self.opened[-1] == "*" and before == "*" and char.isspace():
            self.opened.pop()  # a bullet or a product
        if char in OPENERS or char in CLOSERS or char in '"*`\n':
            self._nest(char, before)

    def add_plain(self, text: str, most: Amount) -> bool:
        """Take words without marks at once; refuse if something is open or `most` would be reached."""
        wide = 0 if text.isascii() else len(_WIDE.findall(text))
        amount = (self.amount[0] + wide, self.amount[1] + len(text) - wide)
        if self.opened or self.fenced or _reaches(amount, most):
            return False
        self.text += text
        self.amount = amount
        spare = len(text) - len(text.rstrip(" '-"))
        if spare < len(text):
            lead = len(text) - len(text.lstrip(" '-"))
            self._count_words((amount[0] - wide, amount[1] - len(text) + wide + lead), (amount[0], amount[1] - spare))
        return True

    def _count_words(self, first: Amount, last: Amount) -> None:
        if self.words == (0, 0):
            self._before_words = first
        self.words = (last[0] - self._before_words[0], last[1] - self._before_words[1])

    def _nest(self, char: str, before: str) -> None:
        if char == "`":
            self.fenced ^= self.text.endswith("`" * _FENCE_TICKS)
        elif self.fenced:
            return
        elif char == "\n":
            self.opened.clear()
        elif char == "*":
            self._asterisk(before)
        elif char == '"':
            if char in self.opened:
                self._close(char)
            elif not (before.isascii() and before.isalnum()):
                self.opened.append(char)
        elif char in OPENERS and not (char == "(" and before in _EYES and before):
            self.opened.append(char)
        elif _PAIRS.get(char) in self.opened:
            self._close(_PAIRS[char])

    def _close(self, opener: str) -> None:
        del self.opened[len(self.opened) - 1 - self.opened[::-1].index(opener) :]

    def _asterisk(self, before: str) -> None:
        if before == "*":  # two of them only make words bold
            if self.opened[-1:] == ["*"]:
                self.opened.pop()
        elif "*" in self.opened:
            self._close("*")
        elif not before or before.isspace() or is_wide(before):
            self.opened.append("*")

    def holds(self, least: Amount) -> bool:
        """Say whether the words reach an amount; Japanese and other characters count together."""
        return _reaches(self.words, least)

    def is_over(self, most: Amount) -> bool:
        """Say whether the whole text reaches an amount."""
        return _reaches(self.amount, most)

    def word(self) -> str:
        """Give the ASCII characters at the end that no space divides."""
        start = len(self.text)
        while start and "!" <= self.text[start - 1] <= "~":
            start -= 1
        return self.text[start:]

    def in_address(self) -> bool:
        """Say whether the text ends in a web address."""
        return _URL.match(self.word()) is not None


def _reaches(amount: Amount, least: Amount) -> bool:
    return amount[0] * least[1] + amount[1] * least[0] >= least[0] * least[1]
