"""Models are asked as the show asks them: in character, thoughts kept back, and timed; one that fails stops no other."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from vtuber import persona
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.cli.asking import Asked, Asker, ask_all
from vtuber.core.guard import Guard
from vtuber.errors import ModelUnavailable
from vtuber.events import Tier
from vtuber.ports import Delta, LanguageModel, ModelRequest
from vtuber.settings import Settings

QUESTIONS = ("What do you keep on the shelf?", "なにを預かってるの？")


class Opened:
    """Opens scripted models by name, and remembers what was asked of them and which were closed."""

    def __init__(self, **models: Scripted) -> None:
        self.models = models
        self.open: list[str] = []

    @asynccontextmanager
    async def __call__(
        self, spec: str, tier: Tier, settings: Settings, log: Path | None
    ) -> AsyncIterator[LanguageModel]:
        if spec not in self.models:
            raise ModelUnavailable(f"No model server answers for {spec}; start it.")
        self.open.append(spec)
        try:
            yield self.models[spec]
        finally:
            self.open.remove(spec)


def asker(opened: Opened, *, tier: Tier = "fast", thoughts: bool = False) -> Asker:
    who = persona.load(persona.find("efu", (persona.shipped(),)))
    guard, settings = Guard("", ()), Settings()
    return Asker(who=who, guard=guard, settings=settings, tier=tier, open_model=opened, thoughts=thoughts)


async def asked(opened: Opened, *models: str, tier: Tier = "fast", thoughts: bool = False) -> tuple[Asked, ...]:
    return await ask_all(asker(opened, tier=tier, thoughts=thoughts), models, QUESTIONS)


async def test_each_model_answers_each_question_in_turn_and_is_closed():
    opened = Opened(a=Scripted(replies={"shelf": "Umbrellas, mostly."}), b=Scripted(replies={"shelf": "One glove."}))
    first, second = await asked(opened, "a", "b")
    assert [answer.question for answer in first.answers] == list(QUESTIONS)
    assert (first.answers[0].text, second.answers[0].text) == ("Umbrellas, mostly.", "One glove.")
    assert first.answers[1].text.startswith(("「", "な", "お"))
    assert opened.open == []


async def test_times_are_those_of_the_model():
    pace = Pace(first_token_ms=500, tokens_per_s=10)
    opened = Opened(a=Scripted(replies={"": "one two three four five."}, pace=pace))
    answer = (await asked(opened, "a"))[0].answers[0]
    assert (answer.first_token_ms, answer.total_ms, answer.tokens) == (500, 900, 5)
    assert answer.tokens_per_s == 10


async def test_a_thought_is_not_shown_unless_asked_for():
    scripture = Scripture(text="<think>the glove is hers</think>I really can't tell.", thinking="she knows.")
    opened = Opened(a=Scripted(replies=lambda _: scripture))
    hidden = (await asked(opened, "a"))[0].answers[0]
    assert (hidden.text, hidden.thought) == ("I really can't tell.", "")
    assert "glove" not in msgspec.json.encode(hidden).decode()
    shown = (await asked(opened, "a", thoughts=True))[0].answers[0]
    assert shown.text == "I really can't tell."
    assert "she knows." in shown.thought


async def test_a_model_that_is_not_there_says_so_and_the_others_are_asked():
    told: list[str] = []
    opened = Opened(b=Scripted())
    both = await ask_all(msgspec.structs.replace(asker(opened), done=told.append), ["a", "b"], QUESTIONS)
    assert "No model server answers for a" in both[0].error
    assert both[0].answers == ()
    assert len(both[1].answers) == 2
    assert told == ["a", "a", "b", "b"]


async def test_an_answer_that_breaks_off_is_an_error_of_that_answer_only():
    def replies(request: ModelRequest) -> Scripture:
        fault = "error" if "shelf" in request.messages[-1].content else ""
        return Scripture(text="Mostly umbrellas. And a tuba.", fault=fault)  # type: ignore[arg-type]

    first, second = (await asked(Opened(a=Scripted(replies=replies)), "a"))[0].answers
    assert "breaks off" in first.error
    assert not second.error


async def test_the_deep_tier_is_asked_as_a_deep_model():
    seen: list[ModelRequest] = []

    def replies(request: ModelRequest) -> Scripture:
        seen.append(request)
        return Scripture(text="Because of the tide.")

    await asked(Opened(a=Scripted(replies=replies)), "a", tier="deep")
    assert {(request.tier, request.effort, request.max_tokens) for request in seen} == {("deep", "low", 400)}
    await asked(Opened(a=Scripted(replies=replies)), "a")
    assert (seen[-1].tier, seen[-1].max_tokens) == ("fast", 120)
    assert "Efu" in seen[-2].messages[0].content


async def test_the_effort_of_the_deep_tier_is_the_askers():
    seen: list[ModelRequest] = []

    def replies(request: ModelRequest) -> Scripture:
        seen.append(request)
        return Scripture(text="Because of the tide.")

    hard = msgspec.structs.replace(asker(Opened(a=Scripted(replies=replies)), tier="deep"), effort="high")
    await ask_all(hard, ("a",), QUESTIONS)
    high = Settings().thinking.high
    assert {(one.effort, one.max_tokens, one.thinking_budget) for one in seen} == {
        ("high", high.tokens, high.thinking_tokens)
    }


class Untold(Scripted):
    """A model of which nothing tells what its streams begin with; `asked` is what it was asked."""

    def __init__(self, text: str) -> None:
        self.asked: list[ModelRequest] = []
        super().__init__(replies=lambda _: Scripture(text=text), pace=Pace(first_token_ms=500, tokens_per_s=10))
        self.start_state = "auto"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        self.asked.append(request)
        async for delta in super().stream(request):
            yield delta


@pytest.mark.parametrize("tier", ["fast", "deep"])
async def test_what_a_models_streams_begin_with_is_learnt_once_and_its_first_words_come_at_their_time(tier: Tier):
    model = Untold(
        "Snow is as white as it can be on a clear morning. It lies on all of the roofs, and on the fence as well. "
        "Nobody wants a third sentence here, nor a fourth one. A fifth one is too long even for a deep answer. Really."
    )
    answers = (await asked(Opened(a=model), "a", tier=tier))[0].answers
    assert len(model.asked) == 1 + len(QUESTIONS)
    assert {(one.tier, one.effort) for one in model.asked} == {(tier, "none" if tier == "fast" else "low")}
    assert 0 < answers[0].first_words_ms < answers[0].total_ms
    assert "Really" not in answers[0].text
    if tier == "fast":
        assert answers[0].text.endswith("as well."), "a reply as short as in a show"
        assert answers[0].total_ms < 4000, "and the rest of the stream was not waited for"


async def test_where_it_cannot_be_learnt_in_time_nothing_is_shown_before_the_answer_has_ended():
    model = Untold("Snow is as white as it can be on a clear morning. It lies on all of the roofs too. " + "Hm. " * 85)
    answer = (await asked(Opened(a=model), "a"))[0].answers[0]
    assert answer.text.startswith("Snow is as white")
    assert answer.first_words_ms == answer.total_ms > 10_000
