"""Twitch is read live: in without an account, out of the channel's talk into events, and back after every loss."""

import asyncio
from collections import Counter
from contextlib import aclosing
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.chat.listening import Listening
from tests.adapters.chat.twitch_server import HOST, NOWHERE, SUSPENDED, TwitchServer, TwitchSide, endless_chat, privmsg
from tests.adapters.chat.wires import Dialled, MemoryWire
from tests.contracts.chat_source import LiveChatSourceContract
from vtuber import journal
from vtuber.adapters.chat import twitch_irc
from vtuber.adapters.chat.live import Heard
from vtuber.adapters.chat.twitch_live import TwitchLive, TwitchSession
from vtuber.clock import Clock
from vtuber.errors import BadSetting
from vtuber.events import Chat, Connection, Notice, Retract, Skipped, System
from vtuber.settings import Twitch

START = 1_700_000_000_000
RAID = f"@id=n1;msg-id=raid;msg-param-viewerCount=7;login=gin;user-id=9;system-msg=7\\sraiders :{HOST} USERNOTICE #mika"
BEFORE = (privmsg("hi", native="m1"), RAID, f"@target-msg-id=m1 :{HOST} CLEARMSG #mika :hi", "???")
AFTER = (privmsg("nameless"), privmsg("nameless"), f":{HOST} CLEARCHAT #mika", privmsg("back", native="m2"))


def memory_dial(*wires: tuple[str, ...]) -> Dialled:
    lines = [
        partial(MemoryWire, TwitchSide(), tuple(f"{line}\r\n" for line in said), breaks=number + 1 < len(wires))
        for number, said in enumerate(wires)
    ]
    return Dialled(*lines)


class TestTwitchLive(LiveChatSourceContract):
    all_of_them = 1 + len(BEFORE) + 1 + 1 + len(AFTER)

    def make(self, clock: Clock) -> TwitchLive:
        return TwitchLive(Twitch(channels=("#Mika",)), clock, Random(3), memory_dial(BEFORE, AFTER))

    def test_hears_each_kind_of_event(self) -> None:
        kinds = Counter(type(event).__name__ for _, event in self.heard())
        assert kinds == {"Connection": 3, "Chat": 4, "Notice": 1, "Retract": 2, "Skipped": 1}


def session(*channels: str) -> TwitchSession:
    return TwitchSession(channels or ("mika",), Random(1), START)


def told(side: TwitchSession, *lines: str | bytes, now_ms: int = START) -> Heard:
    return side.hear(b"".join(line if isinstance(line, bytes) else line.encode() + b"\r\n" for line in lines), now_ms)


def test_logs_in_without_an_account_and_joins_once_it_is_in():
    side = session("#Mika", "ren", "mika")
    greeting = side.greet()
    assert greeting[:2] == ("CAP REQ :twitch.tv/tags twitch.tv/commands", "PASS anonymous")
    nick = greeting[2].removeprefix("NICK ")
    assert nick.removeprefix("justinfan").isdecimal()
    assert told(side, f":{HOST} CAP * ACK :twitch.tv/tags twitch.tv/commands") == Heard()
    assert told(side, f":{HOST} 001 {nick} :Welcome, GLHF!", f":{HOST} 376 {nick} :>") == Heard(
        replies=("JOIN #mika", "JOIN #ren")
    )


def test_each_login_has_a_number_of_its_own():
    side = session()
    assert len({side.greet()[2] for _ in range(20)}) > 15


def test_another_number_is_tried_where_the_name_is_taken_and_a_refused_capability_is_done_without():
    side = session()
    (nick,) = told(side, ":irc.test 433 * justinfan1 :Nickname is already in use.").replies
    assert nick.startswith("NICK justinfan")
    assert told(side, ":irc.test CAP 263AAAAAB NAK :twitch.tv/tags twitch.tv/commands").replies == ("CAP END",)


def test_a_ping_is_answered_with_its_own_words_and_nothing_else():
    assert told(session(), "PING :tmi.twitch.tv") == Heard(replies=("PONG :tmi.twitch.tv",))
    assert told(session(), "PING :a\rQUIT").replies == ("PONG :a",), "a server cannot make us say more"


def test_a_request_to_reconnect_is_passed_on_and_the_lines_beside_it_are_heard():
    heard = told(session(), privmsg("hi", native="m1"), f":{HOST} RECONNECT", privmsg("ho", native="m2"))
    assert heard.reconnect
    assert [event.id for event in heard.events] == ["twitch:mika:m1", "twitch:mika:m2"]


def test_nameless_events_never_share_an_id_not_even_over_connections_or_runs():
    side = session()
    ids = []
    for _ in range(3):
        side.greet()
        ids += [event.id for event in told(side, *[privmsg("same", native="")] * 3).events]
    later = TwitchSession(("mika",), Random(1), START + 60_000)
    ids += [event.id for event in told(later, *[privmsg("same", native="")] * 3).events]
    assert len(set(ids)) == 12


