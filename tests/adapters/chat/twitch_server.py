"""Twitch's side of chat over a WebSocket, as a double: it lets anyone in, speaks real lines, and breaks as told."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

HOST = "tmi.twitch.tv"
NOWHERE = "no_such_channel"  # Twitch does not answer a JOIN of a channel that does not exist
SUSPENDED = "suspended_channel"


class TwitchSide:
    """Twitch's side of one connection, without I/O."""

    def __init__(self) -> None:
        self.received: deque[str] = deque(maxlen=200)
        self.nick = ""
        self.joined: list[str] = []

    def open(self) -> list[str]:
        """Say nothing: the client speaks first."""
        return []

    def hear(self, text: str) -> list[str]:
        """Give the frames that answer one from the client; several lines may stand in each."""
        self.received.append(text)
        command, _, rest = text.partition(" ")
        match command:
            case "CAP":
                return [f":{HOST} CAP * ACK {rest.removeprefix('REQ ')}\r\n"]
            case "NICK":
                self.nick = rest
                return ["".join(f":{HOST} {line}\r\n" for line in self._welcome())]
            case "JOIN":
                return self._join(rest.removeprefix("#"))
            case "PING":
                return [f":{HOST} PONG {HOST} {rest}\r\n"]
            case _:
                return []

    def _welcome(self) -> Iterable[str]:
        yield f"001 {self.nick} :Welcome, GLHF!"
        yield f"002 {self.nick} :Your host is {HOST}"
        yield f"003 {self.nick} :This server is rather new"
        yield f"004 {self.nick} :-"
        yield f"375 {self.nick} :-"
        yield f"372 {self.nick} :You are in a maze of twisty passages, all alike."
        yield f"376 {self.nick} :>"

    def _join(self, channel: str) -> list[str]:
        if channel == NOWHERE:
            return []
        if channel == SUSPENDED:
            words = "This channel does not exist or has been suspended."
            return [f"@msg-id=msg_channel_suspended :{HOST} NOTICE #{channel} :{words}\r\n"]
        self.joined.append(channel)
        me = f"{self.nick}.{HOST}"
        return [
            f":{self.nick}!{self.nick}@{me} JOIN #{channel}\r\n",
            f":{me} 353 {self.nick} = #{channel} :{self.nick}\r\n:{me} 366 {self.nick} #{channel} :End of /NAMES list\r\n",
            f"@emote-only=0;followers-only=-1;r9k=0;room-id=1;slow=0;subs-only=0 :{HOST} ROOMSTATE #{channel}\r\n",
        ]


class TwitchServer:
    """The double on a real socket: `async with TwitchServer() as server`, then `server.url`."""

    def __init__(self) -> None:
        self.mute = False  # neither answers nor speaks, as a server that hangs
        self.port = 0
        self.logins = 0
        self._server: Server | None = None
        self._lines: dict[ServerConnection, TwitchSide] = {}
        self._changed = asyncio.Condition()
        self._joins = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def sides(self) -> list[TwitchSide]:
        """What is known of each client that is there now."""
        return list(self._lines.values())

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await serve(self._serve, "127.0.0.1", self.port, compression=None)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def down(self) -> None:
        """Throw everyone out without a word and stop listening."""
        self.drop()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def joined(self, joins: int = 1) -> None:
        """Wait until clients have joined a channel that many times in all."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._joins >= joins)

    async def received(self, text: str) -> None:
        """Wait until a client has said this."""
        async with self._changed:
            await self._changed.wait_for(lambda: any(text in side.received for side in self.sides))

    async def say(self, *lines: str | bytes) -> None:
        """Send a frame with these lines to everyone who has joined."""
        frame = b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines)
        await self.frame(frame.decode() if _is_text(frame) else frame)

    async def frame(self, frame: str | bytes, *, as_text: bool = False) -> None:
        """Send a frame as it is to everyone who has joined. `as_text` sends bytes that are no UTF-8 as a text frame."""
        for line, side in list(self._lines.items()):
            if side.joined and not self.mute:
                with suppress(ConnectionClosed):  # it is leaving
                    await line.send(frame, text=True if as_text else None)

    async def ping(self) -> None:
        """Ask whether the clients are there, as Twitch does every five minutes."""
        await self.say(f"PING :{HOST}")

    async def reconnect(self) -> None:
        """Ask the clients to connect anew."""
        await self.say(f":{HOST} RECONNECT")

    def drop(self) -> None:
        """Cut the lines without a word."""
        for line in self._lines:
            line.transport.abort()

    async def pump(self, lines: Iterable[str], per_second: float) -> None:
        """Say one line after another, so many a second, in the loop's own time."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        for line in lines:
            await self.say(line)
            due += 1 / per_second
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _serve(self, connection: ServerConnection) -> None:
        side = self._lines[connection] = TwitchSide()
        self.logins += 1
        try:
            async for text in connection:
                answers = side.hear(str(text))
                for answer in () if self.mute else answers:
                    await connection.send(answer)
                async with self._changed:
                    self._joins += str(text).startswith("JOIN") and not self.mute
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            del self._lines[connection]


def privmsg(text: str, *, native: str = "", user: str = "42", login: str = "hana", channel: str = "mika") -> str:
    """Write a message as Twitch does."""
    tags = f"badge-info=;badges=;display-name={login.title()};first-msg=0;id={native};room-id=1;user-id={user}"
    return f"@{tags} :{login}!{login}@{login}.{HOST} PRIVMSG #{channel} :{text}"


def endless_chat(channel: str = "mika", *, viewers: int = 50) -> Iterator[str]:
    """Give messages without end, each with an id of its own, from so many viewers in turn."""
    for number in count():
        viewer = number % viewers
        native = f"00000000-0000-4000-8000-{number:012d}"
        yield privmsg(
            f"message {number}", native=native, user=f"{1000 + viewer}", login=f"viewer{viewer}", channel=channel
        )


def _is_text(frame: bytes) -> bool:
    try:
        frame.decode()
    except UnicodeDecodeError:
        return False
    return True
