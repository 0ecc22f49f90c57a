"""The state of a thinking filter: what it is in the middle of, and what it has let out."""

from typing import Literal, TypeAlias

from vtuber.core.thinking.code import Code
from vtuber.core.thinking.header import Header
from vtuber.core.thinking.tables import Mark

Mode: TypeAlias = Literal["content", "thought", "hidden", "header"]
Began: TypeAlias = Literal["", "content", "thought", "words"]
UNKNOWN = ""  # the family of a thought whose opener was in the prompt
_LONGEST_DOUBT = 200  # characters
_QUOTES = "\"'`“‘「『"


class State:
    """Mode, family of the thought, and the two outputs of the present call."""

    def __init__(self) -> None:
        self.mode: Mode = "content"
        self.code = Code()
        self.header = Header()
        self.family = UNKNOWN
        self.opened_as = ""  # the tag's own name: think, thinking, thought
        self.inner: set[str] = set()  # tags opened inside the thought
        self.fresh = True  # nothing but white space in this thought so far
        self.ends = ""  # what ends the hidden part
        self.suspect: list[str] | None = None  # a tool call inside a thought, or only words about one
        self.nested = 0  # openers of its own kind inside the thought
        self.doubt: list[str] | None = None  # what follows the first closer of such a thought: it may go on
        self.harmony = False  # a harmony message has been seen
        self.wrapper = ""
        self.part = False  # inside the text part of a message
        self.shown = False  # visible text since the last thought
        self.length = 0  # visible characters so far
        self.reopened_at = 0
        self.lone_closer = False  # one came for a thought that the stream had not opened
        self.began: Began = ""
        self.last = ""  # the last character of a thought
        self.quoting = False  # inside backticks, on this line of a thought
        self._thinking: list[str] = []
        self._content: list[str] = []

    def take(self) -> tuple[str, str]:
        """Give what has been let out since the last call: thinking, content."""
        out = "".join(self._thinking), "".join(self._content)
        self._thinking.clear()
        self._content.clear()
        return out

    @property
    def stops_at(self) -> str:
        """Which markers matter here: those of the mode, and of a thought that plain words end."""
        return "granite" if self.mode == "thought" and self.family == "granite" else self.mode

    def say(self, text: str) -> None:
        """Let text go where the mode sends it."""
        if self.mode == "content":
            self._show(text)
        elif self.mode == "thought":
            self._think(text)
        elif self.mode == "header":
            self.header = self.header.add(text)

    def _show(self, text: str) -> None:
        self.shown = self.shown or not text.isspace()
        self.began = self.began or ("content" if self.shown else "")
        if self.doubt is None:
            self._content.append(text)
            self.length += len(text)
            return
        self.doubt.append(text)
        if sum(map(len, self.doubt)) > _LONGEST_DOUBT:
            self.settle()

    def settle(self) -> None:
        """Let out what was kept back after a thought that might have gone on."""
        kept, self.doubt, self.nested = "".join(self.doubt or ()), None, 0
        self._content.append(kept)
        self.length += len(kept)

    def _think(self, text: str) -> None:
        if self.suspect is not None:
            self.suspect.append(text)
            return
        self._thinking.append(text)
        self.fresh = self.fresh and text.isspace()
        self.began = self.began or ("" if self.fresh else "thought")
        self.last = text[-1]
        newline = text.rfind("\n")
        if newline >= 0:
            self.quoting = False
        self.quoting ^= text.count("`", newline + 1) % 2 == 1

    def to_thought(self, family: str, tag: str = "") -> None:
        """Begin a thought."""
        self.settle()
        self.mode, self.family, self.opened_as = "thought", family, tag
        self.inner, self.fresh, self.suspect = set(), True, None
        self.last, self.quoting = "", False

    def to_content(self) -> None:
        """Begin visible text. Words about a tool call, kept back in a thought that now ends, were thought after all."""
        if self.suspect is not None:
            self._thinking.extend(self.suspect)
        self.mode, self.suspect, self.shown, self.code = "content", None, False, Code()
        self._expect_more()

    def to_hidden(self, ends: str) -> None:
        """Begin a part that is neither thought nor visible, up to `ends` ("" for the end of the stream)."""
        self.mode, self.ends, self.suspect = "hidden", ends, None

    def to_header(self, header: Header) -> None:
        """Begin a message header."""
        self.mode, self.header, self.suspect = "header", header, None
        self.harmony = True

    def give_back(self) -> None:
        """Take back a header that was none: its text belongs to what came before it."""
        if self.header.inside:
            self.mode = "thought"
        else:
            self.to_content()

    def reopen(self) -> None:
        """Note that the visible text so far was thought: its closer came without an opener, or was an inner one's."""
        if self.doubt is not None:
            self._thinking.extend(self.doubt)
            self.doubt = None
            self._expect_more()
        else:
            self.lone_closer, self.began = True, self.began or "thought"
            self.reopened_at = self.length if self.shown else self.reopened_at
        self.shown = False

    def _expect_more(self) -> None:
        if self.nested:
            self.doubt = []
            self.nested -= 1

    @property
    def quoted(self) -> bool:
        """Whether the thought has just begun to quote something."""
        return self.quoting or (bool(self.last) and self.last in _QUOTES)

    def closes(self, mark: Mark) -> bool:
        """Say whether a closer ends the present thought."""
        if mark.tag in self.inner:
            return False
        if self.family == UNKNOWN:
            return mark.name not in _RARE
        return mark.name == self.family


_RARE = frozenset(  # names that a thought may use for its own parts, and words that it may say
    ("reason", "reflection", "scratchpad", "inner_monologue", "justification", "brainstorm", "plan", "granite")
)
