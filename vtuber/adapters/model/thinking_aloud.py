"""A thinking model made of one that does not think: it works the question out first, then answers with its notes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from vtuber.core.language import detect
from vtuber.events import Language
from vtuber.ports import Delta, LanguageModel, Message, ModelRequest, StartState, Usage

THOUGHT_TOKENS = 160
_COOL = 0.3  # temperature of a thought: reasons, not ideas

# A small model needs to be shown what a thought is; the examples are constant, so that a server reads them only once.
# Thoughts are notes, not sentences, and in English, in which small models know most: what is said afterwards has to be
# worded anew, and so holds no stretch of a thought.
_SHOWN = (
    Message(
        "system",
        "Work out what to say about a viewer's question. Write telegraphic notes in English, facts first, conclusion "
        "last: bare words and arrows, no full sentences, no articles, no greeting.",
    ),
    Message("user", "kay: Why do we have leap years?"),
    Message(
        "assistant",
        "<think>orbit: 365.24 d → calendar 365 d → drift 1/4 d a year → 4 y = 1 d → extra day → seasons stay</think>",
    ),
    Message("user", "lou: Should I move to another city for my band?"),
    Message(
        "assistant",
        "<think>own choice → others move too? money = how long? way back? → trial, 3 months > for good</think>",
    ),
    Message("user", "ann: 空は青いのに、夕日はどうして赤いの？"),
    Message(
        "assistant", "<think>air scatters short waves (blue) → sky. low sun: long path → blue gone → red left</think>"
    ),
)
_IN_ENGLISH = "(Notes in English.)"
_NOTES: dict[Language, str] = {
    "en": "(What you worked out beforehand: {}) Say it in your own words.",
    "ja": "（考えておいたこと：{}）これを自分の言葉で話す。",
}


class ThinkingAloud:
    """Two steps of the same weights: `thinker` streams a bounded thought, `speaker` answers, knowing the thought."""

    def __init__(self, name: str, *, thinker: LanguageModel, speaker: LanguageModel) -> None:
        self.name = name
        self.start_state: StartState = "in_content"  # whatever the speaker calls thinking arrives as such
        self._thinker = thinker
        self._speaker = speaker

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Load the weights; with a prefix, have it and the examples of a thought read. Raises ModelError."""
        await self._thinker.prepare()
        if prefix:
            await self._thinker.prepare(_SHOWN)
            await self._speaker.prepare(prefix)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream the thought as thinking, then the answer; the usage counts both. Raises ModelError."""
        *before, last = request.messages
        language = detect(last.content, "en")
        thought, spent = "", Usage(0, 0)
        async with aclosing(self._thinker.stream(_thought_about(request, last))) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                if delta.thinking:
                    thought += delta.thinking
                    yield Delta(thinking=delta.thinking)
                spent = delta.usage or spent
                if delta.content:
                    break  # the thought is over; what this step would answer is not wanted
        noted = " ".join(thought.split())
        told = Message(last.role, f"{last.content}\n{_NOTES[language].format(noted)}") if noted else last
        answer = msgspec.structs.replace(request, messages=(*before, told), effort="none", thinking_budget=0)
        async with aclosing(self._speaker.stream(answer)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                yield msgspec.structs.replace(delta, usage=_sum(spent, delta.usage))

    async def close(self) -> None:
        """Let go of both steps."""
        await self._thinker.close()
        await self._speaker.close()


def _thought_about(request: ModelRequest, last: Message) -> ModelRequest:
    return msgspec.structs.replace(
        request,
        messages=(*_SHOWN, Message(last.role, f"{last.content}\n{_IN_ENGLISH}")),
        max_tokens=8,  # room for the closing mark
        thinking_budget=request.thinking_budget or THOUGHT_TOKENS,
        temperature=min(request.temperature, _COOL),
        stop=(),
    )


def _sum(spent: Usage, usage: Usage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(spent.prompt_tokens + usage.prompt_tokens, spent.tokens + usage.tokens)
