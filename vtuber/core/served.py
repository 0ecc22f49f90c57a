"""What was found on this machine, and what was chosen from it: servers, their models, memory, and a tier's model."""

from typing import Literal

import msgspec

from vtuber.events import Tier


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A model that a server offers."""

    name: str
    size_gb: float = 0.0  # of its weights, 0 if the server does not say
    loaded: bool = False
    vram_gb: float = 0.0  # of the graphics card's memory while it is loaded
    capabilities: tuple[str, ...] = ()  # as the server calls them: completion, tools, thinking, vision
    cloud: bool = False  # runs elsewhere: messages leave this machine


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A model server that answers."""

    kind: Literal["ollama", "lmstudio", "openai"]
    url: str
    version: str = ""
    models: tuple[Served, ...] = ()


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What this computer has, in GB; 0 for a graphics card that is not there or not known."""

    ram_gb: float
    free_ram_gb: float
    vram_gb: float = 0.0
    free_vram_gb: float = 0.0
    unified: bool = False  # a Mac: the graphics memory is a part of the same memory, not one beside it


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The model of a tier: `spec` as the settings write it, "" where there is none; `why` and `where` in words."""

    tier: Tier
    spec: str
    where: str
    why: str
    warnings: tuple[str, ...] = ()
    in_ram: bool = False  # to be kept off the graphics card (Ollama's num_gpu 0): else it would evict the fast model
    leaves: bool = False  # viewers' messages leave this machine
    there: bool = True  # its server answered and has it, as far as can be told
    mend: str = ""  # the one command that fetches or starts what is missing, or what would be better
