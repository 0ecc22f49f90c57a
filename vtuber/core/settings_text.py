"""vtuber.toml as text that explains itself: what differs from the usual is in force, the rest stands as comments."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec

from vtuber.events import Effort
from vtuber.settings import McpTool, Settings

_HEAD: Final = """\
## The house's settings. A line that begins with # is not in force: it shows the usual value. Take the # away to change
## it. Who she is stands in characters/NAME/persona.toml. To check all this: vtuber doctor
"""
_CAP: Final = {
    "tokens": "the longest answer",
    "thinking_tokens": "how long it may think before",
    "deadline_s": "seconds after which she gives the question up",
}
# By path; NAME stands for a name that the operator chose.
_WORDS: Final = {
    "character": "who plays: a name under characters/, or one that is shipped",
    "tools": "what she may look up or work out; no tool runs code or changes anything",
    "tools.on": "clock, dice, coin, calculator, units",
    "tools.timezone": "of her clock, such as Asia/Tokyo; empty for this machine's",
    "tools.web_search": "address of a SearXNG; empty for no search",
    "tools.mcp": "servers of tools (MCP), each with the tools she may use: see vtuber tools",
    "tools.mcp.NAME": "a server of tools: either a program that is started or an address",
    "tools.mcp.NAME.command": 'the program and its arguments, such as ["uvx", "some-server"]',
    "tools.mcp.NAME.url": "where it is, if it runs already",
    "tools.mcp.NAME.environment": "names of variables that the program gets beside PATH, HOME and the like",
    "tools.mcp.NAME.headers": 'sent to the url: { Authorization = "NAME_OF_A_VARIABLE" }, which holds the whole value',
    "tools.mcp.NAME.tools": "the tools of it that she may use, no others: see vtuber tools",
    "tools.mcp.NAME.tools.NAME": "one of its tools",
    "tools.mcp.NAME.tools.NAME.says": "in your words: what she is told that it is for",
    "tools.mcp.NAME.tools.NAME.pin": "of what the server says of it, by vtuber tools; none, or changed: not used",
    "privacy": "what is never written down",
    "privacy.redact": "words and phrases, beside keys, passwords, numbers and addresses",
    "memory": "how she finds what she remembers",
    "memory.embedder": "auto, packaged, sentence-transformers/NAME or words; another one makes new vectors",
    "seed": "of everything that is left to chance",
    "attention": "whom she hears",
    "attention.road_size": "so many messages wait for her at most; then the oldest free one is dropped",
    "attention.max_age_s": "an older free message is not answered any more",
    "attention.merge_s": "what a viewer writes before this time is over continues the last message; 0: nothing does",
    "attention.idle_s": "seconds of silence after which she talks by herself",
    "attention.own_accounts": "her own accounts on the platforms: never answered",
    "attention.bots": "never answered either",
    "thinking": "how she thinks",
    "thinking.simple_below": "difficulty, 0 to 1, below which the fast model just answers",
    "thinking.hard_from": "difficulty from which a message goes to the deep model; in between the fast one is asked",
    "thinking.asks_first": "false: the fast model is not asked whether it can answer; the middle of the two decides",
    "thinking.fast_tokens": "the longest quick answer",
    "thinking.temperature": "0: always the same words, 1: lively",
    "thinking.least_confidence": "mean log-probability of an answer below which it is thought over",
    "thinking.effort": "low, medium or high; auto: more when nobody waits",
    "thinking.low": "what the deep model may spend on a question with low effort",
    "thinking.medium": "the same with medium effort",
    "thinking.high": "the same with high effort",
    **{f"thinking.{effort}.{key}": words for effort in get_args(Effort) for key, words in _CAP.items()},
    "thinking.budget": "how many hard questions she thinks about",
    "thinking.budget.viewer_minutes": "one a viewer in so many; in a large audience in up to four times as many",
    "thinking.budget.utilisation": "the share of the time that the deep model may be busy",
    "thinking.budget.holding_lines": "at most in five minutes; what comes beyond is thought about without a word",
    "thinking.portions": "tokens of each part of a prompt at most",
    "thinking.portions.persona": "of who she is",
    "thinking.portions.memory": "of what she remembers",
    "thinking.portions.message": "of the message that she answers",
    "thinking.portions.talk": "of the talk so far",
    "thinking.portions.found": "of what tools gave",
    "models": "who answers; see what is there with: vtuber doctor",
    "models.fast": "auto, ollama/NAME, lmstudio/NAME, lmstudio-sdk/NAME, openai/NAME@URL, embedded, embedded/FILE.gguf",
    "models.deep": "the same, for hard questions",
    "models.ollama": "where Ollama is; another machine's address is fine",
    "models.lmstudio": "where LM Studio is",
    "models.fast_next": 'who answers while the fast model is down, the first that does: ["embedded"]',
    "models.deep_next": "the same for the deep model",
    "models.reserve_vram_gb": "graphics memory that models leave to the game and the encoder",
    "models.keys": 'keys of servers: { "https://HOST/v1" = "NAME_OF_AN_ENVIRONMENT_VARIABLE" }',
    "sources": "where chat comes from",
    "sources.twitch": "read without an account",
    "sources.twitch.channels": "names of channels",
    "sources.twitch.url": "Twitch's chat server",
    "sources.onecomme": "わんコメ: YouTube, Niconico, Twitch and more",
    "sources.onecomme.on": "true to read it",
    "sources.onecomme.url": "where it is",
    "sources.local": "a WebSocket for programs on this machine: messages in, the operator's hand",
    "sources.local.on": "false for none",
    "sources.local.port": "its port",
}


def settings_text(settings: Settings) -> str:
    """Write settings as a vtuber.toml that reads as the same settings."""
    return "\n".join([_HEAD, *_keys(settings, Settings(), "", "")]).rstrip() + "\n"


def mcp_tool_text(server: str, tool: str, listed: McpTool) -> str:
    """Write the table that lists one tool of a server."""
    path = f"tools.mcp.{_key(server)}.tools.{_key(tool)}"
    return "\n".join(_table(listed, None, path, "tools.mcp.NAME.tools.NAME"))


def explained() -> tuple[str, ...]:
    """Give the paths that have an explanation."""
    return tuple(_WORDS)


def _table(values: msgspec.Struct, usual: msgspec.Struct | None, path: str, known: str) -> Iterator[str]:
    yield f"[{path}]  # {_WORDS[known]}"
    yield from _keys(values, usual, f"{path}.", f"{known}.")


def _keys(values: msgspec.Struct, usual: msgspec.Struct | None, path: str, known: str) -> Iterator[str]:
    """Write a table's own keys, then the tables in it, as TOML wants it. `known` is the path in _WORDS."""
    tables: list[tuple[msgspec.Struct, msgspec.Struct | None, str, str]] = []
    for field in msgspec.structs.fields(values):
        value, where, what = getattr(values, field.name), path + field.name, known + field.name
        if isinstance(value, msgspec.Struct):
            tables.append((value, getattr(usual, field.name), where, what))
        elif _holds_tables(field.type):
            if not value:
                yield f"## {field.name}: {_WORDS[what]}"
            tables += [(one, _usual(one), f"{where}.{_key(name)}", f"{what}.NAME") for name, one in value.items()]
        else:
            in_force = usual is None or value != getattr(usual, field.name)
            yield f"{'' if in_force else '# '}{field.name} = {_written(value)}  # {_WORDS[what]}"
    for table in tables:
        yield ""
        yield from _table(*table)


def _holds_tables(kind: Any) -> bool:
    """Whether this is the type of tables under names that the operator chooses."""
    return any(isinstance(one, type) and issubclass(one, msgspec.Struct) for one in get_args(kind))


def _usual(table: msgspec.Struct) -> msgspec.Struct | None:
    """Give the usual values of a table under a chosen name, if there are any."""
    kind = type(table)
    return None if any(field.required for field in msgspec.structs.fields(kind)) else kind()


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _written(name)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return f"[{', '.join(_written(one) for one in value)}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_written(key)} = {_written(one)}" for key, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return repr(value)
