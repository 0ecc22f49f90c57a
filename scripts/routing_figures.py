"""How well routing does on lines that it has not learnt from, as scripts/train-routing prints it."""

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from routing_learning import FOLDS, Floats, Line, folds, judge_words, learn_vectors, learn_words, weigh

from vtuber.core.routing import THRESHOLD
from vtuber.core.routing_scores import auroc, recall, threshold

LOST = 0.02  # the share of simple lines that may be clearly hard, and of hard ones that may be clearly simple


class HeldOut(NamedTuple):
    """What lines were given by weights that were learnt without them, in logits."""

    by_words: Floats
    with_vectors: Floats
    factor: float  # of what vectors say beside words
    shift: float


def hold_out(lines: Sequence[Line], vectors: Floats) -> HeldOut:
    """Judge each fold by what the others teach. `vectors`: shape (len(lines), dim)."""
    fold = folds(vectors, lines)
    by_words, by_vectors = np.zeros(len(lines)), np.zeros(len(lines))
    for left_out in range(FOLDS):
        print(f"fold {left_out + 1} of {FOLDS}", file=sys.stderr)
        kept = [line for line, at in zip(lines, fold, strict=True) if at != left_out]
        learnt = learn_words(kept)
        direction, shift = learn_vectors(vectors[fold != left_out], kept)
        for at in np.flatnonzero(fold == left_out).tolist():
            by_words[at] = judge_words(learnt, lines[at]["text"])
            by_vectors[at] = vectors[at] @ direction + shift
    factor, shift = weigh(by_words, by_vectors, lines)
    return HeldOut(by_words, by_words + factor * by_vectors + shift, factor, shift)


def table(lines: Sequence[Line], found: HeldOut) -> Iterator[str]:
    """Give the figures row by row."""
    hard = np.array([line["route"] == "hard" for line in lines])
    bait = np.array([line.get("bait", False) for line in lines])
    disguised = np.array([line.get("disguised", False) for line in lines])
    japanese = np.array([line["lang"] == "ja" for line in lines])
    length = np.array([float(len(line["text"])) for line in lines])
    parts = {"all": ~bait, "en": ~bait & ~japanese, "ja": ~bait & japanese, "disguised": disguised}
    parts |= {"disguised en": disguised & ~japanese, "disguised ja": disguised & japanese}
    for name, logits in (("length", length), ("words", found.by_words), ("with vectors", found.with_vectors)):
        told = [
            f"{part} {auroc(hard[of], logits[of]):.3f}/{recall(hard[of], logits[of], 0.1):.2f}"
            for part, of in parts.items()
        ]
        yield f"{name}: " + ", ".join(told) + "  (AUROC/recall at 10 % false escalation)"
        if name == "length":
            continue
        chance = 1 / (1 + np.exp(-logits))
        ends = [f"{share:.0%} from {threshold(hard[~bait], chance[~bait], share):.3f}" for share in (LOST, 0.05, 0.1)]
        lost = np.quantile(chance[hard], LOST)
        yield f"  of the simple lines are {', '.join(ends)} on; of the hard ones {LOST:.0%} below {lost:.3f}"
        simple, found_hard = ((chance[~bait & (hard == which)] >= THRESHOLD).mean() for which in (False, True))
        yield f"  from {THRESHOLD} on lie {simple:.0%} of the simple lines and {found_hard:.0%} of the hard ones"
        yield f"  of {int(bait.sum())} baits {int((chance[bait] >= THRESHOLD).sum())} from {THRESHOLD} on"
