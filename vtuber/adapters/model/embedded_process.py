"""The parent's side of the child that holds the weights: started when needed, shared, stopped with its last user."""

import asyncio
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx
import msgspec

from vtuber.adapters.model.embedded_server import Launch
from vtuber.adapters.model.openai_http import chat_client
from vtuber.errors import ModelUnavailable

_MODULE = "vtuber.adapters.model.embedded_server"
_STOP_S = 5.0  # a child that has not gone by then is killed
_QUIT_S = 0.5  # the same for one that does not serve yet
_AGAIN_S = 5.0  # a start that failed is not repeated sooner


class _Ready(msgspec.Struct):
    port: int = 0
    error: str = ""


class Running(msgspec.Struct, frozen=True):
    """A child that serves: its address and a client for it."""

    url: str
    api_key: str
    client: httpx.AsyncClient


class EmbeddedProcess:
    """One child process for all models that share its weights. A child that died is started again by the next call."""

    def __init__(self, launch: Launch, *, log: Path | None = None, load_s: float = 180.0) -> None:
        self._launch = launch
        self._log = log
        self._load_s = load_s
        self._starting = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._running: Running | None = None
        self._not_before = 0.0
        self._users: set[str] = set()

    @property
    def pid(self) -> int:
        """Give the child's process id, 0 when there is none."""
        return self._child.pid if self._child and self._child.returncode is None else 0

    async def running(self, user: str) -> Running:
        """Give the child's address, starting it if it is not there. Raises ModelUnavailable."""
        self._users.add(user)
        async with self._starting:
            if self._running and self.pid:
                return self._running
            if asyncio.get_running_loop().time() < self._not_before:
                raise ModelUnavailable("The embedded model could not be started a moment ago; it will be tried again.")
            await self._stop()
            return await self._start()

    async def settle(self) -> None:
        """Wait a moment for the end of a child whose line was lost, so that the next call starts a new one."""
        if self._child:
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUIT_S):
                    await self._child.wait()

    async def leave(self, user: str) -> None:
        """Take note that a user needs the child no longer; the last one to leave stops it."""
        self._users.discard(user)
        async with self._starting:
            if not self._users:
                await self._stop()

    async def _start(self) -> Running:
        launch = msgspec.structs.replace(self._launch, api_key=secrets.token_urlsafe(16))
        whole = False
        try:
            self._child = await self._spawn()
            ready = await self._until_ready(self._child, launch)
            url = f"http://127.0.0.1:{ready.port}/v1"
            self._running = Running(url, launch.api_key, chat_client(url, 2.0))
            whole = True
        except ModelUnavailable:
            self._not_before = asyncio.get_running_loop().time() + _AGAIN_S
            raise
        finally:
            if not whole:
                await self._stop()
        return self._running

    async def _spawn(self) -> asyncio.subprocess.Process:
        log: IO[bytes] | None = None
        try:
            log = self._log.open("ab") if self._log else None
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                _MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log or asyncio.subprocess.DEVNULL,
                env={**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONUTF8": "1"},
            )
        except OSError as error:
            raise ModelUnavailable(f"The embedded model's process cannot be started ({error}).") from error
        finally:
            if log:
                log.close()

    async def _until_ready(self, child: asyncio.subprocess.Process, launch: Launch) -> _Ready:
        if child.stdin is None or child.stdout is None:
            raise ModelUnavailable("The embedded model's process has no pipes.")
        try:
            child.stdin.write(msgspec.json.encode(launch) + b"\n")
            async with asyncio.timeout(self._load_s):
                line = await child.stdout.readline()
            ready = msgspec.json.decode(line, type=_Ready)
        except TimeoutError:
            raise ModelUnavailable(f"The embedded model did not load within {self._load_s:g} s.") from None
        except (OSError, msgspec.DecodeError) as error:
            raise ModelUnavailable(f"The embedded model's process died while loading {launch.model}.") from error
        if not ready.port:
            hint = " Install it with: pip install 'vtuber[standin-model]'" if "ModuleNotFound" in ready.error else ""
            raise ModelUnavailable(f"The embedded model cannot load {launch.model}: {ready.error}.{hint}")
        return ready

    async def _stop(self) -> None:
        running, self._running = self._running, None
        child, self._child = self._child, None
        if running:
            await running.client.aclose()
        if child is None:
            return
        if child.stdin:
            child.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S if running else _QUIT_S):
                await child.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
