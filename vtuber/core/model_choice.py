"""Which model plays which tier: a decision over what was found, with its reasons in words."""

from collections.abc import Sequence
from math import isinf

import msgspec

from vtuber.core.model_named import STAND_IN, named, spec_of, where_of
from vtuber.core.model_names import DEEP, FAST, Known, known
from vtuber.core.model_room import Fit, Found, Room, fit, fit_beside, room
from vtuber.core.model_spec import ModelSpec, parse
from vtuber.core.served import Chosen, Machine, Served, Server
from vtuber.settings import Models

__all__ = ["Chosen", "Machine", "Served", "Server", "choose"]

_ORDER = ("ollama", "lmstudio")  # auto asks these, in this order, and of equal models takes the first
_LARGEST_WITHOUT_CARD = FAST[1]  # on a processor alone a larger one answers too late for a chat
_EVICT = (
    "The fast and the deep model do not fit into this machine's memory together: their requests will queue, and each "
    "will throw the other out of memory. Choose a smaller deep model, or give it a server on another machine."
)


class _Here(msgspec.Struct, frozen=True):
    """What a choice is made from."""

    models: Models
    servers: tuple[Server, ...]
    room: Room
    embedded: bool

    def found(self, sizes: Sequence[Known]) -> list[tuple[Known, Found]]:
        """Give the models of these sizes that are here, best first; never one that runs in the cloud."""
        there = [
            (one, Found(server, served))
            for server in sorted(self.asked, key=lambda server: _ORDER.index(server.kind))
            for served in server.models
            if not served.cloud and (one := known(served.name)) in sizes and one is not None
        ]
        return sorted(there, key=lambda each: sizes.index(each[0]))

    @property
    def asked(self) -> list[Server]:
        """The servers that auto considers."""
        return [server for server in self.servers if server.kind in _ORDER]


def choose(
    models: Models, servers: Sequence[Server], machine: Machine, *, embedded_available: bool
) -> tuple[Chosen, Chosen]:
    """Choose the fast and the deep model, each by itself. `servers` are those that answered.

    A `spec` is "" where there is no model at all. Raises BadSetting for a text that names none.
    """
    fast_spec, deep_spec = parse(models.fast), parse(models.deep)
    here = _Here(models, tuple(servers), room(machine, servers, models.reserve_vram_gb), embedded_available)
    if fast_spec.kind == "auto":
        fast, fast_found = _auto_fast(here)
    else:
        fast, fast_found = named("fast", fast_spec, models, here.servers, embedded=embedded_available)
        slow = _slow(fit(fast_found, here.room), here) if fast_found else ()
        fast = msgspec.structs.replace(fast, warnings=(*fast.warnings, *slow))
    if deep_spec.kind == "auto":
        return fast, _auto_deep(here, fast, fast_found)
    deep, deep_found = named("deep", deep_spec, models, here.servers, embedded=embedded_available)
    if deep_found is None:
        return fast, deep
    fits = fit_beside(deep_found, fast_found, here.room)
    if not fits:
        deep = msgspec.structs.replace(deep, warnings=(*deep.warnings, _EVICT))
    return fast, msgspec.structs.replace(deep, in_ram=fits == "ram")


def _auto_fast(here: _Here) -> tuple[Chosen, Found | None]:
    there = here.found(FAST)
    fits = [(one, found, fit(found, here.room)) for one, found in there]
    whole = [each for each in fits if each[2] in {"card", "elsewhere"}]
    small_first = sorted(
        (each for each in fits if each[2]), key=lambda each: each[0].need_gb > _LARGEST_WITHOUT_CARD.need_gb
    )
    best = next(iter(whole or small_first), None)
    fetch = _better_fast(best[0] if best else None, [one for one, _ in there], here)
    if best is None:
        return _fallback(here, fetch), None
    one, found, how = best
    why = (
        f"{one.title} is the largest qwen2.5 {'there' if how == 'elsewhere' else 'here that fits'}: "
        f"{_memory(found, how, here.room)}.{f' A larger one would fit: {fetch}' if fetch else ''}"
    )
    return Chosen(
        tier="fast", spec=spec_of(found, here.models), where=where_of(found), why=why, warnings=_slow(how, here),
        leaves=found.elsewhere, mend=fetch,
    ), found  # fmt: skip


