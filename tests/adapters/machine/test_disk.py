"""The space under a folder is told even before the folder is made."""

from pathlib import Path

from vtuber.adapters.machine.disk import free_gb


def test_a_folder_that_is_not_there_yet_has_the_space_of_its_nearest_parent(tmp_path: Path):
    assert free_gb(tmp_path / "not" / "yet") > 0
    assert abs(free_gb(tmp_path / "not" / "yet") - free_gb(tmp_path)) < 1
