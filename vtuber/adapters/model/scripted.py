"""A model of rules instead of weights: deterministic answers at a stated pace, with thoughts and faults on demand."""

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from itertools import islice
from typing import Literal, TypeAlias

import msgspec

from vtuber.core.language import detect
from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.events import Language
from vtuber.ports import Delta, Message, ModelRequest, StartState, Usage

Fault: TypeAlias = Literal["", "refuse", "unavailable", "hang", "stall", "error"]


class Scripture(msgspec.Struct, frozen=True, kw_only=True):
    """One scripted answer. refuse, unavailable and hang come before the first token, stall and error half-way."""

    text: str
    thinking: str = ""
    fault: Fault = ""
    logprob: float | None = None  # of each token of the text, if it is asked for


class Pace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast it answers, and how long its faults of time last until it gives up."""

    first_token_ms: float = 400.0
    tokens_per_s: float = 20.0
    patience_s: float = 10.0


Replies: TypeAlias = Callable[[ModelRequest], Scripture] | Mapping[str, str | Scripture]

_TOKEN = re.compile(r"\s*[A-Za-z0-9'’]+[.,!?;:…”\"]*|\s*[^\sA-Za-z0-9]{1,2}|\s+")
_QUOTE = re.compile(r"“([^“”]+)”|「([^「」]+)」|\"([^\"]+)\"")
_LABELLED = re.compile(r"[^:：\s-][^:：]{0,39}[:：]\s*(\S.*)")  # a message with its writer's name, as prompts write it
_TEMPLATES: dict[Language, tuple[str, ...]] = {
    "en": (
        "“{}”, you say? I like how that sounds.",
        "Hmm, “{}”. Let me keep that in mind for tonight!",
        "Oh, “{}”! That makes me smile.",
        "“{}”… you always bring something new.",
    ),
    "ja": (
        "「{}」かあ、いいことを聞いたな。",
        "なるほど、「{}」だね。覚えておくよ！",
        "「{}」って聞くと、わくわくするね。",
        "おっ、「{}」！ うれしいな。",
    ),
}
_DEEP: dict[Language, str] = {
    "en": "I thought about “{}” for a while. It depends on what matters to you, so look at that first.",
    "ja": "「{}」について考えてみたよ。何を大事にするかで変わるから、まずそこから見てみよう。",
}
_THOUGHT: dict[Language, str] = {
    "en": "The viewer asks: {}. First the facts, then what matters.",
    "ja": "質問は「{}」。まず事実、次に何が大事か。",
}
_SHOWN_WORDS, _SHOWN_CHARS = 6, 16


class Scripted:
    """A scripted language model; `replies` is a function, or a table from a piece of the message to the answer."""

    def __init__(self, name: str = "scripted", *, replies: Replies | None = None, pace: Pace | None = None) -> None:
        self.name = name
        self.start_state: StartState = "in_content"
        self._replies = replies if replies is not None else {}
        self._pace = pace or Pace()

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Do nothing: there is nothing to load."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream the scripted answer at its pace. Raises the ModelError that its fault names."""
        scripture = self._scripture(request)
        await self._before(scripture.fault)
        step = 1 / self._pace.tokens_per_s
        thoughts = list(islice(_tokens(scripture.thinking), request.thinking_budget or None))
        every = list(_tokens(scripture.text))
        said = every[: request.max_tokens]
        sure = (scripture.logprob,) if request.logprobs and scripture.logprob is not None else ()
        for index, token in enumerate(thoughts + said):
            await asyncio.sleep(step if index else 0)
            if index >= (len(thoughts) + len(said)) // 2:
                await self._amid(scripture.fault)
            yield Delta(thinking=token) if index < len(thoughts) else Delta(token, logprobs=sure)
        usage = Usage(sum(len(message.content) for message in request.messages) // 3 + 1, len(thoughts) + len(said))
        yield Delta(stop="stop" if said == every else "length", usage=usage)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _scripture(self, request: ModelRequest) -> Scripture:
        if callable(self._replies):
            return self._replies(request)
        asked = request.messages[-1].content if request.messages else ""
        for piece, answer in self._replies.items():
            if piece in asked:
                return Scripture(text=answer) if isinstance(answer, str) else answer
        return improvised(request)

    async def _before(self, fault: Fault) -> None:
        if fault == "refuse":
            raise ModelRefused("The scripted model refuses this request, as its script says.")
        if fault == "unavailable":
            raise ModelUnavailable("The scripted model is away, as its script says.")
        if fault == "hang":
            await self._give_up()
        await asyncio.sleep(self._pace.first_token_ms / 1000)

    async def _amid(self, fault: Fault) -> None:
        if fault == "stall":
            await self._give_up()
        if fault == "error":
            raise ModelError("The scripted model breaks off, as its script says.")

    async def _give_up(self) -> None:
        await asyncio.sleep(self._pace.patience_s)
        raise ModelTimeout(f"The scripted model said nothing for {self._pace.patience_s:g} s, as its script says.")


def improvised(request: ModelRequest) -> Scripture:
    """Give a short plausible answer in the message's language that quotes it; same message, same answer."""
    asked = request.messages[-1].content if request.messages else ""
    quotes = [next(filter(None, found)) for found in _QUOTE.findall(asked)]
    said = [found[1] for found in map(_LABELLED.match, asked.splitlines()) if found]
    message = " ".join((said or quotes or [asked])[-1].split())
    language = detect(message, detect(asked, "en"))
    shown = _shortened(message, language)
    thinks = request.tier == "deep" or request.effort != "none" or request.thinking_budget > 0
    templates = _TEMPLATES[language]
    template = _DEEP[language] if request.tier == "deep" else templates[zlib.crc32(message.encode()) % len(templates)]
    return Scripture(text=template.format(shown), thinking=_THOUGHT[language].format(shown) if thinks else "")


def _shortened(message: str, language: Language) -> str:
    plain = message.translate(dict.fromkeys(map(ord, '<>{}[]|“”「」"')))
    short = plain[:_SHOWN_CHARS] if language == "ja" else " ".join(plain.split()[:_SHOWN_WORDS])[:60]
    return short.strip(" 、。！？!?,.") or "…"


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)
