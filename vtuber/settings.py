"""The house's settings as data: vtuber.toml in the data home."""

from pathlib import Path

import msgspec

from vtuber import strict_toml

FILE = "vtuber.toml"
OLLAMA = "http://127.0.0.1:11434"
BY_NAME = "sentence-transformers/"  # before the name of an embedder
LM_STUDIO = "http://127.0.0.1:1234"


class Attention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom she hears."""

    road_size: int = 64
    max_age_s: float = 45.0  # an older free message is not answered any more
    idle_s: float = 40.0  # silence after which she talks by herself
    own_accounts: tuple[str, ...] = ()  # her own accounts on the platforms: never answered
    bots: tuple[str, ...] = ("nightbot", "streamelements", "streamlabs", "moobot", "fossabot", "wizebot", "sery_bot")


class Thinking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How she thinks."""

    hard_from: float = 0.5  # difficulty from which a message is offered to the deep model
    fast_tokens: int = 120
    temperature: float = 0.6
    deep_tokens: int = 400
    deep_thinking_tokens: int = 200
    deep_deadline_s: float = 90.0
    talk_tokens: int = 800  # of the talk so far in a prompt


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answers. A model is written as text.

    "auto"                        the best that is there: Ollama, then LM Studio, then embedded
    "ollama/NAME"                 with "@http://HOST:PORT" behind it if it is not at `ollama`
    "lmstudio/NAME"               the same with `lmstudio`
    "openai/NAME@http://…/v1"     any OpenAI-compatible server
    "embedded" or "embedded/FILE.gguf"
    "scripted"                    canned answers, for trying the show out
    """

    fast: str = "auto"
    deep: str = "auto"
    ollama: str = OLLAMA
    lmstudio: str = LM_STUDIO
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


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is not a character."""

    character: str = "efu"
    attention: Attention = Attention()
    thinking: Thinking = Thinking()
    models: Models = Models()
    sources: Sources = Sources()
    memory: Memory = Memory()
    seed: int = 0


def load(home: Path) -> Settings:
    """Read vtuber.toml of a data home; without the file everything has its usual value. Raises BadSetting."""
    file = home / FILE
    return strict_toml.load(file, Settings) if file.is_file() else Settings()
