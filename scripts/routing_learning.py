"""What scripts/train-routing learns with: lines made into rows, two logistic regressions, and honest figures."""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from vtuber.core.routing_bait import clean
from vtuber.core.routing_features import BUCKETS, CUE, NAMES, cues, pieces, windows, words

LINES = Path(__file__).resolve().parent / "routing_lines"
BEFORE = {
    "en": ("yo ", "hey ", "ok so ", "um ", "hi! ", "so ", ""),
    "ja": ("ねえ", "あの、", "てか", "初見です。", "えっと", ""),
}
AFTER = {"en": ("", " pls", "??", " tho", " bro", "?", " :)"), "ja": ("", "w", "？", "お願い", "！", "〜", "です")}
GREETING = {
    "en": ("hi", "hello", "lol ok", "good morning", "hey", "love u", ""),
    "ja": ("おはよう", "こんにちは", "やっほー", ""),
}
STOP = {"en": ". ", "ja": "。"}
WORDS = {"en": re.compile(r"[a-zA-Z]{5,}"), "ja": re.compile(r"[一-龥]{2,4}|[ァ-ヴー]{3,8}")}
HEAPS = 60  # a language
RIDGE, STEP, ROUNDS = 1e-5, 8.0, 250  # of the words; chosen on held-out lines
VECTOR_RIDGE = 1 / 6  # of the vectors, beside rows of mean weight 1; likewise
FOLDS = 5
AKIN, ALIKE = 0.45, 0.62  # cosines of mutual neighbours, and of any two lines, that belong together
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Line(TypedDict, total=False):
    """A line as it stands in a file."""

    route: str
    lang: str
    text: str
    disguised: bool  # length and keywords mislead
    bait: bool  # claims a route or a difficulty for itself


Words = tuple[Floats, float]  # weights of pieces and cues; bias
Vector = tuple[Floats, float]  # a direction, shape (dim,); bias


def read() -> list[Line]:
    """Give all lines, file by file, and heaps of hard words without a sentence: they ask nothing."""
    found = [json.loads(row) for path in sorted(LINES.glob("*.jsonl")) for row in path.open(encoding="utf-8")]
    return [*found, *_heaps(found)]


def learn_words(lines: Sequence[Line]) -> Words:
    """Learn what words tell. The same lines give the same weights."""
    dice = random.Random(1)
    chat = {lang: [x["text"] for x in lines if (x["lang"], x["route"]) == (lang, "simple")] for lang in STOP}
    shares = _shares(lines)
    rows, hard, weight = [], [], []
    for line, share in zip(lines, shares, strict=True):
        texts = [clean(text).text for text in _variants(line, chat[line["lang"]], dice)]
        rows += [_row(text) for text in texts]
        hard += [float(line["route"] == "hard")] * len(texts)
        weight += [share / len(texts)] * len(texts)
    return _descend(rows, np.array(hard), np.array(weight))


def judge_words(learnt: Words, text: str) -> float:
    """Give the logit of the hardest stretch, as vtuber.core.routing does; -30 for a text without words."""
    asked, (weights, bias) = clean(text).text, learnt
    if not words(asked):
        return -30.0
    return max(bias + sum(float(weights[at]) * x for at, x in _row(stretch).items()) for stretch in windows(asked))


def learn_vectors(vectors: Floats, lines: Sequence[Line]) -> Vector:
    """Learn a direction from the lines' vectors, shape (len(lines), dim)."""
    return _newton(vectors, _hard(lines), _shares(lines) * len(lines), ridge=VECTOR_RIDGE)


def weigh(by_words: Floats, by_vectors: Floats, lines: Sequence[Line]) -> tuple[float, float]:
    """Give factor and shift for what vectors say beside words; both are logits of lines that were held out."""
    shares = _shares(lines) * len(lines)
    (factor,), shift = _newton(by_vectors[:, None], _hard(lines), shares, offset=by_words)
    return float(factor), shift


