"""Reads the markers by which language models set their thoughts, answers and tool calls apart.

`Marks.at(text, pos)` says what stands at a position: a `Mark`, `MORE` when only further text can tell, or None.
What a mark means is not decided here; that depends on the state in which it is met.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal[
    "open",  # a thought begins; `name` is its family
    "close",  # a thought ends
    "begin",  # the visible answer begins, which ends a thought of the family `name`
    "tool",  # a tool call begins; `name` tells which end belongs to it ("" for none)
    "tool_end",
    "wrap",  # the answer is wrapped in a tag
    "wrap_end",
    "drop",  # means nothing to a reader
    "broken",  # the beginning of an opener that was never finished: dropped too
    "start",  # harmony: a message header begins
    "channel",
    "constrain",
    "message",  # harmony: the header is over
    "end",  # harmony: the message is over
    "glue",  # harmony without its tokens: assistantfinal, assistantanalysis, assistantcommentary
    "to",  # a message header that begins with its recipient
    "section",  # <|open|>NAME<|sep|>
    "section_end",  # <|close|>NAME<|sep|>
    "part",  # <|content_NAME|>
    "turn",  # <|im_start|>ROLE
]


class Mark(msgspec.Struct, frozen=True):
    """A marker of `length` characters. `tag` is the name as written, for families with several names."""

    kind: Kind
    name: str = ""
    length: int = 0
    tag: str = ""


MORE: Final = Mark("drop", "more", -1)

THINK_TAGS: Final = {
    "think": "think",
    "thinking": "think",
    "thought": "think",
    "antml:think": "think",
    "antml:thinking": "think",
    "antthinking": "antthinking",
    "mm:think": "mm:think",
    "seed:think": "seed:think",
    "ifm|think": "ifm",
    "ifm|think_fast": "ifm",
    "ifm|think_faster": "ifm",
    "reason": "reason",
    "reasoning": "reasoning",
    "reflection": "reflection",
    "scratchpad": "scratchpad",
    "inner_monologue": "inner_monologue",
    "justification": "justification",
    "brainstorm": "brainstorm",
    "plan": "plan",
}
_TOOL_TAGS: Final = (
    "tool_call",
    "tool_calls",
    "toolcall",
    "function_call",
    "function_calls",
    "function",  # only as <function=NAME>
    "minimax:tool_call",
    "seed:tool_call",
    "antml:function_calls",
    "ifm|tool_call",
    "ifm|tool_calls",
)
_WRAP_TAGS: Final = ("answer", "final", "response")
_CITE_TAGS: Final = ("co",)
_TAGS: Final = (*THINK_TAGS, *_TOOL_TAGS, *_WRAP_TAGS, *_CITE_TAGS)

_PAIRS: Final = {  # family: (opener, closer, what begins the answer, what may be thrown away)
    "cohere": (
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        ("<|START_RESPONSE|>", "<|START_TEXT|>"),
        ("<|END_RESPONSE|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"),
    ),
    "mistral": ("[THINK]", "[/THINK]", (), ()),
    "kimi": ("◁think▷", "◁/think▷", (), ()),
    "apertus": ("<|inner_prefix|>", "<|inner_suffix|>", (), ("<|assistant_end|>",)),
    "plamo3": ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>", (), ()),
    "sky": (
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        ("<|begin_of_solution|>",),
        ("<|end_of_solution|>",),
    ),
    "apriel": ("", "[BEGIN FINAL RESPONSE]", (), ("[END FINAL RESPONSE]",)),
    "gemma4": ("<|channel>", "<channel|>", (), ("<turn|>", "<|turn>", "<end_of_turn>")),
    "inkling": ("", "<|end_message|>", (), ()),
}
_TOOLS: Final = {  # opener: closer, "" where the call goes on to the end of the stream
    "<|tool_calls_section_begin|>": "<|tool_calls_section_end|>",
    "<|tool_call_begin|>": "<|tool_call_end|>",
    "<|tool_call_start|>": "<|tool_call_end|>",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",
    "<｜tool▁call▁begin｜>": "<｜tool▁call▁end｜>",
    "<｜DSML｜function_calls>": "</｜DSML｜function_calls>",
    "<｜DSML｜tool_calls>": "</｜DSML｜tool_calls>",
    "<|START_ACTION|>": "<|END_ACTION|>",
    "<|tools_prefix|>": "<|tools_suffix|>",
    "<|plamo:begin_tool_requests:plamo|>": "<|plamo:end_tool_requests:plamo|>",
    "<|plamo:begin_tool_request:plamo|>": "<|plamo:end_tool_request:plamo|>",
    "<start_function_call>": "<end_function_call>",
    "<|tool_call>": "<tool_call|>",
    "<|tool_response>": "<tool_response|>",
    "<|tool_call|>": "",
    "<|python_tag|>": "",
    "[TOOL_CALLS]": "",
}
_END_OF_STREAM: Final = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<｜end▁of▁sentence｜>",
    "<|content_model_end_sampling|>",
)
_HARMONY: Final = {
    "<|start|>": Mark("start"),
    "<|channel|>": Mark("channel"),
    "<|constrain|>": Mark("constrain"),
    "<|message|>": Mark("message"),
    "<|end|>": Mark("end"),
    "<|return|>": Mark("end"),
    "<|call|>": Mark("end"),
    "<|eom|>": Mark("end", "glimmer"),
    "<|eot|>": Mark("end", "glimmer"),
    "assistantfinal": Mark("glue", "final"),
    "assistantanalysis": Mark("glue", "analysis"),
    "assistantcommentary": Mark("glue", "commentary"),
}
_CLOSING_WORDS: Final = {
    "...done thinking.": Mark("close", "ollama_cli"),
    "Here is my response:": Mark("close", "granite"),
    "Here's my response:": Mark("close", "granite"),
    "Here’s my response:": Mark("close", "granite"),
}
_OPENING_WORDS: Final = {
    "Here is my thought process:": Mark("open", "granite"),
    "Here's my thought process:": Mark("open", "granite"),
    "Here’s my thought process:": Mark("open", "granite"),
    "Here are my reasoning steps:": Mark("open", "apriel"),
    "Thinking...\n": Mark("open", "ollama_cli"),
    "Thinking...\r\n": Mark("open", "ollama_cli"),
    "/think\n": Mark("open", "hyperclovax"),
    "analysis": Mark("glue", "analysis"),
    "commentary": Mark("glue", "commentary"),
    "to=": Mark("to"),
}

_TAG: Final = re.compile(r"<[ \t]{0,2}(/?)[ \t]{0,2}([A-Za-z0-9_:|.-]*)")
_REST: Final = re.compile(r"[^<>]{0,96}")
_SECTION: Final = re.compile(r"<\|(open|close)\|>([A-Za-z_]{1,40})[^<]{0,100}<\|sep\|>")
_SECTION_BEGUN: Final = re.compile(r"<\|(?:open|close)\|>(?:[A-Za-z_]{1,40}[^<]{0,100}(?:<(?:\|(?:s(?:ep?\|?)?)?)?)?)?\Z")
_PART: Final = re.compile(r"<\|(content|message)_([a-z_]{1,40})\|>")
_PART_BEGUN: Final = re.compile(r"<\|(?:content|message)_[a-z_]{0,40}\|?\Z")
_TURN: Final = re.compile(r"<\|im_start\|>(assistant|user|system|tool)?((?: ?->[^\n<]{0,60})?)\n?")
_TURN_BEGUN: Final = re.compile(r"<\|im_start\|>(?:[a-z]{0,9}|assistant ?(?:-(?:>[^\n<]{0,60})?)?)\Z")
_LABEL: Final = "thought"


class _Table:
    """Literal markers, looked up by one expression; `begun` holds every beginning of one."""

    def __init__(self, marks: Mapping[str, Mark]) -> None:
        self._marks = marks
        longest_first = sorted(marks, key=len, reverse=True)
        self._match = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)").match
        self._begun = frozenset(mark[:end] for mark in marks for end in range(1, len(mark)))
        self._longest = len(longest_first[0]) if longest_first else 0

    def at(self, text: str, pos: int) -> Mark | None:
        """Give the mark at `pos`, MORE if one may have begun, or None."""
        if len(text) - pos < self._longest and text[pos:] in self._begun:
            return MORE
        found = self._match(text, pos)
        return msgspec.structs.replace(self._marks[found[0]], length=len(found[0])) if found else None


def _literals() -> dict[str, Mark]:
    marks: dict[str, Mark] = dict(_HARMONY)
    for family, (opener, closer, begins, drops) in _PAIRS.items():
        marks |= {opener: Mark("open", family)} if opener else {}
        marks[closer] = Mark("close", family)
        marks |= {begin: Mark("begin", family) for begin in begins}
        marks |= {drop: Mark("drop") for drop in drops}
    for opener, closer in _TOOLS.items():
        marks[opener] = Mark("tool", closer)
        marks |= {closer: Mark("tool_end", closer)} if closer else {}
    for stop in (*_END_OF_STREAM, "<|im_start|>", "<|open|>", "<|close|>", "<|sep|>", "<|content_", "<|message_"):
        marks[stop] = Mark("drop")
    return marks


_LITERALS: Final = _Table(_literals())
_CLOSING: Final = _Table(_CLOSING_WORDS)
_OPENING: Final = _Table(_OPENING_WORDS | _HARMONY)


class Marks:
    """The markers of every known model, and the pairs (opener, closer) that one declares for itself."""

    def __init__(self, own: Iterable[tuple[str, str]] = ()) -> None:
        marks: dict[str, Mark] = {}
        for number, (opener, closer) in enumerate(own):
            marks |= {opener: Mark("open", f"own{number}")} if opener else {}
            marks |= {closer: Mark("close", f"own{number}")} if closer else {}
        self._own = _Table(marks) if marks else None

    def at(self, text: str, pos: int, *, closing: bool = False) -> Mark | None:
        """Give the mark at `pos`. With `closing` no further text comes: MORE then means a marker cut off."""
        own = self._own.at(text, pos) if self._own else None
        if own is not None and not (own is MORE and closing):
            return own
        first = text[pos]
        if first in ".H":
            return _CLOSING.at(text, pos)
        return _special(text, pos, closing=closing) or (_tag(text, pos) if first == "<" else None) or own

    def opening(self, text: str, pos: int) -> Mark | None:
        """Give the opening words at the first character of a stream, where plain prose may be a marker."""
        return _OPENING.at(text, pos)


def _special(text: str, pos: int, *, closing: bool) -> Mark | None:
    mark = _LITERALS.at(text, pos)
    if mark is None or mark is MORE:
        return mark
    if found := _SECTION.match(text, pos):
        return Mark("section" if found[1] == "open" else "section_end", found[2], len(found[0]))
    if _SECTION_BEGUN.match(text, pos) or _PART_BEGUN.match(text, pos):
        return MORE
    if found := _PART.match(text, pos):
        return Mark("part" if found[1] == "content" and found[2] != "model_end_sampling" else "drop", found[2], len(found[0]))
    if text.startswith("<|im_start|>", pos):
        return _turn(text, pos, closing=closing)
    if mark.name == "gemma4" and mark.kind == "open":
        return _labelled(text, pos, mark, closing=closing)
    return None if text.startswith(("<|content_", "<|message_"), pos) and mark.length < len("<|message|>") else mark


def _turn(text: str, pos: int, *, closing: bool) -> Mark:
    if not closing and _TURN_BEGUN.match(text, pos):
        return MORE
    found = _TURN.match(text, pos)
    role, recipient = (found[1] or "", found[2]) if found else ("", "")
    return Mark("turn", "tool" if recipient else role or "assistant", len(found[0]) if found else 1)


def _labelled(text: str, pos: int, mark: Mark, *, closing: bool) -> Mark:
    label = text[pos + mark.length : pos + mark.length + len(_LABEL) + 1]
    if label == _LABEL or (len(label) < len(_LABEL) and _LABEL.startswith(label)):
        if not closing:
            return MORE
    elif not (label.startswith(_LABEL) and label[-1] in "\r\n<"):
        return mark
    return msgspec.structs.replace(mark, length=mark.length + len(_LABEL)) if label.startswith(_LABEL) else mark


def _tag(text: str, pos: int) -> Mark | None:
    """Read an XML-like tag of a known name, attributes and a suffix (think:open) allowed."""
    found = _TAG.match(text, pos)
    if found is None:
        return None
    name, end = found[2].lower(), found.end()
    base = name if name in _TAGS else name.split(":")[0]
    if end == len(text):
        return MORE if base in _TAGS or any(known.startswith(name) for known in _TAGS) else None
    if base not in _TAGS or (base == "function" and not found[1] and text[end] != "="):
        return None
    rest = _REST.match(text, end)
    stop = rest.end() if rest else end
    inside = text[end:stop]
    if base in THINK_TAGS and not inside.isascii():
        return Mark("broken", base, end - pos)  # "<think" ran into the words that follow it
    if stop == len(text):
        return MORE if not inside or inside[0] in " \t\r\n/=" else None
    if text[stop] != ">" or (inside and inside[0] not in " \t\r\n/="):
        return None
    return _named(base, found[1] == "/", inside.rstrip().endswith("/"), stop + 1 - pos)


def _named(base: str, ends: bool, empty: bool, length: int) -> Mark:  # noqa: FBT001 - two halves of one tag
    if base in _CITE_TAGS or (empty and not ends):
        return Mark("drop", "", length)
    if base in THINK_TAGS:
        return Mark("close" if ends else "open", THINK_TAGS[base], length, base)
    if base in _TOOL_TAGS:
        return Mark("tool_end" if ends else "tool", base, length)
    return Mark("wrap_end" if ends else "wrap", base, length)
