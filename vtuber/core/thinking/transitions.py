"""What each marker does in each mode of a thinking filter; False means that it is only text there."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec.structs import replace

from vtuber.core.thinking.header import Header, Way
from vtuber.core.thinking.state import UNKNOWN, State
from vtuber.core.thinking.tables import BARE_CALL, Mark

_Act: TypeAlias = Callable[[State, Mark], bool]

_HARMONY: Final = frozenset(("start", "channel", "message", "constrain", "end"))
_IGNORED_IN_HEADER: Final = frozenset(("begin", "drop", "to", "section", "section_end", "part", "speaker", "turn"))
_HEADINGS: Final = ("apriel", "gemma4")
_VISIBLE_SECTIONS: Final = ("response", "content", "final", "text")
_WRAPPING_SECTIONS: Final = ("message",)


def act(state: State, mark: Mark) -> bool:
    """Do what a mark means in the state's mode."""
    if state.mode == "content":
        return _IN_CONTENT[mark.kind](state, mark)
    if state.mode == "thought":
        return _in_thought(state, mark)
    if state.mode == "header":
        return _in_header(state, mark)
    return _in_hidden(state, mark)


def opens(state: State, mark: Mark) -> bool:
    """Do what the first words of a stream mean; False when they are only text."""
    if mark.kind == "to":
        return state.mode != "header" and _address(state)
    if state.mode == "thought":  # a thought may begin with any words; only a bare heading is taken off
        return mark.name in _HEADINGS
    return act(state, mark)


def finish_header(state: State, *, closing: bool = False) -> None:
    """Let out a header whose message token never came."""
    if closing and state.header.is_prose(closing=True):
        text = state.header.text
        state.give_back()
    else:
        way, text = state.header.unfinished()
        _body(state, way)
    if text:
        state.say(text)


def _in_thought(state: State, mark: Mark) -> bool:
    kind, family = mark.kind, state.family
    own = _THOUGHTS.get(kind)
    if own is not None:
        return own(state, mark)
    if kind == "begin" and family in (mark.name, UNKNOWN):
        state.to_content()
        return True
    if kind == "section_end" and family == "kimi_k3" and mark.name != "think":
        return False  # the thought's own words
    if family == UNKNOWN or family in _FAMILIES.get(kind, ()):
        return kind in _FAMILIES and _IN_CONTENT[kind](state, mark)
    return kind == "drop"


def _open_inside(state: State, mark: Mark) -> bool:
    """Take an opener: at the very beginning it repeats the thought's own, later it is text that may have a closer."""
    if state.fresh:
        state.to_thought(mark.name, mark.tag)
    elif (mark.name, mark.tag) == (state.family, state.opened_as):
        state.nested += not state.quoted
    elif mark.tag and mark.tag not in (state.opened_as, "think" if state.family == UNKNOWN else ""):
        state.inner.add(mark.tag)
    return state.fresh


def _close(state: State, mark: Mark) -> bool:
    closes = state.closes(mark)
    state.inner.discard(mark.tag)
    if closes:
        state.to_content()
    return closes


def _suspect(state: State, mark: Mark) -> bool:
    """Keep back what may be a tool call that ends a thought; a closer that still comes proves it to be words."""
    if state.suspect is None and not state.quoted and mark.name != BARE_CALL:  # a thought may reckon `[f(x=1)]`
        state.suspect = []
    return False


def _in_header(state: State, mark: Mark) -> bool:
    header = state.header
    if mark.kind == "message":
        _body(state, header.way())
    elif mark.kind == "channel":
        state.header = replace(header, channel="", format=None)
    elif mark.kind == "constrain":
        state.header = replace(header, format="")
    elif mark.kind in ("start", "end"):
        finish_header(state)
        _between(state, mark)
    elif mark.kind == "open":
        state.to_thought(mark.name, mark.tag)
    elif mark.kind == "glue":
        _glue(state, mark)
    else:
        return mark.kind in _IGNORED_IN_HEADER
    return True


def _in_hidden(state: State, mark: Mark) -> bool:
    ends = state.ends
    if mark.kind in ("tool_end", "close") and mark.name == ends:
        state.to_content()
    elif mark.kind in _HARMONY and mark.kind != "message" and ends == "harmony":
        _between(state, mark)
    elif mark.kind == "tool" and ends == "harmony" and mark.name:
        state.to_hidden(mark.name)
    elif mark.kind == "glue" and ends == "glue":
        _glue(state, mark)
    elif ends == "speaker" and (mark.kind == "part" or mark.name == "inkling"):
        _IN_CONTENT[mark.kind](state, mark)
    elif ends.startswith("section:") and (
        mark.kind == "section" or (mark.kind, f"section:{mark.name}") == ("section_end", ends)
    ):
        _section(state, mark)
    elif mark.kind == "turn" and ends == "turn":
        _part(state, mark)
    return True


