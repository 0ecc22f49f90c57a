"""Replies are cut early, the same way whatever the chunks, and never in the wrong place."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.phrases import INTERJECTIONS, folded
from vtuber.core.sentences import FENCE_LIMIT, HARD_LIMIT, LEAST, Segmenter
from vtuber.core.utterance import Utterance
from vtuber.events import Language

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "splitting_corpus.jsonl").read_text(encoding="utf-8").splitlines()
]
LATENCY = Path(__file__).resolve().parents[2] / "vtuber" / "shipped" / "latency"


def pieces(chunks: Iterable[str], language: Language | None = None) -> list[str]:
    segmenter = Segmenter(language)
    return [piece for chunk in chunks for piece in segmenter.push(chunk)] + segmenter.flush()


def bare(text: str) -> str:
    return "".join(text.split())


def test_the_corpus_holds_what_it_should():
    assert len(CORPUS) >= 300
    assert sum(row["language"] == "ja" for row in CORPUS) >= 150
    assert len({row["text"] for row in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_no_line_of_the_corpus_is_cut_in_the_wrong_place(size: int):
    wrong = [
        row["text"]
        for row in CORPUS
        if pieces([row["text"][at : at + size] for at in range(0, len(row["text"]), size)], row["language"])
        != row["pieces"]
    ]
    assert not wrong


def test_a_cut_piece_is_long_enough_or_opens_as_an_interjection():
    for row in CORPUS:
        segmenter = Segmenter(row["language"])
        for number, piece in enumerate(segmenter.push(row["text"])):
            words = Utterance()
            for char in piece:
                words.add(char)
            assert words.holds(LEAST) or (number == 0 and folded(piece) in INTERJECTIONS), piece


@pytest.mark.parametrize(("language", "first"), [("en", "Oh wow,"), ("ja", "わあ、")])
def test_the_first_sound_comes_well_before_the_first_sentence_is_over(language: Language, first: str):
    sample = json.loads((LATENCY / f"{language}.json").read_text(encoding="utf-8"))
    segmenter, seen, heard_at, sentence_at = Segmenter(language), "", 0, 0
    for number, token in enumerate(sample["tokens"], start=1):
        seen += token
        if segmenter.push(token) and not heard_at:
            heard_at = number
        if len(seen) >= len(sample["first_sentence"]) and not sentence_at:
            sentence_at = number
    assert pieces(sample["tokens"], language)[0] == first
    assert (heard_at * 20 + 150) / (sentence_at * 20 + 150) <= 0.60


def test_nothing_past_the_cut_is_needed_after_an_end_mark_and_one_token_after_a_dot():
    for text in (
        "本当にありがとう。",
        "本当にありがとう！",
        "それは本当なの？",
        "I really like it!",
        "Do you like it too?",
    ):
        segmenter = Segmenter()
        assert segmenter.push(text) == [text]
        assert segmenter.lookaheads == (0,)
    segmenter = Segmenter()
    assert segmenter.push("I really like it.") == []
    assert segmenter.push(" So") == ["I really like it."]
    assert segmenter.lookaheads == (1,)


def test_a_mark_after_a_cut_begins_the_next_piece_and_is_never_lost():
    assert pieces(["すごく面白かった！！次は？"]) == ["すごく面白かった！", "！次は？"]
    assert pieces(["すごく面白かった！！"]) == ["すごく面白かった！", "！"]


def test_later_commas_cut_only_what_is_long():
    text = "私は猫が好きです。それから犬も好きで、鳥も好きです。"
    assert pieces([text]) == ["私は猫が好きです。", "それから犬も好きで、鳥も好きです。"]
    long = "この前の週末に友達みんなで集まって遠くの町まで買い物に出かけたんだけど、"
    assert pieces(["そうなんですよ、", long, "楽しかった。"])[1] == long


def test_text_without_marks_is_cut_at_spaces_or_turns_of_script_and_in_the_end_anywhere():
    assert all(len(piece) <= 160 for piece in pieces(["word " * 200]))
    assert all(len(piece) <= 70 for piece in pieces(["猫が走って空を見て歌をうたうよ" * 30]))
    assert [len(piece) for piece in pieces(["あ" * 700])] == [HARD_LIMIT, HARD_LIMIT, 100]
    assert all(len(piece) <= HARD_LIMIT for piece in pieces(["x" * 10_000]))


def test_what_is_seen_as_one_character_is_never_torn():
    family = "👨‍👩‍👧‍👦"
    assert all(piece.count("👨") == piece.count("👦") for piece in pieces(["a" * 297 + family * 40]))


def test_a_quote_is_cut_inside_only_when_it_is_too_long():
    assert pieces(["彼女は「まあ！素敵！」と言った。"]) == ["彼女は「まあ！素敵！」と言った。"]
    assert len(pieces(["「" + "とても素敵な一日だった！" * 12 + "」"])) > 1


def test_code_stays_together():
    code = "```python\nprint('One. Two! Three?')\n\nprint('four')\n```"
    assert pieces([code, "\nThat was the code for today."]) == [code, "That was the code for today."]
    assert all(len(piece) <= FENCE_LIMIT for piece in pieces(["```" + "x! " * 5000]))


def test_after_flush_it_is_as_new():
    segmenter = Segmenter()
    segmenter.push("I like (this")
    assert segmenter.flush() == ["I like (this"]
    assert segmenter.push("Oh wow, nice!") == ["Oh wow,"]
    assert segmenter.flush() == ["nice!"]
    assert segmenter.flush() == []


ALPHABET = "ab w.,!?…—'\"*`()「」（）、。！？〜♪草笑wｗ31:/\n 猫がだ ナー😊\u200d🇯🇵Mr"


@given(st.text(alphabet=ALPHABET, max_size=200), st.integers(1, 9), st.sampled_from(["ja", "en", None]))
def test_any_chunks_give_the_same_pieces_and_joined_they_are_the_text(text: str, size: int, language: Language | None):
    whole = pieces([text], language)
    assert pieces([text[at : at + size] for at in range(0, len(text), size)], language) == whole
    assert pieces(list(text), language) == whole
    assert bare("".join(whole)) == bare(text)
    assert all(piece.strip() for piece in whole)


@given(st.text(max_size=400))
def test_any_text_is_taken(text: str):
    assert bare("".join(pieces(list(text)))) == bare(text)


@given(
    st.lists(st.sampled_from(["猫がだ", " word", "、", ", ", "「", "Dr. ", "3.5", "…", "あ", "x"]), max_size=300).map(
        "".join
    )
)
def test_no_piece_is_longer_than_a_voice_takes(text: str):
    assert all(len(piece) <= HARD_LIMIT for piece in pieces(list(text)))
