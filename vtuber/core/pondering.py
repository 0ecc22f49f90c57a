"""What she may think about: budgets a viewer and a stream, how long an answer takes, with which effort."""

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from vtuber.core.attention import fold
from vtuber.core.stock import mentions
from vtuber.events import Effort, Question
from vtuber.persona import Pondering
from vtuber.settings import Budget, Cap, Thinking

WINDOW_MS: Final = 300_000  # of the busy time and of the holding lines
_CROWD: Final = 25  # viewers from which each has to wait longer …
_LONGEST: Final = 4.0  # … and by so much at most
_KEPT: Final = 1000  # viewers and questions remembered at most, however long a show is
_TENTHS: Final = range(10, 3, -1)  # an answer may be made so much shorter for a slow server
_EFFORTS: Final[tuple[Effort, ...]] = ("low", "medium", "high")
_ALIKE: Final = 0.6  # share of common pairs of letters from which two questions are the same
_TELLING: Final = 6  # folded characters


class Desk:
    """Which hard questions were taken lately, and which holding lines were said: what the next one depends on.

    In any five minutes the slow model is given work for at most their share that `utilisation` names, whether counted
    as foreseen or, once it is known, as it really took; a single longer question counts until its share is over. A
    viewer has one question in `viewer_minutes`, times up to four in a crowd; those without an id share one. Nobody can
    pay for more.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._asked: dict[str, int] = {}  # viewer -> when the last question was taken, oldest first
        self._busy: deque[tuple[str, int, int]] = deque(maxlen=_KEPT)  # question, when it was taken, for how many ms
        self._open: dict[str, tuple[int, int]] = {}  # taken, not settled yet: deadline and busy time, oldest first
        self._since = 0  # when the oldest of them could begin
        self._held: deque[int] = deque(maxlen=_KEPT)

    def refusal(self, viewer_id: str, now: int, *, audience: int, busy_ms: int) -> str:
        """Say why another question of this viewer is not taken at `now`: viewer_budget, stream_budget, "" if it is.

        `audience`: how many viewers wrote in the last five minutes; `busy_ms`: for how long the model would be busy.
        """
        last = self._asked.get(viewer_id)
        if last is not None and now - last < self._budget.viewer_minutes * 60_000 * patience(audience):
            return "viewer_budget"
        spent = self.spent(now)
        return "stream_budget" if spent and spent + busy_ms > self._budget.utilisation * WINDOW_MS else ""

    def take(self, question: Question, viewer_id: str, now: int, busy_ms: int) -> None:
        """Take a question that will keep the slow model busy for about so long."""
        self._asked.pop(viewer_id, None)
        self._asked[viewer_id] = now
        if len(self._asked) > _KEPT:
            del self._asked[next(iter(self._asked))]
        self._busy.append((question.id, now, busy_ms))
        self._since = self._since if self._open else now
        self._open[question.id] = question.deadline_ms, busy_ms

    def settle(self, question_id: str, busy_ms: int, now: int) -> None:
        """Count for the question in hand what it really took until `now`."""
        self._count(question_id, busy_ms)
        self._since = now

    def _count(self, question_id: str, busy_ms: int) -> None:
        self._open.pop(question_id, None)
        took = ((name, at, busy_ms if name == question_id else was) for name, at, was in self._busy)
        self._busy = deque((one for one in took if one[2] > 0), maxlen=_KEPT)

    def take_back(self, alive: Collection[str]) -> None:
        """Count nothing for questions taken back before they began; `alive` are those that wait or are in hand."""
        for lost in self._open.keys() - set(alive):
            self._count(lost, 0)

    def spent(self, now: int) -> int:
        """Give for how long the slow model was given work in the last five minutes, in ms."""
        rate = max(self._budget.utilisation, 0.01)
        self._busy = deque((one for one in self._busy if now - one[1] < max(WINDOW_MS, one[2] / rate)), maxlen=_KEPT)
        return sum(busy for _, _, busy in self._busy)

    def left_ms(self, now: int) -> int:
        """Give how long the open questions still take, in ms, as far as that can be foreseen; 0 for none.

        One that takes longer than expected is expected to take half of what is left until its deadline.
        """
        if not self._open:
            return 0
        (deadline, busy), *waiting = self._open.values()
        end = self._since + busy
        left = end - now if now < end else max(0, deadline - now) // 2
        return left + sum(busy for _, busy in waiting)

    def may_hold(self, now: int) -> bool:
        """Whether one more holding line may be said."""
        return sum(now - at < WINDOW_MS for at in self._held) < self._budget.holding_lines

    def hold(self, now: int) -> None:
        """Count a holding line."""
        self._held.append(now)


def patience(audience: int) -> float:
    """Give how many times as long a viewer waits for another question: four times in a large audience."""
    return min(_LONGEST, max(1.0, audience / _CROWD))


def effort_for(asked: Effort | None, persona: Pondering, house: str, *, text: str, idle: bool) -> Effort:
    """Choose how long to think: as the turn asks, else as she does about this topic or in general, else the house.

    "auto" is low, and medium when nobody waits (`idle`); high is never chosen by itself.
    """
    topic = next((topic.effort for topic in persona.topics if mentions(text, topic.words)), None)
    chosen = asked or topic or (house if persona.effort == "house" else persona.effort)
    if chosen in _EFFORTS:
        return chosen
    return "medium" if idle else "low"


def cap_for(effort: Effort, settings: Thinking) -> Cap:
    """Give what may be spent at an effort."""
    return {"low": settings.low, "medium": settings.medium, "high": settings.high}[effort]


class Plan(msgspec.Struct, frozen=True):
    """How a question is to be thought about: `cap` may be less than the effort's own, `took_ms` is foreseen."""

    effort: Effort
    cap: Cap
    took_ms: int