def _open(state: State, mark: Mark) -> bool:
    state.to_thought(mark.name, mark.tag)
    return True


def _reopen(state: State, mark: Mark) -> bool:
    if mark.name == "inkling":  # ends any part of a message
        state.to_content()
        state.part = False
    else:
        state.reopen()
    return True


def _tool(state: State, mark: Mark) -> bool:
    state.to_hidden(mark.name)
    return True


def _wrap(state: State, mark: Mark) -> bool:
    """Take off a wrapper, which stands before everything visible; elsewhere such a tag is text."""
    if not state.shown:
        state.wrapper = mark.name
    return not state.shown


def _wrap_end(state: State, mark: Mark) -> bool:
    wrapped = state.wrapper == mark.name
    state.wrapper = "" if wrapped else state.wrapper
    return wrapped


def _drop(_state: State, _mark: Mark) -> bool:
    return True


def _stub(state: State, _mark: Mark) -> bool:
    return not state.shown


def _address(state: State) -> bool:
    """Begin a header that may turn out to be the first words of a thought or an answer."""
    state.to_header(Header(loose=True, inside=state.mode == "thought"))
    return True


def _between(state: State, mark: Mark) -> bool:
    """Go from one harmony message to the header of the next."""
    if mark.kind in ("start", "channel"):
        state.to_header(Header(channel="" if mark.kind == "channel" else None, started=mark.kind == "start"))
    elif mark.kind == "end" and (mark.name == "glimmer" or state.harmony or state.mode == "thought"):
        state.to_header(Header(loose=mark.name != "call"))
    return True


def _body(state: State, way: Way) -> None:
    if way == "content":
        state.to_content()
    elif way == "thought":
        state.to_thought("harmony")
        state.fresh = False
    else:
        state.to_hidden("harmony")


def _glue(state: State, mark: Mark) -> bool:
    """Go to another harmony message when the tokens between them were stripped."""
    if mark.name == "analysis":
        state.to_thought("harmony_text")
        state.fresh = False
    elif mark.name == "tool":
        state.to_hidden("glue")
    elif mark.name == "final" and state.mode == "content" and not state.harmony:
        state.reopen()
    else:
        state.to_content()
    state.harmony = True
    return True


def _section(state: State, mark: Mark) -> bool:
    if mark.name in _WRAPPING_SECTIONS:
        return True
    if mark.kind == "section_end":
        if state.mode != "thought" or mark.name == "think":
            state.to_content()
    elif mark.name == "think":
        state.to_thought("kimi_k3")
    elif mark.name in _VISIBLE_SECTIONS:
        state.to_content()
    else:
        state.to_hidden(f"section:{mark.name}")
    return True


def _part(state: State, mark: Mark) -> bool:
    """Go on to a part of a message (`<|content_text|>`) or to another speaker's turn (`<|im_start|>assistant`)."""
    if mark.kind == "part" and mark.name == "thinking":
        state.to_thought("inkling")
    elif mark.name in ("text", "assistant"):
        state.to_content()
        state.part = mark.kind == "part"
    else:
        state.to_hidden("inkling" if mark.kind == "part" else "turn")
    return True


def _speaker(state: State, mark: Mark) -> bool:
    """Begin another message; in the middle of a part its token is only quoted."""
    if not state.part:
        state.to_hidden("speaker" if mark.name == "model" else "inkling")
    return not state.part


_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(  # whose thoughts a mark may end
    {
        **dict.fromkeys(_HARMONY, ("harmony",)),
        "glue": ("harmony_text",),
        "section": ("kimi_k3",),
        "section_end": ("kimi_k3",),
        "part": ("inkling",),
        "speaker": ("inkling",),
        "turn": ("hyperclovax",),
        "drop": (),
    }
)
_THOUGHTS: Final[Mapping[str, _Act]] = MappingProxyType({"open": _open_inside, "close": _close, "tool": _suspect})
_IN_CONTENT: Final[Mapping[str, _Act]] = MappingProxyType(
    {
        **dict.fromkeys(("begin", "tool_end", "drop", "broken", "constrain", "message", "to"), _drop),
        **dict.fromkeys(("start", "channel", "end"), _between),
        "open": _open,
        "close": _reopen,
        "tool": _tool,
        "wrap": _wrap,
        "wrap_end": _wrap_end,
        "glue": _glue,
        "section": _section,
        "section_end": _section,
        "part": _part,
        "speaker": _speaker,
        "stub": _stub,
        "turn": _part,
    }
)
