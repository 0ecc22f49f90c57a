"""What a whole show costs in CPU per reply, against the least that could do it: two queues and the splitter."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing

import msgspec
import numpy as np

from vtuber.adapters.chat.scripted import Scripted
from vtuber.bench.stand import parts, persona, spread, varied
from vtuber.clock import Clock
from vtuber.core.sentences import Segmenter
from vtuber.events import Chat, Closed, Event, Language, Performed, Turn
from vtuber.persona import Speaking
from vtuber.ports import Audio, Delta, FromChat, Message, ModelRequest, StartState, VoiceStyle
from vtuber.show import Show

TOKENS_PER_S = 5_000
_REPLIES = 10  # of one show
_GRAIN_S = 0.001  # shorter sleeps are not worth their cost
_QUESTIONS: dict[Language, str] = {"en": "how was your day?", "ja": "今日はどうだった？"}


class _Model:
    """Streams the prepared replies one after the other."""

    name = "fixed replies"
    start_state: StartState = "in_content"

    def __init__(self, replies: Sequence[tuple[str, ...]]) -> None:
        self._replies = iter(replies)

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Nothing to load."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:  # noqa: ARG002 - always the next reply
        """Give the tokens at their rate."""
        async with aclosing(_paced(next(self._replies))) as tokens:
            async for token in tokens:
                yield Delta(content=token)
        yield Delta(stop="stop")

    async def close(self) -> None:
        """Nothing to let go of."""


class _InstantVoice:
    """Speaks at once, one sample long."""

    name = "instant"
    languages: tuple[Language, ...] = ("ja", "en")
    credit = ""

    async def prepare(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:  # noqa: ARG002 - one sample
        """Give one sample."""
        return Audio(np.zeros(1, dtype=np.int16), self.name)

    async def close(self) -> None:
        """Nothing to let go of."""


def _questions(language: Language) -> list[tuple[float, FromChat]]:
    """Give a message for each reply, all at once: she answers one after the other."""
    return [
        (0.0, Chat(
            id=f"bench:c:{number}", at_ms=0, platform="bench", viewer_id=f"bench:{number}",
            name=f"viewer {number}", text=f"{_QUESTIONS[language]} {number}",
        ))
        for number in range(_REPLIES)
    ]  # fmt: skip


def measure(runs: int, progress: Callable[[], None]) -> dict[str, object]:
    """Measure both languages, show and floor by turns; `progress` is called after each run. Gives the figures by name.

    `ratio` is the show's CPU time per reply over the floor's in the same run; times are in ms.
    """
    result: dict[str, object] = {"runs": runs, "replies": _REPLIES, "tokens_per_s": TOKENS_PER_S}
    ratios: dict[str, dict[str, float]] = {}
    shows: dict[str, dict[str, float]] = {}
    floors: dict[str, dict[str, float]] = {}
    for language in ("en", "ja"):
        spent: list[tuple[float, float]] = []
        for run in range(runs):
            replies = [varied(language, run * _REPLIES + number) for number in range(_REPLIES)]
            spent.append((asyncio.run(_show(language, replies)), asyncio.run(_floor(language, replies))))
            progress()
        ratios[language] = spread([show / floor for show, floor in spent], 2)
        shows[language] = spread([show for show, _ in spent], 2)
        floors[language] = spread([floor for _, floor in spent], 2)
    return result | {"ratio": ratios, "show_ms": shows, "floor_ms": floors}


async def _show(language: Language, replies: Sequence[tuple[str, ...]]) -> float:
    """Play the replies in a show; give the CPU time of one in ms, from its first choice to the last word."""
    clock, spoken, marks = Clock(0), 0, list[float]()

    def note(event: Event) -> None:
        nonlocal spoken
        spoken += isinstance(event, Performed)
        if isinstance(event, Closed) or (isinstance(event, Turn) and event.chats and not marks):
            marks.append(time.process_time())

    who = msgspec.structs.replace(persona(language), speaking=Speaking(reply_sentences=20))
    source = Scripted(_questions(language), clock)
    async with parts([source], _Model(replies), note, voices=_InstantVoice(), persona=who) as whole:
        await Show(whole, clock).run()
    if spoken < 2 * _REPLIES:
        raise RuntimeError(f"Only {spoken} clauses of {_REPLIES} replies were heard: the figures would mean nothing.")
    return (marks[1] - marks[0]) * 1000 / _REPLIES


async def _floor(language: Language, replies: Sequence[tuple[str, ...]]) -> float:
    """Do it with two queues and the splitter; give the CPU time of a reply in ms."""
    began = time.process_time()
    tokens: asyncio.Queue[str | None] = asyncio.Queue(16)
    pieces: asyncio.Queue[str | None] = asyncio.Queue(16)
    async with asyncio.TaskGroup() as group:
        group.create_task(_speak_floor(pieces))
        group.create_task(_split_floor(language, tokens, pieces))
        for reply in replies:
            async with aclosing(_paced(reply)) as paced:
                async for token in paced:
                    await tokens.put(token)
            await tokens.put("")
        await tokens.put(None)
    return (time.process_time() - began) * 1000 / _REPLIES


async def _split_floor(
    language: Language, tokens: asyncio.Queue[str | None], pieces: asyncio.Queue[str | None]
) -> None:
    splitter = Segmenter(language)
    while (token := await tokens.get()) is not None:
        for piece in splitter.push(token) if token else splitter.flush():
            await pieces.put(piece)
        splitter = splitter if token else Segmenter(language)
    await pieces.put(None)


async def _speak_floor(pieces: asyncio.Queue[str | None]) -> None:
    while await pieces.get() is not None:
        pass


async def _paced(tokens: Sequence[str]) -> AsyncGenerator[str, None]:
    """Give tokens at the rate, several at once where the clock's grain is coarser."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, token in enumerate(tokens):
        if (ahead := began + number / TOKENS_PER_S - loop.time()) > _GRAIN_S:
            await asyncio.sleep(ahead)
        yield token
