"""Plays a whole live show in the test's own loop: chosen settings, the real wiring, and waits for what happens."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from tests.adapters.model.chat_server import Answer
from tests.adapters.model.ollama_server import OllamaDouble, done, part, streamed
from vtuber import journal
from vtuber.adapters.chat.local_client import LocalClient, connect
from vtuber.events import Chat, Clause, Closed, Dropped, Event, Opened, Performed, Turn
from vtuber.settings import Attention, LocalSocket, Memory, Models, Settings, Sources
from vtuber.wiring.live import LiveOptions, play_live

E = TypeVar("E", bound=Event)

WITHIN_S = 8.0
HARD = "Please explain step by step why the sea is salty while rivers are not, and what that means for fish"
LINES = {
    "opening": "Welcome in.",
    "closing": "Good night.",
    "holding": "Let me think.",
    "answer_intro": "{name}, about that.",
    "too_hard": "Sorry {name}, no idea.",
    "fallback": "I lost my thread.",
    "decline": "Something else, please.",
    "thanks": "Thank you, {name}.",
    "raid": "Welcome, {name}.",
}
_SPEED = 20.0  # of her voice, which is silent


def write_character(home: Path, *, speed: float = _SPEED, **lines: str) -> Path:
    """Write a character of few words into a data home; give her file. `lines` replaces some of hers."""
    said = "\n".join(f'[lines.{name}]\nen = ["{text}"]' for name, text in (LINES | lines).items())
    file = home / "characters" / "ada" / "persona.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"""schema = 1
