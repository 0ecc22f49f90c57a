from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.adapters.model.weights import has_weights
from vtuber.bench import prefix
from vtuber.clock import run_virtual
from vtuber.core import prompt
from vtuber.events import Language
from vtuber.ports import ModelRequest
from vtuber.settings import Settings, Thinking
from vtuber.wiring.character import read_character

USUAL = Settings().thinking


def conversation(language: Language, turns: int, wanted: Thinking = USUAL) -> list[ModelRequest]:
    """Hold the bench's conversation with a model of rules; give what it was asked."""
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(
            text=f"うん、{len(asked)}番目だよ。" if language == "ja" else f"This is answer number {len(asked)}."
        )

    who, done = read_character("efu", Path()), list[None]()
    model = Scripted(replies=reply)
    heard = run_virtual(prefix.converse(model, who, language, turns, wanted, lambda: done.append(None)))
    assert len(heard) == len(done) == turns
    assert all(one.said for one in heard)
    return asked


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_turn_s_prompt_begins_with_all_that_was_fixed_and_said_before(language: Language):
    asked = conversation(language, 10)
    fixed = prompt.prefix(read_character("efu", Path()), language, prompt.layout(USUAL))
    for before, after in pairwise(asked):
        assert after.messages[: len(before.messages) - 1] == before.messages[:-1]
    assert asked[0].messages[:-1] == fixed
    assert len(asked[9].messages) == len(fixed) + 2 * 9 + 1


def test_the_talk_is_trimmed_as_in_a_show():
    thinking = msgspec.structs.replace(USUAL, portions=msgspec.structs.replace(USUAL.portions, talk=120))
    asked = conversation("en", 10, thinking)
    assert max(len(one.messages) for one in asked) < len(asked[0].messages) + 2 * 9


def test_memories_vary_from_turn_to_turn():
    lasts = [one.messages[-1].content for one in conversation("en", 10)]
    assert len({"Notes" in last for last in lasts}) == 2
    assert len(set(lasts)) == 10


@pytest.mark.real
@pytest.mark.skipif(not has_weights(), reason="the stand-in weights are not installed")
def test_the_tenth_turn_reads_at_most_three_tenths_of_what_the_first_one_read():
    found: Any = prefix.measure(10, lambda: None)
    for language in ("en", "ja"):
        read, whole = found[language]["read_anew_tokens"], found[language]["prompt_tokens"]
        assert read[0] > 0.9 * whole[0], "nothing of it was at hand"
        assert max(read[1:]) <= 0.3 * read[0], language
        assert whole[-1] > whole[0]
