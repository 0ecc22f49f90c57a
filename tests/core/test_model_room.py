"""Models are said to fit only where their memory adds up, whatever the machine."""

from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.model_room import Found, Room, fit, fit_beside, room
from vtuber.core.served import Machine, Served, Server

HERE = "http://127.0.0.1:11434"
gigabytes = st.floats(0, 128, allow_nan=False)


def found(name: str, size_gb: float, kind: str = "ollama") -> Found:
    served = Served(name=name, size_gb=size_gb)
    server = Server(kind="ollama" if kind == "ollama" else "lmstudio", url=HERE, models=(served,))
    return Found(server, served)


@given(gigabytes, gigabytes, gigabytes, st.floats(0.1, 80), st.floats(0.1, 80), st.sampled_from(["ollama", "lmstudio"]))
def test_a_pair_that_fits_never_takes_more_than_there_is(
    card: float, ram: float, reserve: float, one: float, other: float, kind: str
):
    machine = Machine(ram_gb=128, free_ram_gb=ram, vram_gb=card, free_vram_gb=card)
    free = room(machine, (), reserve)
    fast, deep = found("fast", one, kind), found("deep", other, kind)
    if fit(fast, free) and fit_beside(deep, fast, free):
        assert fast.need + deep.need <= free.card + free.ram + 1e-6
    if fit(fast, free) == "card":
        assert fast.need <= card - reserve + 1e-6


@given(st.floats(4, 128), st.floats(0.1, 80), st.floats(0.1, 80))
def test_on_a_mac_the_graphics_memory_is_all_there_is(pool: float, one: float, other: float):
    machine = Machine(ram_gb=128, free_ram_gb=128, vram_gb=pool, free_vram_gb=pool, unified=True)
    free = room(machine, (), 0)
    if fit_beside(found("deep", other), found("fast", one), free):
        assert found("deep", other).need + min(found("fast", one).need, pool) <= pool + 1e-6


def test_main_memory_keeps_a_spare_for_the_system():
    assert room(Machine(ram_gb=16, free_ram_gb=10), (), 0) == Room(0, 8, one_pool=True)


def test_what_models_hold_on_the_card_counts_as_free_but_no_more_than_the_card():
    served = Served(name="a", loaded=True, vram_gb=10)
    machine = Machine(ram_gb=32, free_ram_gb=20, vram_gb=12, free_vram_gb=4)
    assert room(machine, [Server(kind="ollama", url=HERE, models=(served,))], 1).card == 11
    assert room(machine, [Server(kind="ollama", url="http://box:1", models=(served,))], 1).card == 3


def test_a_deep_model_on_another_server_may_be_split_since_nobody_evicts_for_it():
    free = Room(card=12, ram=50)
    deep, fast = found("deep", 55), found("fast", 5, "lmstudio")
    assert fit_beside(deep, found("fast", 5), free) == ""
    elsewhere = Found(Server(kind="lmstudio", url="http://127.0.0.1:1234"), fast.served)
    assert fit_beside(found("deep", 50), elsewhere, free) == "split"


def test_what_runs_elsewhere_takes_nothing_here():
    cloud = Found(Server(kind="ollama", url=HERE), Served(name="a", size_gb=600, cloud=True))
    assert (cloud.need, fit(cloud, Room(0, 0)), fit_beside(cloud, None, Room(0, 0))) == (0, "elsewhere", "elsewhere")
