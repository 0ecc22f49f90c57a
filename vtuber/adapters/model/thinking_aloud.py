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
_SHOWN: dict[Language, tuple[Message, ...]] = {
    "en": (
        Message(
            "system",
            "Work out what to say about a viewer's question. Write short plain English sentences: first the facts, "
            "one step after the other, then the conclusion. No lists, no tags, no greeting.",
        ),
        Message("user", "kay: “Why do we have leap years?”"),
        Message(
            "assistant",
            "<think>The Earth goes round the sun in about 365.24 days. A calendar of 365 days loses a quarter "
            "of a day each year, a whole day in four years. So one extra day every four years keeps the seasons "
            "in place.</think>",
        ),
        Message("user", "lou: “Should I move to another city for my band?”"),
        Message(
            "assistant",
            "<think>Nobody else can decide this. What matters is whether the others move too, how long the money "
            "lasts, and whether there is a way back. So a trial of three months is safer than moving for good.</think>",
        ),
    ),
    "ja": (
        Message(
            "system",
            "視聴者の質問に何と答えるかを考える。短い普通の日本語の文で、まず事実を順に、次に結論を書く。箇条書き、タグ、挨拶はなし。",
        ),
        Message("user", "けい: “うるう年はなぜあるの？”"),
        Message(
            "assistant",
            "<think>地球が太陽を一周するのに約365.24日かかる。365日の暦では毎年四分の一日ずつ遅れ、四年で一日ずれる。"
            "だから四年に一度、一日を足すと季節がずれない。</think>",
        ),
        Message("user", "りん: “転職と今の会社、どっちがいいと思う？”"),
        Message(
            "assistant",
            "<think>どちらが正しいとは外から言えない。大事なのは、今の会社で何が足りないのかと、生活のお金がどれだけ続くか。"
            "だから足りないものを書き出して、次を探してから決めるのが安全だ。</think>",
        ),
    ),
}
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
            for shown in _SHOWN.values():
                await self._thinker.prepare(shown)
            await self._speaker.prepare(prefix)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        """Stream the thought as thinking, then the answer; the usage counts both. Raises ModelError."""
        *before, last = request.messages
        language = detect(last.content, "en")
        thought, spent = "", Usage(0, 0)
        async with aclosing(self._thinker.stream(_thought_about(request, last, language))) as deltas:  # type: ignore[type-var]
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


def _thought_about(request: ModelRequest, last: Message, language: Language) -> ModelRequest:
    return msgspec.structs.replace(
        request,
        messages=(*_SHOWN[language], last),
        max_tokens=8,  # room for the closing mark
        thinking_budget=request.thinking_budget or THOUGHT_TOKENS,
        temperature=min(request.temperature, _COOL),
        stop=(),
    )


def _sum(spent: Usage, usage: Usage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(spent.prompt_tokens + usage.prompt_tokens, spent.tokens + usage.tokens)
