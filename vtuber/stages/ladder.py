"""The models of a tier, best first: who is asked next, who is down, and how fast they are."""

import asyncio
from dataclasses import dataclass, field

from vtuber.core.breaker import CircuitBreaker
from vtuber.core.fallbacks import Fallbacks
from vtuber.core.pace import Pace
from vtuber.core.thinking.start import Shown
from vtuber.events import Health, Tier
from vtuber.ports import LanguageModel
from vtuber.stages.roads import Roads

_TURNS = 64  # that are kept in mind: an answer that was thought about comes back while others are answered


@dataclass(kw_only=True, eq=False)
class Rung:
    """A model of a ladder, and what is known of it."""

    model: LanguageModel
    pace: Pace
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    ready: bool = False  # it was loaded
    down: bool = False  # as it stands on record …
    missed: bool = False  # … and it was looked at in vain
    due: int = 0  # ms: when it is looked at next
    care: asyncio.Timeout | None = None  # the block in which it is being loaded: no turn waits for one that was down
    logprobs: bool | None = None  # whether it tells them; None: it was not asked yet
    odd: Shown = ""  # how its last stream began, where that was not known


@dataclass
class Spent:
    """What a turn has had of a tier: calls of its models, and seconds of waiting for them."""

    calls: int = 0
    waited_s: float = 0.0


class Ladder:
    """The rungs of a tier. The first model is the one that the operator chose; the others stand in for it.

    A model that failed too often is down: no turn asks it until it was looked at again, beside the show.
    """

    def __init__(self, tier: Tier, models: tuple[LanguageModel, ...]) -> None:
        self.tier: Tier = tier
        self.rungs = [Rung(model=model, pace=Pace(tier)) for model in models]
        self.fallbacks = Fallbacks()
        self.news = asyncio.Event()  # somebody wants to be looked after
        self.answers = asyncio.Event()  # somebody is not down
        self.answers.set()
        self._told = 0
        self._spent: dict[str, Spent] = {}  # by turn

    @property
    def first(self) -> LanguageModel:
        """The model that the operator chose."""
        return self.rungs[0].model

    @property
    def models(self) -> tuple[LanguageModel, ...]:
        """All of them."""
        return tuple(rung.model for rung in self.rungs)

    def usable(self, now: int) -> tuple[LanguageModel, ...]:
        """Give the models that may be asked at `now` (ms, stream clock), best first; empty: the tier is down."""
        return tuple(rung.model for rung in self.open(now))

    def open(self, now: int) -> list[Rung]:
        """Give the rungs of the models that may be asked at `now`."""
        return [rung for rung in self.rungs if rung.breaker.allows(now) and not (rung.down and rung.care)]

    def expect_ms(self, tokens: int) -> int:
        """Give how long an answer of so many tokens, its thought included, is expected to take, in ms."""
        return self._answering.pace.expect_ms(tokens)

    @property
    def pace_learnt(self) -> bool:
        """Whether that is known from its answers, not only guessed."""
        return self._answering.pace.learnt

    @property
    def _answering(self) -> Rung:
        return next((rung for rung in self.rungs if not rung.down), self.rungs[0])

    def replace(self, model: LanguageModel) -> LanguageModel:
        """Put another model, which is loaded, in the first one's place and give that one."""
        old = self.rungs[0]
        self.rungs[0] = Rung(model=model, pace=Pace(self.tier), ready=True)
        self.answers.set()
        if old.care is not None:
            old.care.reschedule(asyncio.get_running_loop().time())
        return old.model

    def spent(self, turn: str) -> Spent:
        """Give what a turn has had of this tier, to be added to."""
        self._spent[turn] = spent = self._spent.pop(turn, None) or Spent()
        if len(self._spent) > _TURNS:
            del self._spent[next(iter(self._spent))]
        return spent

    def call_id(self, turn: str) -> str:
        """Give the id of a turn's next call."""
        spent = self.spent(turn)
        spent.calls += 1
        return f"{turn}/{self.tier}" + (f".{spent.calls}" if spent.calls > 1 else "")

    def care_at(self, place: int) -> int | None:
        """Give when (ms) the model at this place is to be loaded: it is down or stands in. None: not now."""
        rung, above = self.rungs[place], self.rungs[:place]
        stands_in = bool(above) and not rung.ready and all(one.missed for one in above)
        return rung.due if rung.down or stands_in else None

    def answered(self, rung: Rung, about: str, roads: Roads) -> None:
        """Take in that a model answered."""
        rung.breaker.succeeded()
        self._up(rung, about, roads)

    def loaded(self, rung: Rung, about: str, roads: Roads) -> None:
        """Take in that a model could be loaded: the next turn tries it."""
        rung.breaker.revive(roads.clock.now())
        self._up(rung, about, roads)

    def failed(self, rung: Rung, about: str, roads: Roads, *, transient: bool = True) -> None:
        """Take in that a model failed a turn. If it is down now, it is looked at at once: that costs nobody."""
        now, before = roads.clock.now(), rung.breaker.retry_at
        rung.breaker.failed(now, transient=transient)
        if rung.breaker.retry_at not in {None, before}:
            self._down(rung, now if before is None else rung.breaker.retry_at, about, roads)

    def odd(self, rung: Rung, showed: Shown) -> None:
        """Take in how a stream began, where that was open or expected otherwise; see core.thinking.start.observed."""
        rung.odd = showed
        self.news.set()

    def missed(self, rung: Rung, about: str, roads: Roads) -> None:
        """Take in that a model could not be loaded: it is tried again later, and whoever stands in gets ready."""
        now, rung.missed = roads.clock.now(), True
        rung.breaker.failed(now, transient=False)
        self._down(rung, rung.breaker.retry_at, about, roads)

    def _down(self, rung: Rung, due: int | None, about: str, roads: Roads) -> None:
        rung.due, rung.down = due or 0, True
        if all(one.down for one in self.rungs):
            self.answers.clear()
        self._tell(rung, about, roads)
        self.news.set()

    def _up(self, rung: Rung, about: str, roads: Roads) -> None:
        rung.ready, rung.missed = True, False
        if rung.down:
            rung.down = False
            self._tell(rung, about, roads)
        self.answers.set()

    def _tell(self, rung: Rung, about: str, roads: Roads) -> None:
        if rung not in self.rungs:  # the operator chose another one meanwhile
            return
        now = roads.clock.now()
        self._told += 1
        roads.note(
            Health(
                id=f"{about}/health-{self.tier}-{self._told}",
                at_ms=now,
                cause=about,
                tier=self.tier,
                model=rung.model.name,
                state="down" if rung.down else "up",
                retry_ms=max(0, rung.due - now) if rung.down else 0,
            )
        )
