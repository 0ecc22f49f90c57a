"""Whole live shows that hear Twitch, OneComme and a program at once: lost lines, edits, deletions, and who is answered."""

import errno
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.adapters.chat.onecomme_server import OneCommeServer, comment, deleted
from tests.adapters.chat.test_real_irc import INSPIRCD, Ircd, Viewer
from tests.adapters.chat.twitch_server import HOST, TwitchServer, privmsg
from tests.adapters.model.ollama_server import OllamaDouble
from tests.live_show import LiveShow, asked, says, write_character
from vtuber import journal
from vtuber.events import Airing, Chat, Closed, Connection, Interrupt, Performed, Recalled, Retract, Turn
from vtuber.settings import Attention, Models, OneComme, Sources, Twitch

pytestmark = pytest.mark.asyncio

LONG = "This sentence goes on for such a long while that there is time. " * 4


class Ears:
    """A show with Twitch and OneComme as doubles, and a local program; a model that repeats what it was asked."""

    def __init__(self, show: LiveShow, twitch: TwitchServer, hub: OneCommeServer) -> None:
        self.show, self.twitch, self.hub = show, twitch, hub

    async def heard(self, text: str) -> Chat:
        """Wait until the show has heard these words."""
        return await self.show.until(Chat, lambda one: one.text == text)

    async def answered(self, text: str) -> list[str]:
        """Wait for the answer to these words."""
        return await self.show.heard((await self.heard(text)).id)

    async def dropped(self, text: str) -> list[str]:
        """Wait until these words were dropped; say why."""
        message = (await self.heard(text)).id
        await self.show.true(lambda: bool(self.show.why(message)))
        return self.show.why(message)

    async def connection(self, source: str, state: str, *, after: int = 0) -> Connection:
        """Wait for news of a line."""
        return await self.show.until(Connection, lambda one: (one.source, one.state) == (source, state), after=after)


def echo(body: dict[str, Any]) -> Any:
    """Answer with the words that were asked, at length if they say so."""
    lines = [line for line in asked(body).splitlines() if ": " in line]  # none in what a model is tried with
    words = lines[-1].partition(": ")[2] if lines else ""
    return says(LONG if "long" in words else f"You said {words.rstrip('?')}.")


@asynccontextmanager
async def ears(home: Path, *, backlog: tuple[dict[str, Any], ...] = (), **more: Any) -> AsyncIterator[Ears]:
    async with OllamaDouble(answer=echo).serving() as model, TwitchServer() as twitch, OneCommeServer() as hub:
        await hub.say(*backlog)
        sources = Sources(twitch=Twitch(channels=("mika",), url=twitch.url), onecomme=OneComme(on=True, url=hub.url))
        spec = f"ollama/qwen2.5:14b@{model.url}"
        async with LiveShow(home, Models(fast=spec, deep=spec), sources=sources, **more) as show:
            await twitch.joined()
            await hub.subscribed()
            await show.until(Performed)  # her welcome
            yield Ears(show, twitch, hub)


async def test_three_sources_at_once_are_answered_and_each_comes_back_after_its_line_was_lost(tmp_path: Path):
    async with ears(tmp_path, backlog=(comment("old", "said before she came"),)) as it:
        await it.twitch.say(privmsg("hello from twitch", native="t1"))
        assert await it.answered("hello from twitch") == ["You said hello from twitch."]
        await it.hub.say(comment("c1", "hello from youtube"))
        assert await it.answered("hello from youtube") == ["You said hello from youtube."]
        assert await it.show.ask("hello from a program") == ["You said hello from a program."]
        backlog = it.show.chat("said before she came")
        assert (backlog.backlog, await it.dropped(backlog.text)) == (True, ["backlog"])

        before = len(it.show.events)
        it.twitch.drop()
        it.hub.drop()
        await it.connection("twitch", "lost", after=before)
        await it.connection("onecomme", "lost", after=before)
        assert await it.show.ask("do you still hear me?")
        await it.connection("twitch", "connected", after=before)
        await it.twitch.joined(2)
        await it.twitch.say(
            privmsg("hello from twitch", native="t1"), privmsg("twitch is back", native="t2", user="43", login="bo")
        )
        assert await it.answered("twitch is back")
        await it.hub.subscribed(2)  # it sends all of its comments again
        await it.hub.say(comment("c2", "youtube is back", user="u2"))
        assert await it.answered("youtube is back")
        events = it.show.events
    for text in ("hello from twitch", "hello from youtube"):
        assert it.show.answers(it.show.chat(text).id) == 1
    assert it.show.answers(backlog.id) == 0
    kept = [(one.source, one.state) for one in it.show.journal() if isinstance(one, Connection)]
    for source in ("twitch", "onecomme"):
        assert [state for name, state in kept if name == source] == ["connected", "lost", "connected"]
    assert isinstance(events[-1], Closed)


