"""Listed words are found through disguises; harmless words that contain them are left alone."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.blocked import BlockList

SAMPLES = os.environ.get("VTUBER_SAMPLES", "")
LIST = BlockList(
    [
        "blarg",
        "zonk!",
        "*quux*",
        "ass",
        "two words",
        "バカ",
        "ばか",
        "カス",
        "コロリータ",
        "悪口",
        "ド・レミ",
        "チンプ",
        "フェト",
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "blarg",
            "BLARG!",
            "blargs",
            "blarging",
            "bl4rg",
            "b.l.a.r.g",
            "b l a r g",
            "bbblllaaarrrggg",
            "b-larg",
            "b*arg",
        ),
        *(
            "ｂｌａｒｇ",
            "𝐛𝐥𝐚𝐫𝐠",
            "b\u200bl\u200ba\u200br\u200bg",
            "b́l̶á̶r̶g",
            "bl\ufe0fa\ufe0frg",
            "bӏаrg"[:0] or "blаrg",
            "\u202egralb",
        ),
        *("zonk", "myquuxword", "a$$", "assss", "two  words", "b|arg", "8larg"),
    ],
)
def test_latin_words_are_found(text: str):
    assert LIST.find(text)
    assert LIST.find(f"you are {text} ok")


@pytest.mark.parametrize(
    "text", ["blargish", "zonked", "as", "class", "assassin", "twowords", "45", "455", "bl arg", "b l"]
)
def test_latin_words_inside_others_are_not(text: str):
    assert LIST.find(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        *(
            "バカ",
            "このバカ！",
            "ﾊﾞｶ",
            "バ カ",
            "バーーカ",
            "ばか",
            "ばかだな",
            "お前、ばか",
            "悪口",
            "悪 口",
            "わる悪口だ",
        ),
        *(
            "コロリータ",
            "コ・ロ・リ・ー・タ",
            "コローリーーータ",
            "コ〇リータ",
            "コロリ\u200bータ",
            "ド・レミ",
            "ﾄﾞ･ﾚﾐ",
            "チンプ",
            "ふぇと",
            "フエト",
        ),
    ],
)
def test_japanese_words_are_found(text: str):
    assert LIST.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "バカンス",
        "バカラ",
        "カスタネット",
        "カステラ",
        "サバカン",
        "そればかり",
        "ばかり",
        "ころりたべる",
        "サバ・カスタム",
        "フェトチーネ",
        "カース",
    ],
)
def test_japanese_words_inside_others_are_not(text: str):
    assert LIST.find(text) == ""


def test_a_starred_entry_is_found_anywhere():
    assert BlockList(["*バカ*"]).find("バカンス")


@given(st.text(max_size=200))
def test_any_text_is_searched(text: str):
    LIST.find(text)
    BlockList([text]).find(text)


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=12), st.sampled_from([".", " ", "-", "\u200b", "'"]))
def test_a_word_is_found_when_its_letters_are_set_apart(word: str, apart: str):
    assert BlockList([f"{word}!"]).find(apart.join(word))


@pytest.mark.skipif(not SAMPLES, reason="VTUBER_SAMPLES does not point to the sample data")
def test_recorded_disguises_are_found_and_recorded_harmless_lines_pass():
    path = Path(SAMPLES) / "attacks" / "attacks.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    listed = BlockList(
        {row["text"] for row in rows if row["cat"] == "ng_word"} | {r["plain"] for r in rows if "plain" in r}
    )
    disguised = [row["text"] for row in rows if row["cat"] == "ng_obfuscated"]
    assert sum(bool(listed.find(text)) for text in disguised) >= 0.95 * len(disguised)
    assert [row["text"] for row in rows if row["cat"] == "benign" and listed.find(row["text"])] == []
