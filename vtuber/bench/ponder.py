"""Pondering in a busy stream on virtual time: how soon she is heard, what is thought about, and what comes in time."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from vtuber.adapters.chat.scripted import Scripted
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.stage.recorder import Recorder
from vtuber.bench.busy_stream import FORMS, Double, Said, answers_deep, answers_fast, busy, said, served_at
from vtuber.bench.stand import VOICE_MS, parts, persona, spread
from vtuber.clock import Clock, run_virtual
from vtuber.core.pondering import WINDOW_MS
from vtuber.core.story import LATER, Story, TurnStory, tell
from vtuber.core.summary import thought_in
from vtuber.events import Clause, Event, Generated, Performed, Remembered
from vtuber.persona import Languages, Lines, Persona
from vtuber.settings import Attention, Settings
from vtuber.show import Show

Profile: TypeAlias = Literal["busy", "seed-cpu"]
_SLOW_TOKENS_PER_S, _SLOW_READS_PER_S = 8.5, 60.0  # a large model on a processor without a graphics card
_REST_MS = 400  # after a clause she draws breath
_SAFE_MS = 50  # before an answer's first words memory knows of them


def measure(*, minutes: float, profile: Profile, seed: int, progress: Callable[[float], None]) -> dict[str, object]:
    """Play a stream of so many minutes; `progress` is told the minutes that have passed. Gives the figures by name.

    `profile`: "busy" is a lively chat with a model that takes 12 to 46 seconds for a hard question, a quarter of the
    time with each way in which models mark their thoughts; "seed-cpu" is a quiet one that asks about retrieval and
    memory in both languages, with both models served at 8.5 tokens a second.
    """
    shows = []
    slow = served_at(_SLOW_TOKENS_PER_S, _SLOW_READS_PER_S)
    scripts = (slow, slow) if profile == "seed-cpu" else (answers_fast, answers_deep)
    forms = ("tags",) if profile == "seed-cpu" else tuple(FORMS)
    for number, form in enumerate(forms):
        each = minutes / len(forms)
        chat = seed_questions() if profile == "seed-cpu" else busy(each, seed * len(forms) + number)
        by_id = {one.chat.id: one for one in chat}
        fast, deep = (
            Double(name, script, by_id, form=form, seed=seed)
            for name, script in zip(("fast", "deep"), scripts, strict=True)
        )

        def passed(now: float, past: float = number * each, most: float = each) -> None:
            progress(past + min(now, most))

        shows.append(run_virtual(_play(chat, fast, deep, seed, passed)))
    figures = {"profile": profile, "seed": seed} | _figures(shows)
    return figures | ({"questions": _answers(shows[0])} if profile == "seed-cpu" else {})


def seed_questions() -> tuple[Said, ...]:
    """Give a quiet chat with one question in each language."""
    asked = (
        (5_000, "RAGとイベント記憶の違いは？どう使い分ける？", "mika", "ja", True),
        (20_000, "今日はいい天気だったね", "taro", "ja", False),
        (60_000, "what is that hat you are wearing?", "zoe", "en", False),
        (200_000, "What is the difference between RAG and event memory, and when do I use which?", "sam", "en", True),
        (230_000, "good evening from the last train", "kim", "en", False),
    )
    return tuple(
        said(number, at_ms, text, viewer, language, hard=hard)  # type: ignore[arg-type]
        for number, (at_ms, text, viewer, language, hard) in enumerate(asked)
    )


class Played(msgspec.Struct, frozen=True):
    """A show that is over."""

    chat: Sequence[Said]
    story: Story
    events: list[Event]
    thoughts: list[str]  # what the models really thought
    kept: list[str]  # what memory was given to keep of her words
    shown: list[str]  # on the stage: subtitles and written answers

    @property
    def turns(self) -> list[TurnStory]:
        """The turns that react to a message."""
        return [turn for turn in self.story.turns if turn.turn.asked]

    @property
    def heard(self) -> list[TurnStory]:
        """Those of them of which something was heard."""
        return [turn for turn in self.turns if turn.first_audio_ms is not None]

    @property
    def deep(self) -> list[Generated]:
        """The calls of the slow model."""
        return [one for one in self.events if isinstance(one, Generated) and one.tier == "deep"]


class _Watched(SqliteMemory):
    """Memory, with what it is given to keep of her words."""

    kept: list[str]

    async def add(self, events: Sequence[Event]) -> None:
        """Keep, and note it."""
        self.kept += [event.text for event in events if isinstance(event, Performed)]
        await super().add(events)


async def _play(
    chat: Sequence[Said], fast: Double, deep: Double, seed: int, progress: Callable[[float], None]
) -> Played:
    clock, events, stage, embedder = Clock(0), list[Event](), Recorder(), HashingEmbedder()
    memory = await _Watched.open(
        ":memory:", stream_id="bench", embedder=embedder, vectors=ExactVectors(), warn=lambda _words: None
    )
    memory.kept = []  # type: ignore[attr-defined]
    hard = {one.chat.text for one in chat if one.hard}

    def note(event: Event) -> None:
        events.append(event)
        if isinstance(event, Remembered):
            progress(event.at_ms / 60_000)

    def difficulty(text: str, _similarity: float | None = None) -> float:
        return 0.9 if any(one in text for one in hard) else 0.05

    gaps = [later.at_ms - early.at_ms for early, later in zip((chat[0], *chat), chat, strict=False)]
    gaps[0] = chat[0].at_ms
    source = Scripted(list(zip(gaps, (one.chat for one in chat), strict=True)), clock)
    settings = Settings(seed=seed, attention=Attention(idle_s=1e6))
    async with parts(
        [source], fast, note, deep=deep, memory=memory, embedder=embedder, outputs=(stage,), persona=_patient(),
        settings=settings, difficulty=difficulty,
    ) as whole:  # fmt: skip
        await Show(whole, clock).run()
    shown = [text for cue in stage.started for text in (cue.text, cue.detail) if text]
    return Played(chat, tell(events), events, [*fast.thoughts, *deep.thoughts], memory.kept, shown)  # type: ignore[attr-defined]


def _patient() -> Persona:
    """Give a character who promises answers, brings them by name and owns up, in both languages."""
    who = persona("en")
    lines: dict[str, Lines] = {
        "holding": {"en": ("Let me think about that one.",), "ja": ("ちょっと考えさせてね。",)},
        "answer_intro": {"en": ("{name}, about your question.",), "ja": ("{name}、さっきの質問だけどね。",)},
        "too_hard": {"en": ("Sorry {name}, I could not work it out.",), "ja": ("{name}、ごめん、わからなかった。",)},
        "fallback": {"en": ("I lost my thread.",), "ja": ("あれ、なんだっけ。",)},
    }
    return msgspec.structs.replace(
        who,
        lines=msgspec.structs.replace(who.lines, **lines),
        languages=Languages(primary="en", reply_in_viewer_language=True),
    )


def _figures(shows: Sequence[Played]) -> dict[str, object]:
    turns = [turn for show in shows for turn in show.turns]
    accepted = [turn for turn in turns if turn.question is not None]
    in_time = [turn for turn in accepted if _in_time(turn)]
    pairs = [(turn, show) for show in shows for turn in show.heard]
    span_ms = sum(show.story.ended_ms - show.story.began_ms for show in shows)
    gone = Counter(one.reason for turn in accepted for one in turn.dropped if one.item == "question")
    return {
        "minutes": round(span_ms / 60_000, 1),
        "messages": sum(len(show.chat) for show in shows),
        "hard_messages": sum(one.hard for show in shows for one in show.chat),
        "turns": len(turns),
        "hard_turns": sum(any(one.route == "hard" for one in turn.decisions) for turn in turns),
        "first_utterance_ms": _spread(turn.first_audio_ms or 0 for turn, _ in pairs),
        "first_utterance_minus_fast_ms": _spread(_beside_fast(turn) for turn, _ in pairs),
        "waited_on_deep_ms": max((_idle(turn, show, at=_deep_at_work(show)) for turn, show in pairs), default=0),
        "accepted": len(accepted),
        "delivered_in_time": len(in_time),
        "delivered_share": round(len(in_time) / max(1, len(accepted)), 4),
        "expired": gone["expired"],
        "dropped": dict(gone.most_common()),
        "refused": dict(Counter(one.refused for turn in turns for one in turn.refused).most_common()),
        "answer_ms": _spread(turn.delivered_ms or 0 for turn in accepted if turn.delivered),
        "deep_utilisation": round(sum(one.total_ms for show in shows for one in show.deep) / max(1, span_ms), 4),
        "thought_chars": {place: sum(_thoughts(show)[place] for show in shows) for place in ("heard", "shown", "kept")},
        "voiced_anew": sum(one.purpose == "voice" for turn in turns for one in turn.generated),
        "holding_lines_per_5_min": max(map(_holding, shows)),
    }  # fmt: skip


def _spread(values: Iterable[int]) -> dict[str, float]:
    return spread([float(value) for value in values], 0)


def _in_time(turn: TurnStory) -> bool:
    """Whether the slow model's own words were ready before the deadline, and were heard."""
    ready = _ready(turn)
    return turn.question is not None and ready is not None and ready <= turn.question.deadline_ms and turn.delivered


