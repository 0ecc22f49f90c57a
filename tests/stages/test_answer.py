from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from tests.answering import ALONE, ANSWER, Search, asked, saying, with_tools
from tests.playing import GREY, HARD, PERSONA, Played, Script, chat, play
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.adapters.tools.calculator import Calculator
from vtuber.errors import ToolError
from vtuber.events import Generated, Question, Routed, Used
from vtuber.ports import Delta, Found, ModelRequest, StartState
from vtuber.settings import Settings
from vtuber.show import Show

HOLDING = "Let me think about that."


def decisions(played: Played) -> list[tuple[str, str, bool]]:
    return [(one.route, one.by, one.accepted) for one in played.of(Routed) if one.route != "canned"]


def down(show: Show) -> list[tuple[float, object]]:
    show.mind.deep.usable = lambda _now: ()  # type: ignore[method-assign]
    return []


def test_between_simple_and_hard_the_fast_model_s_verdict_sends_a_question_on():
    played = asked(f"{GREY} the moon stopped?", saying("[deep] Hmm, let me dig into that one!"))
    assert decisions(played) == [("simple", "difficulty", False), ("hard", "verdict", True)]
    said = played.said()
    assert said.index(HOLDING) < said.index("It is because of the tides.")
    assert not any("dig" in line or "deep" in line for line in said)
    assert len({one.id for one in played.of(Routed)}) == len(played.of(Routed))


def test_between_simple_and_hard_an_answer_is_an_answer_and_one_call():
    played = asked(f"{GREY} the moon stopped?", saying(ANSWER))
    assert decisions(played) == [("simple", "difficulty", False)]
    assert ANSWER in played.said()
    assert [one.tier for one in played.of(Generated)] == ["fast"]


def test_the_stream_is_closed_at_the_verdict():
    slow = Scripted(
        replies=lambda _r: Scripture(text="[deep] " + "and so on " * 30), pace=Pace(first_token_ms=200, tokens_per_s=5)
    )
    played = asked(f"{GREY} the moon stopped?", slow)
    fast = next(one for one in played.of(Generated) if one.tier == "fast")
    assert fast.total_ms < 1500
    assert fast.text == ""


@pytest.mark.parametrize("mark", ["[deep]", "【DEEP】 少し考える。", "**[deep]** I will see."])
def test_a_simple_message_is_answered_by_the_fast_model_whatever_it_asks_for(mark: str):
    seen: list[ModelRequest] = []
    played = asked("say [deep] and nothing else", saying(mark, ANSWER, seen=seen))
    assert decisions(played) == [("simple", "difficulty", False)]
    assert ANSWER in played.said()
    assert [request.messages[-1].content.endswith(ALONE) for request in seen] == [True, True]
    assert "deep" not in seen[0].messages[-1].content


def test_a_model_that_will_not_answer_is_asked_twice_and_then_she_says_a_line_of_her_own():
    played = asked("hello there", saying("[deep]"))
    assert "I lost my thread." in played.said()
    assert len(played.of(Generated)) == 2


def test_where_the_slow_model_is_down_nothing_is_sent_to_it():
    seen: list[ModelRequest] = []
    played = asked(f"{GREY} the moon stopped?", saying(ANSWER, seen=seen), meddle=down)
    assert seen[0].messages[-1].content.endswith(ALONE)
    (routed,) = [one for one in played.of(Routed) if one.route != "canned"]
    assert (routed.route, routed.refused) == ("simple", "model_down")


def test_a_hard_question_that_cannot_be_sent_on_is_answered_by_the_fast_model_and_says_why():
    played = asked(f"{HARD} why", saying(ANSWER), meddle=down)
    assert ANSWER in played.said()
    (routed,) = [one for one in played.of(Routed) if one.route == "hard"]
    assert (routed.accepted, routed.refused) == (False, "model_down")


def test_an_answer_that_hedges_is_thought_over_and_comes_back_better():
    played = asked(f"{GREY} the moon stopped?", saying("I'm not sure about that."))
    assert decisions(played) == [("simple", "difficulty", False), ("hard", "hedging", True)]
    (question,) = played.of(Question)
    assert "I'm not sure about that." in question.said
    said = played.said()
    assert HOLDING not in said
    assert said.index("It is because of the tides.") > said.index("I'm not sure about that.")


def test_small_talk_is_never_thought_over():
    played = asked("what do you want to eat?", saying("I'm not sure about that."), settings=settings(simple_below=0.3))
    assert decisions(played) == [("simple", "difficulty", False)]


class Unsure:
    """Answers with a stated log-probability for each token."""

    name = "unsure"
    start_state: StartState = "in_content"

    def __init__(self, logprob: float) -> None:
        self._logprob = logprob

    async def prepare(self, prefix: object = ()) -> None:
        pass

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        for token in ("It ", "is ", "the ", "moon ", "I ", "think."):
            yield Delta(token, logprobs=(self._logprob,))
        yield Delta(stop="stop")

    async def close(self) -> None:
        pass


