"""How well a score keeps hard messages and simple ones apart."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = Sequence[float] | npt.NDArray[np.float64]
Truths: TypeAlias = Sequence[bool] | npt.NDArray[np.bool_]


def auroc(hard: Truths, scores: Floats) -> float | None:
    """Give how often a hard message scores above a simple one, a tie counting half; None where a class is missing.

    The area under the ROC curve, as Mann and Whitney's U over the number of pairs.
    """
    truth = np.asarray(hard, dtype=bool)
    pairs = int(truth.sum()) * int((~truth).sum())
    if not pairs:
        return None
    _, place, count = np.unique(np.asarray(scores, dtype=float), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # of tied scores the mean rank
    least = truth.sum() * (truth.sum() + 1) / 2
    return float((ranks[truth].sum() - least) / pairs)


def threshold(hard: Truths, scores: Floats, escalated: float) -> float:
    """Give the lowest score from which on at most this share (0..1) of the simple messages is escalated."""
    simple = np.sort(np.asarray(scores, dtype=float)[~np.asarray(hard, dtype=bool)])
    above = int(escalated * len(simple) + 1e-9)
    return float(np.nextafter(simple[len(simple) - 1 - above], np.inf)) if above < len(simple) else -np.inf


def recall(hard: Truths, scores: Floats, escalated: float) -> float | None:
    """Give the share of hard messages found while at most `escalated` (0..1) of the simple ones are, too.

    None where a class is missing.
    """
    truth = np.asarray(hard, dtype=bool)
    if truth.all() or not truth.any():
        return None
    return float(np.mean(np.asarray(scores, dtype=float)[truth] >= threshold(hard, scores, escalated)))
