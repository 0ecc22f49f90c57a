from tests.answering import ANSWER, Search, asked, saying, with_tools
from vtuber.events import Generated, Performed, Recalled, Thought
from vtuber.ports import ModelRequest


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
