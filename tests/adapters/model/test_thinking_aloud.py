from typing import Any

from tests.contracts.language_model import LanguageModelContract, collect, content, request, thinking
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.adapters.model.thinking_aloud import ThinkingAloud
from vtuber.clock import run_virtual
from vtuber.ports import ModelRequest


def thinking_aloud(
    asked: list[ModelRequest], thought: str = "stars are hot.", said: str = "They are hot."
) -> ThinkingAloud:
    def thinker(one: ModelRequest) -> Scripture:
        asked.append(one)
        return Scripture(text="what it would answer", thinking=thought)

    def speaker(one: ModelRequest) -> Scripture:
        asked.append(one)
        return Scripture(text=said)

    return ThinkingAloud("aloud", thinker=Scripted(replies=thinker), speaker=Scripted(replies=speaker))


class TestThinkingAloud(LanguageModelContract):
    run = staticmethod(run_virtual)
    thinks = True

    def make(self):
        return thinking_aloud([], "stars are hot", "They are hot, kay, and bright, and very far away.")

    def test_an_answer_streams_in_pieces_and_only_the_last_says_why_it_stopped(self):
        deltas = self.collected(request())
        assert content(deltas).strip()
        assert [bool(delta.stop) for delta in deltas] == [False] * (len(deltas) - 1) + [True]

    def test_after_a_stream_was_closed_early_the_next_answer_is_whole(self):
        async def go() -> Any:
            model = self.make()
            stream = model.stream(request(effort="low"))
            first = await anext(stream)
            await stream.aclose()
            return first, await collect(model, request())

        first, after = run_virtual(go())
        assert first.thinking
        assert after[-1].stop

    def test_a_thought_is_never_content(self):
        deltas = self.collected(request(tier="deep", effort="low", thinking_budget=24))
        assert thinking(deltas) == "stars are hot"
        assert "stars are hot" not in content(deltas)


async def test_the_answer_knows_the_thought_and_what_the_thinker_would_answer_is_not_said():
    asked: list[ModelRequest] = []
    deltas = await collect(
        thinking_aloud(asked), request("sol: “why do stars shine?”", thinking_budget=50, effort="low")
    )
    assert thinking(deltas) == "stars are hot."
    assert content(deltas) == "They are hot."
    thought, spoken = asked
    assert thought.thinking_budget == 50
    assert thought.messages[-1].content.startswith("sol: “why do stars shine?”\n")
    assert "stars are hot." in spoken.messages[-1].content
    assert spoken.messages[:-1] == request().messages[:-1]
    assert (spoken.effort, spoken.thinking_budget) == ("none", 0)


async def test_it_notes_in_english_and_answers_in_the_language_of_the_question():
    asked: list[ModelRequest] = []
    await collect(
        thinking_aloud(asked, "hot → light", "熱いからだよ。"), request("ソラ: “なぜ星は光るの？”", effort="low")
    )
    assert "English" in asked[0].messages[-1].content
    assert "考えておいたこと：hot → light" in asked[1].messages[-1].content


async def test_without_effort_it_answers_at_once():
    asked: list[ModelRequest] = []
    deltas = await collect(thinking_aloud(asked), request(effort="none"))
    assert (thinking(deltas), content(deltas), len(asked)) == ("", "They are hot.", 1)


async def test_without_a_thought_it_answers_the_plain_question():
    asked: list[ModelRequest] = []
    deltas = await collect(thinking_aloud(asked, ""), request(effort="low"))
    assert asked[1].messages == request().messages
    assert content(deltas) == "They are hot."


async def test_the_usage_counts_both_steps():
    asked: list[ModelRequest] = []
    usage = (await collect(thinking_aloud(asked), request(effort="low")))[-1].usage
    assert usage is not None
    assert usage.tokens >= 3
