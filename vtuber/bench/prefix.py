"""How much of a prompt is read anew: the first token of a conversation's first turn, and of those that follow it."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec

from vtuber.core import prompt
from vtuber.core.language import joined
from vtuber.core.prompt import Exchanged
from vtuber.core.reply import Reply
from vtuber.events import Language, Recollection
from vtuber.persona import Persona
from vtuber.ports import LanguageModel, ModelRequest, Usage
from vtuber.settings import Settings, Thinking
from vtuber.wiring.character import guard_for, read_character
from vtuber.wiring.models import open_model

_CHARACTER: Final = "efu"
_TOKENS: Final = 40  # of an answer
# Who writes, what, and what is remembered for it. A conversation that is longer than this begins anew with others.
_SAID: Final[dict[Language, tuple[tuple[str, str, str], ...]]] = {
    "en": (
        ("mika", "good evening! how was your day?", ""),
        ("taro", "i forgot my umbrella on the bus today", "taro wrote before: i always lose my umbrellas"),
        ("lena", "what are you eating tonight?", "lena wrote before: i work at a bakery"),
        ("kei_07", "is it raining where you are?", ""),
        ("mika", "my cat knocked my tea over again", "mika wrote before: my cat Miso hates the vacuum cleaner"),
        ("orbit", "what is the strangest thing that anybody ever left there?", ""),
        ("taro", "should i go back for it or buy a new one?", "taro wrote before: i always lose my umbrellas"),
        ("zoe", "first time here, what is this place?", "The window opens when the last tram has come in."),
        ("lena", "the bread was sold out by noon today!", "lena wrote before: i work at a bakery"),
        ("kei_07", "do you ever get bored there?", "kei_07 wrote before: i am on night shift this week"),
    ),
    "ja": (
        ("みか", "こんばんは、今日はどんな日だった?", ""),
        ("たろう", "今日バスに傘を忘れちゃった", "たろうは前に「いつも傘をなくすんだ」と書いた。"),
        ("レナ", "今夜は何を食べるの?", "レナは前に「パン屋で働いてる」と書いた。"),
        ("kei_07", "そっちは雨ふってる?", ""),
        ("みか", "うちの猫がまたお茶をこぼした", "みかは前に「うちの猫のミソは掃除機がきらい」と書いた。"),
        ("orbit", "いままででいちばん変な忘れ物って何?", ""),
        ("たろう", "取りに行くか、新しいのを買うか迷うな", "たろうは前に「いつも傘をなくすんだ」と書いた。"),
        ("ゾーイ", "はじめて来たけど、ここはどんなところ?", "窓口は、終電が着いてから開くよ。"),
        ("レナ", "今日は昼までにパンが売り切れたよ", "レナは前に「パン屋で働いてる」と書いた。"),
        ("kei_07", "そこにいて、たいくつしない?", "kei_07は前に「今週は夜勤」と書いた。"),
    ),
}


class _Heard(msgspec.Struct, frozen=True):
    """A turn: when its first token came, and what the prompt was, by the server's count."""

    first_token_ms: float
    usage: Usage
    said: str


def measure(turns: int, progress: Callable[[], None]) -> dict[str, object]:
    """Hold a conversation with the embedded model in each language; `progress` is called after each turn.

    `cold_ms` is the first turn's first token, with the weights loaded and nothing of the prompt read; `ratio` that of
    the last turn to it. `read_anew_tokens` says the same without the machine's load: what of each prompt was not at
    hand. Raises NotFound where there are no weights.
    """
    return asyncio.run(_measure(turns, progress))


async def _measure(turns: int, progress: Callable[[], None]) -> dict[str, object]:
    who, wanted = read_character(_CHARACTER, Path()), Settings()
    result: dict[str, object] = {"turns": turns}
    async with open_model("embedded", "fast", wanted, Path(os.devnull)) as model:
        await model.prepare()
        for language in _SAID:
            heard = await converse(model, who, language, turns, wanted.thinking, progress)
            times = [round(one.first_token_ms) for one in heard]
            result[language] = {
                "cold_ms": times[0],
                f"turn_{turns}_ms": times[-1],
                "ratio": round(heard[-1].first_token_ms / heard[0].first_token_ms, 3),
                "first_token_ms": times,
                "prompt_tokens": [one.usage.prompt_tokens for one in heard],
                "read_anew_tokens": [one.usage.prompt_tokens - one.usage.cached for one in heard],
            }
    return result


async def converse(
    model: LanguageModel, who: Persona, language: Language, turns: int, wanted: Thinking, progress: Callable[[], None]
) -> list[_Heard]:
    """Hold a conversation as the show would, with its prompts: what she said stands in the next one."""
    talk: tuple[Exchanged, ...] = ()
    heard: list[_Heard] = []
    layout = prompt.layout(wanted)
    for number in range(turns):
        name, text, memory = _SAID[language][number % len(_SAID[language])]
        recalled = (Recollection(id="m", text=memory, viewer_id="", at_ms=0, score=1.0),) if memory else ()
        asked = prompt.answer(
            who, language=language, name=name, text=text, talk=talk, recalled=recalled, layout=layout
        )  # fmt: skip
        one = await _ask(model, asked, who, language, number)
        talk = prompt.trim((*talk, Exchanged(name, text, one.said, language)), wanted.portions.talk)
        heard.append(one)
        progress()
    return heard


async def _ask(model: LanguageModel, asked: prompt.Prompt, who: Persona, language: Language, seed: int) -> _Heard:
    reply = Reply(
        start=model.start_state, guard=guard_for(who), sentences=who.speaking.reply_sentences, language=language
    )
    request = ModelRequest(messages=asked.messages, max_tokens=_TOKENS, temperature=0.6, seed=seed)
    began, first, usage, said = time.perf_counter(), 0.0, Usage(0, 0), list[str]()
    async with aclosing(model.stream(request)) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            first = first or (time.perf_counter() - began if delta.content or delta.thinking else 0.0)
            usage = delta.usage or usage
            said += [one.text for one in reply.feed(delta.content, delta.thinking)]
    said += [one.text for one in reply.close(cut=True)]
    return _Heard(first * 1000, usage, joined(said))
