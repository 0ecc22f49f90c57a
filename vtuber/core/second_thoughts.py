"""Second thoughts: whether what the fast model said should be thought over by the slow one, and come back better."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from vtuber.core.attention import is_question
from vtuber.core.pondering import same_thing
from vtuber.core.stock import mentions
from vtuber.settings import Thinking

AGAIN_MS: Final = 120_000  # who asks the same thing within this time was not content with the answer

_HEDGES: Final = (
    *("i'm not sure", "i am not sure", "not quite sure", "not entirely sure", "not certain", "i don't know"),
    *("i do not know", "i have no idea", "no idea", "might be wrong", "may be wrong", "could be wrong", "i guess"),
    *("i'm guessing", "my guess", "don't quote me", "can't say for sure", "hard to say", "if i remember"),
    *("i don't remember", "beats me", "i'm afraid i can't", "over my head", "not my strong suit"),
    *(
        "わからな",
        "分からな",
        "わかんな",
        "分かんな",
        "わかりません",
        "分かりません",
        "判らな",
        "知らない",
        "たぶん",
        "多分",
    ),
    *("自信ない", "自信がない", "自信はない", "うろ覚え", "おぼえてない", "覚えてない", "間違ってるかも", "ちがうかも"),
    *("違うかも", "はっきりしな", "はっきりとは", "なんとも言えない", "何とも言えない", "当てずっぽう"),
)


class Answered(msgspec.Struct, frozen=True):
    """What the fast model has answered, whom and when (ms)."""

    viewer_id: str
    text: str
    at_ms: int


def hedged(said: str) -> bool:
    """Whether an answer says that it may be wrong, or is none."""
    return mentions(said, _HEDGES)


def doubt(
    asked: str, said: str, *, difficulty: float, confidence: float | None, settings: Thinking
) -> Literal["", "confidence", "hedging"]:
    """Say why an answer should be thought over: it was given without confidence, or hedged; "" if it may stand.

    `confidence`: the mean log-probability of its tokens, None where it is not known. Small talk always stands.
    """
    if not said or not worth_thought(asked, difficulty, settings):
        return ""
    if confidence is not None and confidence < settings.least_confidence:
        return "confidence"
    return "hedging" if hedged(said) else ""


def asked_again(text: str, viewer_id: str, now: int, earlier: Iterable[Answered]) -> bool:
    """Whether the same viewer was given an answer to the same thing within AGAIN_MS."""
    return bool(viewer_id) and any(
        one.viewer_id == viewer_id and now - one.at_ms <= AGAIN_MS and same_thing(text, one.text) for one in earlier
    )


def worth_thought(asked: str, difficulty: float, settings: Thinking) -> bool:
    """Whether a message may be thought over at all: a real question or a task, not small talk, however answered."""
    return difficulty >= (settings.simple_below / 2 if is_question(asked) else settings.hard_from)
