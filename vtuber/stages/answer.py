"""Answer: who answers a message, and with what: a tool, the fast model, or the slow one after a holding line.

The cheapest sign decides first: rules, then the difficulty of the words. What lies between simple and hard is given to
the fast model, whose answer may begin with a verdict instead of words. Afterwards an answer may be thought over.
"""

from typing import Literal, TypeAlias

from vtuber.core.attention import is_question
from vtuber.core.routing import decide
from vtuber.core.second_thoughts import Answered, asked_again, doubt, worth_thought
from vtuber.core.stock import mentions
from vtuber.core.tool_intents import intent
from vtuber.events import Recollection, Route
from vtuber.stages.asking import Asking
from vtuber.stages.fallback import fall_back
from vtuber.stages.generate import Outcome
from vtuber.stages.mind import Clauses, Mind, recollect
from vtuber.stages.notes import note_routed, note_thought
from vtuber.stages.offering import holding_line, offer, refusal
from vtuber.stages.roads import Roads
from vtuber.stages.use import use

_LOOK_UP = ("look up", "search", "google", "find out", "check", "調べ", "しらべ", "検索", "ググ")
_By: TypeAlias = Literal["difficulty", "verdict", "confidence", "hedging", "asked_again"]
_WHY: dict[_By, str] = {
    "verdict": "the fast model asked for it",
    "asked_again": "the same viewer asked for the same thing before",
    "confidence": "the fast model answered without confidence",
    "hedging": "the fast model was not sure by its own words",
}


async def answer(clauses: Clauses, mind: Mind, roads: Roads) -> None:
    """Answer the turn of these clauses, which go on the replies road one by one."""
    if await _by_tool(clauses, mind, roads):
        return
    recalled, vector = await recollect(clauses.turn, mind, roads)
    similarity = None if vector is None or mind.similarity is None else mind.similarity(vector)
    asking = Asking(clauses, recalled, mind, roads)
    try:
        await _Routing(clauses, recalled, similarity, mind, roads).answer(asking)
    finally:
        note_thought(clauses.turn, "fast", asking.thoughts, roads, mind.private)


async def _by_tool(clauses: Clauses, mind: Mind, roads: Roads) -> bool:
    """Say what a tool gives, where a message asks for just that and the tool has words of its own."""
    turn, language = clauses.turn, clauses.language
    wish = intent(mind.as_asked(turn.text))
    tool = mind.tools.get(wish.tool) if wish else None
    if wish is None or tool is None:
        return False
    found = await use(tool, wish.arguments, turn=turn, tier="fast", roads=roads, private=mind.private)
    said = mind.guard.check(found.spoken.get(language, "") if found else "")
    if not said.ok or not said.text:
        return False
    note_routed(turn, roads, route="tool", difficulty=0.0, reason=f"asks for the {tool.name}")
    line = mind.line(mind.persona.lines.result, language, name=mind.name(turn, language), result=said.text)
    await roads.replies.put(clauses.clause(line if said.text in line else said.text))
    return True


class _Routing:
    """Where one message goes, decision by decision, each on record with what was weighed."""

    def __init__(
        self, clauses: Clauses, recalled: tuple[Recollection, ...], similarity: float | None, mind: Mind, roads: Roads
    ) -> None:
        self._clauses = clauses
        self._turn = clauses.turn
        self._recalled = recalled
        self._mind = mind
        self._roads = roads
        text, (simple_below, hard_from) = self._turn.text, mind.thresholds
        self._difficulty = mind.difficulty(text, similarity)
        self._decision = decide(text, self._difficulty, hard_from, simple_below=simple_below)
        self._parts = {"simple_below": simple_below, "hard_from": hard_from}
        self._parts |= {} if similarity is None else {"similarity": round(similarity, 4)}
        self._decisions = 0

    async def answer(self, asking: Asking) -> None:
        """Send it to the slow model, or have the fast one answer, by the cheapest sign there is."""
        marks, text = self._mind.layout.marks, self._turn.text
        may = marks & {"tool"} if is_question(text) or mentions(text, _LOOK_UP) else frozenset[str]()
        if self._again():
            if await self._pondered("asked_again"):
                return
        elif self._decision.zone == "hard":
            if await self._pondered("difficulty"):
                return
        elif self._decision.zone == "grey":
            refused = refusal(self._turn, self._mind, self._roads)
            self._decide("simple", "difficulty", refused=refused)
            may |= frozenset[str]() if refused else marks & {"deep"}
        else:
            self._decide("simple", "difficulty")
        await self._by_fast(asking, may)

    def _again(self) -> bool:
        """Whether the viewer asks for the second time what the fast model has answered."""
        turn, mind = self._turn, self._mind
        viewer = turn.who.viewer_id if turn.who else ""
        return worth_thought(turn.text, self._difficulty, mind.settings) and asked_again(
            turn.text, viewer, self._roads.clock.now(), mind.answered
        )

    async def _by_fast(self, asking: Asking, may: frozenset[str]) -> None:
        """Have the fast model answer; where it asks for help instead, it gets it or is asked once more."""
        outcome = await asking.answer(may)
        wanted = outcome.reply.verdict
        if wanted == "deep" and wanted in may and await self._pondered("verdict"):
            return
        if wanted == "tool" and wanted in may:
            self._decide("tool", "verdict")
            outcome = await asking.answer(frozenset(), await asking.found())
        elif wanted:
            outcome = await asking.answer(frozenset())
        if outcome.reply.substance:
            await self._think_over(asking.said, outcome)
        else:
            mind, language, refused = self._mind, self._clauses.language, outcome.reply.refused
            await fall_back(
                self._turn, refused, outcome.stop, mind=mind, language=language, clauses=self._clauses,
                roads=self._roads,
            )  # fmt: skip

    async def _think_over(self, said: str, outcome: Outcome) -> None:
        """Offer what was answered badly to the slow model, whose better answer comes later."""
        turn, mind = self._turn, self._mind
        if turn.who:
            mind.answered.append(Answered(turn.who.viewer_id, turn.text, self._roads.clock.now()))
        sure = outcome.confidence
        why = doubt(turn.text, said, difficulty=self._difficulty, confidence=sure, settings=mind.settings)
        if why:
            self._parts |= {} if sure is None else {"confidence": sure}
            await self._pondered(why, said)

    async def _pondered(self, by: _By, said: str = "") -> bool:
        """Offer it to the slow model, with a holding line unless something was `said` already; give whether it goes."""
        offered = offer(
            self._turn,
            language=self._clauses.language,
            recalled=self._recalled,
            mind=self._mind,
            roads=self._roads,
            said=said,
        )
        accepted = offered.question is not None
        parts = {"wait_s": round(offered.wait_ms / 1000, 1)} if offered.wait_ms else {}
        self._decide("hard", by, accepted=accepted, refused=offered.refused, parts=parts)
        if line := holding_line(offered, self._mind, self._clauses.language):
            await self._roads.replies.put(self._clauses.clause(line, holds=True))
        return accepted

    def _decide(
        self, route: Route, by: _By, *, accepted: bool = False, refused: str = "", parts: dict[str, float] | None = None
    ) -> None:
        """Put a decision on record."""
        self._decisions += 1
        note_routed(
            self._turn,
            self._roads,
            number=self._decisions,
            route=route,
            difficulty=round(self._difficulty, 4),
            reason=_WHY.get(by, self._decision.reason),
            by=by,
            parts=self._parts | (parts or {}),
            accepted=accepted,
            refused=refused,
        )
