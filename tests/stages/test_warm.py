"""The models are loaded while she says hello, and how that goes is on record."""

from tests.playing import GOOD_NIGHT, WELCOME, Script, chat, play, replies
from vtuber.errors import ModelUnavailable
from vtuber.events import Failed, Loading
from vtuber.ports import Message


def test_both_models_are_loaded_and_it_is_said_when_they_are_ready():
    played = play(Script(heard=[(0, chat(1, "how are you?"))]))
    assert [(one.tier, one.state) for one in played.of(Loading)] == [
        ("fast", "began"), ("fast", "ready"), ("deep", "began"), ("deep", "ready"),
    ]  # fmt: skip


def test_a_model_that_cannot_be_loaded_is_on_record_and_tried_again_with_each_turn():
    model = replies("Here I am again.")

    async def prepare(prefix: tuple[Message, ...] = ()) -> None:
        raise ModelUnavailable("not there")

    model.prepare = prepare  # type: ignore[method-assign]
    played = play(Script(heard=[(0, chat(1, "how are you?"))], fast=model))
    assert [(one.tier, one.state) for one in played.of(Loading)][:2] == [("fast", "began"), ("fast", "failed")]
    assert "model_fast" in {one.stage for one in played.of(Failed)}
    assert played.said() == [WELCOME, "Here I am again.", GOOD_NIGHT]


def test_the_prompts_of_both_languages_are_read_the_primary_one_first():
    model, read = replies("Hello to you."), list[str]()

    async def prepare(prefix: tuple[Message, ...] = ()) -> None:
        read.append(prefix[0].content if prefix else "")

    model.prepare = prepare  # type: ignore[method-assign]
    play(Script(heard=[(0, chat(1, "how are you?"))], fast=model))
    assert ["You are Ada." in one for one in read] == [True, False]
    assert "エイダ" in read[1]
