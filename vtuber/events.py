"""Everything that happens in a show, as frozen values in one tagged union.

Every event has an `id`, the `cause` (its parent's id, "" for none), the `turn` it belongs to ("" for none) and
 `at_ms`: milliseconds on the stream clock (unix time in a live show; in a replay it starts at the log's first stamp).
Encoded as JSON the tag is `kind`. Times are integers in milliseconds throughout.
"""

from typing import Literal, TypeAlias

import msgspec

SCHEMA = 1

Language: TypeAlias = Literal["ja", "en"]
Tier: TypeAlias = Literal["fast", "deep"]
Route: TypeAlias = Literal["simple", "hard", "canned", "tool"]
Effort: TypeAlias = Literal["low", "medium", "high"]  # how long the deep model thinks
Verdict: TypeAlias = Literal["", "deep", "tool"]  # what the fast model asked for instead of answering
Role: TypeAlias = Literal["owner", "moderator", "vip", "member", "verified", "bot"]
Source: TypeAlias = Literal["fast", "deep", "persona", "operator"]
Operation: TypeAlias = Literal["hush", "skip", "pause", "resume", "retract", "ban", "say", "reload", "switch", "stop"]


class Money(msgspec.Struct, frozen=True):
    """An amount as the platform states it: a decimal in text ("500", "20.00"). Bits have the currency "bits"."""

    amount: str
    currency: str


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    id: str
    at_ms: int
    cause: str = ""
    turn: str = ""


class Opened(_Event, frozen=True, kw_only=True, tag="opened"):
    """The first line of every journal."""

    schema: int
    character: str
    stream_id: str
    seed: int
    version: str = ""
    part: int = 0  # how often this stream was resumed before
    sources: tuple[str, ...] = ()  # of a live show: "twitch:NAME", "onecomme"; a resumed one hears them again
    models: dict[str, str] = {}  # tier -> model name
    voices: dict[str, str] = {}  # language -> voice name


class _FromViewer(_Event, frozen=True, kw_only=True):
    platform: str  # "twitch", "youtube", …
    channel: str = ""
    viewer_id: str = ""  # platform:userid, else platform:login:NAME (weak); "" where there is no author
    name: str = ""  # as displayed, untrusted
    roles: tuple[Role, ...] = ()
    text: str = ""  # plain text, emotes as :name:
    sent_at_ms: int = 0  # the platform's own stamp
    received_at_ms: int = 0
    backlog: bool = False  # from before we connected: remembered, not answered

    @property
    def weak(self) -> bool:
        """Whether the viewer is known by a login name only: such an id owns no private memory."""
        return self.viewer_id.split(":")[1:2] == ["login"]


class Chat(_FromViewer, frozen=True, kw_only=True, tag="chat"):
    """A viewer's message; with `money` it is a cheer (form "text") or a paid one such as a super chat (form "paid")."""

    form: Literal["text", "paid"] = "text"
    money: Money | None = None
    emotes: int = 0  # how many emotes `text` holds
    first_time: bool = False  # the platform says that this viewer writes here for the first time
    effort: Effort | None = None  # how long to think about it, as a program of the operator's asks
    reply_to: str = ""  # the event id that this one replies to
    reply_to_viewer: str = ""
    shared_from: str = ""  # the other channel of a shared chat
    edit_of: str = ""  # the id under which an earlier wording came: that one was retracted just before


class Notice(_FromViewer, frozen=True, kw_only=True, tag="notice"):
    """A raid, a subscription, a gift, an announcement, a membership."""

    notice: str  # the platform's own word: raid, sub, resub, subgift, announcement, member_new, …
    count: int = 0  # raiders, gifts, months
    money: Money | None = None


class System(_FromViewer, frozen=True, kw_only=True, tag="system"):
    """The platform itself says something (a mode change, a warning)."""


class Retract(_Event, frozen=True, kw_only=True, tag="retract"):
    """A message was deleted, a viewer timed out or banned, or the whole chat cleared: one of the three is set."""

    target_event: str = ""
    target_viewer: str = ""
    everything: bool = False
    channel: str = ""
    reason: str = ""


