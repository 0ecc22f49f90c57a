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
# Thoughts are notes in another language than the answer's, Chinese or English, which these weights know best: what is
# said afterwards has to be worded anew, and so holds no stretch of a thought.
_SHOWN: dict[Language, tuple[Message, ...]] = {
    "en": (
        Message(
            "system",
            "用中文写简短的笔记，想清楚怎样回答观众的问题。先写事实，最后写结论。只写要点，不写完整的回答，不打招呼。",
        ),
        Message("user", "kay: Why do we have leap years?"),
        Message(
            "assistant",
            "<think>地球公转约365.24天 → 日历365天，每年差四分之一天 → 四年差一天 → 加一天，季节不乱</think>",
        ),
        Message("user", "lou: Should I move to another city for my band?"),
        Message(
            "assistant", "<think>别人不能替他决定 → 要看：队友去不去，钱够多久，能不能回来 → 先试三个月更稳妥</think>"
        ),
        Message("user", "ann: 空は青いのに、夕日はどうして赤いの？"),
        Message("assistant", "<think>空气散射短波（蓝光）→ 天蓝。傍晚光走得远，蓝光散完，剩下红光 → 夕阳红</think>"),
    ),
    "ja": (
        Message(
            "system",
            "Work out what to say about a viewer's question. Write telegraphic notes in English, facts first, "
            "conclusion last: bare words and arrows, no full sentences, no articles, no greeting.",
        ),
        Message("user", "kay: Why do we have leap years?"),
        Message(
            "assistant", "<think>orbit: 365.24 d → calendar 365 d → drift 1/4 d a year → 4 y = 1 d → extra day</think>"
        ),
        Message("user", "lou: Should I move to another city for my band?"),
        Message(
            "assistant",
            "<think>own choice → others move too? money = how long? way back? → trial, 3 months > for good</think>",
        ),
        Message("user", "ann: 空は青いのに、夕日はどうして赤いの？"),
        Message(
            "assistant",
            "<think>air scatters short waves (blue) → sky. low sun: long path → blue gone → red left</think>",
        ),
    ),
}
_IN: dict[Language, str] = {"en": "（用中文写笔记）", "ja": "(Notes in English.)"}
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
        if request.effort == "none":
            async with aclosing(self._speaker.stream(request)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    yield delta
            return
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
        messages=(*_SHOWN[language], Message(last.role, f"{last.content}\n{_IN[language]}")),
        max_tokens=8,  # room for the closing mark
        thinking_budget=request.thinking_budget or THOUGHT_TOKENS,
        temperature=min(request.temperature, _COOL),
        stop=(),
        schema=None,
        logprobs=False,
    )


def _sum(spent: Usage, usage: Usage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(spent.prompt_tokens + usage.prompt_tokens, spent.tokens + usage.tokens, spent.cached + usage.cached)