def _ready(turn: TurnStory) -> int | None:
    return next((one.at_ms for one in turn.clauses if one.source == "deep" and one.text), None)


def _own(turn: TurnStory) -> list[tuple[int, int]]:
    """Give when the fast model was asked and when something to be said was there; nothing for a turn without it."""
    call = next((one for one in turn.generated if one.tier == "fast" and one.purpose == "answer"), None)
    clause = next((one for one in turn.clauses if one.text and one.seq < LATER), None)
    began = call.at_ms - call.total_ms if call else 0
    return [(began, clause.at_ms)] if call and clause and clause.at_ms >= began else []


def _beside_fast(turn: TurnStory) -> int:
    """Give what passed from the turn's being chosen to its first sound, without the fast model's own time."""
    return (turn.first_audio_ms or 0) - sum(until - began for began, until in _own(turn))


def _known(turn: TurnStory, show: Played) -> list[tuple[int, int]]:
    """Give when the fast model was at work for this turn, and when she was saying something else, breath and all.

    What the runtime itself takes counts, too: the voice, a memory that is safe.
    """
    chosen, sound = turn.turn.at_ms, turn.turn.at_ms + (turn.first_audio_ms or 0)
    performed = (one for one in show.events if isinstance(one, Performed))
    others = (one for one in performed if one.at_ms + _REST_MS > chosen and one.started_ms < sound)
    known = [*_own(turn), *((one.started_ms, one.at_ms) for one in others)]
    return [*((began, until + _REST_MS) for began, until in known), (sound - VOICE_MS - _SAFE_MS, sound)]


