"""わんコメ is listened to live: its backlog once, its frames whatever they hold, and again after every loss."""

from functools import partial
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.chat.listening import Listening
from tests.adapters.chat.onecomme_server import (
    OneCommeServer,
    OneCommeSide,
    comment,
    comments,
    deleted,
    endless_comments,
)
from tests.adapters.chat.wires import Dialled, MemoryWire
from tests.contracts.chat_source import LiveChatSourceContract
from vtuber.adapters.chat.live import Live, Pace, websocket
from vtuber.adapters.chat.onecomme_live import OneCommeLive, OneCommeSession, subscription
from vtuber.clock import Clock
from vtuber.errors import BadSetting
from vtuber.events import Chat, Connection, Retract, Skipped
from vtuber.settings import OneComme

START = 1_700_000_000_000
OLD = comment("old", "backlog")
BEFORE = (comments(comment("a", "one")), comments(comment("a", "two")), "{", comments(comment("b", "x")), deleted("b"))
AFTER = (comments(comment("", "nameless")), comments(comment("a", "two")), comments(comment("c", "back")))


class TestOneCommeLive(LiveChatSourceContract):
    all_of_them = 12

    def make(self, clock: Clock) -> OneCommeLive:
        again = OneCommeSide(OLD, comment("a", "two"))
        dial = Dialled(
            partial(MemoryWire, OneCommeSide(OLD), BEFORE, breaks=True), partial(MemoryWire, again, AFTER, breaks=False)
        )
        return OneCommeLive(OneComme(on=True), clock, Random(3), dial)

    def test_hears_everything_once(self) -> None:
        heard = [event for _, event in self.heard()]
        assert [
            event.state if isinstance(event, Connection) else getattr(event, "text", type(event).__name__)
            for event in heard
        ] == [
            *("connected", "backlog", "one", "Retract", "two", "Skipped", "x", "Retract", "lost"),
            *("connected", "nameless", "back"),
        ]

    def test_is_tried_again_after_five_seconds_at_the_earliest(self) -> None:
        (lost,) = [event for _, event in self.heard() if isinstance(event, Connection) and event.state == "lost"]
        assert lost.retry_ms == 5000


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("ws://127.0.0.1:11180/sub", "ws://127.0.0.1:11180/sub?p=comments,deleted,clear,meta"),
        ("ws://127.0.0.1:11180/sub?x=1", "ws://127.0.0.1:11180/sub?p=comments,deleted,clear,meta&x=1"),
        ("ws://127.0.0.1:11180/sub?p=comments", "ws://127.0.0.1:11180/sub?p=comments"),
    ],
)
def test_the_address_says_what_is_wanted(url: str, asked: str):
    assert subscription(url) == asked


async def test_an_address_that_is_none_is_the_settings_fault():
    with pytest.raises(BadSetting, match=r"sources\.onecomme\.url"):
        OneCommeLive(OneComme(on=True, url="127.0.0.1:11180"), Clock(START), Random(1))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"type": "comments", "data": "\xc3\x28"}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'"\\ud800"',
        b"NaN",
        b"1e999",
        b"0" * 1_000_000,
        b'{"type": "comments", "data": {"comments": [' + b"0" * 10 + b"]}}",
    ],
)
def test_a_frame_that_is_no_json_is_skipped(frame: bytes):
    (event,) = OneCommeSession(START).hear(frame, START).events
    assert isinstance(event, Skipped)
    assert event.reason == "broken_frame"


def test_a_huge_frame_is_not_even_read_and_a_huge_comment_is_skipped():
    session = OneCommeSession(START)
    (huge,) = session.hear(b" " * (8 * 1024 * 1024 + 1), START).events
    (long,) = session.hear(comments(comment("a", "x" * 1_000_000)).encode(), START).events
    assert isinstance(huge, Skipped)
    assert isinstance(long, Skipped)
    assert (huge.reason, long.reason) == ("long_frame", "long_comment")


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([frame.encode() for frame in (*BEFORE, *AFTER)]))))
def test_no_sequence_of_frames_makes_it_raise(frames: list[bytes]):
    session = OneCommeSession(START)
    for frame in frames:
        heard = session.hear(frame, START)
        assert heard.replies == ()
        assert not heard.reconnect


