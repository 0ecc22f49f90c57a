"""Tells a language model's thoughts from its words while they stream in, whatever marks the model uses.

Only what is known to be meant for the audience comes out as content: unknown channels, tool calls and thoughts that
never end do not. The result depends on the text alone, not on how it was cut into chunks.
"""

import re
from collections.abc import Iterable
from typing import Final

from vtuber.core.thinking.escapes import Escapes
from vtuber.core.thinking.header import Header
from vtuber.core.thinking.marks import Marks, narrow
from vtuber.core.thinking.state import UNKNOWN, Began, State
from vtuber.core.thinking.tables import MORE
from vtuber.core.thinking.transitions import act, finish_header, opens
from vtuber.ports import StartState

__all__ = ["ThinkingFilter"]

_CUT_OFF: Final = 4  # characters of a marker from which a cut-off one is taken for a marker
_LONGEST_HEADER: Final = 256  # characters; past that the message token is missing
_TICKS: Final = re.compile(r"`+|~+")
_GLUED: Final = r"|a(?=ss|s?\Z)|A(?=SS|S?\Z)"
_UNWRAPS: Final = re.compile(r"</(?:ans(?:w(?:er?)?)?|res(?:p(?:o(?:n(?:se?)?)?)?)?)\Z")  # only the end of a wrapper