def _deep_at_work(show: Played) -> list[tuple[int, int]]:
    return [(one.at_ms - one.total_ms, one.at_ms) for one in show.deep]


def _idle(turn: TurnStory, show: Played, *, at: list[tuple[int, int]]) -> int:
    """Give for how many ms `at` these times nothing known went on between a turn's being chosen and its first sound."""
    here, end = turn.turn.at_ms, turn.turn.at_ms + (turn.first_audio_ms or 0)
    gaps = []
    for begin, until in sorted((*_known(turn, show), (end, end))):
        gaps.append((here, min(begin, end)))
        here = max(here, until)
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in gaps for b in at)


def _thoughts(show: Played) -> dict[str, int]:
    """Count the characters of thought that were heard, shown or kept in memory, by what the models really thought."""
    asked = " ".join(turn.turn.text for turn in show.turns)
    heard = [one.text for turn in show.turns for one in turn.performed]
    places = {"heard": heard, "shown": show.shown, "kept": show.kept}
    return {name: thought_in("\n".join(texts), show.thoughts, asked) for name, texts in places.items()}


def _holding(show: Played) -> int:
    """Give the most holding lines in five minutes."""
    said_at = [one.at_ms for one in show.events if isinstance(one, Clause) and one.holds and one.text]
    return max((sum(at <= one < at + WINDOW_MS for one in said_at) for at in said_at), default=0)


def _answers(show: Played) -> list[dict[str, object]]:
    """Say of each question that was thought about when its answer was ready and heard, and until when it was due."""
    return [
        {
            "question": turn.turn.text,
            "effort": turn.question.effort,
            "in_time": _in_time(turn),
            "ready_s": _seconds(ready - turn.question.at_ms) if (ready := _ready(turn)) else None,
            "heard_s": _seconds(turn.delivered_ms),
            "allowed_s": _seconds(turn.question.deadline_ms - turn.question.at_ms),
            "written": bool(turn.detail),
        }
        for turn in show.turns
        if turn.question is not None
    ]


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else round(ms / 1000, 1)