def plan(effort: Effort, settings: Thinking, *, wait_ms: int, expect: Callable[[int], int]) -> Plan | None:
    """Choose the effort, or a lower one, with which an answer begun in `wait_ms` comes before the deadline.

    At low effort on a slow server the answer is made shorter. None: it would come too late all the same. `expect`
    gives how long so many tokens take, in ms.
    """
    for lower in reversed(_EFFORTS[: _EFFORTS.index(effort) + 1]):
        whole = cap_for(lower, settings)
        cap = fitted(whole, round(whole.deadline_s * 1000) - wait_ms, expect)
        if cap is not None and (cap == whole or lower == "low"):
            return Plan(lower, cap, expect(cap.tokens + cap.thinking_tokens))
    return None


def fitted(cap: Cap, left_ms: int, expect: Callable[[int], int]) -> Cap | None:
    """Give the cap, or as much of it as fits in the time that is left; None where not even the least of it does."""
    smaller = (_share(cap, tenths) for tenths in _TENTHS)
    return next((one for one in smaller if expect(one.tokens + one.thinking_tokens) <= left_ms), None)


def least(cap: Cap) -> Cap:
    """Give the least of a cap with which an answer still makes sense."""
    return _share(cap, _TENTHS[-1])


def _share(cap: Cap, tenths: int) -> Cap:
    return msgspec.structs.replace(
        cap, tokens=cap.tokens * tenths // 10, thinking_tokens=cap.thinking_tokens * tenths // 10
    )


def same_thing(text: str, other: str) -> bool:
    """Whether two messages ask the same: one holds the other, or most pairs of their letters are common to both."""
    ours, theirs = sorted((fold(text), fold(other)), key=len)
    if len(ours) < _TELLING:
        return ours == theirs
    pairs, others = ({one[at : at + 2] for at in range(len(one) - 1)} for one in (ours, theirs))
    return ours in theirs or len(pairs & others) >= _ALIKE * len(pairs | others)
