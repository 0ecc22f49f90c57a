"""Plays back what a model once said: by the events it answered, the tier and the purpose; a miss is counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import TypeAlias

import msgspec

from vtuber.errors import ModelError, ModelTimeout
from vtuber.events import Event, Generated, Tier, Turn
from vtuber.journal import read
from vtuber.ports import Delta, LanguageModel, Message, ModelRequest, StartState, Usage

Key: TypeAlias = tuple[tuple[str, ...], Tier, str]  # ids of the answered events, who answered, and what for

_PIECE = 8  # characters a delta


class Recorded:
    """A recorded language model. What it has no record of goes to `fallback`, and `misses` counts it."""

    def __init__(self, name: str, answers: Mapping[Key, tuple[Generated, ...]], *, fallback: LanguageModel) -> None:
        self.name = name
        self.start_state: StartState = "in_content"  # a journal holds answers with their thoughts taken out
        self.misses = 0
        self._answers = answers
        self._played: Counter[Key] = Counter()
        self._fallback = fallback

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Prepare the fallback. Raises ModelError."""
        await self._fallback.prepare(prefix)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream the recorded answer at its recorded pace. Raises the kind of ModelError that was recorded.

        Several answers to the same events are played in order, the last one again and again.
        """
        key = (request.answering, request.tier, request.purpose)
        takes = self._answers.get(key, ())
        if not takes:
            self.misses += 1
            async with aclosing(self._fallback.stream(request)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    yield delta
            return
        take = takes[min(self._played[key], len(takes) - 1)]
        self._played[key] += 1
        async with aclosing(_played(take, logprobs=request.logprobs)) as recorded:
            async for delta in recorded:
                yield delta

    async def close(self) -> None:
        """Close the fallback."""
        await self._fallback.close()


def from_journal(path: Path, *, fallback: LanguageModel) -> Recorded:
    """Build the model from a journal: each Generated is found by its turn's messages. Raises NotFound, UserMistake."""
    with closing(read(path)) as events:
        return Recorded(f"recorded from {path.parent.name or path.name}", answers_of(events), fallback=fallback)


def answers_of(events: Iterable[Event]) -> dict[Key, tuple[Generated, ...]]:
    """Give the answers of a show, in their order, by the ids of what they answered, the tier and the purpose.

    A journal holds what was fit to be said. An answer of which nothing was, or a model that failed before it said
    anything, is only the wait before the next try.
    """
    turns: dict[str, tuple[str, ...]] = {}
    answers: dict[Key, tuple[Generated, ...]] = {}
    for event in events:
        if isinstance(event, Turn):
            turns[event.id] = event.asked
        elif isinstance(event, Generated) and event.turn in turns:
            key = (turns[event.turn], event.tier, event.purpose)
            *before, last = answers.get(key, ()) or (None,)
            if last is not None and last.turn == event.turn and _was_in_vain(last):
                answers[key] = (*before, _second_try(last, event))
            else:
                answers[key] = (*answers.get(key, ()), event)
    return answers


def _was_in_vain(take: Generated) -> bool:
    return not take.text and not take.verdict and (bool(take.refused) or take.stop in {"error", "timeout", "down"})


def _second_try(first: Generated, second: Generated) -> Generated:
    return msgspec.structs.replace(
        second, first_token_ms=first.total_ms + second.first_token_ms, total_ms=first.total_ms + second.total_ms
    )


async def _played(take: Generated, *, logprobs: bool) -> AsyncGenerator[Delta, None]:
    await asyncio.sleep(take.first_token_ms / 1000)
    text = f"[{take.verdict}]{take.text}" if take.verdict else take.text
    sure = (take.confidence,) if logprobs and take.confidence is not None else ()  # their mean is all that is known
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    step = max(0, take.total_ms - take.first_token_ms) / 1000 / max(1, len(pieces))
    for index, piece in enumerate(pieces):
        await asyncio.sleep(step if index else 0)
        yield Delta(piece, logprobs=sure)
    await asyncio.sleep(step)
    if take.stop == "timeout":
        raise ModelTimeout("The recorded model took too long here, as it did in the recorded show.")
    if take.stop == "error":
        raise ModelError("The recorded model failed here, as it did in the recorded show.")
    yield Delta(
        stop="length" if take.stop == "length" else "stop",
        usage=Usage(take.prompt_tokens, take.tokens),
        refused=take.refused,
    )
