"""How difficult a message is, which model should answer it, and why, read from its words alone."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from vtuber.core.routing_bait import baited, cleaned
from vtuber.core.routing_features import BUCKETS, CUE, HEAP, NAMES, QUESTION, cues, pieces, windows, words
from vtuber.errors import BadSetting
from vtuber.events import Route

_SAID = 3  # how many cues a reason names at most


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was learnt, as it stands in a weights file. A text's logit is bias + scale · Σ pieces + CUE · Σ cues.

    With a similarity (how much nearer the text's vector lies to hard than to simple examples, a difference of
    cosines) `similarity` · (similarity - `similarity_middle`) is added.
    """

    schema: int
    bias: float
    scale: float  # of one step of the int8 weights
    pieces: bytes  # BUCKETS signed bytes (base64 in the file)
    cues: dict[str, float]
    similarity: float = 0.0
    similarity_middle: float = 0.0


class Decision(NamedTuple):
    """Where a message goes, and why in words a person reads."""

    route: Route
    reason: str


class Difficulty:
    """The difficulty of a text, 0 to 1: attempts to claim a difficulty count for nothing. Takes about a millisecond."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._pieces = memoryview(weights.pieces).cast("b")
        self._cues = tuple(weights.cues.get(name, 0.0) for name in NAMES)

    def __call__(self, text: str, similarity: float | None = None) -> float:
        """Give the difficulty of the hardest stretch of the text; a text without words has none."""
        clean = cleaned(text)
        if not words(clean):
            return 0.0
        logit = max(self._logit(stretch) for stretch in windows(clean))
        if similarity is not None:
            logit += self._weights.similarity * (similarity - self._weights.similarity_middle)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))

    def _logit(self, stretch: str) -> float:
        learnt = sum(self._pieces[bucket] * weight for bucket, weight in pieces(stretch).items())
        shown = sum(weight for weight, seen in zip(self._cues, cues(stretch), strict=True) if seen)
        return self._weights.bias + self._weights.scale * learnt + CUE * shown


def decide(text: str, difficulty: float, hard_from: float) -> Decision:
    """Give the route of a text whose difficulty is known; it is hard from `hard_from` (0..1) on."""
    route: Route = "hard" if difficulty >= hard_from else "simple"
    return Decision(route, "; ".join(_reasons(text, route)))


def decode(data: bytes) -> Weights:
    """Read a weights file's bytes. Raises BadSetting."""
    try:
        weights = msgspec.json.decode(data, type=Weights)
    except msgspec.MsgspecError as error:
        raise BadSetting(
            f"The routing weights cannot be read ({error}); reinstall, or run scripts/train-routing."
        ) from error
    if weights.schema != 1 or len(weights.pieces) != BUCKETS:
        raise BadSetting("The routing weights belong to another version; reinstall, or run scripts/train-routing.")
    return weights


def _reasons(text: str, route: Route) -> Iterator[str]:
    clean = cleaned(text)
    count = words(clean)
    if baited(text):
        yield "what it says about its own difficulty is ignored"
    if count:
        shown = [name for name, seen in zip(NAMES, cues(clean), strict=True) if seen]
        asks = [name for name in shown if name not in (QUESTION, HEAP) and not name.startswith("chat ")][:_SAID]
        chats = [name for name in shown if name.startswith("chat ")]
        if route == "hard":
            yield "asks for " + _joined(asks) if asks else "worded like questions that take working out"
        else:
            yield _joined(chats) if chats else "nothing in it takes working out"
    yield f"{count} word{'' if count == 1 else 's'}"


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
