"""What each marker does in each mode of a thinking filter; False means that it is only text there."""

from msgspec.structs import replace

from vtuber.core.thinking.header import Header
from vtuber.core.thinking.state import UNKNOWN, State
from vtuber.core.thinking.tables import Mark

_HARMONY = frozenset(("start", "channel", "message", "constrain", "end"))
_QUOTES = "\"'`“‘「『"
_VISIBLE_SECTIONS = ("response", "content", "final", "text")
_WRAPPING_SECTIONS = ("message",)


def act(state: State, mark: Mark) -> bool:
    """Do what a mark means in the state's mode."""
    if state.mode == "content":
        return _in_content(state, mark)
    if state.mode == "thought":
        return _in_thought(state, mark)
    if state.mode == "header":
        return _in_header(state, mark)
    return _in_hidden(state, mark)


def _in_content(state: State, mark: Mark) -> bool:  # noqa: C901, PLR0911 - one line a kind
    match mark.kind:
        case "open":
            state.to_thought(mark.name, mark.tag)
        case "close":
            state.reopen()
        case "begin":
            state.shown = False
        case "tool":
            state.to_hidden(mark.name)
        case "wrap":
            if state.shown:
                return False
            state.wrapper = mark.name
        case "wrap_end":
            if state.wrapper != mark.name:
                return False
            state.wrapper = ""
        case "glue":
            return _glue(state, mark)
        case "start" | "channel" | "end":
            _between(state, mark)
        case "section" | "section_end":
            _section(state, mark)
        case "part" | "turn":
            _part(state, mark)
        case _:
            pass
    return True


def _in_thought(state: State, mark: Mark) -> bool:
    family = state.family
    if state.fresh and mark.kind == "open":
        state.to_thought(mark.name, mark.tag)
        return True
    if mark.kind == "open":
        if mark.tag and mark.tag not in (state.opened_as, "think" if family == UNKNOWN else ""):
            state.inner.add(mark.tag)
        return False
    if mark.kind == "close":
        return _close(state, mark)
    if mark.kind == "tool":
        return _suspect(state)
    if mark.kind == "glue":
        return family in ("harmony_text", UNKNOWN) and _glue(state, mark)
    if mark.kind in _HARMONY:
        return family in ("harmony", "glimmer", UNKNOWN) and _between(state, mark)
    if mark.kind == "begin" and family in (mark.name, UNKNOWN):
        state.to_content()
        return True
    if mark.kind in ("section", "section_end"):
        return family in ("kimi_k3", UNKNOWN) and _section(state, mark)
    if mark.kind in ("part", "turn"):
        return family in ("inkling", "hyperclovax", UNKNOWN) and _part(state, mark)
    return mark.kind == "drop"


def _close(state: State, mark: Mark) -> bool:
    if not state.closes(mark):
        state.inner.discard(mark.tag)
        return False
    state.to_content()
    return True


def _suspect(state: State) -> bool:
    """Keep back what may be a tool call that ends a thought; a closer that still comes proves it to be words."""
    if state.suspect is None and not state.quoting and (not state.last or state.last not in _QUOTES):
        state.suspect = []
    return False


def _in_header(state: State, mark: Mark) -> bool:
    if mark.kind == "message":
        _body(state, state.header.way())
    elif mark.kind == "channel":
        state.header = replace(state.header, channel="", format=None)
    elif mark.kind == "constrain":
        state.header = replace(state.header, format="")
    elif mark.kind in ("start", "end"):
        finish_header(state)
        _between(state, mark)
    elif mark.kind == "open":
        state.to_thought(mark.name, mark.tag)
    elif mark.kind == "glue":
        return _glue(state, mark)
    return mark.kind not in ("wrap", "wrap_end", "close", "tool", "tool_end", "broken")


def opens(state: State, mark: Mark) -> bool:
    """Do what the first words of a stream mean; False when they are only text."""
    if state.mode == "thought":  # a thought may begin with any words; only its own heading is taken off
        return mark.name == "apriel" or (mark.kind == "to" and _address(state))
    if mark.kind == "to":
        return state.mode == "content" and _address(state)
    return act(state, mark)


def _address(state: State) -> bool:
    """Begin a header that may turn out to be the first words of a thought or an answer."""
    state.to_header(Header(loose=True, inside=state.mode == "thought"))
    return True


def finish_header(state: State, *, closing: bool = False) -> None:
    """Let out a header whose message token never came."""
    if closing and state.header.is_prose(closing=True):
        text = state.header.text
        state.give_back()
        state.say(text)
        return
    way, text = state.header.unfinished()
    _body(state, way)
    if text:
        state.say(text)


def _in_hidden(state: State, mark: Mark) -> bool:
    if mark.kind == "tool_end" and mark.name == state.ends:
        state.to_content()
    elif mark.kind in _HARMONY and mark.kind != "message" and state.ends == "harmony":
        _between(state, mark)
    elif mark.kind in ("section", "section_end") and state.ends.startswith("section:"):
        if mark.kind == "section" or state.ends == f"section:{mark.name}":
            _section(state, mark)
    elif mark.kind == "close" and mark.name == state.ends == "inkling":
        state.to_content()
    elif mark.kind == "turn" and state.ends == "turn":
        _part(state, mark)
    return True


def _between(state: State, mark: Mark) -> bool:
    """Go from one harmony message to the header of the next."""
    if mark.kind in ("start", "channel"):
        state.to_header(Header(channel="" if mark.kind == "channel" else None, started=mark.kind == "start"))
    elif mark.kind == "end" and mark.name == "glimmer":
        state.to_header(Header(loose=True))
    elif mark.kind == "end" and (state.harmony or state.mode == "thought"):
        state.to_header(Header())
    return True


def _body(state: State, way: str) -> None:
    if way == "content":
        state.to_content()
    elif way == "thought":
        state.to_thought("glimmer" if state.header.loose else "harmony")
        state.fresh = False
    else:
        state.to_hidden("harmony")


def _glue(state: State, mark: Mark) -> bool:
    if mark.name == "analysis":
        state.to_thought("harmony_text")
        state.fresh = False
    elif mark.name == "final" and state.mode == "content":
        state.reopen()
    else:
        state.to_content()
    return True


def _section(state: State, mark: Mark) -> bool:
    if mark.name in _WRAPPING_SECTIONS:
        return True
    if mark.kind == "section_end":
        if state.mode != "thought" or mark.name == "think":
            state.to_content()
        return True
    if mark.name == "think":
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
    else:
        state.to_hidden("inkling" if mark.kind == "part" else "turn")
    return True
