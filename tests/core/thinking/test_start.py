"""What a model's streams begin with is learnt from one answer and corrected by what they show."""

import pytest

from vtuber.core.thinking import ThinkingFilter
from vtuber.core.thinking.start import Shown, learn_start, observed
from vtuber.ports import StartState


@pytest.mark.parametrize(
    "content",
    [
        "She greets me.</think>Hi!",
        "</think>\n\nHi!",
        "She greets me.\n</seed:think>Hi!",
        "She greets me.[/THINK]Hi!",
        "She greets me.<|END_THINKING|><|START_TEXT|>Hi!<|END_TEXT|>",
        "She greets me.<|START_RESPONSE|>Hi!",
        "あいさつだ。<|close|>think<|sep|><|open|>response<|sep|>やあ！",
        "She greets me.<|end_message|><|message_model|><|content_text|>Hi!",
        "あいさつだ。\n[BEGIN FINAL RESPONSE]\nやあ！",
    ],
)
def test_a_closer_without_an_opener_means_that_the_prompt_opened_the_thought(content: str):
    assert learn_start(content, "") == "in_thinking"
    assert learn_start(content, "", complete=True) == "in_thinking"


@pytest.mark.parametrize(
    "content",
    [
        "<think>She greets me.</think>Hi!",
        "<think>\n\n</think>\n\nやあ！",
        "[THINK]She greets me.[/THINK]Hi!",
        "<|channel>thought\nあいさつだ。<channel|>やあ！",
        "<|START_TEXT|>Hi!<|END_TEXT|>",
        "<|message_model|><|content_thinking|>She greets me.<|end_message|>",
        "Hi!<|close|>response<|sep|>",
    ],
)
def test_an_opener_in_the_text_says_itself_when_a_thought_begins(content: str):
    assert learn_start(content, "") == "in_content"


def test_thoughts_in_a_field_of_their_own_leave_the_content_alone():
    assert learn_start("Hi!", "She greets me.") == "in_content"
    assert learn_start("", "あいさつだ。") == "in_content"


@pytest.mark.parametrize(
    "content",
    [
        "<|channel|>analysis<|message|>She greets me.<|end|><|start|>assistant<|channel|>final<|message|>Hi!",
        "<|start|>assistant<|channel|>final<|message|>Hi!",
        "analysisShe greets me.assistantfinalHi!",
        "assistantfinalHi!",
    ],
)
def test_a_harmony_head_means_that_the_prompt_began_a_message(content: str):
    assert learn_start(content, "") == "harmony_implicit_start"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "  \n",
        "Okay, the viewer greets me, so I",  # may be a thought that was cut off
        "Here is my thought process: She greets me. Here is my response: Hi!",
        "Thinking...\nShe greets me.\n...done thinking.\n\nHi!",
        " to=self<|message|>She greets me.<|eom|>",
        "She greets me.assistantfinalHi!",
        "She asks for the <think> tag, so",  # a thought that speaks of one
    ],
)
def test_what_does_not_tell_leaves_the_start_open(content: str):
    assert learn_start(content, "") is None


def test_a_plain_answer_tells_only_when_the_model_ended_it():
    assert learn_start("Hi, nice to see you!", "") is None
    assert learn_start("Hi, nice to see you!", "", complete=True) == "in_content"
    assert learn_start("The tag `</think>` closes it.", "", complete=True) == "in_content"
    assert learn_start("", "", complete=True) is None


@pytest.mark.parametrize(
    ("start", "showed", "later"),
    [
        ("auto", "inside", "in_thinking"),
        ("auto", "outside", "in_content"),
        ("auto", "silent", "auto"),
        ("auto", "", "auto"),
        ("in_content", "inside", "auto"),
        ("in_content", "outside", "in_content"),
        ("in_thinking", "silent", "auto"),
        ("in_thinking", "inside", "in_thinking"),
        ("harmony_implicit_start", "inside", "harmony_implicit_start"),
        ("thinking_disabled", "inside", "thinking_disabled"),
    ],
)
def test_later_streams_are_read_as_this_one_showed(start: StartState, showed: Shown, later: StartState):
    assert observed(start, showed) == later


def test_what_was_learnt_reads_the_next_stream_without_a_doubt():
    answer = "She greets me again.</think>Hello!"
    start = learn_start("She greets me.</think>Hi!", "")
    assert start
    flt = ThinkingFilter(start=start)
    assert [flt.feed(answer), flt.close()] == [("She greets me again.", "Hello!"), ("", "")]
    assert not flt.lone_closer
