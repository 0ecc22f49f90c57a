import subprocess
import sys
from pathlib import Path

import pytest

from vtuber.adapters.memory.lock import OwnerLock
from vtuber.errors import MemoryStoreError, StoreBusy

HOLD = "import sys; from pathlib import Path; from vtuber.adapters.memory.lock import OwnerLock\n"


def test_one_owner_at_a_time(tmp_path: Path):
    first, second = OwnerLock(tmp_path / "deep" / "m.lock"), OwnerLock(tmp_path / "deep" / "m.lock")
    first.acquire()
    with pytest.raises(StoreBusy, match="End that one first"):
        second.acquire()
    second.release()
    first.release()
    first.release()
    second.acquire()
    second.release()


def test_a_killed_owner_holds_nothing(tmp_path: Path):
    program = HOLD + "lock = OwnerLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
    place = tmp_path / "m.lock"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout.readline().strip() == b"held"
        with pytest.raises(StoreBusy):
            OwnerLock(place).acquire()
        owner.kill()
        owner.wait()
    lock = OwnerLock(place)
    lock.acquire()
    lock.release()


def test_a_place_that_cannot_be_made_is_said_plainly(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(MemoryStoreError, match="may be written") as told:
        OwnerLock(tmp_path / "file" / "m.lock").acquire()
    assert not isinstance(told.value, StoreBusy)