def folds(vectors: Floats, lines: Sequence[Line]) -> Integers:
    """Give each line its fold: 0 … FOLDS - 1. Lines that say nearly the same in either language share one."""
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1)
    closest = np.argsort(-near, axis=1)[:, :2]
    kin = np.arange(len(lines))

    def head(at: int) -> int:
        while kin[at] != at:
            at = int(kin[at])
        return at

    pairs = [
        (at, int(to)) for at, row in enumerate(closest) for to in row if near[at, to] >= AKIN and at in closest[to]
    ]
    for at, to in [*pairs, *zip(*np.nonzero(near > ALIKE), strict=True)]:
        kin[head(int(at))] = head(int(to))
    size, found = [0] * FOLDS, np.zeros(len(lines), dtype=np.int64)
    members = Counter(head(at) for at in range(len(lines)))
    into = {}
    for group in sorted(members, key=lambda group: (-members[group], random.Random(group).random())):
        into[group] = size.index(min(size))
        size[into[group]] += members[group]
    for at in range(len(lines)):
        found[at] = into[head(at)]
    return found


def _hard(lines: Sequence[Line]) -> Floats:
    return np.array([float(line["route"] == "hard") for line in lines])


def _shares(lines: Sequence[Line]) -> Floats:
    """Give weights of sum 1: hard and simple, Japanese and English count the same."""
    classes = [(line["lang"], line["route"]) for line in lines]
    count = Counter(classes)
    return np.array([1 / count[one] / len(count) for one in classes])


def _heaps(lines: Sequence[Line]) -> list[Line]:
    dice, made = random.Random(9), list[Line]()
    for lang, stop in STOP.items():
        hard = [
            word
            for line in lines
            if (line["lang"], line["route"]) == (lang, "hard")
            for word in WORDS[lang].findall(line["text"])
        ]
        for _ in range(HEAPS):
            heap = dice.choice((" ", " ", ", ", "、")).join(dice.sample(hard, dice.randint(3, 6)))
            text = f"{heap}{dice.choice(stop + ' ')}{dice.choice(GREETING[lang])}"
            made.append({"lang": lang, "route": "simple", "bait": True, "text": text})
    return made


def _variants(line: Line, chatter: list[str], dice: random.Random) -> list[str]:
    """Give a line as it stands, slangy and plain; a simple one also after another one, so that length says nothing."""
    text, lang = line["text"], line["lang"]
    slangy = dice.choice(BEFORE[lang]) + text + dice.choice(AFTER[lang])
    plain = text.lower().rstrip("?？!！.。")
    return [text, slangy, plain] + ([dice.choice(chatter) + STOP[lang] + text] if line["route"] == "simple" else [])


def _row(asked: str) -> dict[int, float]:
    return pieces(asked) | {BUCKETS + at: CUE for at, seen in enumerate(cues(asked)) if seen}


def _descend(rows: list[dict[int, float]], hard: Floats, weight: Floats) -> Words:
    """Logistic regression of sparse rows with a ridge, by Nesterov's accelerated gradient."""
    row = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    column = np.fromiter((c for r in rows for c in r), dtype=np.int64)
    value = np.fromiter((v for r in rows for v in r.values()), dtype=np.float64)
    size = BUCKETS + len(NAMES)
    now, ahead, bias, bias_ahead = np.zeros(size), np.zeros(size), 0.0, 0.0
    for turn in range(1, ROUNDS + 1):
        logit = np.bincount(row, value * ahead[column], len(rows)) + bias_ahead
        slope = (1 / (1 + np.exp(-logit)) - hard) * weight
        then = ahead - STEP * (np.bincount(column, value * slope[row], size) + RIDGE * ahead)
        bias_then, push = bias_ahead - STEP * float(slope.sum()), turn / (turn + 3)
        ahead, bias_ahead = then + push * (then - now), bias_then + push * (bias_then - bias)
        now, bias = then, bias_then
    return now, bias


def _newton(
    rows: Floats, hard: Floats, weight: Floats, *, ridge: float = 0.0, offset: Floats | float = 0.0
) -> tuple[Floats, float]:
    """Logistic regression of dense rows with a ridge, by Newton's method; `offset` is added to the logits."""
    columns = np.column_stack([rows, np.ones(len(rows))])
    pull = np.full(columns.shape[1], ridge)
    pull[-1] = 0.0
    found = np.zeros(columns.shape[1])
    for _ in range(20):
        chance = 1 / (1 + np.exp(-(columns @ found + offset)))
        slope = columns.T @ (weight * (chance - hard)) + pull * found
        bend = (columns * (weight * chance * (1 - chance))[:, None]).T @ columns + np.diag(pull)
        found = found - np.linalg.solve(bend, slope)
    return found[:-1], float(found[-1])
