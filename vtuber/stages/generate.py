"""One call of a tier for one turn: the first model that answers; its stream goes through the reply's fold."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import Literal

import msgspec

from vtuber.core.language import joined
from vtuber.core.reply import Reply, Said
from vtuber.errors import ModelError, ModelRefused, ModelTimeout
from vtuber.events import Failed, Generated, Turn
from vtuber.ports import Delta, LanguageModel, ModelRequest, Usage
from vtuber.stages.ladder import Ladder, Rung
from vtuber.stages.roads import Roads

_TURN_S = 30.0  # how long a turn waits for models of the fast tier, in all its calls together
_OPEN_TOKENS = 1024  # of an answer that may be a thought: its end tells how the model begins, and that is asked once
_FIRST_S = 5.0  # and for the first token of one that others could stand in for


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is asked of a tier. `fold` begins the reply of the model that answers; `emit` takes its clauses one by one.

    `withdraw` takes back, and gives, those that nobody will hear yet: they turned out to be thought.
    What was thought is added to `thoughts`, also where the call is cancelled: the stage puts it on record, once a turn.
    """

    turn: Turn
    request: ModelRequest
    fold: Callable[[LanguageModel], Reply]
    emit: Callable[[Said], Awaitable[None]]
    withdraw: Callable[[], Sequence[str]] = tuple
    thoughts: list[str] = field(default_factory=list)
    purpose: Literal["answer", "tool", "voice"] = "answer"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a call ended: `stop` is stop, length, timeout, error, or down where no model of the tier could be asked."""

    reply: Reply
    stop: str
    confidence: float | None = None  # mean log-probability of the answer's tokens, where the server tells


async def generate(call: Call, ladder: Ladder, roads: Roads) -> Outcome:
    """Stream an answer, emit its clauses one by one, tell how it ended; a model's failure does not raise.

    A model that fails before any of its clauses was emitted is followed by the next one, which begins anew. The stream
    is closed as soon as she has said enough, or when the caller is cancelled: the model stops generating.
    """
    spent, rungs = ladder.spent(call.turn.id), ladder.open(roads.clock.now())
    fast = ladder.tier == "fast"
    patience = _Patience(_TURN_S if fast else None, 0.0 if call.purpose == "voice" else spent.waited_s)
    outcome = None
    while rungs and not patience.over:
        rung, others, fair = rungs[0], len(rungs) > 1, patience.gives(_FIRST_S)
        attempt = _Attempt(call, ladder, rung, roads)
        error = await attempt.run(
            patience, first_s=_FIRST_S if fast and others and call.purpose != "tool" else None, others=others
        )
        spent.waited_s = patience.waited_s
        outcome = attempt.outcome()
        if error is None:
            ladder.answered(rung, call.turn.id, roads)
            break
        if attempt.over_logprobs(error):
            continue
        attempt.note_failure(error)
        if fair and call.purpose != "tool":  # with next to no time left, or beside an answer, it is not its fault
            ladder.failed(rung, call.turn.id, roads, transient=not isinstance(error, ModelRefused))
        if attempt.said:
            break
        rungs.pop(0)
    return outcome or _unasked(call, ladder, "timeout" if patience.over else "down", roads)


def _unasked(call: Call, ladder: Ladder, stop: str, roads: Roads) -> Outcome:
    """Put on record that no model could be asked, or that there was no time left for one."""
    model, turn, request = ladder.first, call.turn.id, call.request
    roads.note(
        Generated(
            id=ladder.call_id(turn),
            at_ms=roads.clock.now(),
            cause=turn,
            turn=turn,
            tier=request.tier,
            model=model.name,
            first_token_ms=0,
            total_ms=0,
            stop=stop,
            purpose=call.purpose,
        )
    )
    return Outcome(reply=call.fold(model), stop=stop)


class _Patience:
    """How long a call waits for its models, in all; while their words are dealt with, that time stands still."""

    def __init__(self, total_s: float | None, waited_s: float) -> None:
        self.waited_s = waited_s
        self._total_s = total_s
        self._since = 0.0  # the loop's time at which the present wait began
        self._limit = asyncio.timeout(None)

    @property
    def over(self) -> bool:
        """Whether nothing is left of it."""
        return not self.gives(1e-3)

    def gives(self, seconds: float) -> bool:
        """Whether so much is left of it."""
        return self._total_s is None or self._total_s - self.waited_s >= seconds

    def begin(self, first_s: float | None) -> asyncio.Timeout:
        """Give the block in which a model is waited for; `first_s` is how long for its first token."""
        self._since = asyncio.get_running_loop().time()
        bounds = [bound for bound in (first_s, self._left_s) if bound is not None]
        self._limit = asyncio.timeout(min(bounds, default=None))
        return self._limit

    def end(self) -> None:
        """Wait no longer for this model."""
        now = asyncio.get_running_loop().time()
        self.waited_s, self._since = self.waited_s + now - self._since, now

    def pause(self) -> None:
        """Stand still."""
        self.end()
        self._limit.reschedule(None)

    def go_on(self) -> None:
        """Wait again."""
        self._since = asyncio.get_running_loop().time()
        left = self._left_s
        self._limit.reschedule(None if left is None else self._since + left)

    @property
    def _left_s(self) -> float | None:
        return None if self._total_s is None else max(0.0, self._total_s - self.waited_s)


class _Attempt:
    """One model's try at a call. Its record is kept, however it ends."""

    def __init__(self, call: Call, ladder: Ladder, rung: Rung, roads: Roads) -> None:
        self.said: list[str] = []
        self._call = call
        self._ladder = ladder
        self._rung = rung
        self._roads = roads
        self._reply = call.fold(rung.model)
        self._id = ladder.call_id(call.turn.id)
        asks = ladder.tier == "fast" and call.purpose == "answer" and rung.logprobs is not False
        tokens = call.request.max_tokens
        self._request = msgspec.structs.replace(
            call.request,
            purpose=call.purpose,
            logprobs=asks,
            max_tokens=max(tokens, _OPEN_TOKENS) if self._reply.open and ladder.tier == "fast" else tokens,
        )
        self._stop, self._usage = "cancelled", Usage(0, 0)
        self._first_ms = self._tokens = 0
        self._logprobs: list[float] = []

    async def run(self, patience: _Patience, *, first_s: float | None, others: bool) -> ModelError | None:
        """Stream the answer; give the error that ended it. Half a first sentence is kept back if `others` may begin."""
        began, waited_s = self._roads.clock.now(), patience.waited_s
        stream = self._rung.model.stream(self._request)
        try:
            try:
                async with patience.begin(first_s), aclosing(stream) as deltas:  # type: ignore[type-var]
                    await self._read(deltas, patience, began)
            finally:
                patience.end()
            await self._emit(self._folded(partial(self._reply.close, cut=self._stop == "length")))
        except (ModelError, TimeoutError) as error:
            self._stop = "timeout" if isinstance(error, TimeoutError | ModelTimeout) else "error"
            rest = self._folded(partial(self._reply.close, cut=True))
            await self._emit(rest if self.said or not others or patience.over else [])
            return error if isinstance(error, ModelError) else ModelTimeout("It took longer than a viewer waits.")
        finally:
            self._record(began)
            self._call.thoughts.append(self._reply.thought)
        self._learn(round((patience.waited_s - waited_s) * 1000))
        return None

    def outcome(self) -> Outcome:
        return Outcome(reply=self._reply, stop=self._stop, confidence=self._confidence)

    def over_logprobs(self, error: ModelError) -> bool:
        """Whether it may only have been refused for asking how sure the model is: that is not asked again."""
        unknown = isinstance(error, ModelRefused) and self._request.logprobs and self._rung.logprobs is None
        if unknown:
            self._rung.logprobs = False
        return unknown

    def note_failure(self, error: ModelError) -> None:
        """Put a failure on record by the name of its class: its text may hold anything."""
        now, turn, stage = self._roads.clock.now(), self._call.turn.id, f"model_{self._request.tier}"
        self._roads.note(
            Failed(id=f"{self._id}!failed", at_ms=now, cause=turn, turn=turn, stage=stage, error=type(error).__name__)
        )

    async def _read(self, deltas: AsyncIterator[Delta], patience: _Patience, began: int) -> None:
        reply = self._reply
        async for delta in deltas:
            if not self._first_ms:
                self._first_ms = max(1, self._roads.clock.now() - began)
                patience.pause()
                patience.go_on()
            self._tokens += bool(delta.content or delta.thinking)
            self._usage, self._stop = delta.usage or self._usage, delta.stop or self._stop
            reply.refused = reply.refused or delta.refused
            thought = len(reply.thought)
            clauses = self._folded(partial(reply.feed, delta.content, delta.thinking))
            if len(reply.thought) == thought:  # how sure it was of its thoughts says nothing of its answer
                self._logprobs += delta.logprobs
            if clauses:
                patience.pause()
                await self._emit(clauses)
                patience.go_on()
            if reply.full:
                self._stop = "stop"
                return
        self._stop = "stop" if self._stop == "cancelled" else self._stop

    def _folded(self, fold: Callable[[], list[Said]]) -> list[Said]:
        """Have the reply take something in; what so turned out to be thought is taken back where it was not heard."""
        turned = self._reply.turned
        clauses = fold()
        if self._reply.turned > turned:
            withdrawn = self._call.withdraw()
            self.said = [text for text in self.said if text not in withdrawn]
        return clauses

    async def _emit(self, clauses: list[Said]) -> None:
        for clause in clauses:
            self.said.append(clause.text)
            await self._call.emit(clause)

    @property
    def _confidence(self) -> float | None:
        return round(fmean(self._logprobs), 4) if self._logprobs else None

    def _learn(self, waited_ms: int) -> None:
        rung = self._rung
        if self._call.purpose == "tool":  # short, and bound to a schema: it says nothing of an answer
            return
        tokens = self._usage.tokens or self._tokens
        if self._first_ms:
            rung.pace.learn(first_ms=self._first_ms, total_ms=waited_ms, tokens=tokens)
        if self._request.logprobs and (self._logprobs or self.said):
            rung.logprobs = bool(self._logprobs)
        reply = self._reply
        answered = self.said or reply.refused or reply.verdict
        silent = self._stop == "stop" and bool(reply.thought) and not answered
        if showed := reply.showed or ("silent" if silent else ""):
            self._ladder.odd(rung, showed)

    def _record(self, began: int) -> None:
        now, call, request = self._roads.clock.now(), self._call, self._request
        self._roads.note(
            Generated(
                id=self._id,
                at_ms=now,
                cause=call.turn.id,
                turn=call.turn.id,
                tier=request.tier,
                model=self._rung.model.name,
                first_token_ms=self._first_ms,
                total_ms=now - began,
                tokens=self._usage.tokens or self._tokens,
                prompt_tokens=self._usage.prompt_tokens,
                stop=self._stop,
                purpose=call.purpose,
                effort=None if request.effort == "none" else request.effort,
                verdict=self._reply.verdict,
                confidence=self._confidence,
                text=joined(self.said),
                refused=self._reply.refused,
            )
        )
