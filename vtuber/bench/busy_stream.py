"""A busy stream to ponder in: a chat in two languages with hard questions in it, and doubles of both models."""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from vtuber.events import Chat, Language
from vtuber.ports import Delta, Message, ModelRequest, StartState, Usage

_VIEWERS = 120
_QUIET_PER_S, _BURST_PER_S = 1 / 3, 2.0  # messages a second: 20 a minute, and in a burst
_BURST_EVERY_S, _BURST_S = (90.0, 240.0), (10.0, 25.0)
_HARD_SHARE, _WRITTEN_SHARE, _FOREIGN_SHARE = 0.18, 0.2, 0.05
_DEEP_MEDIAN_S, _DEEP_SPREAD, _DEEP_CLIP_S = 22.0, 0.45, (12.0, 46.0)
_DEEP_TOKENS_PER_S = 16
_FAST_S = (2.0, 5.0)
_THOUGHT_SHARE = 0.6  # of the deep model's time
_STEPS = 24  # pieces of a stream: how it is cut changes no figure but its cost
_TOPICS: dict[Language, tuple[str, ...]] = {
    "en": (
        "tides", "sourdough", "a suspension bridge", "binary search", "noise cancelling", "the northern lights",
        "a heat pump", "garbage collection", "compound interest", "a piano's tuning", "vaccines", "a hash table",
    ),
    "ja": (
        "潮の満ち引き", "発酵", "吊り橋", "二分探索", "雑音の打ち消し", "オーロラ",
        "ヒートポンプ", "記憶の整理", "複利", "調律", "予防接種", "公開鍵暗号",
    ),
}  # fmt: skip
_HARD: dict[Language, tuple[str, ...]] = {
    "en": (
        "can you explain step by step how {} works?", "why does {} need so much care in practice?",
        "what is the difference between {} and {}, and when do I use which?",
    ),
    "ja": (
        "{}のしくみを順を追って説明して？", "どうして{}はあんなにむずかしいの？",
        "{}と{}の違いは？どう使い分ける？",
    ),
}  # fmt: skip
_EASY: dict[Language, tuple[str, ...]] = {
    "en": ("do you like {}?", "I just heard about {} on my way home", "good evening from row {}", "what a night, {}!"),
    "ja": ("{}は好き？", "さっき{}の話を聞いたよ", "{}の席からこんばんは", "今日も{}だね"),
}
_WORDS: dict[Language, tuple[str, ...]] = {
    "en": ("lantern", "harbour", "window", "ticket", "garden", "kettle", "signal", "ladder", "meadow", "button"),
    "ja": ("提灯", "港", "窓辺", "切符", "庭先", "やかん", "合図", "はしご", "草原", "釦"),
}
_HAN = (
    "海山川空星月花鳥風雪森島橋門灯船市町駅窓糸紙本絵音声色形旅道"  # pairs of them make words that nobody has said yet
)
_SAYS: dict[Language, str] = {
    "en": "It rests on the {} and on the {}. That is why the {} comes before the {}.",
    "ja": "{}は{}に近い。だから{}より{}が先。",
}
_THINKS: dict[Language, str] = {
    "en": "Weighing silently what matters: {} against {}, then the order of {} and {}, step after careful step. ",
    "ja": "ひそかに思案中、まず{}をよく眺めておき、{}と引きくらべ、{}ののちに{}とする順番を決めていこう。",
}
_FOREIGN = "这个问题的答案取决于几个不同的因素和条件。我们需要仔细分析每一个步骤。"
_TABLE = "\n---\n\n| {} | {} |\n|---|---|\n| {} | {} |\n\n```python\nprint({!r})\n```\n"
# How a model marks its thought; {} is the thought. "field": it comes in a field of its own.
FORMS: Mapping[str, str] = {
    "field": "",
    "tags": "<think>\n{}\n</think>\n\n",
    "harmony": "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>",
    "implicit": "{}\n</think>\n\n",
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the chat: when, what, and whether it is hard."""

    at_ms: int
    chat: Chat
    language: Language
    hard: bool = False


def busy(minutes: float, seed: int) -> tuple[Said, ...]:
    """Make a chat of that length, in two languages: about 20 messages a minute, and bursts of two a second."""
    dice = random.Random(f"chat {seed}")
    said: list[Said] = []
    now, burst_at = 0.0, dice.uniform(*_BURST_EVERY_S)
    burst_ends = burst_at + dice.uniform(*_BURST_S)
    while True:
        bursting = burst_at <= now < burst_ends
        now += dice.expovariate(_BURST_PER_S if bursting else _QUIET_PER_S)
        if now >= minutes * 60:
            return tuple(said)
        if now >= burst_ends:
            burst_at = now + dice.uniform(*_BURST_EVERY_S)
            burst_ends = burst_at + dice.uniform(*_BURST_S)
        said.append(_message(len(said), round(now * 1000), dice))


def _message(number: int, at_ms: int, dice: random.Random) -> Said:
    language: Language = dice.choice(("ja", "en"))
    hard = dice.random() < _HARD_SHARE
    topics = dice.sample(_TOPICS[language], 2)
    pattern = dice.choice((_HARD if hard else _EASY)[language])
    text = f"{pattern.format(*topics)} {dice.choice(_WORDS[language])}{number}"
    viewer = min(_VIEWERS, int(dice.paretovariate(0.9)))
    return said(number, at_ms, text, f"{language}viewer{viewer}", language, hard=hard)  # each speaks one language


def said(number: int, at_ms: int, text: str, viewer: str, language: Language, *, hard: bool) -> Said:
    """Make one message."""
    chat = Chat(
        id=f"bench:c:{number}", at_ms=0, platform="bench", viewer_id=f"bench:{viewer}", name=viewer, text=text
    )  # fmt: skip
    return Said(at_ms=at_ms, chat=chat, language=language, hard=hard)


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a double answers: its thought, the words, the seconds, and the tokens it reports."""

    thought: str = ""
    text: str
    first_s: float
    total_s: float
    tokens: int


Scripting = Callable[[ModelRequest, Language, int, random.Random], Script]


class Double:
    """A model that takes its time and marks its thoughts in one of the FORMS; it keeps what it thought."""

    def __init__(self, name: str, script: Scripting, chat: Mapping[str, Said], *, form: str, seed: int) -> None:
        """`chat`: the messages by id, for the language of an answer."""
        self.name = name
        self.start_state: StartState = "auto" if name == "deep" else "in_content"
        self.thoughts: list[str] = []
        self._script = script
        self._form = form
        self._chat = chat
        self._seed = seed
        self._calls = 0

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Nothing to load."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Answer in the asker's language."""
        self._calls += 1
        dice = random.Random(f"{self.name} {self._seed} {self._calls}")
        asked = request.answering[0] if request.answering else ""
        language: Language = self._chat[asked].language if asked in self._chat else "en"
        script = self._script(request, language, self._calls, dice)
        self.thoughts += [script.thought] if script.thought else []
        before = FORMS[self._form].format(script.thought) if script.thought else ""
        field = script.thought if self._form == "field" else ""
        pieces = [Delta(thinking=piece) for piece in _pieces(field)]
        pieces += [Delta(content=piece) for piece in _pieces(before) + _pieces(script.text)]
        await asyncio.sleep(script.first_s)
        for piece in pieces:
            yield piece
            await asyncio.sleep((script.total_s - script.first_s) / len(pieces))
        prompt = sum(len(message.content) for message in request.messages) // 3
        yield Delta(stop="stop", usage=Usage(prompt, script.tokens))

    async def close(self) -> None:
        """Nothing to let go of."""


def answers_fast(request: ModelRequest, language: Language, call: int, dice: random.Random) -> Script:  # noqa: ARG001 - a Scripting
    """Answer as a small model does: two sentences in two to five seconds."""
    total_s = dice.uniform(*_FAST_S)
    return Script(text=_sentences(language, call, dice), first_s=total_s / 4, total_s=total_s, tokens=40)


def answers_deep(request: ModelRequest, language: Language, call: int, dice: random.Random) -> Script:  # noqa: ARG001 - a Scripting
    """Answer as a large model does: after 12 to 46 seconds, most of them spent on a thought, now and then with a table.

    One answer in twenty comes in another language.
    """
    total_s = min(_DEEP_CLIP_S[1], max(_DEEP_CLIP_S[0], dice.lognormvariate(math.log(_DEEP_MEDIAN_S), _DEEP_SPREAD)))
    text = f"{_sentences(language, call, dice)} {_sentences(language, call + 5, dice)}"
    chance = dice.random()
    if chance < _FOREIGN_SHARE:
        text = _FOREIGN
    elif chance < _FOREIGN_SHARE + _WRITTEN_SHARE:
        text += _TABLE.format(*(f"{word}{call}" for word in dice.sample(_WORDS[language], 5)))
    return Script(
        thought="".join(_filled(_THINKS[language], language, call, dice) for _ in range(6)),
        text=text,
        first_s=total_s / 20,
        total_s=total_s,
        tokens=round(total_s * _DEEP_TOKENS_PER_S),
    )


def served_at(tokens_per_s: float, reads_per_s: float) -> Scripting:
    """Give answers of a model served so slowly: as much thought as it may, then as many words as two hundred tokens."""

    def answer(request: ModelRequest, language: Language, call: int, dice: random.Random) -> Script:
        deep = request.tier == "deep"
        script = answers_deep(request, language, call, random.Random(3)) if deep else None
        thinking = (request.thinking_budget or 300) if deep else 0
        tokens = thinking + min(request.max_tokens, 200 if deep else 40)
        first_s = sum(len(message.content) for message in request.messages) / 3 / reads_per_s
        text = f"{_sentences(language, call, dice)} {_sentences(language, call + 5, dice)}" if deep else ""
        text += _TABLE.format(*(f"{word}{call}" for word in dice.sample(_WORDS[language], 5))) if deep else ""
        return Script(
            thought=script.thought if script else "",
            text=text or _sentences(language, call, dice),
            first_s=first_s,
            total_s=first_s + tokens / tokens_per_s,
            tokens=tokens,
        )

    return answer


def _sentences(language: Language, call: int, dice: random.Random) -> str:
    return _filled(_SAYS[language], language, call, dice)


def _filled(pattern: str, language: Language, call: int, dice: random.Random) -> str:
    """Fill in words such that no two answers are alike."""
    if language == "ja":
        return pattern.format(*("".join(dice.sample(_HAN, 2)) for _ in range(4)))
    return pattern.format(*(f"{word}{call}" for word in dice.sample(_WORDS[language], 4)))


def _pieces(text: str) -> list[str]:
    step = max(1, len(text) // _STEPS)
    return [text[at : at + step] for at in range(0, len(text), step)]
