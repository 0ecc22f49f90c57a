"""Not one character of a thought is shown, over our own corpus of every model's way to think.

In `corpus.jsonl` each stream has its thoughts between ⟪ and ⟫, which are taken out before it is fed.
"""

import json
import random
import re
from pathlib import Path
from typing import Any

from vtuber.core.thinking import ThinkingFilter
from vtuber.core.thinking.tables import HARMONY, OPENING_WORDS, THINK_TAGS, literals
from vtuber.core.thinking.traces import traced

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
]
SPLITS = 2000
TELLING = 4  # characters of a thought that the answer does not hold as well


def stream(row: dict[str, Any]) -> str:
    return re.sub("[⟪⟫]", "", row["stream"])


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def content_of(row: dict[str, Any], text: str, dice: random.Random) -> str:
    flt, at, shown = ThinkingFilter(start=row["start"]), 0, ""
    while at < len(text):
        shown += flt.feed(text[at : (at := at + dice.choice((1, 1, 2, 3, 5, 8, 21, 55)))])[1]
    return shown + flt.close()[1]


def told(row: dict[str, Any], shown: str) -> list[str]:
    thoughts = [bare(thought) for thought in re.findall("⟪(.*?)⟫", row["stream"], re.DOTALL)]
    pieces = (thought[at : at + TELLING] for thought in thoughts for at in range(len(thought) - TELLING + 1))
    return [piece for piece in pieces if piece in bare(shown) and piece not in bare(row["shown"])]


def test_two_thousand_random_splits_show_no_character_of_a_thought():
    dice = random.Random(20_260_817)
    for number in range(SPLITS):
        row = ROWS[number % len(ROWS)]
        shown = content_of(row, stream(row), dice)
        assert bare(shown) == bare(row["shown"]), row
        assert not told(row, shown), row
        assert not traced(shown), row


def test_a_stream_that_breaks_off_anywhere_shows_no_thought():
    dice = random.Random(7)
    for number in range(SPLITS):
        row = ROWS[number % len(ROWS)]
        text = stream(row)
        if row["family"] == "think, nested":
            continue  # broken off after the inner closer, its rest looks like an answer
        shown = content_of(row, text[: dice.randrange(len(text))], dice)
        assert not told(row, shown), row
        assert not traced(shown), row


def test_the_corpus_has_every_opener_and_both_languages():
    text = "".join(row["stream"] for row in ROWS).lower()
    marks = literals() | OPENING_WORDS
    openers = {token.replace("’", "'").strip() for token, mark in marks.items() if mark.kind == "open"}
    families = {f"<{next(tag for tag in THINK_TAGS if THINK_TAGS[tag] == family)}>" for family in THINK_TAGS.values()}
    assert not [mark for mark in (*openers, *families, *HARMONY, "assistantfinal") if mark.lower() not in text]
    assert {row["language"] for row in ROWS} == {"en", "ja"}
