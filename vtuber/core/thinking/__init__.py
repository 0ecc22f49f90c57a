"""Tells a language model's thoughts from its words while they stream in, whatever marks the model uses.

Only what is known to be meant for the audience comes out as content: unknown channels, tool calls and thoughts that
never end do not. The result depends on the text alone, not on how it was cut into chunks.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from vtuber.core.thinking.header import Header
from vtuber.core.thinking.marks import Marks
from vtuber.core.thinking.state import UNKNOWN, State
from vtuber.core.thinking.tables import MORE, Mark
from vtuber.core.thinking.transitions import act, finish_header

__all__ = ["Start", "ThinkingFilter"]

Start: TypeAlias = Literal["auto", "in_thinking", "in_content", "harmony_implicit_start", "thinking_disabled"]

_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[^\[])")
_ESCAPE_BEGUN: Final = re.compile(r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4})?\Z")
_CUT_OFF: Final = 4  # characters of a marker from which a cut-off one is taken for a marker
_TICKS: Final = re.compile(r"`+|~+")
_A: Final = r"|a(?=ss|s?\Z)"


class ThinkingFilter:
    """Splits a stream into (thinking, content).

    `start` is what is known before the first chunk: "auto" (nothing), "in_thinking" (the prompt already opened a
    thought), "in_content" (thoughts come in a field of their own), "harmony_implicit_start" (the prompt already opened a
    message header) or "thinking_disabled". `markers` are (opener, closer) pairs that the model declares for itself.

    Text is held back only while it may become a marker. A closer that comes without its opener shows that content let
    out before it was thought: `reopened` is then True and `reopened_at` says how many characters of content, counted
    from the start, were thought. A thought that never ends stays a thought.
    """

    def __init__(self, start: Start = "auto", markers: Iterable[tuple[str, str]] = ()) -> None:
        self._marks = Marks(markers)
        self._state = State()
        self._held = ""
        self._raw = ""  # the beginning of a terminal escape sequence
        self._at_start = start != "in_content"
        if start == "in_thinking":
            self._state.to_thought(UNKNOWN)
        elif start == "harmony_implicit_start":
            self._state.to_header(Header())
        firsts = re.escape(self._marks.firsts).replace("]", r"\]")
        self._triggers = {
            "content": re.compile(rf"[{firsts}`~\n.]{_A}"),
            "thought": re.compile(rf"[{firsts}.]{_A}"),
            "granite": re.compile(rf"[{firsts}H]"),
            "hidden": re.compile(rf"[{firsts}]"),
            "header": re.compile(rf"[{firsts}]{_A}"),
        }

    @property
    def reopened(self) -> bool:
        """Whether content already let out has turned out to be thought."""
        return self._state.reopened_at > 0

    @property
    def reopened_at(self) -> int:
        """How many characters of content, from the start, have turned out to be thought."""
        return self._state.reopened_at

    @property
    def thinking(self) -> bool:
        """Whether the stream is in the middle of a thought."""
        return self._state.mode == "thought"

    def feed(self, text: str) -> tuple[str, str]:
        """Take a chunk; give the thinking and the content that are now certain."""
        self._run(self._held + self._plain(text), closing=False)
        return self._state.take()

    def close(self) -> tuple[str, str]:
        """End the stream; give what was held back. A marker cut off at the end is dropped."""
        self._run(self._held, closing=True)
        if self._state.mode == "header":
            finish_header(self._state)
        return self._state.take()

    def _plain(self, text: str) -> str:
        """Take terminal escape sequences out."""
        if not self._raw and "\x1b" not in text:
            return text
        text = _ESCAPE.sub("", self._raw + text)
        begun = _ESCAPE_BEGUN.search(text)
        self._raw = begun[0] if begun else ""
        return text[: begun.start()] if begun else text

    def _run(self, text: str, *, closing: bool) -> None:
        pos = self._begin(text, closing=closing) if self._at_start else 0
        while pos < len(text):
            hit = self._trigger().search(text, pos)
            at = hit.start() if hit else len(text)
            if at > pos:
                self._say(text[pos:at])
            step = self._step(text, at, closing=closing) if hit else 0
            if step < 0:
                pos = at
                break
            pos = at + step
            if self._state.mode == "header" and self._state.header.is_prose(closing=closing and pos == len(text)):
                text, pos = self._state.header.text + text[pos:], 0
                self._state.to_content()
        self._held = text[pos:]

    def _begin(self, text: str, *, closing: bool) -> int:
        """Read the first characters, where even plain words may open a thought; give how many were read."""
        pos = len(text) - len(text.lstrip())
        if pos:
            self._state.say(text[:pos])
        if pos == len(text):
            return pos
        mark = self._marks.opening(text, pos)
        ...
        return pos

    def _trigger(self) -> re.Pattern[str]:
        state = self._state
        return self._triggers["granite" if state.mode == "thought" and state.family == "granite" else state.mode]
