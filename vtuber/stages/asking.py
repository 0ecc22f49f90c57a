"""Asking: the calls of the fast model for one turn, whose prompts all begin alike and so are read only once."""

from collections.abc import Sequence
from typing import Any

from vtuber.core import prompt
from vtuber.core.language import joined
from vtuber.core.reply import Reply, Said, Verbatim
from vtuber.events import Recollection, Tier, Turn
from vtuber.ports import Found, LanguageModel, Message, ModelRequest
from vtuber.stages.generate import Call, Outcome, generate
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.notes import note_recalled
from vtuber.stages.roads import Roads, drop_clause
from vtuber.stages.use import look_up


class Asking:
    """What the fast model is asked about one turn. Its words go on the replies road; `thoughts` are those of all calls.

    A model that gave a verdict has said nothing; it is asked again by another call.
    """

    def __init__(self, clauses: Clauses, recalled: tuple[Recollection, ...], mind: Mind, roads: Roads) -> None:
        self.thoughts: list[str] = []
        self._clauses = clauses
        self._turn = clauses.turn
        self._recalled = recalled
        self._mind = mind
        self._roads = roads
        self._said: list[str] = []
        self._prompts: list[tuple[Message, ...]] = []

    @property
    def said(self) -> str:
        """What is on its way to be performed."""
        return joined(self._said)

    async def answer(self, may: frozenset[str], found: Sequence[Found] = ()) -> Outcome:
        """Ask for an answer, instead of which the model `may` give a verdict; `found` is what tools gave."""
        mind, turn, language = self._mind, self._turn, self._clauses.language
        await mind.warm.wait()
        talk, pending = mind.talk.so_far()
        asked = prompt.answer(
            mind.persona,
            language=language,
            name=mind.shown(turn, language),
            text=mind.as_asked(turn.text),
            talk=talk,
            recalled=self._recalled,
            pending=pending,
            found=found,
            may=may,
            layout=mind.layout,
        )
        self._prompts.append(asked.messages)
        number = f".{len(self._prompts)}" if len(self._prompts) > 1 else ""
        note_recalled(turn, self._recalled, asked.parts, self._roads, call=number)

        def fold(model: LanguageModel) -> Reply:
            return mind.reply(model, language, mind.persona.speaking.reply_sentences, turn.text)

        request = _request(
            turn, asked.messages, mind, seed=mind.dice.randrange(2**31), temperature=mind.settings.temperature
        )
        call = Call(
            turn=turn, request=request, fold=fold, emit=self._say, withdraw=self._withdraw, thoughts=self.thoughts
        )
        return await generate(call, mind.fast, self._roads)

    async def found(self) -> tuple[Found, ...]:
        """Have it pick tools for the turn, and use them."""
        before = self._prompts[-1][:-1] if self._prompts else ()
        picking = Picking(self._turn, before, self.thoughts, self._mind, self._roads)
        return await picking.found("fast")

    async def _say(self, said: Said) -> None:
        clause = self._clauses.clause(said.text, source="fast", expression=said.expression)
        self._said.append(said.text)
        await self._roads.replies.put(clause)
        self._mind.talk.emitted(self._turn, clause)

    def _withdraw(self) -> tuple[str, ...]:
        mine = self._roads.replies.purge(lambda clause: clause.turn == self._turn.id and clause.source == "fast")
        for clause in mine:
            drop_clause(clause, "thought", self._roads)
            self._said.remove(clause.text)
        return tuple(clause.text for clause in mine)


class Picking:
    """The fast model picks tools for a turn: it answers at once, and keeps to a schema where a thinking one may not."""

    def __init__(self, turn: Turn, before: tuple[Message, ...], thoughts: list[str], mind: Mind, roads: Roads) -> None:
        """`before`: with what its prompts begin, so that it is read already. What it thinks is added to `thoughts`."""
        self._turn = turn
        self._before = before
        self._thoughts = thoughts
        self._mind = mind
        self._roads = roads

    async def found(self, tier: Tier) -> tuple[Found, ...]:
        """Use what it picks, as often as a tier may; give what the tools gave."""
        mind = self._mind
        return await look_up(
            self._pick, tuple(mind.tools.values()), turn=self._turn, tier=tier, roads=self._roads, private=mind.private
        )

    async def _pick(self, messages: tuple[Message, ...], schema: dict[str, Any]) -> str:
        """Ask for JSON."""
        told = Message("user", "\n".join(message.content for message in messages))
        pieces: list[str] = []

        async def keep(said: Said) -> None:
            pieces.append(said.text)

        request = _request(self._turn, (*self._before, told), self._mind, schema=schema, temperature=0.0)
        call = Call(
            turn=self._turn, request=request, fold=self._verbatim, emit=keep, thoughts=self._thoughts, purpose="tool"
        )
        await generate(call, self._mind.fast, self._roads)
        return "".join(pieces)

    def _verbatim(self, model: LanguageModel) -> Verbatim:
        mind = self._mind
        start = mind.start(model, "fast")
        return Verbatim(start=start, guard=mind.guard, sentences=1, language=mind.persona.languages.primary)


def _request(turn: Turn, messages: tuple[Message, ...], mind: Mind, **more: Any) -> ModelRequest:
    tokens = mind.settings.fast_tokens
    return ModelRequest(messages=messages, tier="fast", answering=turn.asked, max_tokens=tokens, **more)
