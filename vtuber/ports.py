"""What the show needs from the outside, as protocols of at most six methods.

Adapters implement them and turn foreign exceptions into the error tree at their border; each port has a contract
suite that every adapter passes, the scripted and volatile ones included.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from vtuber.events import Chat, Connection, Effort, Event, Language, Notice, Performed, Retract, Skipped, System, Tier

Vectors: TypeAlias = npt.NDArray[np.float32]
Samples: TypeAlias = npt.NDArray[np.int16]
FromChat: TypeAlias = Chat | Notice | System | Retract | Connection | Skipped
Scope: TypeAlias = Literal["viewer", "lore", "self"]
StartState: TypeAlias = Literal["auto", "in_thinking", "in_content", "harmony_implicit_start", "thinking_disabled"]

SAMPLE_RATE = 24_000  # Hz: every voice is brought to this rate by its adapter, so that nothing after it needs to know


class ChatSource(Protocol):
    """Where chat comes from.

    A live source never ends by itself and never raises for a lost line: it reconnects and says so with Connection.
    What was written before it connected carries `backlog`. A retraction is a Retract; an edit is a Retract of the old
    wording (reason "edited") and then a Chat with an id of its own and `edit_of`.
    """

    name: str

    def events(self) -> AsyncIterator[FromChat]:
        """Give what is heard, as it is heard, until the source ends. Raises ChatSourceError."""
        ...


class Message(msgspec.Struct, frozen=True):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a language model."""

    messages: tuple[Message, ...]
    tier: Tier = "fast"
    answering: tuple[str, ...] = ()  # the ids of the events it answers (a recorded model's key)
    max_tokens: int = 160
    temperature: float = 0.7
    seed: int = 0
    stop: tuple[str, ...] = ()
    effort: Literal["none"] | Effort = "none"
    thinking_budget: int = 0  # tokens of thought at most; 0 for the model's own limit
    schema: dict[str, Any] | None = None  # the answer is to be JSON of this schema, where the server can bind it
    purpose: Literal["answer", "tool", "voice"] = "answer"  # for the record: a model answers them alike
    logprobs: bool = False  # wanted: the log-probabilities of the answer's tokens, where the server gives them


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one call."""

    prompt_tokens: int
    tokens: int
    cached: int = 0  # of the prompt's tokens: read before and still at hand, as far as the server tells


class Delta(msgspec.Struct, frozen=True):
    """A piece of a model's stream. The last one has `stop` set: "stop", "length" or "tool"."""

    content: str = ""
    thinking: str = ""
    stop: str = ""
    usage: Usage | None = None
    logprobs: tuple[float, ...] = ()  # natural logarithms, one a token of `content`, only if asked for
    refused: str = ""  # of a recorded answer: why the guard let no more of it be said


class LanguageModel(Protocol):
    """A model that answers. Adapters keep their own deadlines and retries."""

    name: str
    start_state: StartState

    async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
        """Load the model, and let it read a prompt prefix that later requests begin with. Raises ModelError."""
        ...

    def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Stream an answer; closing the iterator ends the generation. Raises ModelError."""
        ...

    async def close(self) -> None:
        """Let go of the model."""
        ...


class Embedder(Protocol):
    """Texts to vectors."""

    model_id: str
    dim: int

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Give one unit-length row a text, shape (len(texts), dim), float32. Raises EmbedderError."""
        ...


class VoiceStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How she sounds in one language."""

    engine: str = "auto"  # pyopenjtalk, pyttsx3, silent; "auto" takes the best there is for the language
    voice: str = ""  # the engine's own name of a voice, "" for its default
    speed: float = 1.0
    pitch: float = 0.0  # half tones


class Audio(msgspec.Struct, frozen=True):
    """Mono sound: int16 samples at SAMPLE_RATE. `voice` names the voice for the record and the credits."""

    samples: Samples
    voice: str

    @property
    def duration_ms(self) -> int:
        """Give the length in milliseconds."""
        return round(len(self.samples) * 1000 / SAMPLE_RATE)


class SpeechEngine(Protocol):
    """A voice."""

    name: str

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages it can read."""
        ...

    @property
    def credit(self) -> str:
        """The line that must be shown, "" for none."""
        ...

    async def prepare(self) -> None:
        """Load and warm up. Raises SpeechError."""
        ...

    async def synthesize(self, text: str, language: Language, style: VoiceStyle) -> Audio:
        """Speak a text of 1 to 300 characters. Raises SpeechError; SpeechTimeout after the engine's own limit."""
        ...

    async def close(self) -> None:
        """Let go of the voice."""
        ...


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """One clause for the stage: audio, subtitle and expression that begin at `started_ms` on the stream clock."""

    turn: str
    seq: int
    text: str
    language: Language
    audio: Audio
    started_ms: int
    to: str = ""  # the viewer's display name, untrusted
    about: str = ""  # the viewer's words, untrusted
    expression: str = "neutral"
    last: bool = False
    detail: str = ""  # the whole written answer that she sums up: text for the stage, never spoken


class Musing(msgspec.Struct, frozen=True, kw_only=True):
    """A question that the slow model is thinking about."""

    turn: str
    to: str  # the viewer's display name, untrusted
    about: str  # the viewer's words, untrusted
    language: Language
    since_ms: int
    expected_ms: int


