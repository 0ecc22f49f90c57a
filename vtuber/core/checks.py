"""What a checkup looks at, and what it says of each thing."""

from typing import Literal, TypeAlias

import msgspec

from vtuber.core.mending import System
from vtuber.core.served import Chosen, Machine, Server
from vtuber.events import Language
from vtuber.settings import Settings

State: TypeAlias = Literal["ok", "warn", "missing"]


class Check(msgspec.Struct, frozen=True):
    """One thing. "missing" stops a show, with "warn" it goes on with less; `mend` is the one command that helps."""

    name: str
    state: State
    words: str
    mend: str = ""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on this machine; what could not be found out in time counts as not there."""

    system: System
    python: str
    home: str
    settings: Settings = Settings()
    has_settings: bool = False  # vtuber.toml is there
    settings_error: str = ""
    characters: dict[str, str] = {}  # name -> what is wrong with her file, "" for nothing
    machine: Machine = Machine(ram_gb=0, free_ram_gb=0)
    servers: tuple[Server, ...] = ()  # those that answer
    chosen: tuple[Chosen, ...] = ()  # for the fast and the deep tier; none where the settings cannot be read
    ollama_installed: bool = False
    studio_library: bool = True  # LM Studio's own, which lmstudio-sdk/NAME needs
    ollama_variables: dict[str, str] = {}  # of this terminal: OLLAMA_…
    embedder: str = ""  # by which memories are found, "" for words alone
    voices: dict[Language, str] = {}  # language -> the engine that speaks it
    voicevox: bool = False  # something listens at its port
    sound: Literal["card", "no card", "no library", "no package"] = "no package"
    sound_device: str = ""
    memory: Literal["none", "well", "busy", "broken"] = "none"
    memory_error: str = ""
    twitch: bool = False  # its chat server can be reached; asked only if a channel is set
    tool_mistakes: dict[str, str] = {}  # server of tools -> what is wrong with how the settings name it
    onecomme: bool = False  # something listens at its port
    port_free: bool = True  # the local socket's
    disk_gb: float = 0.0