def test_a_refused_login_is_heard_as_the_platforms_words():
    (event,) = told(session(), f":{HOST} NOTICE * :Login authentication failed").events
    assert isinstance(event, System)
    assert event.text == "Login authentication failed"


def test_a_channel_that_twitch_has_suspended_is_told_once():
    side = session(SUSPENDED)
    words = "This channel does not exist or has been suspended."
    told(side, f":{HOST} 001 justinfan1 :Welcome, GLHF!")
    (event,) = told(side, f"@msg-id=msg_channel_suspended :{HOST} NOTICE #{SUSPENDED} :{words}").events
    assert isinstance(event, System)
    assert (event.channel, event.text) == (SUSPENDED, words)
    assert told(side, "PING :x", now_ms=START + 60_000).events == ()


def test_a_channel_that_never_lets_us_in_is_told_once_as_soon_as_anything_is_heard():
    side = session("mika", NOWHERE)
    told(
        side,
        f":{HOST} 001 justinfan1 :Welcome, GLHF!",
        ":justinfan1!a@b JOIN #mika",
        ":other!a@b JOIN #no_such_channel",
    )
    assert told(side, "PING :x", now_ms=START + 9_999).events == ()
    (event,) = told(side, "PING :x", now_ms=START + 10_000).events
    assert isinstance(event, System)
    assert event.channel == NOWHERE
    assert "is its name right?" in event.text
    assert told(side, "PING :x", now_ms=START + 20_000).events == ()


def test_a_plain_servers_refusal_is_told_in_its_words():
    side = session()
    told(side, ":irc.test 001 justinfan1 :Welcome")
    (event,) = told(side, ":irc.test 473 justinfan1 #mika :Cannot join channel (invite only)").events
    assert isinstance(event, System)
    assert event.text == "Cannot join channel (invite only)"


def test_a_plain_servers_chatter_at_the_door_is_not_chat():
    lines = (":irc.test NOTICE * :*** Looking up your hostname...", ":irc.test MODE justinfan1 +i", "ERROR :bye")
    assert told(session(), *lines) == Heard()


@pytest.mark.parametrize("channels", [(), ("",), ("two words",), ("a,b",), ("#",), ("a\nQUIT",), ("mika", "x#y")])
def test_a_channel_that_cannot_be_one_is_the_settings_fault(channels: tuple[str, ...]):
    with pytest.raises(BadSetting, match=r"sources\.twitch\.channels"):
        TwitchSession(channels, Random(1), START)


def test_hostile_frames_are_skipped_and_counted():
    side = session()
    assert [event.reason for event in told(side, "x" * 1_000_000).events if isinstance(event, Skipped)] == [
        "long_frame"
    ]
    assert len(told(side, *["x"] * 2000).events) == 1, "a frame of many lines is one fault, not thousands"
    heard = told(side, b"\xff\xfe\x00\r\n", b"\x00\x01\x02\r\n", privmsg("hi", native="m1"), "FOO bar")
    assert [event.reason if isinstance(event, Skipped) else event.id for event in heard.events] == [
        "invalid_utf8",
        "broken_line",
        "twitch:mika:m1",
        "unknown_command",
    ]
    assert all(event.line == 0 for event in heard.events if isinstance(event, Skipped))


PIECES = st.sampled_from(
    [
        *(
            "PING",
            "PRIVMSG",
            "001",
            "433",
            "JOIN",
            "CAP * NAK",
            "NOTICE",
            "RECONNECT",
            "USERNOTICE",
            "CLEARCHAT",
            "473",
        ),
        *(
            "#mika",
            "#",
            ":",
            "::",
            "@",
            ";",
            "=",
            "\\",
            " ",
            "\r",
            "\n",
            "\r\n",
            "!",
            "id=1",
            "emotes=1:0-9",
            "\x01ACTION ",
        ),
    ]
)


@given(
    st.lists(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=12).map(lambda some: " ".join(some).encode())))
)
def test_no_sequence_of_frames_makes_it_raise_or_repeat_an_id(frames: list[bytes]):
    side = session()
    side.greet()
    heard = [side.hear(frame, START + number * 1000) for number, frame in enumerate(frames)]
    events = [event for one in heard for event in one.events]
    named = [event.id for event in events if "~" in event.id]
    assert len(set(named)) == len(named)
    assert all("\n" not in reply and "\r" not in reply for one in heard for reply in one.replies)
    for event in events:
        journal.decode(journal.encode(event))


