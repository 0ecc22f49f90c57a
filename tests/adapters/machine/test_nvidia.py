"""nvidia-smi's lines are added up, and a card that does not say counts nothing."""

import pytest

from vtuber.adapters.machine.nvidia import memory

MIB = 1024**2


@pytest.mark.parametrize(
    ("printed", "bytes_"),
    [
        ("24564, 23028\n", (24564 * MIB, 23028 * MIB)),
        ("8188, 7000\r\n12288, 12000\r\n", (20476 * MIB, 19000 * MIB)),
        ("[N/A], [N/A]\n", (0, 0)),
        ("[N/A], [N/A]\n8188, 7000\n", (8188 * MIB, 7000 * MIB)),
        ("No devices were found\n", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_cards_are_added_up(printed: str, bytes_: tuple[int, int]):
    assert memory(printed) == bytes_