class Connection(_Event, frozen=True, kw_only=True, tag="connection"):
    """How a live source fares: "connected", "lost" (it is tried again in `retry_ms`) or "stalled" (silent too long)."""

    source: str
    state: Literal["connected", "lost", "stalled"]
    retry_ms: int = 0
    attempt: int = 0  # how often in a row it could not be reached


class Skipped(_Event, frozen=True, kw_only=True, tag="skipped"):
    """A piece of input that could not be used, counted with its reason."""

    reason: str
    line: int = 0  # 1-based line number in a log, 0 for none


class Turn(_Event, frozen=True, kw_only=True, tag="turn"):
    """What she will react to next. `turn` equals `id`; `chats` are one viewer's messages, oldest first, merged."""

    purpose: Literal["answer", "notice", "greeting", "closing", "idle", "say"]
    chats: tuple[Chat, ...] = ()
    notice: Notice | None = None
    say: str = ""  # for purpose "say": the words
    score: float = 0.0
    parts: dict[str, float] = {}  # what the score is made of

    @property
    def effort(self) -> Effort | None:
        """How long to think, if it is hard: as the last of its messages says that says so; None: as her policy does."""
        return next((chat.effort for chat in reversed(self.chats) if chat.effort), None)

    @property
    def text(self) -> str:
        """The words to react to, merged."""
        return " ".join(chat.text for chat in self.chats) if self.chats else self.notice.text if self.notice else ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of the events that it reacts to."""
        return tuple(chat.id for chat in self.chats) or ((self.notice.id,) if self.notice else ())

    @property
    def who(self) -> _FromViewer | None:
        """The last message or the notice: whose turn it is."""
        return self.chats[-1] if self.chats else self.notice


class Routed(_Event, frozen=True, kw_only=True, tag="routed"):
    """Where a turn goes and why. A turn may be decided twice: an answer that does not satisfy is thought over."""

    route: Route
    difficulty: float  # 0..1
    reason: str
    by: Literal["rule", "difficulty", "verdict", "confidence", "hedging", "asked_again"] = "rule"
    parts: dict[str, float] = {}  # what was weighed: similarity, simple_below, hard_from, confidence, wait_s, …
    accepted: bool = False  # for a hard one: whether ponder took it …
    refused: str = ""  # … and if not, why: model_down, no_room, viewer_budget, stream_budget, too_slow


class Recollection(msgspec.Struct, frozen=True):
    """One memory that entered a prompt. `score` is made of `parts`."""

    id: str
    text: str
    viewer_id: str
    at_ms: int
    score: float
    parts: dict[str, float] = {}


class Recalled(_Event, frozen=True, kw_only=True, tag="recalled"):
    """The memories that entered a turn's prompt, best first."""

    items: tuple[Recollection, ...]
    prompt_parts: dict[str, int] = {}  # estimated tokens by part: persona, rules, talk, memory, found, said, message


class Question(_Event, frozen=True, kw_only=True, tag="question"):
    """A hard turn offered to ponder."""

    asked: Turn
    language: Language
    deadline_ms: int  # stream clock
    recalled: tuple[Recollection, ...] = ()
    effort: Effort = "low"
    expected_ms: int = 0  # stream clock: when the answer is expected
    held: bool = False  # a holding line promises it: if it does not come, that is said
    said: str = ""  # what she has answered already, if this is a second thought


class Generated(_Event, frozen=True, kw_only=True, tag="generated"):
    """One call of a model, when it is over."""

    tier: Tier
    model: str
    first_token_ms: int
    total_ms: int
    tokens: int = 0
    prompt_tokens: int = 0
    stop: str = "stop"  # stop, length, cancelled, timeout, error; down: there was none that could be asked
    purpose: Literal["answer", "tool", "voice"] = "answer"  # tool: to pick one; voice: to say a deep answer her way
    effort: Effort | None = None
    verdict: Verdict = ""
    confidence: float | None = None  # mean log-probability of the answer's tokens, where the server tells
    text: str = ""  # what it said, thoughts taken out
    refused: str = ""  # why the guard refused the rest: blocked_word, thought, said_before, …


class Thought(_Event, frozen=True, kw_only=True, tag="thought"):
    """What a model thought in one turn, joined and redacted; every reader leaves it out unless asked."""

    tier: Tier
    text: str