async def test_an_edit_before_the_answer_is_answered_in_its_new_wording_and_one_after_it_not_again(tmp_path: Path):
    async with ears(tmp_path) as it:
        await it.show.client.operate("pause")
        await it.hub.say(comment("c1", "do you like tee?"))
        old = await it.heard("do you like tee?")
        await it.hub.say(comment("c1", "do you like tea?"))
        new = await it.heard("do you like tea?")
        assert (new.edit_of, await it.dropped("do you like tee?")) == (old.id, ["retracted"])
        await it.show.client.operate("resume")
        assert await it.show.heard(new.id) == ["You said do you like tea."]

        await it.hub.say(comment("c1", "do you like green tea?"))
        assert await it.dropped("do you like green tea?") == ["answered_before_edit"]
        later = await it.show.write("good evening", name="kenta", id="m1")
        await it.show.heard(later)
        await it.show.write("good evening to all", name="kenta", id="m2", edit="m1")
        assert await it.dropped("good evening to all") == ["answered_before_edit"]
        answers = [it.show.answers(one.id) for one in it.show.of(Chat)]
    assert answers == [0, 1, 0, 1, 0]


async def test_a_deleted_message_is_not_answered_and_is_gone_from_recall(tmp_path: Path):
    async with ears(tmp_path) as it:
        await it.hub.say(comment("c1", "my parrot Kuro hates cats"))
        assert await it.answered("my parrot Kuro hates cats")
        await it.hub.say(comment("c2", "my parrot Kuro eats mango"))
        assert await it.answered("my parrot Kuro eats mango")
        await it.hub.frame(deleted("c2"))
        await it.show.client.operate("pause")
        await it.hub.say(comment("c3", "my parrot Kuro bites me"))
        await it.heard("my parrot Kuro bites me")
        await it.hub.frame(deleted("c3"))
        assert await it.dropped("my parrot Kuro bites me") == ["retracted"]
        gone = [one.id for one in it.show.of(Retract)]
        await it.show.true(lambda: {f"{one}!remembered" for one in gone} <= {one.id for one in it.show.events})
        await it.show.client.operate("resume")
        await it.hub.say(comment("c4", "does my parrot Kuro hate cats?"))
        assert await it.answered("does my parrot Kuro hate cats?")
        turn = it.show.of(Turn)[-1]
        recalled = [one.text for event in it.show.of(Recalled) if event.turn == turn.id for one in event.items]
    assert any("hates" in text for text in recalled)
    assert not [text for text in recalled if "mango" in text or "bites" in text]


async def test_a_viewer_who_is_timed_out_in_mid_answer_is_not_answered_to_the_end(tmp_path: Path):
    write_character(tmp_path, speed=1.0)
    async with ears(tmp_path) as it:
        await it.twitch.say(privmsg("tell me a long one", native="t1", user="77"))
        message = await it.heard("tell me a long one")
        aired = await it.show.until(Airing, lambda one: message.id in one.asked)
        await it.twitch.say(f"@ban-duration=600;room-id=1;target-user-id=77 :{HOST} CLEARCHAT #mika :hana")
        said = await it.show.performed(aired.turn)
        await it.twitch.say(privmsg("hello", native="t2", user="78", login="bo"))
        assert await it.answered("hello") == ["You said hello."]
    assert not [one for one in said if one.whole]
    cut = next(one for one in it.show.journal() if isinstance(one, Interrupt))
    assert (cut.op, cut.target_viewer, cut.by) == ("retract", "twitch:77", "platform")


async def test_bots_commands_and_her_own_accounts_are_heard_and_never_answered(tmp_path: Path):
    attention = Attention(idle_s=600, own_accounts=("ada_official",))
    async with ears(tmp_path, attention=attention) as it:
        owner = privmsg("hello everyone", native="t1", user="1", login="mika").replace(
            "badges=;", "badges=broadcaster/1;"
        )
        await it.twitch.say(
            privmsg("!uptime", native="t2"),
            privmsg("remember to follow", native="t3", user="9", login="nightbot"),
            privmsg("I am live", native="t4", user="8", login="Ada_Official"),
            owner,
        )
        assert await it.dropped("!uptime") == ["command"]
        assert await it.dropped("remember to follow") == ["bot"]
        assert await it.dropped("I am live") == ["own_account"]
        assert await it.answered("hello everyone") == ["You said hello everyone."]
        assert it.show.chat("hello everyone").roles == ("owner",)
    assert len([one for one in it.show.of(Turn) if one.chats]) == 1


