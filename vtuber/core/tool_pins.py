"""Which tools of a server she may use: those that the operator listed and that are still what was listed.

A pin is a fingerprint of all that a server says about a tool. Some tools are never used, listed or not.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from vtuber.core.tool_schema import strict
from vtuber.errors import ToolRefused
from vtuber.settings import McpTool, Tools

State: TypeAlias = Literal["ok", "no words", "no pin", "changed", "gone", "refused", "not listed"]

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LONGEST: Final = 40  # characters of the name that a model is told
_OURS: Final = frozenset({*Tools().on, "web_search", "none"})  # names that mean something else to a model
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LANGUAGE: Final = "python|node(?:js)?|javascript|js|typescript|deno|ruby|perl|php|lua|sql"
_CODE: Final = f"code|commands?|scripts?|program|process|function|keys|{_LANGUAGE}"
_START: Final = "exec|execute|run|start|launch|spawn|invoke|call|evaluate|interpret|compile|send"
# What a name says in small letters, its words divided by spaces: a word that means nothing else, the name of a language
# alone, or what starts something and behind it what can be started (run code, run some code, runcode, code runner).
_RUNS_CODE: Final = re.compile(
    r"\b(?:exec|execute|eval|shell|bash|zsh|powershell|pwsh|cmd|subprocess|sudo|ssh|repl|interpreter|sandbox|jupyter)\b"
    rf"|^(?:{_LANGUAGE}|terminal|console)(?: \d+)?$"
    rf"|\b(?:{_START})(?:(?: \w+)* )?(?:{_CODE})\b"
    r"|\b(?:code|command|script) ?run"
)
_USES_FILES: Final = re.compile(
    r"\b(?:files?|filename|filesystem|directory|directories|dirs?|folders?|disk|paths?|rm|mkdir)\b"
    r"|\b(?:read|write|edit|save|open|list|create|delete|move|copy)(?:file|dir|folder)"
)
_CHANGES: Final = re.compile(
    r"\b(?:write|edit|delete|append|insert|overwrite|rename|commit|push|upload|install|uninstall|publish|drop|kill)\b"
)
# What the name of an argument says: it is code, a command or a place on a disk, whatever the tool is called.
_IS_CODE: Final = re.compile(r"\b(?:commands?|cmd|argv|shell|script|sql|stdin)\b|\b(?:source|python|js|shell) ?code\b")
_IS_FILE: Final = re.compile(r"\bfile|\bpaths?\b|path$|\bdir\b|\bdirector|folder|\bcwd\b|\bworkdir\b")


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as its server describes it: an untrusted party's words, for the operator's eyes only."""

    name: str
    description: str = ""
    schema: dict[str, Any] = {}
    changes: bool = False  # the server itself says that it is not only for reading


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one tool. `why` goes on after the tool's name: "runs code or commands"."""

    tool: str
    state: State
    why: str = ""
    offered: Offered | None = None  # None: the server has no such tool


def pin(offered: Offered) -> str:
    """Give the fingerprint: SHA-256, in hexadecimal, of name, description and schema as canonical JSON."""
    canonical = json.dumps([offered.name, offered.description, offered.schema], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def refused(offered: Offered) -> str:
    """Say why a tool is never used, listed or not; "" if nothing speaks against it.

    Names are the server's own words: this keeps out what says what it is. What lies is kept out by not being listed.
    """
    if not _NAME.fullmatch(offered.name):
        return "has a name with other characters than letters, digits, dots and dashes"
    said = _words(offered.name)
    try:
        arguments, mistake = _arguments(strict(offered.schema)), ""
    except ToolRefused as error:  # nothing can be passed to it: its own words, of any length, are not gone through
        arguments, mistake = frozenset(), str(error)
    if any(_RUNS_CODE.search(f"{said} {one}".rstrip()) or _IS_CODE.search(one) for one in ("", *arguments)):
        return "runs code or commands"
    if _USES_FILES.search(said) or any(map(_IS_FILE.search, arguments)):
        return "reads or changes files"
    if _CHANGES.search(said) or offered.changes:
        return "changes something, by its own account"
    return mistake


def standings(listed: Mapping[str, McpTool], offered: Sequence[Offered]) -> tuple[Standing, ...]:
    """Judge each tool that is listed or offered: the listed ones in their order, then the others by name."""
    count = Counter(one.name for one in offered)
    there = {one.name: one for one in offered}
    others = sorted(there.keys() - listed.keys())
    return tuple(_standing(name, listed.get(name), there.get(name), count[name]) for name in (*listed, *others))


def changed(before: Offered, now: Offered) -> str:
    """Say what a server changed about a tool, as words that go on after the tool's name."""
    parts = (("its description", before.description != now.description), ("its arguments", before.schema != now.schema))
    return "is not what was listed any more: it changed " + " and ".join(words for words, differs in parts if differs)


def tool_names(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Give each (server, tool) one word of at most 40 characters; one that is taken already is marked."""
    names: dict[tuple[str, str], str] = {}
    for server, tool in pairs:
        word = re.sub(r"[^a-z0-9]+", "_", f"{server}_{tool}".lower()).strip("_")
        name = word if word[:1].isalpha() else f"mcp_{word}"
        if len(name) > _LONGEST or name in _OURS or name in names.values():
            mark = hashlib.sha256(f"{server}\0{tool}".encode("utf-8", "replace")).hexdigest()[:6]
            name = f"{name[: _LONGEST - 7]}_{mark}"
        names[server, tool] = name
    return names


def _standing(name: str, listed: McpTool | None, offered: Offered | None, count: int) -> Standing:
    state, why = _judged(listed, offered, count)
    return Standing(tool=name, state=state, why=why, offered=offered)


def _judged(listed: McpTool | None, offered: Offered | None, count: int) -> tuple[State, str]:
    if offered is None:
        return "gone", "is not offered by the server"
    if why := "is offered more than once under one name" if count > 1 else refused(offered):
        return "refused", why
    if listed is None:
        return "not listed", ""
    if not listed.pin.strip():
        return "no pin", "has no pin, which says what it was when you looked at it"
    if listed.pin.strip().lower() != pin(offered):
        return "changed", "is not what was listed: its description or its arguments are others now"
    return ("ok", "") if listed.says.strip() else ("no words", "lacks your words about it (says)")


def _words(name: str) -> str:
    """Give the words of a name in small letters: run_code, runCode, run-code and RUN.CODE are "run code"."""
    return " ".join(_WORD.findall(name[:200])).lower()


def _arguments(schema: dict[str, Any]) -> frozenset[str]:
    """Give the words of the names of all arguments in a strict schema, at any depth."""
    names: set[str] = set()
    left: list[Any] = [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            properties = one.get("properties")
            names.update(map(_words, properties if isinstance(properties, dict) else ()))
            left += one.values()
        elif isinstance(one, list):
            left += one
    return frozenset(names)
