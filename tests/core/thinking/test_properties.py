"""Whatever markers follow each other: the chunks change nothing, nothing is invented, and the work stays in bounds."""

import random
import sys
from types import FrameType
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from vtuber.core.thinking import ThinkingFilter
from vtuber.core.thinking.tables import CLOSING_WORDS, OPENING_WORDS, TAGS, literals
from vtuber.ports import StartState

STARTS: tuple[StartState, ...] = ("auto", "in_thinking", "in_content", "harmony_implicit_start", "thinking_disabled")
MARKERS = sorted(
    {
        *literals(),
        *CLOSING_WORDS,
        *OPENING_WORDS,
        *(f"{head}{name}{tail}" for name in TAGS for head, tail in (("<", ">"), ("</", ">"), ("<", "/>"), ("<", ""))),
        *(
            "<think:opensource>",
            "</think:opensource>",
            "<think id='a'>",
            "<think\n",
            "<THINK>",
            "< /think >",
            "<function=f>",
        ),
        *(
            "<|open|>think<|sep|>",
            "<|close|>think<|sep|>",
            "<|open|>response<|sep|>",
            "<|open|>tools<|sep|>",
            "<|close|>",
        ),
        *("<|message_model|>", "<|content_thinking|>", "<|content_text|>", "<|content_json|>", "<|im_start|>", "<|im_"),
        *("\x1b[1m", "\x1b[38;5;245m", "\x1b"),
    }
)
PROSE = [
    *"<|[]{}`~/=\"'.:>\nHaA ｜◁",
    "``",
    "```",
    "\n\n",
    "words and more",
    " said she",
    "かしこい",
    "「はい」",
    "think",
    "analysis",
]
PROSE += ["final", "commentary", "assistant", "user", " to=", "to=self", "(´・ω・`)", "Here is ", "<3", "=", "n='b'"]
SOUP = st.lists(st.one_of(st.sampled_from(MARKERS), st.sampled_from(PROSE)), max_size=16).map("".join)


def cuts(text: str, seed: int, steps: tuple[int, ...] = (1, 2, 3, 5, 8)) -> list[str]:
    dice, pieces, at = random.Random(seed), [], 0
    while at < len(text):
        pieces.append(text[at : (at := at + dice.choice(steps))])
    return pieces


def split(chunks: list[str], start: StartState, markers: tuple[tuple[str, str], ...] = ()) -> tuple[str, str, int]:
    flt = ThinkingFilter(start=start, markers=markers)
    out = [*(flt.feed(chunk) for chunk in chunks), flt.close()]
    return "".join(part for part, _ in out), "".join(part for _, part in out), flt.reopened_at


@given(SOUP, st.sampled_from(STARTS), st.integers(0, 2**32))
@example("<|channel|>Hello<|start|>", "auto", 0)
@example("<|eom|>ANALYSIS", "auto", 0)
def test_the_result_does_not_depend_on_the_chunks(text: str, start: StartState, seed: int):
    whole = split([text], start)
    assert split(list(text), start) == whole
    assert split(cuts(text, seed), start) == whole
    assert split(cuts(text, seed, (4, 13, 40, 120)), start) == whole


@given(SOUP, st.sampled_from(STARTS), st.integers(0, 2**32))
def test_nor_does_it_with_markers_that_a_model_declares(text: str, start: StartState, seed: int):
    own = (("<custom>", "</custom>"), ("[[", "]]"), ("think", ""))
    whole = split([text], start, own)
    assert split(list(text), start, own) == whole
    assert split(cuts(text, seed), start, own) == whole


@given(st.one_of(st.text(max_size=80), SOUP), st.sampled_from(STARTS), st.integers(0, 2**32))
def test_any_text_is_taken_and_nothing_is_added_to_it(text: str, start: StartState, seed: int):
    thinking, content, reopened_at = split(cuts(text, seed), start)
    assert len(thinking) + len(content) <= len(text)
    assert reopened_at <= len(content)
    assert start != "thinking_disabled" or not thinking


@given(st.text(alphabet="abc あいう。、!? \n", max_size=60))
def test_text_without_markers_comes_out_unchanged(text: str):
    for start in ("auto", "in_content"):
        assert split(list(text), start)[1] == text


@given(SOUP, st.sampled_from(STARTS))
def test_what_is_held_back_and_so_the_work_for_a_chunk_is_bounded(unit: str, start: StartState):
    flt = ThinkingFilter(start=start)
    for char in (unit * 40)[:4000]:
        flt.feed(char)
        kept = sum(map(len, flt._state.doubt or ()))
        assert len(flt._held) + len(flt._state.header.text) + len(flt._escapes.begun) + kept <= 900


def calls(text: str, start: StartState, size: int) -> int:
    count = 0

    def note(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    flt = ThinkingFilter(start=start)
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for at in range(0, len(text), size):
            flt.feed(text[at : at + size])
        flt.close()
    finally:
        sys.setprofile(before)
    return count


def test_four_times_the_text_is_four_times_the_work():
    dice = random.Random(11)
    for start in STARTS:
        unit = "".join(dice.choice((*MARKERS, *PROSE)) for _ in range(60))
        for size in (1, 7, 100_000):
            once, often = calls(unit * 5, start, size), calls(unit * 20, start, size)
            assert often <= 4.4 * once + 500, (start, size)
