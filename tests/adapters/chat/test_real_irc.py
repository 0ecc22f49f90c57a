"""A real IRC server as the peer: our reader of Twitch joins it over a WebSocket, hears another client, and returns."""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from tests.adapters.chat.listening import Listening
from vtuber.adapters.chat.twitch_live import TwitchLive
from vtuber.events import Chat, Connection, Skipped
from vtuber.settings import Twitch

INSPIRCD = shutil.which("inspircd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or ""

pytestmark = [
    pytest.mark.real,
    pytest.mark.asyncio,
    pytest.mark.skipif(not INSPIRCD, reason="no InspIRCd on this machine"),
]


class Ircd:
    """An InspIRCd in a folder of its own: one port for WebSockets, one for plain IRC."""

    def __init__(self, folder: Path) -> None:
        self.web, self.plain = free_port(), free_port()
        self._folder = folder
        self._config = folder / "inspircd.conf"
        self._config.write_text(
            f"""
<server name="irc.test" description="test" network="test">
<admin name="test" nick="test" email="test@irc.invalid">
<bind address="127.0.0.1" port="{self.web}" type="clients" hook="websocket">
<bind address="127.0.0.1" port="{self.plain}" type="clients">
<module name="sha1">
<module name="websocket">
<wsorigin allow="http://127.0.0.1:*">
<connect allow="*" resolvehostnames="no" useident="no" timeout="20" pingfreq="120" commandrate="100000">
<pid file="{folder}/inspircd.pid">
<log method="file" type="*" level="default" target="{folder}/ircd.log">
""",
            encoding="utf-8",
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Run it until the end of the block, where it is killed without a farewell."""
        process = await asyncio.create_subprocess_exec(
            *(INSPIRCD, f"--config={self._config}", "--nofork", "--nolog", "--runasroot"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
        )
        try:
            yield
        finally:
            process.kill()
            await process.wait()


class Viewer:
    """Another client, on plain IRC."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def arrive(cls, port: int, nick: str, channel: str) -> "Viewer":
        """Come in and join, as soon as the server is up."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
        viewer = cls(reader, writer)
        await viewer.say(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        await viewer.wait_for(" 001 ")
        await viewer.say(f"JOIN #{channel}")
        await viewer.wait_for(" 366 ")
        return viewer

    async def say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    async def wait_for(self, part: str) -> None:
        """Read on until a line holds this."""
        async with aclosing(self._lines()) as lines:
            async for line in lines:
                if part in line:
                    return
        pytest.fail(f"the server closed the line before it said {part!r}")

    async def _lines(self) -> AsyncGenerator[str, None]:
        while line := await self._reader.readline():
            text = line.decode()
            if text.startswith("PING"):
                await self.say(text.strip().replace("PING", "PONG", 1))
            yield text

    def leave(self) -> None:
        self._writer.close()


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def test_a_real_server_is_joined_heard_lost_and_joined_again(tmp_path: Path):
    ircd = Ircd(tmp_path)
    settings = Twitch(channels=("Mika",), url=f"ws://127.0.0.1:{ircd.web}")
    async with Listening(lambda clock: TwitchLive(settings, clock, Random(1))) as heard:
        assert (await heard.until("lost")).attempt == 1
        for text in ("こんにちは、Ren です", "back again"):
            async with ircd.running():
                viewer = await Viewer.arrive(ircd.plain, "hana", "mika")
                await heard.until("connected")
                await viewer.wait_for(":justinfan")
                await viewer.say(f"PRIVMSG #mika :{text}", "PRIVMSG #mika :\x01ACTION waves\x01", "PART #mika")
                said, waved = await heard.next(), await heard.next()
                viewer.leave()
            assert isinstance(said, Chat)
            assert isinstance(waved, Chat)
            assert (said.text, said.name, said.viewer_id, said.weak) == (text, "hana", "twitch:login:hana", True)
            assert (waved.text, said.channel) == ("waves", "mika")
            lost = await heard.next()
            assert not isinstance(lost, Skipped)
            assert isinstance(lost, Connection)
            assert lost.state == "lost"


@pytest.mark.long
async def test_a_real_server_keeps_a_quiet_reader_that_answers_its_pings(tmp_path: Path):
    ircd = Ircd(tmp_path)
    config = tmp_path / "inspircd.conf"
    config.write_text(config.read_text("utf-8").replace('pingfreq="120"', 'pingfreq="15"'), encoding="utf-8")
    settings = Twitch(channels=("mika",), url=f"ws://127.0.0.1:{ircd.web}")
    async with ircd.running(), Listening(lambda clock: TwitchLive(settings, clock, Random(1))) as heard:
        viewer = await Viewer.arrive(ircd.plain, "hana", "mika")
        await viewer.wait_for(":justinfan")
        await heard.until("connected")
        for _ in range(3):  # each comes after a quarter of a minute of silence; two unanswered ones would end the line
            await viewer.wait_for("PING")
        await viewer.say("PRIVMSG #mika :still there?")
        event = await heard.next()
        viewer.leave()
        assert isinstance(event, Chat)
        assert event.text == "still there?"
