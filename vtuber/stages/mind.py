"""What think and ponder share: the character, the models and the talk so far."""

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from vtuber.core import prompt
from vtuber.core.guard import Guard
from vtuber.core.language import detect
from vtuber.core.names import shown_name, spoken_name
from vtuber.core.pondering import Desk
from vtuber.core.recall import rank
from vtuber.core.reply import Reply
from vtuber.core.second_thoughts import Answered
from vtuber.core.stock import pick
from vtuber.errors import EmbedderError, MemoryStoreError, ModelError
from vtuber.events import Clause, Language, Recollection, Source, Tier, Turn
from vtuber.persona import Lines, Persona
from vtuber.ports import Embedder, EventMemory, LanguageModel, Message, Query, StartState, Tool, Vectors
from vtuber.settings import Thinking
from vtuber.stages.ladder import Ladder
from vtuber.stages.notes import note_failure
from vtuber.stages.roads import Roads
from vtuber.stages.talk import Talk

_FIRST_CLAUSE = 12  # tokens until something can be said
_SOON_MS = 1_300
_HOST: dict[Language, str] = {"ja": "（配信者）", "en": " (host of the stream)"}
BY_RULE = frozenset({"clock", "dice", "coin", "calculator", "units"})  # tools that no model is needed for
RECALLED = 3  # memories in a prompt at most
DEEP = 100  # the sequence number of a deep answer's first clause


@dataclass(kw_only=True)
class Mind:
    """The character, her models and memory, and the few things that change: the talk so far and the lines used last."""

    persona: Persona
    fast: Ladder
    deep: Ladder
    memory: EventMemory
    embedder: Embedder
    guard: Guard
    difficulty: Callable[[str, float | None], float]  # of a text and the similarity of its vector: 0..1
    settings: Thinking
    dice: random.Random
    desk: Desk
    talk: Talk
    tools: Mapping[str, Tool] = field(default_factory=dict)  # by name
    similarity: Callable[[Vectors], float] | None = None  # how near a vector of `embedder` lies to hard questions
    private: tuple[str, ...] = ()  # words that are never written down
    greeted: bool = False
    warm: asyncio.Event = field(default_factory=asyncio.Event)
    recent_lines: deque[str] = field(default_factory=lambda: deque(maxlen=24))
    starts: dict[tuple[Tier, str], StartState] = field(default_factory=dict)  # as a model's streams were seen to begin
    rules_used: dict[int, int] = field(default_factory=dict)
    answered: deque[Answered] = field(default_factory=lambda: deque(maxlen=24))  # by the fast model, newest last
    coming: tuple[Persona, Guard] | None = None  # reloaded, in force from the next turn
    retired: list[LanguageModel] = field(default_factory=list)  # switched away from, to be closed between turns

    def turn_begins(self) -> None:
        """Let a reloaded character come into force."""
        if self.coming:
            (self.persona, self.guard), self.coming = self.coming, None
            self.rules_used.clear()

    async def let_go(self) -> None:
        """Close the models that were switched away from; call it where none of them is being asked."""
        while self.retired:
            with suppress(ModelError):  # nobody asks it any more; the others want closing, and a show its end
                await self.retired.pop().close()

    @property
    def models(self) -> tuple[LanguageModel, ...]:
        """All that may be asked, of both tiers."""
        return (*self.fast.models, *self.deep.models)

    def ahead_ms(self) -> int:
        """Give how long before she falls silent the next turn is chosen, in ms.

        What needs no model, such as a promise, so comes within _SOON_MS of its decision. With a slow model it comes
        later, so that she is not silent for longer than that before an answer, as far as its pace is known.
        """
        needed = self.fast.expect_ms(_FIRST_CLAUSE)
        return max(min(needed, _SOON_MS), needed - _SOON_MS)

    def language(self, text: str) -> Language:
        """Give the language to answer in."""
        languages = self.persona.languages
        return detect(text, languages.primary) if languages.reply_in_viewer_language else languages.primary

    def name(self, turn: Turn, language: Language) -> str:
        """Give the viewer's name as she says it."""
        who = turn.who
        if who is None:
            return ""
        return spoken_name(
            who.name,
            language,
            honorific=self.persona.speaking.viewer_honorific.get(language, ""),
            reading=self.persona.reading,
            refuse=lambda name: not self.guard.check(name).ok,
        )

    @property
    def her_names(self) -> tuple[str, ...]:
        """What viewers may call her."""
        return tuple(dict.fromkeys((*self.persona.name.values(), *self.persona.called)))

    def as_asked(self, text: str) -> str:
        """Take only the address off ("Ada, how …"): a small model that reads her name takes it for somebody else's."""
        names = "|".join(re.escape(name) for name in sorted(self.her_names, key=len, reverse=True))
        address = rf"^\s*(?:{names})(?:ちゃん|さん|様|くん)?(?:[、,!！]\s*|\s+)"
        bare = re.sub(address, "", text, flags=re.IGNORECASE)
        return bare if any(char.isalnum() for char in bare) else text

    @property
    def thresholds(self) -> tuple[float, float]:
        """The difficulties below which the fast model just answers, and from which the slow one is asked at once."""
        low, high = self.settings.simple_below, self.settings.hard_from
        return (low, high) if self.settings.asks_first else ((low + high) / 2, (low + high) / 2)

    @property
    def layout(self) -> prompt.Layout:
        """What stays the same in every prompt of the show."""
        return prompt.layout(self.settings, tools=bool(self.tools.keys() - BY_RULE))

    def prefix(self, language: Language) -> tuple[Message, ...]:
        """Give what every prompt of the fast model in a language begins with, for it to be read beforehand."""
        return prompt.prefix(self.persona, language, self.layout)

    @staticmethod
    def shown(turn: Turn, language: Language) -> str:
        """Give the viewer's name as a model reads it; the stream's host is marked as such."""
        if turn.who is None:
            return ""
        return shown_name(turn.who.name) + (_HOST[language] if "owner" in turn.who.roles else "")

    def line(self, lines: Lines, language: Language, **fields: str) -> str:
        """Choose one of her own lines that she has not used lately, "" if she has none for this."""
        return pick(lines, language, self.dice, self.recent_lines, **fields)

    def start(self, model: LanguageModel, tier: Tier) -> StartState:
        """Give what the streams of a model of a tier begin with: seen, or else declared."""
        return self.starts.get((tier, model.name), model.start_state)

    def reply(
        self, model: LanguageModel, language: Language, sentences: int, asked: str, earlier_thought: str = ""
    ) -> Reply:
        """Begin to fold a model's answer into clauses; the question itself and her last words are not said again."""
        return Reply(
            start=self.start(model, "fast"),
            guard=self.guard,
            sentences=sentences,
            language=language,
            known=(asked, *self.talk.lately),
            earlier_thought=earlier_thought,
            expressions={name: one.words for name, one in self.persona.expressions.items()},
        )


