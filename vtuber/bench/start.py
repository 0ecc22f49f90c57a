"""How soon she hears: importing, a live show from the command to its first message safe on disk, and idling."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from vtuber.adapters.chat.local_client import LocalClient, connect
from vtuber.bench.stand import spread
from vtuber.errors import ChatSourceError

_IDLE_S = 10.0
_WAIT_S = 30.0
_ASK_S = 0.02


def measure(runs: int, progress: Callable[[], None]) -> dict[str, object]:
    """Start a live show with scripted parts that often; `progress` is called after each. Gives the figures by name.

    `import_s` is beyond a bare interpreter's start; `idle_cpu` is a share of one core, without an audience.
    """
    imports, ready = [], []
    for _ in range(runs):
        imports.append(_python("import vtuber.__main__") - _python("pass"))
        ready.append(asyncio.run(_show(0.0))[0])
        progress()
    idle = (asyncio.run(_show(_IDLE_S))[1] - asyncio.run(_show(0.0))[1]) / _IDLE_S
    progress()
    return {"runs": runs, "import_s": spread(imports, 3), "ready_s": spread(ready, 3), "idle_cpu": round(idle, 4)}


async def _show(idle_s: float) -> tuple[float, float]:
    """Start a show, send a message, idle, stop. Give the seconds until it was safe, and its CPU seconds after that."""
    with tempfile.TemporaryDirectory(prefix="vtuber-bench-") as home:
        port = _free_port()
        command = [
            sys.executable, "-m", "vtuber", "run", "--home", home, "--out", f"{home}/run",
            "--fast", "scripted", "--deep", "scripted", "--silent", "--port", str(port),
        ]  # fmt: skip
        used, began = _children_cpu(), time.monotonic()
        show = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            client = await _until_there(port, Path(home) / "local-token", began)
            async with client as there:
                await there.send("hello", name="bench")
                ready = time.monotonic() - began
                await asyncio.sleep(idle_s)
                await there.operate("stop")
            await show.wait()
        finally:
            if show.returncode is None:
                show.kill()
                await show.wait()
        return ready, _children_cpu() - used


async def _until_there(port: int, token: Path, began: float) -> AbstractAsyncContextManager[LocalClient]:
    """Wait until the port takes a connection: a foreign process tells in no other way."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return connect(port, await asyncio.to_thread(token.read_text, encoding="ascii"))
        if time.monotonic() - began > _WAIT_S:
            raise ChatSourceError(f"The show did not listen within {_WAIT_S:g} s: there is nothing to measure.")
        await asyncio.sleep(_ASK_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _python(code: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code
    return time.monotonic() - began


def _children_cpu() -> float:
    """Give the CPU seconds of the children that have ended; 0 on systems that do not count them."""
    times = os.times()
    return times.children_user + times.children_system