class StageOutput(Protocol):
    """Where the show is seen or heard. A cue is handed over at its start and plays by itself."""

    name: str

    async def open(self, base_ms: int) -> None:
        """Get ready; the stream clock shows `base_ms`. Raises StageOutputError."""
        ...

    async def start(self, cue: Cue) -> None:
        """Begin a cue now, without waiting for its end. Raises StageOutputError."""
        ...

    async def end(self, cue: Cue, performed: Performed) -> None:
        """End a cue: it is over, or cut off (not `performed.whole`): silence it at once. Raises StageOutputError."""
        ...

    async def muse(self, musing: Musing | None) -> None:
        """Show for whom she is thinking beside what she says; None: for nobody any more. Raises StageOutputError."""
        ...

    async def close(self) -> None:
        """Put everything safely away. Raises StageOutputError."""
        ...


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool gave: data, never an instruction."""

    text: str  # for the model; whoever calls cuts it to 2 KB and takes markers and control characters out
    spoken: dict[Language, str] = {}  # a ready sentence, where the tool can make one itself
    sources: tuple[str, ...] = ()  # addresses, for the report and the stage's text


class Tool(Protocol):
    """Something that she can look up or work out, with no effect on anything.

    `name` is one word; `about` is shown to the model in its place; `schema` is a JSON schema of an object of arguments,
    which the caller has validated before `call`.
    """

    name: str
    about: str
    schema: dict[str, Any]

    async def call(self, arguments: dict[str, Any]) -> Found:
        """Use it. Raises ToolError."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


class EventMemory(Protocol):
    """The recent hours, and the truth that everything else is rebuilt from: reading and writing."""

    async def add(self, events: Sequence[Event]) -> None:
        """Keep Chat, Notice, System, Airing and Performed events and bans; when this returns they are safe.

        A known id is not added twice. Raises MemoryStoreError.
        """
        ...

    async def retract(self, retract: Retract) -> int:
        """Take back what a platform deleted: it is not recalled nor shown any more. Give how many events.

        Raises MemoryStoreError.
        """
        ...

    def recent(self, limit: int = 300) -> tuple[Event, ...]:
        """Give the last events, oldest first, from memory at hand (no I/O)."""
        ...

    async def recall(self, query: "Query") -> tuple["Candidate", ...]:
        """Give candidates for recall: the viewer's own and lore, never another viewer's. Raises MemoryStoreError."""
        ...

    async def left(self) -> "Left":
        """Give what an earlier part of this stream left behind. Raises MemoryStoreError."""
        ...

    async def close(self) -> None:
        """Write what is left and close."""
        ...


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What a show that goes on after a stop needs to know."""

    unanswered: tuple[Chat | Notice, ...] = ()  # of this stream, not aired, not retracted, oldest first
    heard: frozenset[str] = frozenset()  # ids of everything heard in this stream
    last_heard: str = ""  # the id of the last of them, in the order in which they were remembered
    last_ms: int = 0  # the stream clock at the last event of this stream, 0 for a new one
    banned: frozenset[str] = frozenset()  # viewers whom the operator banned, in any stream


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: the viewer's memories from before `at_ms`, and lore.

    Without `viewer_id`, or with a weak one, only lore is searched: an unknown viewer has no memory (fail closed).
    """

    text: str
    viewer_id: str
    at_ms: int
    vector: Vectors | None = None  # shape (dim,)
    limit: int = 50
    answering: tuple[str, ...] = ()  # ids of the messages being answered: they are no memory of themselves


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A memory that may answer a query, with the raw scores of each way in which it was found."""

    id: str
    text: str
    scope: Scope
    viewer_id: str
    at_ms: int
    language: str = ""
    dense: float = 0.0  # cosine similarity; of unrelated texts about 0
    lexical: float = 0.0  # share of the question's words that it holds, the rare ones weighing more, 0 to 1
    importance: float = 0.5


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was forgotten: rows by table, and whether a search for the bytes found nothing left."""

    viewer_id: str
    rows: dict[str, int]
    verified: bool


class Forgetter(Protocol):
    """Forgets a viewer in every store."""

    async def forget(self, viewer_id: str) -> Receipt:
        """Delete everything of a viewer from events, memories, vectors and search tables. Raises MemoryStoreError."""
        ...


class VectorRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the vector index."""

    id: str
    vector: Vectors  # shape (dim,)
    scope: Scope
    viewer_id: str = ""


class VectorMemory(Protocol):
    """An index of vectors: rebuildable at any time, never the truth."""

    async def upsert(self, rows: Sequence[VectorRow]) -> None:
        """Add or replace rows. Raises MemoryStoreError."""
        ...

    async def nearest(self, vector: Vectors, scope: Scope, k: int) -> tuple[tuple[str, float], ...]:
        """Give (id, cosine) of the k nearest rows of a scope, best first. Raises MemoryStoreError."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove rows; an unknown id is not an error. Raises MemoryStoreError."""
        ...

    async def count(self) -> int:
        """Give the number of rows. Raises MemoryStoreError."""
        ...

    async def erase(self) -> None:
        """Remove every row and the files that held them, so that no trace is left. Raises MemoryStoreError."""
        ...

    async def close(self) -> None:
        """Close the index."""
        ...
