"""A deep answer as text: prose is spoken, everything is shown, and a thought is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.guard import Guard
from vtuber.core.written import MOST_BYTES, Essay, spoken_part, whole

GUARD = Guard(("slurword",), ("forbidden phrase",))
TABLE = "| kind | use |\n|---|---|\n| RAG | documents |"
CODE = "```python\nfor n in range(3):\n    print(n)\n```"


def essay(start: str = "in_content", **more: object) -> Essay:
    fields = {"guard": GUARD, "sentences": 4, "language": "en"} | more
    return Essay(start=start, **fields)


def read(text: str, start: str = "in_content", *, step: int = 7, cut: bool = False, thinking: str = ""):
    """Read a text in pieces; give what is spoken, and the essay."""
    one = essay(start, language="en" if text.isascii() else "ja")
    said = one.feed("", thinking)
    for place in range(0, len(text), step):
        said += one.feed(text[place : place + step])
    said += one.close(cut=cut)
    return [piece.text for piece in said], one


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("One. Two.\n---\nThe rest.", "One. Two."),
        ("One.\n\n" + TABLE, "One."),
        (f"{CODE}\nOne.", "One."),
        ("One.\n- a\n- b\n1. c\n2) d\n## e\n・ f\nTwo.", "One.\nTwo."),
        ("a | b\nc | d\nOne.", "One."),
        (TABLE + "\n---\nOne.", "One."),
        ("- a\n- b", ""),
        ("It is 3.5 metres. **Really.**\n5 apples.", "It is 3.5 metres. **Really.**\n5 apples."),
        ("```\nOne.\n---\nTwo.", ""),
        ("---\nOne.", "---\nOne."),
    ],
)
def test_only_prose_before_the_line_of_dashes_is_spoken(text: str, spoken: str):
    assert spoken_part(text) == spoken


@given(st.lists(st.sampled_from(["One two.", "- item", TABLE, CODE, "---", "", "1. x", "a | b"]), max_size=8))
def test_no_line_of_a_table_a_list_or_code_is_ever_spoken(lines: list[str]):
    spoken = spoken_part("\n".join(lines))
    assert not [line for line in spoken.splitlines() if "|" in line or line.startswith(("- ", "1. ", "for", "    "))]


def test_the_whole_is_kept_with_its_table_and_its_code():
    said, one = read(f"The short of it is this. It depends.\n\n---\n\n{TABLE}\n\n{CODE}\n")
    assert said == ["The short of it is this.", "It depends."]
    assert one.written("".join(said)) == f"The short of it is this. It depends.\n\n{TABLE}\n\n{CODE}"


def test_what_is_only_what_she_says_needs_no_text():
    said, one = read("The moon pulls the sea. So it rises.")
    assert one.written("".join(said)) == ""


def test_of_a_long_answer_four_sentences_are_spoken_and_all_are_shown():
    text = "First of all. Second comes this. Third comes that. Fourth is here. Fifth is last."
    said, one = read(text)
    assert " ".join(said) == "First of all. Second comes this. Third comes that. Fourth is here."
    assert one.written("".join(said)) == text


def test_what_is_spoken_is_given_as_soon_as_the_line_of_dashes_has_come():
    one = essay()
    assert one.feed("One thing is clear. Another is not.\n--") == []
    assert [said.text for said in one.feed("-\n| a ")] == ["One thing is clear.", "Another is not."]
    assert one.feed("| b |\n") == one.close(cut=True) == []
    assert one.written("One thing is clear.Another is not.").endswith("| a | b |\n…")


def test_where_a_stream_may_have_begun_inside_a_thought_nothing_is_given_before_its_end():
    one = essay("auto")
    assert one.feed("Let me see what they want here.\n---\nThat is all I think.\n") == []
    assert one.feed("</think>The moon does it. So the sea rises.\n---\nmore and more\n") == []
    assert [said.text for said in one.close()] == ["The moon does it.", "So the sea rises."]
    assert "see what they want" in one.thought
    assert "think" not in one.written("")


THOUGHT = "the viewer wants a number so I will reckon with it in silence"
FORMS = {
    "field": ("in_content", "", THOUGHT),
    "tags": ("auto", f"<think>{THOUGHT}</think>", ""),
    "open": ("in_thinking", f"{THOUGHT}</think>", ""),
    "lone closer": ("auto", f"{THOUGHT}\n</think>", ""),
    "harmony": (
        "auto",
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>",
        "",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@given(step=st.integers(1, 40))
def test_a_thought_is_neither_spoken_nor_shown_in_whatever_form_it_comes(form: str, step: int):
    start, before, field = FORMS[form]
    said, one = read(f"{before}It is forty-two. Trust me.\n---\n{TABLE}", start, step=step, thinking=field)
    assert said == ["It is forty-two.", "Trust me."]
    assert one.thought.strip() == THOUGHT
    assert one.written("".join(said)) == f"It is forty-two. Trust me.\n\n{TABLE}"


def test_a_sentence_that_repeats_a_thought_or_holds_a_listed_word_is_not_shown():
    text = f"It is clear. Well, {THOUGHT}. A slurword here! It ends well."
    assert whole(text, "", GUARD, THOUGHT) == "It is clear. It ends well."
    assert whole(f"Look:\n```\n{THOUGHT}\n```\nDone.", "", GUARD, THOUGHT) == "Look:\n\nDone."


def test_secrets_and_control_characters_are_taken_out():
    shown = whole("Write to a.person@example.org now.\x1b[2J\u202e\nIt is\tso.", "", GUARD, "")
    assert "example.org" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "It is\tso." in shown


@given(st.text(max_size=400), st.integers(1, 80))
def test_the_text_is_never_longer_than_may_be_shown(text: str, times: int):
    shown = whole(f"{text}\n" * times * 4, "", GUARD, "")
    assert len(shown.encode()) <= MOST_BYTES + 4


@given(st.text("ab. \n-|`#1", max_size=200), st.integers(1, 9))
def test_any_way_of_cutting_the_stream_gives_the_same(text: str, step: int):
    said, one = read(text, step=step)
    all_at_once, other = read(text, step=1000)
    assert (said, one.written("")) == (all_at_once, other.written(""))


def test_a_half_sentence_is_not_spoken_where_the_stream_broke_off():
    said, _ = read("The first is whole. The second is no", cut=True)
    assert said == ["The first is whole."]
    said, _ = read("まずは月のおかげ。「そして」太陽も", cut=True)
    assert said == ["まずは月のおかげ。"]
    assert read("It is because of", cut=True)[0] == []
    said, _ = read("The first is whole. The second too\n---\n| a", cut=True)
    assert said == ["The first is whole.", "The second too"]


def test_marks_are_neither_spoken_nor_shown():
    said, one = read("[deep] It is the moon. [tool] Trust me.\n---\n[deep] more of it")
    assert " ".join(said) == "It is the moon. Trust me."
    assert "[" not in one.written("")


def test_where_the_start_is_open_what_broke_off_may_all_be_thought_and_is_neither_spoken_nor_shown():
    thought = "Gravity first, then the sea. The moon is near. The sun counts half of"
    one = essay("auto")
    assert one.feed(thought) + one.close(cut=True) == []
    assert (one.written(""), one.thought) == ("", thought)
    told = essay("auto")
    said = told.feed("<think>Gravity.</think>The moon pulls the sea. So it") + told.close(cut=True)
    assert [each.text for each in said] == ["The moon pulls the sea."]
    whole_one = essay("auto")
    assert [each.text for each in whole_one.feed("The moon pulls.") + whole_one.close()] == ["The moon pulls."]
