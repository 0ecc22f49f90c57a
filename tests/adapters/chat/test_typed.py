import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.chat_source import ChatSourceContract
from vtuber.adapters.chat.typed import NotUnderstood, Ordered, SpeaksAs, Splitter, Typed, command, lines
from vtuber.clock import Clock, run_virtual
from vtuber.events import Chat


async def given_lines(texts: Sequence[str], every_s: float = 0.5) -> AsyncGenerator[str, None]:
    for text in texts:
        await asyncio.sleep(every_s)
        yield text


class Hands:
    """Keeps what the operator was asked for and told."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, dict[str, str]]] = []
        self.told: list[str] = []

    def operate(self, op: str, fields: dict[str, str]) -> None:
        self.orders.append((op, fields))


def typed(*texts: str, from_ms: int = 0) -> tuple[list[Chat], Hands, str]:
    hands = Hands()

    async def listen() -> tuple[list[Chat], str]:
        source = Typed(given_lines(texts), Clock(from_ms), hands.operate, hands.told.append, name="mika")
        async with aclosing(source.events()) as events:
            return [event async for event in events], source.label

    chats, label = run_virtual(listen())
    return chats, hands, label


class TestTyped(ChatSourceContract):
    def make(self, clock: Clock) -> Typed:
        hands = Hands()
        return Typed(
            given_lines(("hello", "how are you?", "/as bo", "hello")), clock, hands.operate, hands.told.append, name="m"
        )


def test_each_line_is_a_message_of_the_person_who_types():
    chats, hands, label = typed("hello", "  ", "", "how are you?\r")
    assert [chat.text for chat in chats] == ["hello", "how are you?"]
    assert {(chat.platform, chat.viewer_id, chat.name, chat.weak) for chat in chats} == {
        ("typed", "typed:you", "mika", False)
    }
    assert len({chat.id for chat in chats}) == 2
    assert (hands.orders, hands.told, label) == ([], [], "you")


def test_the_same_words_in_another_talk_are_another_message():
    (first,), _, _ = typed("hello")
    (later,), _, _ = typed("hello", from_ms=5000)
    assert first.id != later.id, "her real memory would take it for the one that it knows"


def test_a_person_may_type_as_somebody_else_and_as_herself_again():
    chats, hands, label = typed("/as bo", "hi", "/as", "hi", "/as bo")
    assert [(chat.viewer_id, chat.name) for chat in chats] == [("typed:bo", "bo"), ("typed:you", "mika")]
    assert label == "bo"
    assert hands.told[:2] == ["You type as bo now; /as alone ends it.", "You are yourself again."]


def test_lines_with_a_slash_are_for_the_operator_and_never_heard_by_her():
    chats, hands, _ = typed(
        "/hush", "/SKIP", "/pause", "/resume", "/reload", "/say I am  back.", "／hush", "/switch deep ollama/x:70b",
        "/dance", "/", "/say", "/switch slow x", "/hush now",
    )  # fmt: skip
    assert chats == []
    assert hands.orders == [
        ("hush", {}), ("skip", {}), ("pause", {}), ("resume", {}), ("reload", {}), ("say", {"text": "I am  back."}),
        ("hush", {}), ("switch", {"tier": "deep", "model": "ollama/x:70b"}),
    ]  # fmt: skip
    assert len(hands.told) == 5
    assert hands.told[0].startswith("This is no command: /dance. There are /hush")


def test_quit_stops_the_show_and_ends_the_source():
    chats, hands, _ = typed("hello", "/quit", "never heard")
    assert [chat.text for chat in chats] == ["hello"]
    assert hands.orders == [("stop", {})]


def test_a_pasted_novel_is_cut():
    (chat,), _, _ = typed("a" * 100_000)
    assert len(chat.text) == 2000


@given(st.text())
def test_any_line_is_a_message_or_a_command(line: str):
    read = command(line)
    assert (read is None) == (not line.startswith(("/", "／")))
    assert read is None or isinstance(read, Ordered | SpeaksAs | NotUnderstood)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6).map(sorted))
def test_lines_are_the_same_however_the_bytes_come(data: bytes, cuts: list[int]):
    def split(*chunks: bytes) -> list[str]:
        splitter = Splitter()
        got = [line for chunk in chunks for line in splitter.feed(chunk)]
        return [*got, *splitter.feed(b"", last=True)]

    edges = [0, *cuts, len(data)]
    assert split(*(data[a:b] for a, b in pairwise(edges))) == split(data)


def test_a_line_without_an_end_is_given_up_to_a_size():
    splitter = Splitter()
    assert [len(line) for _ in range(20) for line in splitter.feed(b"x" * 4096)] == [69632]


async def read_from(fd: int, at_most: int = 1000) -> list[str]:
    got = []
    async with aclosing(lines(fd)) as typed_lines:
        async for line in typed_lines:
            got.append(line)
            if len(got) == at_most:
                break
    return got


def pipe(data: bytes) -> int:
    out, into = os.pipe()
    os.write(into, data)
    os.close(into)
    return out


@pytest.mark.asyncio
async def test_piped_input_is_read_to_its_end_and_ends_the_source():
    fd = pipe("hello\nやっほー\nlast".encode())
    assert await read_from(fd) == ["hello", "やっほー", "last"]
    os.close(fd)


@pytest.mark.asyncio
async def test_a_file_is_read_to_its_end(tmp_path: Any):
    path = tmp_path / "lines.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n" + b"x\n" * 50_000)
    with path.open("rb") as file:
        got = await read_from(file.fileno())
    assert got[:2] == ["one", "two"]
    with path.open("rb") as file:
        assert len(await read_from(file.fileno(), at_most=60_000)) == 50_002


@pytest.mark.asyncio
async def test_nobody_waits_for_a_person_who_types_nothing():
    out, into = os.pipe()
    before = threading.active_count()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await read_from(out)
    os.close(into)  # lets the reading thread go
    for thread in threading.enumerate():
        if thread.name == "typed":
            thread.join(5)
    assert threading.active_count() <= before
    os.close(out)


@pytest.mark.asyncio
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
async def test_the_end_of_input_at_a_terminal_is_a_quit():
    import pty  # noqa: PLC0415 - there is none on Windows

    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"hello\n\x04")
    assert await read_from(terminal, at_most=2) == ["hello", "/quit"]
    os.close(keyboard)
    os.close(terminal)
