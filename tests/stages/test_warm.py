"""The models are loaded while she says hello, and how that goes is on record."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from tests.moody import Moody
from tests.playing import GOOD_NIGHT, WELCOME, Script, chat, play, replies
from vtuber.events import Failed, Health, Loading
from vtuber.ports import Delta, Message, ModelRequest


def test_both_models_are_loaded_and_it_is_said_when_they_are_ready():
    played = play(Script(heard=[(0, chat(1, "how are you?"))]))
    assert [(one.tier, one.state) for one in played.of(Loading)] == [
        ("fast", "began"), ("fast", "ready"), ("deep", "began"), ("deep", "ready"),
    ]  # fmt: skip


def test_a_model_that_cannot_be_loaded_is_on_record_told_and_loaded_later():
    told: list[str] = []
    model = Moody("late", "Here I am again.", ill=((0.0, 3.0),))
    played = play(
        Script(
            heard=[(1000, chat(1, "how are you?")), (9000, chat(2, "and now?", viewer="bo"))],
            fast=model,
            change=lambda parts: msgspec.structs.replace(parts, tell=told.append),
        )
    )
    assert [(one.tier, one.state) for one in played.of(Loading)][:2] == [("fast", "began"), ("fast", "failed")]
    assert [one.stage for one in played.of(Failed)] == ["model_fast"]
    assert told == ["The fast model late cannot be loaded; it will be tried again. as its spell says"]
    assert [(one.model, one.state, one.retry_ms) for one in played.of(Health)] == [
        ("late", "down", 5000),
        ("late", "up", 0),
    ]
    assert played.said() == [WELCOME, "I lost my thread.", "Here I am again.", GOOD_NIGHT]


def test_the_prompts_of_both_languages_are_read_the_primary_one_first():
    model, read = replies("Hello to you."), list[str]()

    async def prepare(prefix: tuple[Message, ...] = ()) -> None:
        read.append(prefix[0].content if prefix else "")

    model.prepare = prepare  # type: ignore[method-assign]
    play(Script(heard=[(100, chat(1, "how are you?"))], fast=model))
    assert ["You are Ada." in one for one in read] == [True, False]
    assert "エイダ" in read[1]


def test_whoever_waits_already_does_not_wait_for_the_other_language_to_be_read():
    model, asked = replies("Hello to you."), list[str]()
    stream = model.stream

    async def prepare(prefix: tuple[Message, ...] = ()) -> None:
        asked.append("read")
        await asyncio.sleep(5)

    def answer(request: ModelRequest) -> AsyncGenerator[Delta, None]:
        asked.append("answer")
        return stream(request)

    model.prepare, model.stream = prepare, answer  # type: ignore[method-assign, assignment]
    play(Script(heard=[(1_000, chat(1, "how are you?"))], fast=model))
    assert asked == ["read", "answer"]
