"""How difficult a message is, which model should answer it, and why, read from its words alone."""

import math
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from vtuber.core.routing_bait import clean
from vtuber.core.routing_features import BUCKETS, CUE, HEAP, NAMES, QUESTION, cues, pieces, windows, words
from vtuber.errors import BadSetting
from vtuber.events import Route

Zone: TypeAlias = Literal["simple", "grey", "hard"]

# Measured by scripts/train-routing on lines that were held out, of words alone and with vectors:
SIMPLE_BELOW: Final = 0.07  # below it lie at most 2 % of the hard lines
THRESHOLD: Final = 0.52  # from it on 13 % and 9 % of the simple lines, 86 % and 91 % of the hard ones
HARD_FROM: Final = 0.9  # from it on at most 2 % of the simple lines

_SAID = 3  # how many cues a reason names at most


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was learnt, as it stands in a weights file. A text's logit is bias + scale · Σ pieces + CUE · Σ cues."""

    schema: int
    bias: float
    scale: float  # of one step of the int8 weights
    pieces: bytes  # BUCKETS signed bytes (base64 in the file)
    cues: dict[str, float]


class Decision(NamedTuple):
    """Where a message goes, why in words a person reads, and how sure that is."""

    route: Route
    reason: str
    zone: Zone


class Difficulty:
    """The difficulty of a text, 0 to 1: attempts to claim a difficulty count for nothing. Takes about a millisecond."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._pieces = memoryview(weights.pieces).cast("b")
        self._cues = tuple(weights.cues.get(name, 0.0) for name in NAMES)

    def __call__(self, text: str, similarity: float | None = None) -> float:
        """Give the difficulty of the hardest stretch of the text; a text without words has none.

        `similarity`: what the text's vector adds, in logits (vtuber.core.routing_similarity).
        """
        asked = clean(text).text
        if not words(asked):
            return 0.0
        logit = max(self._logit(stretch) for stretch in windows(asked))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit + (similarity or 0.0)))))

    def _logit(self, stretch: str) -> float:
        learnt = sum(self._pieces[bucket] * weight for bucket, weight in pieces(stretch).items())
        shown = sum(weight for weight, seen in zip(self._cues, cues(stretch), strict=True) if seen)
        return self._weights.bias + self._weights.scale * learnt + CUE * shown


def zone(difficulty: float, simple_below: float, hard_from: float) -> Zone:
    """Say where a difficulty lies; what is grey is for the fast model to decide. A threshold itself is passed."""
    if difficulty >= hard_from:
        return "hard"
    return "simple" if difficulty < simple_below else "grey"


def decide(
    text: str, difficulty: float, hard_from: float = HARD_FROM, *, simple_below: float = SIMPLE_BELOW
) -> Decision:
    """Give the route of a text whose difficulty is known, where no model can be asked about the grey ones."""
    where = zone(difficulty, simple_below, hard_from)
    route: Route = "hard" if where == "hard" or (where == "grey" and difficulty >= THRESHOLD) else "simple"
    unsure = ("unsure: the fast model would be asked",) if where == "grey" else ()
    return Decision(route, "; ".join((*_reasons(text, route), *unsure)), where)


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
    asked, baited = clean(text)
    count = words(asked)
    if baited:
        yield "what it says about its own difficulty is ignored"
    if count:
        shown = [name for name, seen in zip(NAMES, cues(asked), strict=True) if seen]
        asks = [name for name in shown if name not in (QUESTION, HEAP) and not name.startswith("chat ")][:_SAID]
        chats = [name for name in shown if name.startswith("chat ")]
        if route == "hard":
            yield "asks for " + _joined(asks) if asks else "worded like questions that take working out"
        else:
            worded = _joined(chats) if chats else "worded like messages that take no working out"
            yield f"asks for {_joined(asks)}, but is {worded}" if asks else worded
    yield f"{count} word{'' if count == 1 else 's'}"


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