class ThinkingFilter:
    """Splits a stream into (thinking, content).

    `start` is what is known before the first chunk: "auto" (nothing), "in_thinking" (the prompt already opened a
    thought), "in_content" (thoughts come in a field of their own), "harmony_implicit_start" (the prompt already
    opened a message header) or "thinking_disabled" (the model was told not to think: if it does so, its thoughts are
    thrown away). `markers` are (opener, closer) pairs that the model declares for itself.

    Text is held back while it may become a marker, and up to 200 characters after a thought that opened another one.
    A closer without its opener shows that content let out before it was thought: it says `reopened`, and `reopened_at`
    how many characters of content, from the start, were thought. A thought without an end is one.
    """

    def __init__(self, start: StartState = "auto", markers: Iterable[tuple[str, str]] = ()) -> None:
        self._marks, self._state = Marks(markers), State()
        self._held = ""
        self._escapes = Escapes()
        self._at_start, self._sure = True, start == "in_content"
        self._mute = start == "thinking_disabled"
        if start == "in_thinking":
            self._state.to_thought(UNKNOWN)
        elif start == "harmony_implicit_start":
            self._state.to_header(Header())
        self._triggers = _triggers(self._marks.firsts)

    @property
    def lone_closer(self) -> bool:
        """Whether a closer came without its opener: what had come before it was thought, if anything had."""
        return self._state.lone_closer

    @property
    def reopened_at(self) -> int:
        """How many characters of content, from the start, have turned out to be thought."""
        return self._state.reopened_at

    @property
    def reopened(self) -> bool:
        """Whether some have."""
        return self.reopened_at > 0

    @property
    def began(self) -> Began:
        """What the stream began with; "words" open a thought only where nothing is known of the start."""
        return self._state.began

    def feed(self, text: str) -> tuple[str, str]:
        """Take a chunk; give the thinking and the content that are now certain."""
        self._run(self._held + self._escapes.strip(text), closing=False)
        return self._take()

    def close(self) -> tuple[str, str]:
        """End the stream; give what was held back. A marker cut off at the end is dropped."""
        self._run(self._held, closing=True)
        if self._state.mode == "header":
            finish_header(self._state, closing=True)
        self._state.settle()
        return self._take()

    def _take(self) -> tuple[str, str]:
        thinking, content = self._state.take()
        return "" if self._mute else thinking, content

    def _run(self, text: str, *, closing: bool) -> None:
        state, pos, read = self._state, 0, narrow(text)
        if self._at_start:
            pos = self._begin(text, closing=closing)
        while pos < len(text) and not self._at_start:
            hit = self._triggers[state.stops_at].search(read, pos)
            at = hit.start() if hit else len(text)
            if at == pos:
                if (step := self._step(text, read, at, closing=closing)) < 0:
                    break
                pos += step
            else:
                self._say(text[pos:at])
                pos = at
            if state.mode == "header" and state.header.is_prose():
                text, pos = state.header.text + text[pos:], 0
                read = narrow(text)
                state.give_back()
            elif state.mode == "header" and len(state.header.text) > _LONGEST_HEADER:
                finish_header(state)
        self._held = text[pos:]

    def _begin(self, text: str, *, closing: bool) -> int:
        """Read the first words, where even plain prose may open a thought; give how many characters were read."""
        pos = len(text) - len(text.lstrip())
        if pos:
            self._state.say(text[:pos])
        mark = self._marks.opening(text, pos, closing=closing, sure=self._sure) if pos < len(text) else MORE
        if mark is MORE and not closing:
            return pos
        self._at_start = False
        if mark is None or mark is MORE or not opens(self._state, mark):
            return pos
        self._state.began = "words"
        return pos + (mark.length if mark.kind != "to" else 0)

    def _step(self, text: str, read: str, pos: int, *, closing: bool) -> int:
        """Read at a trigger in the narrow text; give how many characters were read, or -1 when more is needed."""
        state, char = self._state, text[pos]
        if state.mode == "content" and char in "\n`~":
            return self._layout(text, pos, closing=closing)
        if char == "." and not (state.code.line_start if state.mode == "content" else state.last in ("", "\n")):
            return self._say(char)
        mark = self._marks.at(read, pos, closing=closing)
        if mark is None or (mark is MORE and state.mode == "content" and _idle(state, read, pos)):
            return self._say(char)
        if mark is MORE:
            return self._cut_off(text[pos:]) if closing else -1
        end = pos + mark.length
        quoted = self._quoted(text, pos, end, closing=closing)
        if quoted is None:
            return -1
        return mark.length if not quoted and act(state, mark) else self._say(text[pos : pos + 1 if quoted else end])

    def _quoted(self, text: str, pos: int, end: int, *, closing: bool) -> bool | None:
        """Say whether a marker is only spoken of; None when only further text can tell."""
        if self._state.mode == "content":
            return self._state.code.protects(text, pos, closing=closing)
        if self._state.mode != "thought" or not self._state.quoting:  # `</think>` between backticks
            return False
        return text[end] == "`" if end < len(text) else False if closing else None

    def _layout(self, text: str, pos: int, *, closing: bool) -> int:
        """Read a newline, or a run of backticks or tildes, which begin and end code."""
        if text[pos] == "\n":
            self._state.say("\n")
            self._state.code.newline()
            return 1
        run = _TICKS.match(text, pos)
        ticks = run[0] if run else text[pos]
        after = text[pos + len(ticks) : pos + len(ticks) + 1]
        if not after and not closing:
            return -1
        self._state.say(ticks)
        self._state.code.ticks(ticks, after)
        return len(ticks)

    def _cut_off(self, tail: str) -> int:
        """Read what the end of the stream cut off: enough of a marker is dropped, less is text."""
        if len(tail) >= _CUT_OFF and not tail[0].isalnum() and tail[0] != ".":
            return len(tail)
        return self._say(tail[0])

    def _say(self, text: str) -> int:
        self._state.say(text)
        if self._state.mode == "content":
            self._state.code.run(text)
        return len(text)


def _triggers(firsts: str) -> dict[str, re.Pattern[str]]:
    """Give for each mode what to stop at, when markers begin with `firsts`."""
    chars = re.escape(firsts)
    return {
        "content": re.compile(rf"[{chars}`~\n.]{_GLUED}"),
        "thought": re.compile(rf"[{chars}.]{_GLUED}"),
        "granite": re.compile(rf"[{chars}H]"),
        "hidden": re.compile(rf"[{chars})]"),
        "header": re.compile(rf"[{chars}]{_GLUED}"),
    }


def _idle(state: State, text: str, pos: int) -> bool:
    """Say whether what may become a marker could only end a wrapper that was never opened."""
    return not state.wrapper and _UNWRAPS.match(text, pos) is not None
