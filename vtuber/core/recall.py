"""Which memories answer a message: a pure ranking of what the stores found."""

import math
from collections.abc import Iterable

from vtuber.core.lexical import names, normalized, script, tokens
from vtuber.events import Recollection
from vtuber.ports import Candidate

_DENSE_UNIT = 0.07  # the spread of the cosine of unrelated texts, which lies about 0: a centred embedder is expected
_LEXICAL = 8.0  # what finding every word of the question is worth, in those units (best on long English talks)
_LEXICAL_JA = 4.0  # Japanese leans on meaning: few words of a paraphrase are the same
_EXACT = 1.0  # each name or number that is the same …
_MOST_EXACT = 2  # … up to so many
_SPREAD = 0.2  # recency and importance move a score by ±10 %: they decide between near ties and nothing else
_MONTH_MS = 30 * 86_400_000

FLOOR = 2.8  # below it a memory has nothing to do with the question
_OF_BEST = 0.5  # nor does one that is so much worse than the best


def rank(candidates: Iterable[Candidate], query_text: str, now_ms: int, k: int) -> tuple[Recollection, ...]:
    """Give at most `k` memories that belong into the prompt, best first; none where nothing fits.

    A score is dense + lexical + exact, times a factor of 0.81 to 1.21 for recency and importance. `parts` holds each.
    The message itself, said before in the same words, is no answer and is left out; so is a second copy of a text.
    """
    asked = normalized(query_text)
    exact = names(query_text)
    weight = _LEXICAL_JA if script(query_text) == "ja" else _LEXICAL
    scored = [
        _scored(candidate, exact, weight, now_ms) for candidate in candidates if normalized(candidate.text) != asked
    ]
    scored.sort(key=lambda memory: (-memory.score, -memory.at_ms, memory.id))
    least = max(FLOOR, _OF_BEST * scored[0].score) if scored else FLOOR
    best: dict[tuple[str, str], Recollection] = {}
    for memory in scored:
        if memory.score >= least:
            best.setdefault((memory.viewer_id, normalized(memory.text)), memory)
    return tuple(best.values())[: max(0, k)]


def _scored(candidate: Candidate, exact: frozenset[str], lexical_weight: float, now_ms: int) -> Recollection:
    same = len(exact.intersection(tokens(candidate.text))) if exact else 0
    parts = {
        "dense": candidate.dense / _DENSE_UNIT,
        "lexical": lexical_weight * candidate.lexical,
        "exact": _EXACT * min(same, _MOST_EXACT),
    }
    relevance = sum(parts.values())
    recency = math.exp(-max(0, now_ms - candidate.at_ms) / _MONTH_MS) if candidate.scope == "viewer" else 0.5
    parts["recency"] = 1.0 + _SPREAD * (recency - 0.5)
    parts["importance"] = 1.0 + _SPREAD * (candidate.importance - 0.5)
    return Recollection(
        id=candidate.id,
        text=candidate.text,
        viewer_id=candidate.viewer_id,
        at_ms=candidate.at_ms,
        score=round(relevance * parts["recency"] * parts["importance"], 4),
        parts={name: round(value, 4) for name, value in parts.items()},
    )
