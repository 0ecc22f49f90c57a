import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.language_model import LanguageModelContract, collect, content, request, thinking, until_error
from vtuber.adapters.model.scripted import Fault, Pace, Scripted, Scripture, improvised
from vtuber.clock import run_virtual
from vtuber.core.language import detect
from vtuber.errors import ModelError, ModelRefused, ModelTimeout, ModelUnavailable
from vtuber.ports import Message, ModelRequest


class TestScripted(LanguageModelContract):
    run = staticmethod(run_virtual)
    thinks = True

    def make(self):
        return Scripted()


@pytest.mark.parametrize(
    ("text", "language", "quoted"),
    [
        ("sol: “do you like rainy days?”\n(Answer in English.)", "en", "do you like rainy days"),
        ("ソラ: “雨の日は好き？”\n（日本語で答える。）", "ja", "雨の日は好き"),
        ("sol: “<b>bold</b> {move}”", "en", "bbold"),
        ("", "en", "…"),
    ],
)
def test_an_improvised_answer_quotes_the_message_in_its_language(text: str, language: str, quoted: str):
    said = improvised(ModelRequest(messages=(Message("user", text),))).text
    assert quoted in said
    assert detect(said, "en") == language
    assert not set("<>{}") & set(said)


@given(st.text(max_size=200))
def test_any_message_has_a_short_answer_and_the_same_one_each_time(text: str):
    asked = ModelRequest(messages=(Message("user", text),), max_tokens=200)
    answer = improvised(asked)
    assert answer == improvised(asked)
    assert 0 < len(answer.text) < 200
    assert content(run_virtual(collect(Scripted(), asked))) == answer.text


async def test_it_keeps_its_pace_on_virtual_time():
    loop = asyncio.get_running_loop()
    model = Scripted(
        replies=lambda _: Scripture(text="one two three four five"), pace=Pace(first_token_ms=500, tokens_per_s=10)
    )
    began = loop.time()
    deltas = await collect(model, request())
    assert [delta.content for delta in deltas[:-1]] == ["one", " two", " three", " four", " five"]
    assert loop.time() - began == pytest.approx(0.9)


async def test_a_table_answers_by_a_piece_of_the_message_and_improvises_the_rest():
    model = Scripted(replies={"star": "Sirius, of course!", "moon": Scripture(text="The moon.", thinking="hm")})
    assert content(await collect(model, request("sol: “which star?”"))) == "Sirius, of course!"
    moon = await collect(model, request("sol: “the moon?”"))
    assert (thinking(moon), content(moon)) == ("hm", "The moon.")
    assert "tea" in content(await collect(model, request("sol: “tea?”")))


@pytest.mark.parametrize(
    ("fault", "kind", "heard"),
    [
        ("refuse", ModelRefused, False),
        ("unavailable", ModelUnavailable, False),
        ("hang", ModelTimeout, False),
        ("stall", ModelTimeout, True),
        ("error", ModelError, True),
    ],
)
def test_it_fails_as_its_script_says(fault: Fault, kind: type[ModelError], *, heard: bool):
    async def go() -> Any:
        model = Scripted(replies=lambda _: Scripture(text="one two three four", fault=fault), pace=Pace(patience_s=30))
        got, error = await until_error(model, request())
        return error, got, asyncio.get_running_loop().time()

    error, got, took = run_virtual(go())
    assert type(error) is kind
    assert bool(got) is heard
    assert (took >= 30) is (fault in {"hang", "stall"})


async def test_a_thought_keeps_to_its_budget():
    deltas = await collect(Scripted(), request(tier="deep", thinking_budget=3))
    assert sum(bool(delta.thinking) for delta in deltas) == 3
