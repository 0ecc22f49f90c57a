"""Memory for models: what is free on the graphics card and beside it, and whether models fit there together."""

from collections.abc import Sequence
from math import inf
from typing import Literal, TypeAlias

import msgspec

from vtuber.core.hosts import place
from vtuber.core.model_names import need_gb
from vtuber.core.served import Machine, Served, Server

Fit: TypeAlias = Literal["elsewhere", "card", "split", "ram", ""]  # "" for not at all

_SPARE_RAM_GB = 2.0  # for the system, the browser and the encoder


class Room(msgspec.Struct, frozen=True):
    """Free memory in GB, what loaded models hold included. Without a graphics card, or with a Mac's, it is one pool."""

    card: float
    ram: float
    one_pool: bool = False  # a Mac: `card` is all there is; no card: `ram` is

    def less(self, need: float) -> "Room":
        """Give what is left after a model was put on the card, or as far as it fits there."""
        on_card = min(need, self.card)
        return Room(self.card - on_card, max(0.0, self.ram - (need - on_card)), self.one_pool)


class Found(msgspec.Struct, frozen=True):
    """A model on its server."""

    server: Server
    served: Served

    @property
    def elsewhere(self) -> bool:
        """Whether it takes no memory of this machine."""
        return self.served.cloud or place(self.server.url) != "here"

    @property
    def need(self) -> float:
        """What it takes of this machine's memory while it runs; 0 too for what is loaded nobody knows where."""
        counted = self.served.vram_gb if self.served.loaded else 1.0
        return 0.0 if self.elsewhere or not counted else need_gb(self.served.name, self.served.size_gb)


def room(machine: Machine, servers: Sequence[Server], reserve_vram_gb: float) -> Room:
    """Give the memory that models may take: what they hold already is theirs, the reserve is not.

    A machine whose memory could not be read has room for everything: better tried than refused.
    """
    here = [served for server in servers if place(server.url) == "here" for served in server.models]
    ram = max(0.0, machine.free_ram_gb - _SPARE_RAM_GB) if machine.ram_gb else inf
    if not machine.vram_gb:
        return Room(0.0, ram, one_pool=True)
    held = sum(served.vram_gb for served in here if served.loaded)
    card = min(machine.vram_gb, machine.free_vram_gb + held) - reserve_vram_gb
    return Room(max(0.0, card), 0.0 if machine.unified else ram, one_pool=machine.unified)


def fit(found: Found, free: Room) -> Fit:
    """Say where a model fits when it comes alone: the card before a mixture of card and main memory."""
    if found.elsewhere:
        return "elsewhere"
    if found.need <= free.card or (found.served.loaded and found.served.vram_gb):
        return "card"
    return "split" if found.need <= free.card + free.ram else ""


def fit_beside(found: Found, fast: Found | None, free: Room) -> Fit:
    """Say where a deep model fits beside the fast one, so that neither has to make room for the other.

    Ollama puts a second model onto the card only whole; else it throws the first one out, unless the second is kept in
    main memory altogether ("ram"). Any other pair is split over card and main memory.
    """
    if found.elsewhere:
        return "elsewhere"
    if fast is not None and (found == fast or (found.served.loaded and fast.served.loaded and not fast.elsewhere)):
        return "card"
    left = free.less(fast.need) if fast else free
    if found.need <= left.card:
        return "card"
    evicts = fast is not None and found.server.kind == "ollama" and found.server.url == fast.server.url
    if evicts and free.card and not free.one_pool:
        return "ram" if found.need <= left.ram else ""
    return "split" if found.need <= left.card + left.ram else ""