async def test_a_ban_by_id_or_by_name_shuts_one_viewer_out_on_one_platform(tmp_path: Path):
    async with ears(tmp_path) as it:
        await it.show.client.operate("ban", user="42", platform="twitch")
        await it.twitch.say(
            privmsg("hello there", native="t1", user="42"), privmsg("hi", native="t2", user="7", login="bo")
        )
        assert await it.dropped("hello there") == ["banned"]
        assert await it.answered("hi")
        await it.show.client.operate("ban", name="@BO")
        assert it.show.of(Interrupt)[-1].target_viewer == "twitch:7"
        await it.twitch.say(privmsg("hi again", native="t3", user="7", login="bo"))
        assert await it.dropped("hi again") == ["banned"]
        await it.show.client.operate("ban", name="nobody")
        await it.hub.say(comment("c1", "hello here", user="42"))
        assert await it.answered("hello here")
    assert len([one for one in it.show.journal() if isinstance(one, Interrupt) and one.op == "ban"]) == 2


class Disk:
    """Where a run is kept: it can be filled up, and freed again."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, real: bool) -> None:
        self.folder, self.full, self._real = folder, False, real
        self._put = journal._put
        if not real:
            monkeypatch.setattr(journal, "_put", self._maybe)

    def fill(self) -> None:
        self.full = True
        if self._real:
            with (self.folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
                while file.write(bytes(4096)):
                    pass

    def free(self) -> None:
        self.full = False
        (self.folder / "filler").unlink(missing_ok=True)

    def _maybe(self, file: BinaryIO, data: bytes) -> tuple[int, OSError | None]:
        return (0, OSError(errno.ENOSPC, "No space left on device")) if self.full else self._put(file, data)


@pytest.fixture(params=["mounted", "pretended"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if request.param == "pretended":
        yield Disk(folder, monkeypatch, real=False)
        return
    mount = shutil.which("mount")
    if (
        not mount
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("only root may mount a small disk")
    try:
        yield Disk(folder, monkeypatch, real=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


async def test_on_a_full_disk_the_show_goes_on_unrecorded_says_so_and_is_recorded_again_when_there_is_room(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(journal, "RETRY_MS", 500)
    async with ears(tmp_path, folder=disk.folder / "run") as it:
        assert await it.show.ask("what a wide disk")
        for text in ("this disk is full", "and it is", "still full", "and so on"):
            disk.fill()  # again: a page may have become free
            assert await it.show.ask(text) == [f"You said {text}."]
        disk.free()
        told = capsys.readouterr().err
        for number in range(8):
            if told.rfind("goes on in journal.0") > told.rfind("goes on unrecorded"):
                break
            assert await it.show.ask(f"number {number}") == [f"You said number {number}."]
            told += capsys.readouterr().err
        assert await it.show.ask("there is room again")
    assert "goes on unrecorded" in told
    kept = [one.text for one in it.show.journal() if isinstance(one, Chat)]
    assert {"what a wide disk", "there is room again"} <= set(kept)
    assert isinstance(it.show.journal()[-1], Closed)


@pytest.mark.real
@pytest.mark.skipif(not INSPIRCD, reason="no InspIRCd on this machine")
async def test_a_real_irc_server_is_the_source_of_a_whole_show_and_comes_back_after_a_crash(tmp_path: Path):
    (tmp_path / "ircd").mkdir()
    ircd = Ircd(tmp_path / "ircd")
    sources = Sources(twitch=Twitch(channels=("mika",), url=f"ws://127.0.0.1:{ircd.web}"))
    async with OllamaDouble(answer=echo).serving() as model:
        spec = f"ollama/qwen2.5:14b@{model.url}"
        async with LiveShow(tmp_path, Models(fast=spec, deep=spec), sources=sources) as show:
            for text in ("hello from a real server", "it is back"):
                async with ircd.running():
                    viewer = await Viewer.arrive(ircd.plain, "hana", "mika")
                    await viewer.wait_for(":justinfan")
                    await viewer.say(f"PRIVMSG #mika :{text}")
                    message = await show.until(Chat, lambda one, text=text: one.text == text)
                    assert await show.heard(message.id) == [f"You said {text}."]
                    viewer.leave()
                    heard = len(show.events)
                await show.until(Connection, lambda one: one.state == "lost", after=heard)
    states = [one.state for one in show.journal() if isinstance(one, Connection)]
    assert states.count("connected") == 2