[name]
en = "Ada"
[about]
en = "You are Ada."
[languages]
primary = "en"
[voice.en]
speed = {speed}
[[examples.en]]
viewer = "hi"
she = "Hello!"
{said}
""",
        encoding="utf-8",
    )
    return file


def says(text: str, *, thinking: str = "") -> Answer:
    """Make the double of Ollama say this, a word at a time."""
    thoughts = (part(thinking=f"{word} ") for word in thinking.split())
    words = text.split(" ")
    return streamed(*thoughts, *(part(f"{' ' if at else ''}{word}") for at, word in enumerate(words)), done(len(words)))


def pair(double: OllamaDouble) -> Models:
    """Name the two models of a double of Ollama, each with its address."""
    return Models(fast=f"ollama/qwen2.5:14b@{double.url}", deep=f"ollama/gpt-oss:20b@{double.url}")


def asked(body: dict[str, Any]) -> str:
    """Give what a model was asked last."""
    return str(body["messages"][-1]["content"])


class LiveShow:
    """A show from `play_live`: `async with LiveShow(folder, models, …) as show`, then `show.write`, `show.until`.

    `client` is a program at its local WebSocket. At the end of the block the show is stopped in order.
    """

    def __init__(self, home: Path, models: Models, *, sources: Sources | None = None, **more: Any) -> None:
        """`more` goes to the settings, but `folder` to the run, and `character` may name another than ours."""
        self.home, self.folder = home, more.pop("folder", home / "run")
        self.events: list[Event] = []
        self.at: dict[str, float] = {}  # the id of an event -> when it came, on the loop's clock
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._closing = AsyncExitStack()
        self.port = free_port()
        sources = msgspec.structs.replace(sources or Sources(), local=LocalSocket(port=self.port))
        if "character" not in more and not (home / "characters").exists():
            write_character(home)
        usual = {
            "character": "ada", "attention": Attention(idle_s=600), "memory": Memory(embedder="words"),
        }  # fmt: skip
        self.settings = Settings(models=models, sources=sources, **(usual | more))

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = LiveOptions(
            folder=self.folder, home=self.home, settings=self.settings, stream_id="live",
            base_ms=round(time.time() * 1000), silent=True, live_view=False, sound=False,
        )  # fmt: skip
        self._playing = asyncio.ensure_future(play_live(options, (self._note,)))
        try:
            await self.until(Opened, within=30)
            key = (self.home / "local-token").read_text(encoding="utf-8")
            self.client: LocalClient = await self._closing.enter_async_context(connect(self.port, key))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self.stop()
        finally:
            await self._end()

    async def stop(self) -> None:
        """Stop the show in order, and wait for its end."""
        if not self._playing.done():
            await self.client.operate("stop")
        async with asyncio.timeout(10):
            await self._playing
        assert isinstance(self.events[-1], Closed)

    async def write(self, text: str, *, name: str = "mika", user: str = "", **more: Any) -> str:
        """Write a message through the local WebSocket; when it is safe on disk, give its event's id."""
        native = await self.client.send(text, name=name, user=user or name, **more)
        return f"local:main:{native}"

    async def ask(self, text: str, **more: Any) -> list[str]:
        """Write a message and give what was heard in answer to it."""
        return await self.heard(await self.write(text, **more))

    async def heard(self, message: str, *, within: float = WITHIN_S) -> list[str]:
        """Wait for the end of the answer to a message (of the holding line alone, if it is hard); give its clauses."""
        turn = await self.until(Turn, lambda one: message in one.asked, within=within)
        return [one.text for one in await self.performed(turn.id, within=within)]

    async def performed(self, turn: str, *, deep: bool = False, within: float = WITHIN_S) -> list[Performed]:
        """Wait for the end of a turn's reply, or of its deep answer; give what was performed of it."""
        await self.true(lambda: self._over(turn, deep=deep), within=within)
        return [one for one in self.of(Performed) if one.turn == turn and (one.seq >= 100) is deep]

    async def until(
        self, kind: type[E], where: Callable[[E], bool] = lambda _: True, *, after: int = 0, within: float = WITHIN_S
    ) -> E:
        """Wait for the first such event from the `after`th on."""
        found: list[E] = []

        def there() -> bool:
            found.extend(one for one in self.events[after:] if isinstance(one, kind) and where(one))
            return bool(found)

        await self.true(there, within=within)
        return found[0]

    async def true(self, condition: Callable[[], bool], *, within: float = WITHIN_S) -> None:
        """Wait until something holds; it is looked at again after each event."""
        if condition():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((condition, turn))
        await asyncio.wait([turn, self._playing], timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if turn.done():
            return
        if self._playing.done():
            self._playing.result()
        last = "\n".join(str(event)[:300] for event in self.events[-12:])
        raise AssertionError(f"it did not come within {within:g} s; the last events are\n{last}")

    def of(self, kind: type[E]) -> list[E]:
        """Give the events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def said(self) -> list[str]:
        """Give what was performed so far."""
        return [one.text for one in self.of(Performed)]

    def why(self, message: str) -> list[str]:
        """Give for what reasons a message was dropped."""
        return [one.reason for one in self.of(Dropped) if one.cause == message]

    def answers(self, message: str) -> int:
        """Count the turns that answer a message."""
        return sum(message in turn.asked for turn in self.of(Turn))

    def chat(self, text: str) -> Chat:
        """Give the message with this text."""
        return next(one for one in self.of(Chat) if one.text == text)

    def journal(self) -> list[Event]:
        """Read the journal back, thoughts too."""
        with closing(journal.read(self.folder / "journal.jsonl", thoughts=True)) as events:
            return list(events)

    def _over(self, turn: str, *, deep: bool) -> bool:
        clauses = [one for one in self.of(Clause) if one.turn == turn and (one.seq >= 100) is deep]
        ended = {one.cause for one in self.of(Performed)} | {one.cause for one in self.of(Dropped)}
        return any(one.last for one in clauses) and all(one.id in ended for one in clauses if one.text)

    def _note(self, event: Event) -> None:
        self.events.append(event)
        self.at.setdefault(event.id, asyncio.get_running_loop().time())
        for entry in tuple(self._waiting):
            condition, turn = entry
            if turn.done():
                self._waiting.remove(entry)
            elif condition():
                self._waiting.remove(entry)
                turn.set_result(None)

    async def _end(self) -> None:
        self._playing.cancel()
        await asyncio.wait([self._playing])
        await self._closing.aclose()
        if not self._playing.cancelled():
            self._playing.exception()


def free_port() -> int:
    """Give a port that nobody has now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
