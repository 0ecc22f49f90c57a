"""Asks one message in a show whose fast model says what a test wants, and a tool that no rule knows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from tests.playing import Played, Script, chat, play
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.ports import Found, LanguageModel, ModelRequest, Tool
from vtuber.show import Parts

ANSWER = "It would fall into the sea."
ALONE = "(answer in your own words)"  # what a prompt ends with where no verdict is wanted


def asked(text: str, fast: LanguageModel, **more: object) -> Played:
    """Play a show with one message."""
    return play(Script(heard=[(0, chat(1, text))], fast=fast, **more))  # type: ignore[arg-type]


def saying(*texts: str, seen: list[ModelRequest] | None = None, thinking: str = "") -> Scripted:
    """Make a model that says these one after the other, the last one again and again."""
    left = list(texts)

    def reply(request: ModelRequest) -> Scripture:
        if seen is not None:
            seen.append(request)
        return Scripture(text=left.pop(0) if len(left) > 1 else left[0], thinking=thinking)

    return Scripted(replies=reply)


class Search:
    """A tool that no rule knows: it finds the weather of a place."""

    name, about = "search", "looks things up on the web"
    schema: dict[str, Any] = {  # noqa: RUF012 - as the port has it
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
        "additionalProperties": False,
    }

    async def call(self, arguments: dict[str, Any]) -> Found:
        return Found(text=f"{arguments['query']}: 12 degrees, light rain", sources=("https://weather.example/oslo",))

    async def close(self) -> None:
        pass


def with_tools(*tools: Tool) -> Callable[[Parts], Parts]:
    """Give a script's `change` that brings tools along."""
    return partial(msgspec.structs.replace, tools=tools)
