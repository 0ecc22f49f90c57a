from typing import Any

import pytest

from vtuber.bench import start
from vtuber.errors import ChatSourceError


@pytest.mark.real
def test_a_live_show_is_started_killed_resumed_and_left_idle(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "_IDLE_S", 0.5)
    monkeypatch.setattr(start, "_SETTLED_S", 0.1)
    told = []
    found: Any = start.measure(1, lambda: told.append(1))
    assert len(told) == 2
    assert all(found[name]["p50"] > 0.0 for name in ("import_s", "ready_s", "resume_s"))
    assert found["idle_cpu"] >= 0.0


@pytest.mark.asyncio
async def test_a_show_that_does_not_listen_is_given_up(tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "_WAIT_S", 0.0)
    with pytest.raises(ChatSourceError, match="did not listen"):
        await start._until_there(start._free_port(), tmp_path / "token", 0.0)
