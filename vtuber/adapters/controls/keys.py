"""The operator's keys in the terminal while a show is live: one press, no Enter, nothing asked back."""

import asyncio
import os
import re
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self, TypeAlias

from vtuber.core.live_words import NAME
from vtuber.core.wording import one_line
from vtuber.events import Event, Interrupt, Operation, Performed, Turn

if sys.platform == "win32":
    import msvcrt
else:
    import termios

Operate: TypeAlias = Callable[[Operation, dict[str, str]], None]
Tell: TypeAlias = Callable[[str], None]

FOOTER: Final = "h hush · s skip · p pause · b ban · r reload · q quit · ? help"
HELP: Final = (
    "Keys: h she is silent at once and goes on with the next message; s she gives up this reply; p she pauses, or goes "
    "on; b the viewer whom she answers now is banned; r her character's file is read again; q the show ends in order."
)
_ORDERS: Final[dict[str, Operation]] = {"h": "hush", "s": "skip", "r": "reload", "q": "stop"}
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)  # what an arrow or function key sends
_FINGERS: Final = 2  # more different keys at once are a paste, not a decision
_TURNS: Final = 64  # whose turns are known


class Keys:
    """Watches the keys of a terminal from entry to exit, and gives the terminal back as it was, whatever happens.

    `operate` is handed what a key asks for, `tell` a sentence for the operator. `turn_now` gives the turn that she
    voices at this moment, "" for none. Hang `note` onto the show's tap. Where input is no terminal, or the program runs
    in the background, no key is watched.
    """

    def __init__(
        self, operate: Operate, tell: Tell, *, turn_now: Callable[[], str] = lambda: "", keyboard: int = 0
    ) -> None:
        """`keyboard`: the terminal's file descriptor."""
        self._operate = operate
        self._tell = tell
        self._turn_now = turn_now
        self._paused = False
        self._whose: dict[str, tuple[str, str]] = {}  # turn -> the viewer's id and name
        self._last: tuple[str, str] = ("", "")  # whom she answered last
        self._watching = _Watch(keyboard, self.press)

    async def __aenter__(self) -> Self:
        self._watching.begin()
        return self

    async def __aexit__(self, *_why: object) -> None:
        self._watching.end()

    def note(self, event: Event) -> None:
        """Keep in mind whom she answers and whether she is paused."""
        match event:
            case Turn() if event.who:
                self._whose[event.id] = (event.who.viewer_id, event.who.name)
                if len(self._whose) > _TURNS:
                    del self._whose[next(iter(self._whose))]
            case Performed() if event.viewer_id:
                self._last = (event.viewer_id, event.to)
            case Interrupt(op="pause" | "resume"):
                self._paused = event.op == "pause"
            case _:
                pass

    def press(self, key: str) -> None:
        """Do what a key asks for; an unknown one does nothing."""
        if key in _ORDERS:
            self._operate(_ORDERS[key], {})
        elif key == "p":
            self._operate("resume" if self._paused else "pause", {})
        elif key == "b":
            self._ban()
        elif key == "?":
            self._tell(HELP)

    def _ban(self) -> None:
        viewer, name = self._whose.get(self._turn_now(), self._last)
        if not viewer:
            self._tell("She answers nobody in particular: nobody was banned.")
            return
        self._tell(f"Banned {one_line(name, NAME) or viewer} ({one_line(viewer, NAME)}): she answers them no more.")
        self._operate("ban", {"user": viewer})


def pressed(typed: str) -> tuple[str, ...]:
    """Give the keys pressed, in order, one for each run of the same key; none for a paste.

    An arrow or function key is no letter, though it sends some. Capitals and full-width letters are their key.
    """
    plain = unicodedata.normalize("NFKC", _SEQUENCE.sub("", typed)).casefold()
    keys = tuple(key for at, key in enumerate(plain) if not plain[:at].endswith(key))
    return keys if len(set(keys)) <= _FINGERS else ()


if sys.platform == "win32":

    class _Watch:
        """A thread that waits for keys; it ends with the program, since nothing can wake it."""

        def __init__(self, keyboard: int, press: Callable[[str], None]) -> None:
            self._terminal = os.isatty(keyboard)
            self._press = press
            self._on = False

        def begin(self) -> None:
            self._on = self._terminal
            if self._on:
                loop = asyncio.get_running_loop()
                threading.Thread(target=self._wait, args=(loop,), name="keys", daemon=True).start()

        def end(self) -> None:
            self._on = False

        def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
            while self._on:
                key = msvcrt.getwch()
                if key in "\x00\xe0":  # a function key: its number follows
                    msvcrt.getwch()
                    continue
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self._pressed, "q" if key == "\x03" else key)

        def _pressed(self, key: str) -> None:
            if self._on:
                for one in pressed(key):
                    self._press(one)

else:

    class _Watch:
        """Keys by themselves instead of whole lines, and no echo; Ctrl-C stays what it is."""

        def __init__(self, keyboard: int, press: Callable[[str], None]) -> None:
            self._keyboard = keyboard
            self._press = press
            self._before: Any = None  # the terminal's settings

        def begin(self) -> None:
            if not os.isatty(self._keyboard):
                return
            self._before = termios.tcgetattr(self._keyboard)
            self._take()
            with suppress(ValueError, RuntimeError):  # only the main thread hears signals
                # A shell gives a program that was stopped and goes on a terminal as the shell left it.
                asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, self._take)

        def end(self) -> None:
            if self._before is None:
                return
            loop = asyncio.get_running_loop()
            loop.remove_signal_handler(signal.SIGCONT)
            loop.remove_reader(self._keyboard)
            if _in_front(self._keyboard):
                with suppress(termios.error):  # the terminal has gone
                    termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)

        def _take(self) -> None:
            if not _in_front(self._keyboard):
                return
            single = termios.tcgetattr(self._keyboard)
            single[3] &= ~(termios.ECHO | termios.ICANON)
            single[6][termios.VMIN], single[6][termios.VTIME] = 1, 0
            asyncio.get_running_loop().add_reader(self._keyboard, self._read)
            termios.tcsetattr(self._keyboard, termios.TCSANOW, single)

        def _read(self) -> None:
            """Take what was typed; sent to the background, or without its terminal, the program asks no more for it."""
            try:
                typed = os.read(self._keyboard, 1024) if _in_front(self._keyboard) else b""
            except OSError:
                typed = b""
            if not typed:
                asyncio.get_running_loop().remove_reader(self._keyboard)
            for key in pressed(typed.decode("utf-8", "replace")):
                self._press(key)

    def _in_front(keyboard: int) -> bool:
        """Whether this program has the terminal: one that asks for input from the background is stopped."""
        try:
            return os.tcgetpgrp(keyboard) == os.getpgrp()
        except OSError:  # a terminal of nobody's session: nobody stops us
            return True
