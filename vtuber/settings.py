"""The house's settings as data: vtuber.toml in the data home."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from vtuber import strict_toml
from vtuber.errors import BadSetting
from vtuber.events import Effort

FILE = "vtuber.toml"
OLLAMA = "http://127.0.0.1:11434"
BY_NAME = "sentence-transformers/"  # before the name of an embedder
LM_STUDIO = "http://127.0.0.1:1234"


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Tokens = Annotated[int, msgspec.Meta(ge=1)]
Span = Annotated[float, msgspec.Meta(gt=0)]  # of time


class Attention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom she hears."""

    road_size: int = 64
    max_age_s: float = 45.0  # an older free message is not answered any more
    merge_s: float = 8.0  # what a viewer writes before this time is over continues the last message; 0: nothing does
    idle_s: float = 40.0  # silence after which she talks by herself
    own_accounts: tuple[str, ...] = ()  # her own accounts on the platforms: never answered
    bots: tuple[str, ...] = ("nightbot", "streamelements", "streamlabs", "moobot", "fossabot", "wizebot", "sery_bot")


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the deep model may spend on one question."""

    tokens: Tokens = 400  # of the answer
    thinking_tokens: Tokens = 200  # of the thought before it
    deadline_s: Span = 90.0


class MediumCap(Cap, frozen=True, forbid_unknown_fields=True):
    """The same with medium effort: a class of its own, so that a key left out has its own usual value."""

    tokens: Tokens = 500
    thinking_tokens: Tokens = 600


class HighCap(Cap, frozen=True, forbid_unknown_fields=True):
    """The same with high effort."""

    tokens: Tokens = 700
    thinking_tokens: Tokens = 1500
    deadline_s: Span = 180.0


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many hard questions she thinks about."""

    viewer_minutes: Span = 3.0  # one question a viewer in so many; in a large audience in up to four times as many
    utilisation: Share = 0.7  # the share of the time that the slow model may be busy
    holding_lines: Count = 6  # at most in five minutes; what comes beyond is thought about without a word


class Portions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of each part of a prompt at most."""

    persona: Count = 1500
    memory: Count = 400
    talk: Count = 800
    message: Count = 300
    found: Count = 600  # what tools gave


class Thinking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How she thinks."""

    simple_below: Share = 0.07  # difficulty below which the fast model just answers …
    hard_from: Share = 0.9  # … and from which the deep model is asked at once; between them the fast one is asked first
    asks_first: bool = True  # False: no verdict of the fast model; the middle of the two decides
    fast_tokens: Tokens = 120
    temperature: float = 0.6
    least_confidence: float = -1.2  # mean log-probability of an answer's tokens below which it is thought over
    effort: Literal["auto"] | Effort = "auto"  # how long the deep model thinks; auto: more when nobody waits
    low: Cap = Cap()
    medium: MediumCap = MediumCap()
    high: HighCap = HighCap()
    budget: Budget = Budget()
    portions: Portions = Portions()


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers. A model is written as text.

    "auto"                        the best that is there: Ollama, then LM Studio, then embedded
    "ollama/NAME"                 with "@http://HOST:PORT" behind it if it is not at `ollama`
    "lmstudio/NAME"               the same with `lmstudio`
    "lmstudio-sdk/NAME"           LM Studio through its own library
    "openai/NAME@http://…/v1"     any OpenAI-compatible server
    "embedded" or "embedded/FILE.gguf"
    "scripted"                    canned answers, for trying the show out
    """

    fast: str = "auto"
    deep: str = "auto"
    ollama: str = OLLAMA
    lmstudio: str = LM_STUDIO
    fast_next: tuple[str, ...] = ()  # who answers while `fast` is down, the first that does
    deep_next: tuple[str, ...] = ()
    reserve_vram_gb: float = 0.0  # of the graphics card's memory, for the game and the encoder
    keys: dict[str, str] = {}  # server address -> name of the environment variable that holds its key


class Twitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Twitch chat, read anonymously."""

    channels: tuple[str, ...] = ()
    url: str = "wss://irc-ws.chat.twitch.tv:443"


class OneComme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """わんコメ on this machine: YouTube, Niconico, Twitch and more."""

    on: bool = False
    url: str = "ws://127.0.0.1:11180/sub"


class LocalSocket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A WebSocket for any program on this machine: messages in, the operator's hand."""

    on: bool = True
    port: int = 11190


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where chat comes from."""

    twitch: Twitch = Twitch()
    onecomme: OneComme = OneComme()
    local: LocalSocket = LocalSocket()


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What finds memories by their meaning: auto, packaged, sentence-transformers/NAME-OR-FOLDER, or words alone."""

    embedder: str = "auto"


class McpTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool of a server that she may use."""

    says: str  # what the model is told about it, instead of the server's own words
    pin: str = ""  # sha256 of its name, description and schema, as `vtuber tools` prints it; without it, it is not used


class McpServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server of tools (MCP): a program that is started, or an address."""

    command: tuple[str, ...] = ()
    url: str = ""
    environment: tuple[str, ...] = ()  # names of variables that the program gets beside the usual ones
    headers: dict[str, str] = {}  # sent to the address: header -> name of the variable that holds its whole value
    tools: dict[str, McpTool] = {}  # by its name on the server; no other tool is used


class Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What she may look up or work out. Nothing here runs code or changes anything, and nothing ever will."""

    on: tuple[str, ...] = ("clock", "dice", "coin", "calculator", "units")
    timezone: str = ""  # of her clock, such as Asia/Tokyo; "" for this machine's
    web_search: str = ""  # address of a SearXNG; "" for no search
    mcp: dict[str, McpServer] = {}


class Privacy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is never written down."""

    redact: tuple[str, ...] = ()  # words and phrases, beside keys, passwords, numbers and addresses


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is not a character."""

    character: str = "efu"
    attention: Attention = Attention()
    thinking: Thinking = Thinking()
    models: Models = Models()
    sources: Sources = Sources()
    memory: Memory = Memory()
    tools: Tools = Tools()
    privacy: Privacy = Privacy()
    seed: int = 0


def load(home: Path) -> Settings:
    """Read vtuber.toml of a data home; without the file everything has its usual value. Raises BadSetting."""
    file = home / FILE
    settings = strict_toml.load(file, Settings) if file.is_file() else Settings()
    if settings.thinking.simple_below > settings.thinking.hard_from:
        raise BadSetting(
            f"{file}: thinking.simple_below is above thinking.hard_from; it has to be the lower of the two."
        )
    return settings
