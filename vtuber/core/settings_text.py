"""vtuber.toml as text that explains itself: what differs from the usual is in force, the rest stands as comments."""

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from vtuber.settings import Settings

_HEAD: Final = """\
## The house's settings. A line that begins with # is not in force: it shows the usual value. Take the # away to change
## it. Who she is stands in characters/NAME/persona.toml. To check all this: vtuber doctor
"""
_WORDS: Final = {
    "character": "who plays: a name under characters/, or one that is shipped",
    "memory": "how she finds what she remembers",
    "memory.embedder": "auto, packaged, sentence-transformers/NAME or words; another one makes new vectors",
    "seed": "of everything that is left to chance",
    "attention": "whom she hears",
    "attention.road_size": "so many messages wait for her at most; then the oldest free one is dropped",
    "attention.max_age_s": "an older free message is not answered any more",
    "attention.idle_s": "seconds of silence after which she talks by herself",
    "attention.own_accounts": "her own accounts on the platforms: never answered",
    "attention.bots": "never answered either",
    "thinking": "how she thinks",
    "thinking.hard_from": "difficulty, 0 to 1, from which a message goes to the deep model",
    "thinking.fast_tokens": "the longest quick answer",
    "thinking.temperature": "0: always the same words, 1: lively",
    "thinking.deep_tokens": "the longest answer of the deep model",
    "thinking.deep_thinking_tokens": "how long it may think before",
    "thinking.deep_deadline_s": "seconds after which she gives a hard question up",
    "thinking.talk_tokens": "how much of the talk so far a model is shown",
    "models": "who answers; see what is there with: vtuber doctor",
    "models.fast": "auto, ollama/NAME, lmstudio/NAME, openai/NAME@http://HOST:PORT/v1, embedded, embedded/FILE.gguf",
    "models.deep": "the same, for hard questions",
    "models.ollama": "where Ollama is; another machine's address is fine",
    "models.lmstudio": "where LM Studio is",
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
    return "\n".join([_HEAD, *_table(settings, Settings(), "")]).rstrip() + "\n"


def explained() -> tuple[str, ...]:
    """Give the paths that have an explanation."""
    return tuple(_WORDS)


def _table(values: msgspec.Struct, usual: msgspec.Struct, path: str) -> Iterator[str]:
    """Write a table's own keys, then the tables in it, as TOML wants it."""
    inner = []
    for name in values.__struct_fields__:
        value, other = getattr(values, name), getattr(usual, name)
        where = f"{path}.{name}" if path else name
        if isinstance(value, msgspec.Struct):
            inner.append((where, value, other))
            continue
        words = f"  # {_WORDS[where]}" if where in _WORDS else ""
        yield f"{'# ' if value == other else ''}{name} = {_written(value)}{words}"
    for where, value, other in inner:
        yield ""
        yield f"[{where}]" + (f"  # {_WORDS[where]}" if where in _WORDS else "")
        yield from _table(value, other, where)


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