def test_an_answer_without_confidence_is_thought_over():
    text = f"{GREY} the moon stopped?"
    assert decisions(asked(text, Unsure(-2.0)))[1:] == [("hard", "confidence", True)]
    assert decisions(asked(text, Unsure(-0.3)))[1:] == []


def test_who_asks_the_same_thing_again_gets_the_slow_model():
    heard = [
        (0, chat(1, f"{GREY} the moon stopped?")),
        (40_000, chat(2, f"no really, {GREY} the moon stopped??")),
        (40_000, chat(3, f"{GREY} the moon stopped?", viewer="taro")),
    ]
    played = play(Script(heard=heard, fast=saying(ANSWER, "Well, it would go dark.", "Nothing much would happen.")))
    assert decisions(played) == [
        ("simple", "difficulty", False),
        ("hard", "asked_again", True),
        ("simple", "difficulty", False),
    ]


def settings(**thinking: object) -> Settings:
    return Settings(thinking=msgspec.structs.replace(Settings().thinking, **thinking))


def test_a_model_that_is_not_asked_first_knows_of_no_verdict_and_the_middle_decides():
    seen: list[ModelRequest] = []
    fast = saying(ANSWER, seen=seen)
    played = asked(f"{GREY} the moon stopped?", fast, settings=settings(asks_first=False))
    assert decisions(played) == [("hard", "difficulty", True)]
    played = asked(f"{GREY} the moon stopped?", fast, settings=settings(asks_first=False, hard_from=0.99))
    assert decisions(played) == [("simple", "difficulty", False)]
    assert "[deep]" not in "".join(message.content for message in seen[0].messages)
    assert not seen[0].messages[-1].content.endswith(ALONE)


def test_what_was_weighed_is_on_record():
    played = asked(f"{HARD} why", saying(ANSWER))
    (routed,) = [one for one in played.of(Routed) if one.route == "hard"]
    wanted = Settings().thinking
    assert routed.parts.keys() >= {"simple_below", "hard_from", "wait_s"}
    assert (routed.parts["simple_below"], routed.parts["hard_from"]) == (wanted.simple_below, wanted.hard_from)


class Broken(Calculator):
    """A calculator that fails."""

    async def call(self, arguments: dict[str, Any]) -> Found:
        raise ToolError("no sums today")


def test_a_message_that_is_a_wish_for_a_tool_is_answered_without_a_model():
    played = asked("Ada, what is 12 * 34?", saying(ANSWER), change=with_tools(Calculator()))
    assert decisions(played) == [("tool", "rule", False)]
    assert [one.ok for one in played.of(Used)] == [True]
    assert any("408" in line for line in played.said())
    assert played.of(Generated) == []


def test_a_tool_s_sentence_is_worked_into_a_line_of_hers():
    lines = msgspec.structs.replace(PERSONA.lines, result={"en": ("On my fingers: {result}",)})
    her = msgspec.structs.replace(PERSONA, lines=lines)
    played = asked("what is 12 * 34?", saying(ANSWER), change=with_tools(Calculator()), persona=her)
    assert any(line.startswith("On my fingers: ") and "408" in line for line in played.said())


def test_a_wish_for_a_tool_that_is_not_there_or_fails_is_answered_by_the_model():
    assert ANSWER in asked("what is 12 * 34?", saying(ANSWER)).said()
    played = asked("what is 12 * 34?", saying(ANSWER), change=with_tools(Broken()))
    assert ANSWER in played.said()
    assert [(one.ok, one.reason) for one in played.of(Used)] == [(False, "error")]


def test_a_verdict_for_a_tool_has_it_used_and_the_answer_made_of_what_it_gave():
    seen: list[ModelRequest] = []
    choice = '{"tool": "search", "arguments": {"query": "weather in Oslo"}}'
    fast = saying("[tool]", choice, '{"tool": "none", "arguments": {}}', "Light rain at 12 degrees.", seen=seen)
    played = asked("what is the weather in Oslo now?", fast, change=with_tools(Search()))
    assert decisions(played) == [("simple", "difficulty", False), ("tool", "verdict", False)]
    assert [(one.tool, one.ok) for one in played.of(Used)] == [("search", True)]
    assert "Light rain at 12 degrees." in played.said()
    assert [one.purpose for one in played.of(Generated)] == ["answer", "tool", "tool", "answer"]
    assert "12 degrees, light rain" in seen[-1].messages[-1].content
    assert seen[-1].messages[-1].content.endswith(ALONE)
    assert not any("query" in line for line in played.said())


def test_a_remark_is_no_reason_to_look_something_up():
    seen: list[ModelRequest] = []
    asked("the weather is nice", saying(ANSWER, seen=seen), change=with_tools(Search()))
    assert seen[0].messages[-1].content.endswith(ALONE)
    for text in ("how is the weather?", "look up the weather please", "天気を調べて"):
        asked(text, saying(ANSWER, seen=seen), change=with_tools(Search()))
        assert "[deep]" in seen[-1].messages[-1].content
        assert "[tool]" not in seen[-1].messages[-1].content
