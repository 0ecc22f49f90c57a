"""Use: has a tool called safely, and a model pick which. What a tool gives is data; its failure is on record only."""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from vtuber.core.names import shown_name
from vtuber.core.redaction import redact
from vtuber.core.tool_arguments import fits
from vtuber.core.tool_prompt import NONE, Choice, answer_schema, question, read
from vtuber.core.tool_result import bare
from vtuber.errors import ToolError, ToolRefused, ToolTimeout
from vtuber.events import Tier, Turn, Used
from vtuber.ports import Found, Message, Tool
from vtuber.stages.roads import Roads

Ask = Callable[[tuple[Message, ...], dict[str, Any]], Awaitable[str]]

CALLS: Final[dict[Tier, int]] = {"fast": 2, "deep": 5}  # of tools in one turn, at most
_TIMEOUT_S: Final = 3.0
_ARGUMENTS: Final = 2048  # characters of JSON
_SENTENCE: Final = 480  # bytes
_SOURCES: Final = 5
_SOURCE: Final = re.compile(r"https?://[!#-;=?-_a-z~]{1,300}")


async def use(
    tool: Tool, arguments: dict[str, Any], *, turn: Turn, tier: Tier, roads: Roads, private: Sequence[str] = ()
) -> Found | None:
    """Call a tool with arguments that fit its schema; None if it gave nothing in time, with the reason on record.

    What it gives has become one line without anything that acts. `private` are words that are never written down.
    """
    began, found, reason = roads.clock.now(), None, "error"
    written = json.dumps(arguments, ensure_ascii=False, sort_keys=True, default=str).encode(errors="replace").decode()
    try:
        if len(written) > _ARGUMENTS or not fits(arguments, tool.schema):
            reason = "bad_arguments"
        else:
            async with asyncio.timeout(_TIMEOUT_S):
                found = _tamed(await tool.call(arguments))
            reason = ""
    except (ToolTimeout, TimeoutError):
        reason = "timeout"
    except ToolRefused:
        reason = "refused"
    except ToolError:
        pass
    except asyncio.CancelledError:
        reason = "cancelled"
        raise
    finally:
        now = roads.clock.now()
        roads.note(
            Used(
                id=f"{turn.id}/used-{tier}-{_digest(tool.name, written)}",
                at_ms=now,
                cause=turn.id,
                turn=turn.id,
                tool=tool.name,
                tier=tier,
                arguments=redact(written[:_ARGUMENTS], private),
                ok=found is not None,
                took_ms=now - began,
                result=redact(found.text, private) if found else "",
                sources=tuple(redact(source, private) for source in found.sources) if found else (),
                reason=reason,
            )
        )
    return found


async def look_up(
    ask: Ask, tools: Sequence[Tool], *, turn: Turn, tier: Tier, roads: Roads, private: Sequence[str] = ()
) -> tuple[Found, ...]:
    """Have a model pick tools for a turn, one after the other, and give what they gave.

    `ask` gives a model's answer to messages, bound to a JSON schema. It ends with "none", an answer that is no choice,
    a choice that was made before, or CALLS calls.
    """
    name = shown_name(turn.who.name) if turn.who else ""
    made: list[Choice] = []
    found: list[tuple[Choice, Found]] = []
    while len(made) < CALLS[tier]:
        choice = read(await ask(question(name, turn.text, tools, found), answer_schema(tools)), tools)
        if choice is None:
            _note_unreadable(turn, tier, len(made), roads)
        if choice is None or choice.tool == NONE or choice in made:
            break
        made.append(choice)
        tool = next(one for one in tools if one.name == choice.tool)
        given = await use(tool, choice.arguments, turn=turn, tier=tier, roads=roads, private=private)
        if given:
            found.append((choice, given))
    return tuple(given for _, given in found)


def _tamed(found: Found) -> Found:
    """Give what a tool gave as data: nothing in it can act on a model, a screen or a voice."""
    spoken = {language: bare(sentence, _SENTENCE) for language, sentence in found.spoken.items()}
    sources = tuple(source for source in found.sources if _SOURCE.fullmatch(source))[:_SOURCES]
    return Found(text=bare(found.text), spoken={key: line for key, line in spoken.items() if line}, sources=sources)


def _digest(name: str, written: str) -> str:
    return hashlib.blake2b(f"{name} {written}".encode(), digest_size=4).hexdigest()


def _note_unreadable(turn: Turn, tier: Tier, calls: int, roads: Roads) -> None:
    """Count an answer that picked no tool in a way that can be read."""
    now = roads.clock.now()
    roads.note(
        Used(
            id=f"{turn.id}/used-{tier}-{calls}-unreadable",
            at_ms=now,
            cause=turn.id,
            turn=turn.id,
            tool="",
            tier=tier,
            arguments="",
            ok=False,
            took_ms=0,
            reason="bad_arguments",
        )
    )