def listening(hub: OneCommeServer) -> Listening:
    """Listen with the true address, but without waiting five seconds for the second try."""
    dial = partial(websocket, subscription(hub.url), frame_bytes=1024 * 1024 * 16)
    session, pace = OneCommeSession(START), Pace(first_ms=10)
    return Listening(lambda clock: Live(session, dial, clock, Random(1), name="onecomme", pace=pace))


@pytest.mark.asyncio
async def test_over_a_real_socket_it_subscribes_and_hears_the_backlog_then_what_is_said():
    async with OneCommeServer() as hub:
        await hub.say(OLD)
        settings = OneComme(on=True, url=hub.url)
        async with Listening(lambda clock: OneCommeLive(settings, clock, Random(1))) as heard:
            await heard.until("connected")
            old = await heard.next()
            await hub.subscribed()
            await hub.say(comment("a", "one"))
            new = await heard.next()
            assert [(event.text, event.backlog) for event in (old, new) if isinstance(event, Chat)] == [
                ("backlog", True),
                ("one", False),
            ]


@pytest.mark.asyncio
async def test_over_a_real_socket_nothing_is_heard_twice_after_a_loss():
    async with OneCommeServer() as hub, listening(hub) as heard:
        await hub.subscribed()
        await hub.say(comment("a", "one"), comment("b", "two"))
        await heard.until("connected")
        assert [(await heard.next()).id[-1], (await heard.next()).id[-1]] == ["a", "b"]
        hub.drop()
        await heard.until("lost")
        await hub.subscribed(2)
        await hub.say(comment("c", "three"))
        await heard.until("connected")
        assert (await heard.next()).id == "youtube:live-1:c"


@pytest.mark.asyncio
async def test_over_a_real_socket_what_was_said_and_edited_meanwhile_is_made_up_for():
    async with OneCommeServer() as hub, listening(hub) as heard:
        await hub.subscribed()
        await hub.say(comment("a", "one"))
        await heard.until("connected")
        await heard.next()
        await hub.down()
        await heard.until("lost")
        await hub.say(comment("a", "two"), comment("b", "missed"))
        await hub.up()
        await heard.until("connected")
        retract, edit, missed = [await heard.next() for _ in range(3)]
        assert isinstance(retract, Retract)
        assert isinstance(edit, Chat)
        assert isinstance(missed, Chat)
        assert (edit.text, edit.backlog, missed.text, missed.backlog) == ("two", True, "missed", True)


@pytest.mark.asyncio
async def test_over_a_real_socket_hostile_frames_do_not_end_the_line():
    async with OneCommeServer() as hub, listening(hub) as heard:
        await hub.subscribed()
        await heard.until("connected")
        for frame in ("x" * 1_000_000, b"\x00\xff", "[" * 100_000, "{}", '{"type":"comments","data":7}'):
            await hub.frame(frame)
        await hub.say(comment("a", "still here"))
        events = [await heard.next() for _ in range(6)]
        assert [event.reason for event in events if isinstance(event, Skipped)] == ["broken_frame"] * 5
        assert events[-1].id == "youtube:live-1:a"


@pytest.mark.asyncio
async def test_over_a_real_socket_every_comment_of_a_busy_chat_is_heard_once():
    async with OneCommeServer() as hub, listening(hub) as heard:
        await hub.subscribed()
        await heard.until("connected")
        await hub.pump(islice(endless_comments(), 500), per_second=5000)
        events = [await heard.next() for _ in range(500)]
        assert [event.text for event in events if isinstance(event, Chat)] == [f"message {n}" for n in range(500)]
