"""Every marker that the filter knows is also refused by the second look; words of every day are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.thinking.tables import THINK_TAGS, TOOL_TAGS, literals
from vtuber.core.thinking.traces import traced

TAGGED = [
    f"<{slash}{name}{end}" for name in (*THINK_TAGS, *TOOL_TAGS) for slash in ("", "/") for end in (">", " x='1'>", "")
]
SHAPES = [
    "<|open|>think<|sep|>",
    "<|content_thinking|>",
    "<|message_model|>",
    "<|im_start|>assistant",
    "<new:thinking>",
]
SHAPES += [
    "<|a_token_yet_unknown|>",
    "<｜one▁more｜>",
    "<THINK>",
    "< / think >",
    "<think:opensource>",
    "<|im_st",
    "/no_think",
    "＜ｔｈｉｎｋ＞",
]
WORDS = ["Here is my thought process:", "Here are my reasoning steps:", "...done thinking."]


@pytest.mark.parametrize("marker", [*literals(), *TAGGED, *SHAPES, *WORDS])
def test_every_marker_is_a_trace(marker: str):
    for text in (marker, f"Hi, {marker} there", f"やあ {marker}"):
        assert traced(text)


@pytest.mark.parametrize(
    "text",
    [
        "I <3 you, 2 < 3 and [really] *wow* {ok}",
        "<b>bold</b>, <planet>, <thinker>, a <thinking-cap> and [think] about it",
        "Here is my cat, and here is my response: no!",
        "Thinking... hm, my assistant finally came to a final analysis.",
        "見て見て <(￣︶￣)> と [拍手] と {花} と (´・ω・`)",
        "either/or, and/think, https://hall.example/think",
        "reason and reflection are my plan",
        "",
    ],
)
def test_words_of_every_day_are_none(text: str):
    assert not traced(text)


@given(
    st.text(max_size=60), st.sampled_from(["<think>", "＜think＞", "<|End_Message|>", "◁/think▷"]), st.text(max_size=60)
)
def test_a_marker_is_found_in_any_text(before: str, marker: str, after: str):
    assert traced(before + marker + after)
