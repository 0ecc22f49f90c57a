"""Searches the web through the operator's own SearXNG; nothing but its address is ever contacted."""

import asyncio
import html
import json
import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import httpx

from vtuber.core.redaction import MARK, redact
from vtuber.core.tool_result import bare
from vtuber.errors import ToolError, ToolRefused, ToolTimeout
from vtuber.ports import Found

_TIMEOUT_S = 3.0
_RESULTS = 3
_QUERY = 120  # characters
_ANSWER = 256 * 1024  # bytes
_TITLE, _SNIPPET, _ADDRESS = 100, 300, 300  # characters of a result
_TAG = re.compile(r"<[^<>]{0,300}>")
_WEB = re.compile(r"https?://[!#-;=?-_a-z~]+")


class WebSearch:
    """`address` is that of a SearXNG whose settings allow the format json; `private` words are not searched for."""

    name = "web_search"
    about = "Searches the web for facts that are new, local or unknown to you. A few words, no names of viewers."
    schema: dict[str, Any]

    def __init__(self, address: str, private: Sequence[str] = ()) -> None:
        self._private = tuple(private)
        self._address = f"{address.rstrip('/')}/search"
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},  # packed bytes cannot be counted
        )
        self.schema = {
            "type": "object",
            "properties": {
                "query": {"type": "string", "minLength": 1, "maxLength": _QUERY},
                "language": {"type": "string", "enum": ["en", "ja"]},
            },
            "required": ["query"],
            "additionalProperties": False,
        }

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Search. Raises ToolRefused for a query of nothing but secrets, else ToolError or ToolTimeout."""
        query = _query(arguments["query"], self._private)
        if not any(char.isalnum() for char in query):
            raise ToolRefused("nothing is left to search for")
        asked = {"q": query, "format": "json", "safesearch": "2", "language": arguments.get("language", "all")}
        return _found(await self._get(asked))

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _get(self, asked: dict[str, str]) -> bytes:
        try:
            async with asyncio.timeout(_TIMEOUT_S), self._client.stream("GET", self._address, params=asked) as response:
                if response.status_code != httpx.codes.OK:
                    raise ToolError(f"the search answers with status {response.status_code}")
                answer = b""
                async with aclosing(response.aiter_raw()) as pieces:  # type: ignore[type-var]
                    async for piece in pieces:
                        answer += piece
                        if len(answer) > _ANSWER:
                            raise ToolError("the search's answer is too long")
                return answer
        except (httpx.TimeoutException, TimeoutError) as error:
            raise ToolTimeout("the search took too long") from error
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:  # RuntimeError: it is closed
            raise ToolError("the search cannot be reached") from error


def _query(text: str, private: Sequence[str]) -> str:
    """Give what may leave this machine: one line without personal data."""
    return " ".join(redact(bare(text), private).replace(MARK, " ").split())[:_QUERY].rstrip()


def _found(answer: bytes) -> Found:
    try:
        results = json.loads(answer)["results"]
        listed = [one for one in results if isinstance(one, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ToolError("the search's answer is none: does its settings file allow the format json?") from error
    texts: list[str] = []
    sources: list[str] = []
    for one in listed:
        title, snippet = _words(one.get("title"), _TITLE), _words(one.get("content"), _SNIPPET)
        if (title or snippet) and len(texts) < _RESULTS:
            address = str(one.get("url", ""))[: _ADDRESS + 1]
            known = len(address) <= _ADDRESS and _WEB.fullmatch(address)
            sources += [address] if known else []
            texts.append(f"{len(texts) + 1}. {title}: {snippet}" + (f" ({address})" if known else ""))
    return Found(text=" ".join(texts) or "Nothing was found.", sources=tuple(sources))


def _words(value: Any, limit: int) -> str:
    """Give plain words: no HTML, whether it is written out or escaped, and nothing that acts."""
    text = value[: 4 * limit] if isinstance(value, str) else ""
    return bare(_TAG.sub(" ", html.unescape(_TAG.sub(" ", text))))[:limit].rstrip()
