import random
from typing import Any

import pytest

from vtuber.bench.busy_stream import FORMS, Double, answers_deep, answers_fast, busy, said, served_at
from vtuber.core.guard import Guard
from vtuber.core.language import detect
from vtuber.core.written import Essay
from vtuber.ports import Message, ModelRequest


def request(tier: Any = "deep", **more: Any) -> ModelRequest:
    return ModelRequest(messages=(Message("user", "x" * 300),), tier=tier, answering=("bench:c:0",), **more)


async def told(model: Double, asked: ModelRequest) -> tuple[str, str]:
    """Give what the model streams: its fields of thought and of content."""
    deltas = [delta async for delta in model.stream(asked)]
    return "".join(one.thinking for one in deltas), "".join(one.content for one in deltas)


def test_a_busy_chat_has_twenty_messages_a_minute_and_bursts_in_two_languages():
    chat = busy(60, 1)
    assert 60 * 20 < len(chat) < 60 * 35
    assert [one.at_ms for one in chat] == sorted(one.at_ms for one in chat)
    assert max(sum(at <= one.at_ms < at + 10_000 for one in chat) for at in range(0, 3_600_000, 5_000)) >= 12
    assert 0.1 < sum(one.hard for one in chat) / len(chat) < 0.3
    assert all(detect(one.chat.text, "en") == one.language for one in chat)
    viewers = {one.chat.viewer_id: one.language for one in chat}
    assert len(viewers) > 50
    assert all(one.language == viewers[one.chat.viewer_id] for one in chat), "each viewer speaks one language"
    assert busy(60, 1) == chat != busy(60, 2)


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_a_thought_is_told_from_the_words(form: str):
    chat = {"bench:c:0": said(0, 0, "why?", "mika", "en", hard=True)}
    model = Double("deep", answers_deep, chat, form=form, seed=3)
    thinking, content = await told(model, request())
    essay = Essay(start="auto", guard=Guard(()), sentences=4, language="en")
    spoken = essay.feed(content, thinking) + essay.close()
    (thought,) = model.thoughts
    assert len(thought) > 300
    assert essay.thought.strip() == thought.strip()
    assert spoken
    assert not any(one.text in thought for one in spoken)


async def test_the_doubles_take_the_time_of_the_models_they_stand_for():
    for number in range(40):
        dice = random.Random(number)
        assert 12 <= answers_deep(request(), "ja", number, dice).total_s <= 46
        assert 2 <= answers_fast(request("fast"), "ja", number, dice).total_s <= 5


def test_a_slow_server_takes_the_time_of_its_tokens():
    slow = served_at(8.5, 60.0)
    one = slow(request(max_tokens=400, thinking_budget=200), "en", 1, random.Random(1))
    assert one.total_s == pytest.approx(300 / 3 / 60 + 400 / 8.5)
    quick = slow(request("fast", max_tokens=120), "en", 1, random.Random(1))
    assert quick.thought == ""
    assert quick.total_s == pytest.approx(300 / 3 / 60 + 40 / 8.5)
