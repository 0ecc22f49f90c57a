import asyncio
from pathlib import Path
from typing import Any

import pytest

from vtuber.adapters.model.embedded_process import EmbeddedProcess
from vtuber.adapters.model.embedded_server import Launch
from vtuber.errors import ModelUnavailable

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real


def test_weights_that_cannot_be_loaded_are_unavailable_and_not_tried_again_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)

    async def go() -> Any:
        process = EmbeddedProcess(Launch(model=str(broken), api_key=""), log=tmp_path / "log")
        with pytest.raises(ModelUnavailable, match=r"broken\.gguf"):
            await process.running("fast")
        with pytest.raises(ModelUnavailable, match="a moment ago"):
            await process.running("fast")
        assert process.pid == 0
        await process.leave("fast")

    asyncio.run(go())
    assert (tmp_path / "log").stat().st_size > 0
    assert capfd.readouterr() == ("", "")


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path):
    async def go() -> Any:
        process = EmbeddedProcess(Launch(model="x.gguf", api_key=""), log=tmp_path / "gone" / "log")
        with pytest.raises(ModelUnavailable, match="cannot be started"):
            await process.running("fast")

    asyncio.run(go())


def test_a_cancelled_start_leaves_no_child_and_may_be_tried_again(tmp_path: Path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)

    async def go() -> Any:
        process = EmbeddedProcess(Launch(model=str(broken), api_key=""))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await process.running("fast")
        assert process.pid == 0
        with pytest.raises(ModelUnavailable, match="cannot load"):
            await process.running("fast")

    asyncio.run(go())
