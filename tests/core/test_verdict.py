import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.verdict import VerdictFilter, unmarked

SOME = st.text(st.sampled_from('[]［】【 dDeEpｄｅｐtoTOlｌ"「*`あa.\n'), max_size=24)


def folded(pieces: list[str]) -> tuple[str, str]:
    marks = VerdictFilter()
    shown = "".join(marks.feed(piece) for piece in pieces) + marks.close()
    return marks.verdict, shown


@pytest.mark.parametrize(
    "answer",
    [
        "[deep]",
        "  \n[deep] Let me think about that.",
        "[DEEP]\n",
        "[ Deep ]",
        "【deep】少し考えるね。",
        "［ｄｅｅｐ］",
        "**[deep]**",
        '"[deep]"',
        "`[deep]`",
        "「[deep]」",
        "[[deep]]",
        "[deep",
    ],
)
def test_a_mark_at_the_beginning_is_the_verdict_and_nothing_behind_it_is_shown(answer: str):
    assert folded([answer]) == ("deep", "")


def test_the_other_mark_asks_for_a_tool():
    assert folded(["[tool] The weather in Oslo is fine."]) == ("tool", "")


@pytest.mark.parametrize(
    "answer",
    [
        "Deep down I like it.",
        "[deep breath] All right.",
        "[happy] Hello!",
        "[deeper] in the sea",
        "(deep) hm",
        "[1] is a footnote",
        "「いいね」って言ってた。",
        "**Four** of them.",
        "[",
        "",
    ],
)
def test_what_only_looks_like_a_mark_is_the_answer(answer: str):
    assert folded([answer]) == ("", answer)


def test_a_mark_further_on_is_taken_out_and_means_nothing():
    assert folded(["Well, [deep] it is 【TOOL】blue [deep"]) == ("", "Well,   it is  blue ")


def test_an_answer_that_does_not_begin_with_a_bracket_or_a_quotation_is_never_held_back():
    marks = VerdictFilter()
    assert [marks.feed(char) for char in "Hi, you"] == list("Hi, you")


def test_an_answer_is_held_back_only_while_it_can_become_a_mark():
    marks = VerdictFilter()
    assert [marks.feed(char) for char in "[dear you"] == ["", "", "", "[dea", *"r you"]


@given(SOME, st.data())
def test_any_split_gives_the_same_and_no_mark_is_ever_shown(text: str, data: st.DataObject):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    verdict, shown = folded(pieces)
    assert (verdict, shown) == folded([text])
    assert unmarked(shown) == shown
    assert not (verdict and shown)


@given(st.text(st.characters(exclude_characters="[［【〔"), max_size=200))
def test_a_text_without_brackets_stays_as_it_is(text: str):
    assert folded([text]) == ("", text)
    assert unmarked(text) == text


@given(SOME)
def test_a_viewer_s_words_hold_no_mark_once_they_are_taken_out(text: str):
    once = unmarked(text)
    assert unmarked(once) == once
    assert "[deep]" not in once.casefold()
