"""What think and ponder share: the character, the models and the talk so far."""

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from vtuber.core import prompt
from vtuber.core.guard import Guard
from vtuber.core.language import detect, joined
from vtuber.core.names import shown_name, spoken_name
from vtuber.core.recall import rank
from vtuber.core.redaction import redact
from vtuber.core.reply import Reply
from vtuber.core.stock import pick
from vtuber.errors import EmbedderError, MemoryStoreError
from vtuber.events import Clause, Failed, Language, Performed, Recalled, Recollection, Source, Thought, Tier, Turn
from vtuber.persona import Lines, Persona
from vtuber.ports import Embedder, EventMemory, LanguageModel, Query, Vectors
from vtuber.settings import Thinking
from vtuber.stages.roads import Roads

_LATELY = 24  # performed clauses that she does not say again
_HOST: dict[Language, str] = {"ja": "（配信者）", "en": " (host of the stream)"}
RECALLED = 3  # memories in a prompt at most
DEEP = 100  # the sequence number of a deep answer's first clause


@dataclass(kw_only=True)
class Mind:
    """The character, her models and memory, and the few things that change: the talk so far and the lines used last."""

    persona: Persona
    fast: LanguageModel
    deep: LanguageModel
    memory: EventMemory
    embedder: Embedder
    guard: Guard
    difficulty: Callable[[str], float]
    settings: Thinking
    dice: random.Random
    greeted: bool = False
    warm: asyncio.Event = field(default_factory=asyncio.Event)
    recent_lines: deque[str] = field(default_factory=lambda: deque(maxlen=24))
    turns: deque[tuple[Turn, list[str]]] = field(
        default_factory=lambda: deque(maxlen=12)
    )  # the model's turns and their clauses
    talk: tuple[prompt.Exchanged, ...] = ()
    rules_used: dict[int, int] = field(default_factory=dict)
    coming: tuple[Persona, Guard] | None = None  # reloaded, in force from the next turn
    retired: list[LanguageModel] = field(default_factory=list)  # switched away from, to be closed between turns

    async def turn_begins(self) -> None:
        """Let what the operator changed come into force."""
        if self.coming:
            (self.persona, self.guard), self.coming = self.coming, None
            self.rules_used.clear()
        while self.retired:
            model = self.retired.pop()
            if model is not self.fast and model is not self.deep:
                await model.close()

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

    @staticmethod
    def shown(turn: Turn, language: Language) -> str:
        """Give the viewer's name as a model reads it; the stream's host is marked as such."""
        if turn.who is None:
            return ""
        return shown_name(turn.who.name) + (_HOST[language] if "owner" in turn.who.roles else "")

    def line(self, lines: Lines, language: Language, **fields: str) -> str:
        """Choose one of her own lines that she has not used lately, "" if she has none for this."""
        return pick(lines, language, self.dice, self.recent_lines, **fields)

    def reply(
        self, model: LanguageModel, language: Language, sentences: int, asked: str, earlier_thought: str = ""
    ) -> Reply:
        """Begin to fold a model's answer into clauses; the question itself and her last words are not said again."""
        lately = [event.text for event in self.memory.recent() if isinstance(event, Performed)][-_LATELY:]
        return Reply(
            start=model.start_state,
            guard=self.guard,
            sentences=sentences,
            language=language,
            known=(asked, *lately),
            earlier_thought=earlier_thought,
            expressions={name: one.words for name, one in self.persona.expressions.items()},
        )

    def emitted(self, turn: Turn, text: str) -> None:
        """Keep count of a clause of the model's that is on its way to be performed."""
        if all(known is not turn for known, _ in self.turns):
            self.turns.append((turn, []))
        next(texts for known, texts in self.turns if known is turn).append(text)

    def talk_so_far(self) -> tuple[tuple[prompt.Exchanged, ...], str]:
        """Give the turns that were performed to their end, oldest first and trimmed, and what is still to be said."""
        said: dict[str, list[Performed]] = {}
        for event in self.memory.recent():
            if isinstance(event, Performed) and event.source != "persona":
                said.setdefault(event.turn, []).append(event)
        pending = ""
        for entry in tuple(self.turns):
            turn, texts = entry
            performed = said.get(turn.id, [])
            if len(performed) < len(texts):
                pending = joined(texts[len(performed) :])
            elif turn.who:
                self.turns.remove(entry)
                words = joined(one.text for one in performed)
                self.talk += (prompt.Exchanged(shown_name(turn.who.name), turn.text, words, performed[0].language),)
        self.talk = prompt.trim(self.talk, self.settings.talk_tokens)
        return self.talk, pending


async def recollect(turn: Turn, mind: Mind, roads: Roads) -> tuple[Recollection, ...]:
    """Recall what belongs to this viewer and this message, without an embedder by its words alone.

    A broken memory is noted and recalls nothing.
    """
    who = turn.who
    if who is None or not turn.text.strip():
        return ()
    text = mind.as_asked(turn.text)
    try:
        asked_at = min((chat.at_ms for chat in turn.chats), default=turn.at_ms)
        query = Query(
            text=text,
            viewer_id="" if who.weak else who.viewer_id,
            at_ms=asked_at,
            vector=await _vector(turn, text, mind, roads),
            answering=turn.asked,
        )
        candidates = await mind.memory.recall(query)
    except MemoryStoreError as error:
        note_failure("recall", error, turn.id, roads)
        return ()
    language = mind.language(turn.text)
    told = [one for one in candidates if one.scope != "lore" or one.language in {"", language}]  # lore is told in both
    return rank(told, text, roads.clock.now(), RECALLED)


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


def note_recalled(turn: Turn, recalled: tuple[Recollection, ...], parts: dict[str, int], roads: Roads) -> None:
    """Put on record what entered the prompt."""
    roads.note(
        Recalled(
            id=f"{turn.id}/recalled",
            at_ms=roads.clock.now(),
            cause=turn.id,
            turn=turn.id,
            items=recalled,
            prompt_parts=parts,
        )
    )


def note_thought(turn: Turn, tier: Tier, thought: str, roads: Roads) -> None:
    """Put a thought on record, once, joined and redacted."""
    if thought.strip():
        roads.note(
            Thought(
                id=f"{turn.id}/thought-{tier}",
                at_ms=roads.clock.now(),
                cause=turn.id,
                turn=turn.id,
                tier=tier,
                text=redact(thought),
            )
        )


def note_failure(stage: str, error: Exception, about: str, roads: Roads) -> None:
    """Put a failure on record by the name of its class: its text may hold anything."""
    now = roads.clock.now()
    roads.note(Failed(id=f"{about}!{stage}", at_ms=now, turn=about, stage=stage, error=type(error).__name__))


class Clauses:
    """Numbers the clauses of one reply: from 0 what is said at once, from DEEP what ponder brings later."""

    def __init__(self, turn: Turn, *, language: Language, source: Source, roads: Roads) -> None:
        self._turn = turn
        self._language = language
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
        turn, who, seq = self._turn, self._turn.who, self._next
        self._next += 1
        return Clause(
            id=f"{turn.id}/{seq}",
            at_ms=self._clock.now(),
            cause=turn.id,
            turn=turn.id,
            seq=seq,
            text=text,
            language=self._language,
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
        return msgspec.structs.replace(self.clause("", last=True), id=f"{self._turn.id}/{self._source}-end")