def _auto_deep(here: _Here, fast: Chosen, fast_found: Found | None) -> Chosen:
    beside: list[str] = []
    for one, found in here.found(DEEP):
        how = fit_beside(found, fast_found, here.room)
        if not how:
            beside.append(one.title)
            continue
        left_out = f" {' and '.join(beside)} would not fit beside the fast model." if beside else ""
        why = f"{one.title} is the largest gpt-oss that fits: {_memory(found, how, here.room)}.{left_out}"
        return Chosen(
            tier="deep", spec=spec_of(found, here.models), where=where_of(found), why=why,
            leaves=found.elsewhere, in_ram=how == "ram",
        )  # fmt: skip
    if not fast.spec:
        return msgspec.structs.replace(fast, tier="deep", warnings=())
    fetch = "" if beside else _better_deep(here, fast_found)
    lacking = f"{' and '.join(beside)} would not fit beside the fast model" if beside else "no gpt-oss is here"
    why = f"The fast model, with more time to think: {lacking}.{f' One would fit: {fetch}' if fetch else ''}"
    return msgspec.structs.replace(fast, tier="deep", why=why, warnings=(), mend=fetch)


def _memory(found: Found, how: Fit, free: Room) -> str:
    if how == "elsewhere":
        return "it is on another machine, whose memory is not known here"
    if found.served.loaded:
        return "it is loaded already"
    need = f"it takes about {found.need:.1f} GB"
    if isinf(free.ram):
        return f"{need}, and how much memory is free is not known"
    if how == "card":
        return f"{need}, and {free.card:.1f} GB of graphics memory are free for models"
    if how == "ram":
        return f"{need} and is kept in main memory, so that the fast model keeps the graphics card"
    return f"{need}, and {free.card + free.ram:.1f} GB of memory are free for models"


def _slow(how: Fit, here: _Here) -> tuple[str, ...]:
    if how in {"card", "elsewhere"}:
        return ()
    if not here.room.card:
        return ("No graphics memory was found: the fast model runs on the processor, and she answers slowly.",)
    return (
        (
            f"Only {here.room.card:.1f} GB of graphics memory are free for models: a part of the fast model runs on "
            "the processor, and she answers slowly."
        ),
    )


def _better_fast(best: Known | None, present: Sequence[Known], here: _Here) -> str:
    """Give the command that fetches a better fast model, "" if none would fit that is not there yet."""
    kind = here.asked[0].kind if here.asked else "ollama"
    for one in FAST[: FAST.index(best)] if best else FAST:
        alone = not here.room.card and one.need_gb <= min(here.room.ram, _LARGEST_WITHOUT_CARD.need_gb)
        if one not in present and (one.need_gb <= here.room.card or alone):
            return one.fetched_by(kind)
    return ""


def _better_deep(here: _Here, fast: Found | None) -> str:
    """Give the command that fetches a deep model that would fit beside the fast one, "" for none."""
    for one in DEEP if here.asked else ():
        if fit_beside(Found(here.asked[0], Served(name=one.title)), fast, here.room) not in {"", "elsewhere"}:
            return one.fetched_by(here.asked[0].kind)
    return ""


def _fallback(here: _Here, fetch: str) -> Chosen:
    """Give the embedded model, or nothing, where no server has a model for auto."""
    lacking = "no qwen2.5 that fits is there" if here.asked else "neither Ollama nor LM Studio answers"
    if other := _other(here):
        lacking += f' (auto takes no other model; to take one, name it: fast = "{other}")'
    best = f" The best that fits is fetched with: {fetch}" if fetch else ""
    if here.embedded:
        stand_in = "The stand-in is small: good for trying things out, no good character."
        return Chosen(
            tier="fast", spec="embedded", where="this machine, inside the program",
            why=f"The embedded stand-in, since {lacking}.{best}", warnings=(stand_in,), mend=fetch,
        )  # fmt: skip
    why = f"There is no language model: {lacking}.{best or f' The stand-in is installed with: {STAND_IN}'}"
    return Chosen(tier="fast", spec="", where="", why=why, warnings=(why,), there=False, mend=fetch or STAND_IN)


def _other(here: _Here) -> str:
    """Write one of the person's other models that can chat as the settings do, "" for none."""
    for server in here.asked:
        for served in server.models:
            if not served.cloud and (not served.capabilities or "completion" in served.capabilities):
                return str(ModelSpec(server.kind, served.name))
    return ""
