import asyncio
from typing import Any

from tests.answering import ANSWER, Search, asked, saying, with_tools
from tests.playing import HARD, replies
from vtuber.adapters.tools.calculator import Calculator
from vtuber.events import Generated, Performed, Recalled, Thought, Used
from vtuber.ports import Found, ModelRequest
from vtuber.settings import Attention, Cap, Settings, Thinking


def test_the_second_call_begins_with_the_same_prompt():
    seen = list[ModelRequest]()
    asked("hello there", saying("[deep]", ANSWER, seen=seen))
    assert seen[0].messages == seen[1].messages
    assert seen[0].seed != seen[1].seed


def test_what_two_calls_of_a_turn_thought_is_one_record():
    thought = "The viewer greets me, I should greet back."
    played = asked("hello there", saying("[deep]", "Good evening to you!", thinking=thought))
    (kept,) = [one for one in played.of(Thought) if one.tier == "fast"]
    assert kept.text.count(thought) == 2


def test_nothing_is_said_twice_when_the_model_is_asked_twice():
    played = asked("hello there", saying("[tool] Good evening!", "Good evening!"))
    assert sum("Good evening!" in one.text for one in played.of(Performed)) == 1


def test_all_calls_of_a_turn_begin_with_the_same_messages():
    seen = list[ModelRequest]()
    fast = saying("[tool]", '{"tool": "none", "arguments": {}}', ANSWER, seen=seen)
    asked("what is the weather in Oslo now?", fast, change=with_tools(Search()))
    assert len({request.messages[:-1] for request in seen}) == 1
    assert [request.schema is not None for request in seen] == [False, True, False]


def test_a_model_that_picks_no_tool_in_a_readable_way_is_asked_for_an_answer():
    played = asked("how is the weather?", saying("[tool]", "Hm, let me see", ANSWER), change=with_tools(Search()))
    assert ANSWER in played.said()
    assert not any("let me see" in line for line in played.said())


def test_what_entered_each_prompt_of_a_turn_is_on_record():
    fast = saying(
        "[tool]", '{"tool": "search", "arguments": {"query": "Oslo"}}', '{"tool": "none", "arguments": {}}', ANSWER
    )
    played = asked("what is the weather in Oslo now?", fast, change=with_tools(Search()))
    records = played.of(Recalled)
    assert len({one.id for one in records}) == len(records) == 2
    assert [one.prompt_parts["found"] > 0 for one in records] == [False, True]


def test_json_is_never_spoken_and_its_call_is_on_record():
    choice = '{"tool": "none", "arguments": {}}'
    played = asked("how is the weather?", saying("[tool]", choice, ANSWER), change=with_tools(Search()))
    (picked,) = [one for one in played.of(Generated) if one.purpose == "tool"]
    assert picked.text == choice
    assert not any("none" in line for line in played.said())


def looks_up(place: str) -> str:
    return f'{{"tool": "search", "arguments": {{"query": "{place}"}}}}'


NOTHING = '{"tool": "none", "arguments": {}}'


def test_what_tools_give_for_a_hard_question_stands_in_the_slow_model_s_prompt():
    seen = list[ModelRequest]()
    deep = saying("It rains there because of the sea. So it stays mild.", seen=seen)
    fast = saying(looks_up("Oslo"), NOTHING, "Hello!")
    played = asked(f"{HARD} why Oslo is mild now", fast, deep=deep, change=with_tools(Search()))
    assert "12 degrees, light rain" in seen[-1].messages[-1].content
    assert [(one.tool, one.tier, one.sources) for one in played.of(Used)] == [
        ("search", "deep", ("https://weather.example/oslo",))
    ]
    assert "It rains there because of the sea." in played.said()
    (record,) = [one for one in played.of(Recalled) if one.id.endswith(".deep")]
    assert record.prompt_parts["found"] > 0


def test_a_hard_question_may_use_five_tools_and_any_other_two():
    fast = saying(*(looks_up(place) for place in ("Oslo", "Rome", "Nara", "Lima", "Bern", "Kyiv", "Suva")), NOTHING)
    played = asked(f"{HARD} which city is mild", fast, deep=replies("Rome. It is warm."), change=with_tools(Search()))
    assert [one.tier for one in played.of(Used)] == ["deep"] * 5
    fast = saying("[tool]", *(looks_up(place) for place in ("Oslo", "Rome", "Nara", "Lima")), NOTHING)
    played = asked("what is the weather now?", fast, change=with_tools(Search()))
    assert [one.tier for one in played.of(Used)] == ["fast"] * 2


def test_for_a_hard_question_no_tool_is_picked_where_rules_know_all_that_there_are():
    played = asked(f"{HARD} why dice are fair", replies("Hi."), change=with_tools(Calculator()))
    assert not [one for one in played.of(Generated) if one.purpose == "tool"]


def test_picking_tools_says_nothing_of_how_fast_the_fast_model_answers():
    fast = saying(looks_up("Oslo"), NOTHING, "Hello!")
    played = asked(f"{HARD} why Oslo is mild", fast, deep=replies("The sea. It is warm."), change=with_tools(Search()))
    assert [one.purpose for one in played.of(Generated) if one.tier == "fast"] == ["tool", "tool"]
    assert not played.show.mind.fast.pace_learnt


def test_a_look_up_that_takes_long_leaves_time_for_the_answer():
    class Endless(Search):
        async def call(self, arguments: dict[str, Any]) -> Found:
            await asyncio.sleep(2.5)
            return await super().call(arguments)

    places = (looks_up(place) for place in ("Oslo", "Rome", "Nara", "Lima", "Bern"))
    brief = Settings(
        thinking=Thinking(low=Cap(tokens=100, thinking_tokens=50, deadline_s=12)), attention=Attention(idle_s=1000)
    )
    played = asked(
        f"{HARD} which city is mild", saying(*places, NOTHING), deep=replies("It is Rome. It is warm there."),
        change=with_tools(Endless()), settings=brief,
    )  # fmt: skip
    assert any("It is Rome." in line for line in played.said())
    assert any(one.tool == "search" and one.ok for one in played.of(Used))