class Clause(_Event, frozen=True, kw_only=True, tag="clause"):
    """A piece to be spoken. `last` marks the end of a reply; a last clause may have no text."""

    seq: int
    text: str
    language: Language
    source: Source
    last: bool
    to: str = ""  # the viewer's display name
    viewer_id: str = ""
    about: str = ""  # the viewer's words, untrusted
    asked: tuple[str, ...] = ()  # ids of the events it answers
    holds: bool = False  # it only promises the answer, which comes later
    expression: str = "neutral"
    detail: str = ""  # the whole written answer, tables and code included: for the stage's text and the report only
    pose: bool = False  # nothing is said: the expression is held for a moment


class Airing(_Event, frozen=True, kw_only=True, tag="airing"):
    """The first words of an answer to `asked` are about to be heard: safe in the event memory before they are.

    What was aired is never answered again, whatever happens to the process in the middle.
    """

    asked: tuple[str, ...]


class Used(_Event, frozen=True, kw_only=True, tag="used"):
    """One call of a tool, when it is over; arguments and result redacted."""

    tool: str
    tier: Tier
    arguments: str  # JSON
    ok: bool
    took_ms: int
    result: str = ""
    sources: tuple[str, ...] = ()  # addresses
    reason: str = ""  # of a call that did not work: timeout, refused, bad_arguments, changed, cancelled, error


class Health(_Event, frozen=True, kw_only=True, tag="health"):
    """A model stopped answering, and is tried again in `retry_ms`; or it answers again."""

    tier: Tier
    model: str
    state: Literal["down", "up"]
    retry_ms: int = 0


class Performed(_Event, frozen=True, kw_only=True, tag="performed"):
    """A clause that was really heard and seen. `at_ms` is its end."""

    seq: int
    text: str  # what was performed; a cut clause holds what was begun
    language: Language
    source: Source
    last: bool
    started_ms: int
    duration_ms: int
    voice: str
    to: str = ""
    viewer_id: str = ""  # whom it answers
    expression: str = "neutral"
    whole: bool = True  # false when it was cut off


class Dropped(_Event, frozen=True, kw_only=True, tag="dropped"):
    """The event `cause` will not be answered, and why. `item` is the kind of what was dropped (chat, turn …)."""

    reason: str
    item: str


class Remembered(_Event, frozen=True, kw_only=True, tag="remembered"):
    """The event `cause` is safe in the event memory."""


class Failed(_Event, frozen=True, kw_only=True, tag="failed"):
    """A stage or adapter failed and goes on. No error text: only the name of the error's class."""

    stage: str
    error: str
    restarts: int = 0
    degraded: bool = False


class Interrupt(_Event, frozen=True, kw_only=True, tag="interrupt"):
    """A hand on the reins: reaches every stage ahead of its input."""

    op: Operation
    target_event: str = ""
    target_viewer: str = ""
    target_turn: str = ""  # skip: the turn whose reply is given up
    everything: bool = False
    say: str = ""  # say: the words
    tier: Tier = "fast"  # switch: which of the two models …
    model: str = ""  # … and what it becomes, as the settings write it
    by: str = "operator"


class Loading(_Event, frozen=True, kw_only=True, tag="loading"):
    """How the loading of a model fares: "began", then "ready" or "failed" after `took_ms`."""

    tier: Tier
    model: str
    state: Literal["began", "ready", "failed"]
    took_ms: int = 0


class Changed(_Event, frozen=True, kw_only=True, tag="changed"):
    """What an operator's reload or switch led to, in force from the next turn; `refused` names the error's class."""

    what: Literal["persona", "fast", "deep"]
    to: str = ""
    refused: str = ""


class Closed(_Event, frozen=True, kw_only=True, tag="closed"):
    """The last line of a journal that ended well."""

    reason: str = "end"


Heard: TypeAlias = Chat | Notice | System
Event: TypeAlias = (
    Opened
    | Chat
    | Notice
    | System
    | Retract
    | Connection
    | Skipped
    | Turn
    | Routed
    | Recalled
    | Question
    | Generated
    | Thought
    | Clause
    | Airing
    | Used
    | Health
    | Performed
    | Dropped
    | Remembered
    | Failed
    | Interrupt
    | Loading
    | Changed
    | Closed
)


def kind(event: Event) -> str:
    """Give the event's tag, as it stands in the journal."""
    return str(event.__struct_config__.tag)
