"""How soon she hears: importing, a live show from the command to its first message safe on disk, and idling."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from vtuber.adapters.chat.local_client import LocalClient, connect
from vtuber.bench.stand import spread
from vtuber.errors import ChatSourceError

_IDLE_S = 10.0
_SETTLED_S = 5.0  # after a start her greeting is over, and the index was looked at
_SPOONS = 20  # messages that leave something to be resumed
_WAIT_S = 30.0
_ASK_S = 0.02


def measure(runs: int, progress: Callable[[], None]) -> dict[str, object]:
    """Start a live show with scripted parts that often; `progress` is called after each. Gives the figures by name.

    `import_s` is everything that a live show imports, beyond a bare interpreter's start; `resume_s` is a start after
    the show was killed in the midst of it; `idle_cpu` is a share of one core, without an audience.
    """
    imports, ready, resumed = [], [], []
    for _ in range(runs):
        imports.append(_python("import vtuber.cli.run") - _python("pass"))
        first, again = asyncio.run(_killed_and_resumed())
        ready.append(first)
        resumed.append(again)
        progress()
    idle = asyncio.run(_idling())
    progress()
    spreads = {"import_s": imports, "ready_s": ready, "resume_s": resumed}
    return {"runs": runs} | {name: spread(found, 3) for name, found in spreads.items()} | {"idle_cpu": round(idle, 4)}


async def _killed_and_resumed() -> tuple[float, float]:
    """Start a show, kill it, and start it again. Give the seconds until a first message was safe, each time."""
    with _home() as home:
        async with _show(home, "--out", str(home / "run")) as (show, client, ready_s):
            for number in range(_SPOONS):
                await client.send(f"I have exactly {number} spoons in my kitchen", name="bench")
            show.kill()
        async with _show(home, "--resume", str(home / "run")) as (_, client, again_s):
            await client.operate("stop")
    return ready_s, again_s


async def _idling() -> float:
    """Give the share of a core that a show without an audience takes; 0 where the system does not say in a file."""
    with _home() as home:
        async with _show(home, "--out", str(home / "run")) as (show, client, _):
            await asyncio.sleep(_SETTLED_S)
            used = _cpu_s(show.pid)
            await asyncio.sleep(_IDLE_S)
            used = _cpu_s(show.pid) - used
            await client.operate("stop")
    return used / _IDLE_S


@contextmanager
def _home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="vtuber-bench-") as home:
        yield Path(home)


@asynccontextmanager
async def _show(home: Path, *more: str) -> AsyncIterator[tuple[Process, LocalClient, float]]:
    """Start a show and send a message; give its process, its client, and the seconds until the message was safe.

    After the block it must end.
    """
    port = _free_port()
    command = [
        sys.executable, "-m", "vtuber", "run", "--home", str(home), "--fast", "scripted", "--deep", "scripted",
        "--silent", "--port", str(port), *more,
    ]  # fmt: skip
    began = time.monotonic()
    show = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with await _until_there(port, home / "local-token", began) as client:
            await client.send("hello", name="bench")
            yield show, client, time.monotonic() - began
        await show.wait()
    finally:
        if show.returncode is None:
            show.kill()
            await show.wait()


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


def _cpu_s(pid: int) -> float:
    """Give the CPU seconds that a running process has taken so far."""
    if sys.platform != "linux":
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