def listening(url: str, *channels: str) -> Listening:
    settings = Twitch(channels=channels or ("mika",), url=url)
    return Listening(lambda clock: TwitchLive(settings, clock, Random(1)))


@pytest.mark.asyncio
async def test_over_a_real_socket_it_joins_and_hears_and_answers_pings():
    async with TwitchServer() as server, listening(server.url, "mika", "ren") as heard:
        assert isinstance(await heard.next(), Connection)
        await server.joined(2)
        assert server.sides[0].joined == ["mika", "ren"]
        await server.say(privmsg("one", native="m1"), privmsg("zwei", native="m2", channel="ren"))
        assert [(await heard.next()).id, (await heard.next()).id] == ["twitch:mika:m1", "twitch:ren:m2"]
        await server.ping()
        await server.received(f"PONG :{HOST}")


@pytest.mark.asyncio
async def test_over_a_real_socket_a_cut_line_is_lost_and_joined_again():
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        server.drop()
        assert (await heard.until("lost")).attempt == 1
        await heard.until("connected")
        await server.joined(2)
        await server.say(privmsg("again", native="m9"))
        assert (await heard.next()).id == "twitch:mika:m9"


@pytest.mark.asyncio
async def test_over_a_real_socket_a_server_that_goes_and_returns_is_found_again():
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        await server.down()
        assert (await heard.until("lost")).attempt == 1
        assert (await heard.until("lost")).attempt == 2
        await server.up()
        await heard.until("connected")
        await server.joined(2)


@pytest.mark.asyncio
async def test_over_a_real_socket_a_wished_reconnect_is_at_once():
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        await server.reconnect()
        lost = await heard.until("lost")
        assert (lost.retry_ms, lost.attempt) == (0, 0)
        await server.joined(2)
        assert server.logins == 2


@pytest.mark.asyncio
async def test_over_a_real_socket_hostile_frames_do_not_end_the_line():
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        await server.frame("x" * 1_000_000)
        await server.frame(b"\x00\xff" * 100)
        await server.frame(b"\xc3\x28 not utf-8", as_text=True)
        await server.frame("")
        await server.frame('{"type": "comments"}')
        await server.say(privmsg("still here", native="m1"))
        events = [await heard.next() for _ in range(6)]
        assert [event.reason for event in events if isinstance(event, Skipped)] == [
            "long_frame",
            "invalid_utf8",
            "invalid_utf8",
            "broken_line",
        ]
        assert events[-1].id == "twitch:mika:m1"
        assert server.logins == 1


@pytest.mark.asyncio
async def test_over_a_real_socket_every_message_of_a_busy_chat_is_heard_once():
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        await heard.next()
        await server.pump(islice(endless_chat(), 500), per_second=5000)
        events = [await heard.next() for _ in range(500)]
        assert [event.text for event in events if isinstance(event, Chat)] == [f"message {n}" for n in range(500)]


@pytest.mark.asyncio
async def test_over_a_real_socket_real_lines_become_what_the_codec_makes_of_them(samples: Path):
    lines = (samples / "chatlogs" / "twitch_irc_chatterino.txt").read_text("utf-8").splitlines()
    expected = [event for line in lines if (event := twitch_irc.decode(line, 0)) is not None]
    async with TwitchServer() as server, listening(server.url) as heard:
        await server.joined()
        await heard.next()
        for start in range(0, len(lines), 5):
            await server.say(*lines[start : start + 5])
        events = [await heard.next() for _ in expected]
    assert Counter(type(event) for event in events) == {Chat: 77, Notice: 28, Retract: 15, System: 1}
    named = [event.id for event in expected if "~" not in event.id]
    assert [event.id for event in events if "~" not in event.id] == named
    assert [event.text for event in events if isinstance(event, Chat)] == [
        event.text for event in expected if isinstance(event, Chat)
    ]


async def test_a_server_that_hangs_is_found_out_within_a_minute():
    class Hanging(TwitchSide):
        def hear(self, text: str) -> list[str]:
            return [] if text.startswith("PING") else super().hear(text)

    clock = Clock(START)
    dial = Dialled(partial(MemoryWire, Hanging(), (), breaks=False))
    async with aclosing(TwitchLive(Twitch(channels=("mika",)), clock, Random(1), dial).events()) as events:
        told = [await anext(events), await anext(events)]
    assert [event.state for event in told if isinstance(event, Connection)] == ["connected", "stalled"]
    assert clock.now() - START == 60_000


async def test_a_quiet_channel_on_a_server_that_lives_is_no_stall():
    clock = Clock(START)
    dial = memory_dial(())
    async with aclosing(TwitchLive(Twitch(channels=("mika",)), clock, Random(1), dial).events()) as events:
        assert isinstance(await anext(events), Connection)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(events), 3600)
    assert dial.opened[0].sent.count("PING :vtuber") == 119