async def recollect(turn: Turn, mind: Mind, roads: Roads) -> tuple[tuple[Recollection, ...], Vectors | None]:
    """Recall what belongs to this viewer and this message, without an embedder by its words alone.

    Gives the message's vector, too, if it has one. A broken memory is noted and recalls nothing.
    """
    who = turn.who
    if who is None or not turn.text.strip():
        return (), None
    text = mind.as_asked(turn.text)
    vector = await _vector(turn, text, mind, roads)
    try:
        asked_at = min((chat.at_ms for chat in turn.chats), default=turn.at_ms)
        query = Query(
            text=text, viewer_id="" if who.weak else who.viewer_id, at_ms=asked_at, vector=vector, answering=turn.asked
        )
        candidates = await mind.memory.recall(query)
    except MemoryStoreError as error:
        note_failure("recall", error, turn.id, roads)
        return (), vector
    language = mind.language(turn.text)
    told = [one for one in candidates if one.scope != "lore" or one.language in {"", language}]  # lore is told in both
    return rank(told, text, roads.clock.now(), RECALLED), vector


async def _vector(turn: Turn, text: str, mind: Mind, roads: Roads) -> Vectors | None:
    if not mind.embedder.dim:  # there is none
        return None
    try:
        vectors = await mind.embedder.embed([text], "query")
    except EmbedderError as error:
        note_failure("recall", error, turn.id, roads)
        return None
    vector: Vectors = vectors[0]
    return vector


class Clauses:
    """Numbers the clauses of one reply: from 0 what is said at once, from DEEP what ponder brings later."""

    def __init__(self, turn: Turn, *, language: Language, source: Source, roads: Roads) -> None:
        self.turn = turn
        self.language = language
        self._source: Source = source
        self._clock = roads.clock
        self._next = DEEP if source == "deep" else 0

    def clause(
        self,
        text: str,
        *,
        source: Source | None = None,
        expression: str = "neutral",
        last: bool = False,
        holds: bool = False,
    ) -> Clause:
        """Give the next clause."""
        turn, who, seq = self.turn, self.turn.who, self._next
        self._next += 1
        return Clause(
            id=f"{turn.id}/{seq}",
            at_ms=self._clock.now(),
            cause=turn.id,
            turn=turn.id,
            seq=seq,
            text=text,
            language=self.language,
            source=source or self._source,
            last=last,
            holds=holds,
            expression=expression,
            asked=turn.asked,
            to=shown_name(who.name) if who else "",
            viewer_id=who.viewer_id if who else "",
            about=turn.text[:200],
        )

    def end(self) -> Clause:
        """Give the mark that ends the reply."""
        return msgspec.structs.replace(self.clause("", last=True), id=f"{self.turn.id}/{self._source}-end")
