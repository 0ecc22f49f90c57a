"""What was found and chosen can be written as JSON and read back: doctor prints it."""

import msgspec

from vtuber.core.served import Chosen, Machine, Served, Server


def test_what_was_found_and_chosen_survives_json():
    server = Server(kind="ollama", url="http://127.0.0.1:11434", models=(Served(name="qwen2.5:14b", size_gb=9.0),))
    chosen = Chosen(tier="fast", spec="ollama/qwen2.5:14b", where="this machine", why="it fits", warnings=("a",))
    for value in (server, chosen, Machine(ram_gb=64, free_ram_gb=50)):
        assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_a_machine_of_which_only_main_memory_is_known_has_no_graphics_card():
    machine = Machine(ram_gb=16, free_ram_gb=9)
    assert (machine.vram_gb, machine.free_vram_gb, machine.unified) == (0, 0, False)
