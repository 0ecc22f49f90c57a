import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.controls.keys import FOOTER, HELP, Keys, pressed
from vtuber.events import Chat, Interrupt, Performed, Turn

posix = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
ROOT = Path(__file__).resolve().parents[3]


class Hands:
    """Keeps what the keys asked for and told."""

    def __init__(self, **more: Any) -> None:
        self.orders: list[tuple[str, dict[str, str]]] = []
        self.told: list[str] = []
        self.asked = asyncio.Event()
        self.keys = Keys(self.operate, self.told.append, **more)

    def operate(self, op: str, fields: dict[str, str]) -> None:
        self.orders.append((op, fields))
        self.asked.set()


def turn(number: int, name: str):
    chat = Chat(id=f"c{number}", at_ms=0, platform="twitch", viewer_id=f"twitch:{number}", name=name, text="hi")
    return Turn(id=f"t{number}", at_ms=0, turn=f"t{number}", purpose="answer", chats=(chat,))


def performed(number: int, name: str):
    return Performed(
        id="p", at_ms=0, turn=f"t{number}", seq=0, text="x", language="en", source="fast", last=False, started_ms=0,
        duration_ms=1, voice="v", to=name, viewer_id=f"twitch:{number}" if name else "",
    )  # fmt: skip


async def test_each_key_is_one_order():
    hands = Hands()
    for key in "hsrqx":
        hands.keys.press(key)
    assert hands.orders == [("hush", {}), ("skip", {}), ("reload", {}), ("stop", {})]


async def test_p_pauses_and_goes_on_whoever_paused_her():
    hands = Hands()
    hands.keys.press("p")
    hands.keys.note(Interrupt(id="i", at_ms=0, op="pause", by="a program"))
    hands.keys.press("p")
    hands.keys.note(Interrupt(id="i", at_ms=0, op="resume"))
    hands.keys.press("p")
    assert [op for op, _ in hands.orders] == ["pause", "resume", "pause"]


async def test_b_bans_whom_she_answers_at_this_moment_and_says_whom():
    now = ""
    hands = Hands(turn_now=lambda: now)
    for event in (turn(1, "mika"), performed(1, "mika"), turn(2, "bo\x1b[2J")):
        hands.keys.note(event)
    now = "t2"  # his first words: none of them has been performed to its end
    hands.keys.press("b")
    now = ""
    hands.keys.press("b")
    assert hands.orders == [("ban", {"user": "twitch:2"}), ("ban", {"user": "twitch:1"})]
    assert hands.told[0] == "Banned bo (twitch:2): she answers them no more."


async def test_b_bans_nobody_before_anybody_was_answered():
    hands = Hands()
    hands.keys.note(performed(1, ""))
    hands.keys.press("b")
    assert hands.orders == []
    assert "nobody" in hands.told[0]


async def test_the_help_and_the_footer_name_every_key():
    hands = Hands()
    hands.keys.press("?")
    assert hands.told == [HELP]
    for key in "hspbrq":
        assert f"{key} " in HELP
        assert re.search(rf"(^|· ){key} ", FOOTER)


def test_capitals_and_full_width_letters_are_their_key():
    assert pressed("H") == pressed("ｈ") == pressed("Ｈ") == ("h",)


def test_a_held_key_is_one_press_and_two_quick_ones_are_two():
    assert pressed("hhhhhhh") == ("h",)
    assert pressed("ph") == ("p", "h")


def test_arrows_function_keys_and_pastes_are_no_orders():
    for sequence in ("\x1b[A", "\x1b[1;5B", "\x1bOP", "\x1b[15~", "\x1bb", "\x1b"):
        assert pressed(sequence) == ()
    assert pressed("please hush") == ()
    assert pressed("\x1b[Bh") == ("h",)


@given(st.text())
def test_whatever_is_typed_gives_at_most_two_different_keys(typed: str):
    assert len(set(pressed(typed))) <= 2


@posix
@pytest.mark.asyncio
async def test_keys_of_a_terminal_are_orders_at_once_and_the_terminal_is_given_back():
    import pty  # noqa: PLC0415 - there is none on Windows
    import termios  # noqa: PLC0415

    person, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    hands = Hands(keyboard=terminal)

    async def show() -> None:
        async with hands.keys:
            assert not termios.tcgetattr(terminal)[3] & (termios.ICANON | termios.ECHO)
            os.write(person, b"h")
            await asyncio.wait_for(hands.asked.wait(), 5)
            raise RuntimeError("a fault in the show")

    with pytest.raises(RuntimeError, match="a fault in the show"):
        await show()
    assert hands.orders == [("hush", {})]
    assert termios.tcgetattr(terminal) == before
    os.close(person)
    os.close(terminal)


@posix
@pytest.mark.asyncio
async def test_a_terminal_that_goes_away_takes_only_the_keys_with_it():
    import pty  # noqa: PLC0415 - there is none on Windows

    person, terminal = pty.openpty()
    hands = Hands(keyboard=terminal)
    async with hands.keys:
        os.close(person)
        await asyncio.sleep(0.05)
        assert not asyncio.get_running_loop().remove_reader(terminal), "it is not asked any more"
    assert hands.orders == []
    os.close(terminal)


@pytest.mark.asyncio
async def test_without_a_terminal_no_key_is_watched():
    out, into = os.pipe()
    hands = Hands(keyboard=out)
    async with hands.keys:
        os.write(into, b"q")
        await asyncio.sleep(0.05)
    assert hands.orders == []
    os.close(out)
    os.close(into)


_SHOW = """
import asyncio, sys
from vtuber.adapters.controls.keys import Keys

async def show():
    ended = asyncio.Event()
    def operate(op, fields):
        print("order", op, flush=True)
        if op == "stop":
            ended.set()
    async with Keys(operate, print):
        print("ready", flush=True)
        await ended.wait()

asyncio.run(show())
"""


@posix
def test_a_program_sent_to_the_background_is_not_stopped_by_its_keys_and_takes_them_up_again():
    """A real session: the child of a shell-like parent is in the background at first and in front after a SIGCONT."""
    import pty  # noqa: PLC0415 - there is none on Windows

    shell = f"""
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", {_SHOW!r}], process_group=0)
sys.stdin.readline()
print("stopped", os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOHANG), flush=True)
os.tcsetpgrp(0, child.pid)
os.kill(child.pid, signal.SIGCONT)
child.wait(20)
os.tcsetpgrp(0, os.getpgrp())
import termios
print("echo" if termios.tcgetattr(0)[3] & termios.ECHO else "no echo", flush=True)
"""
    person, terminal = pty.openpty()
    session = subprocess.Popen(
        [sys.executable, "-c", _controlling(shell)], stdin=terminal, stdout=terminal, stderr=terminal, cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    seen = _read_until(person, "ready")
    os.write(person, b"\n")
    seen += _read_until(person, "stopped")
    for key in (b"h", b"q"):
        os.write(person, key)
        seen += _read_until(person, "order")
    seen += _read_until(person, "echo")
    assert session.wait(20) == 0
    os.close(person)
    assert "stopped None" in seen, seen
    assert "order hush" in seen
    assert "order stop" in seen
    assert "no echo" not in seen


def _controlling(program: str) -> str:
    return f"import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{program}"


def _read_until(fd: int, word: str) -> str:
    seen = b""
    while word.encode() not in seen or not seen.endswith(b"\n"):
        seen += os.read(fd, 4096)
    return seen.decode()
