import asyncio
import io
import threading
from typing import Any

import pytest
from rich.console import Console

from tests.contracts.stage_output import BASE_MS, HOSTILE, StageOutputContract, cue, performed, tone
from vtuber.adapters.stage.terminal import Terminal, meter
from vtuber.clock import run_virtual
from vtuber.errors import StageOutputError
from vtuber.events import Chat, Connection, Dropped, Health, Interrupt, Question, Turn
from vtuber.ports import Audio


def _console(*, terminal: bool = False, file: Any = None) -> Any:
    # file: a StringIO that says it is a terminal, drawn at a fixed size
    return Console(
        file=file or io.StringIO(), force_terminal=terminal, width=80, height=30, color_system=None, _environ={}
    )


def _chat(number: int, text: str = "hello", name: str = "mika", at_ms: int = 1000) -> Any:
    return Chat(
        id=f"c{number}", at_ms=BASE_MS + at_ms, platform="twitch", viewer_id=f"twitch:{number}", name=name, text=text
    )


class TestTerminalPlain(StageOutputContract):
    def make(self):
        return Terminal("hoshi", console=_console())


class TestTerminalLive(StageOutputContract):
    def make(self):
        return Terminal("hoshi", console=_console(terminal=True))


def _shown(*acts: Any, terminal: bool = False, keys: str = "") -> Any:
    console = _console(terminal=terminal)

    async def show() -> None:
        output = Terminal("hoshi", console=console, keys=keys)
        await output.open(BASE_MS)
        for act in acts:
            result = act(output)
            if result is not None:
                await result
            await asyncio.sleep(0.3)
        await output.close()

    run_virtual(show())
    return console.file.getvalue()


def test_without_a_terminal_each_event_is_one_plain_line():
    chat = _chat(1, at_ms=12_000)
    turn = Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=(chat,))
    one = cue(text="やっほー！", to="mika", about="hello")
    shown = _shown(
        lambda output: output.note(chat),
        lambda output: output.note(
            Question(id="q1", at_ms=BASE_MS, turn="t1", asked=turn, language="ja", deadline_ms=0)
        ),
        lambda output: output.start(one),
        lambda output: output.end(one, performed(one)),
    )
    assert shown.splitlines() == ["[0:12] mika: hello", "  … thinking for mika (low effort)", "  ▶ hoshi: やっほー！"]


@pytest.mark.parametrize("terminal", [True, False])
def test_names_and_words_from_outside_are_shown_as_they_are_and_command_nothing(*, terminal: bool):
    one = cue(text=HOSTILE, to=HOSTILE)
    shown = _shown(
        lambda output: output.note(_chat(1, text=HOSTILE, name="[bold]" + HOSTILE)),
        lambda output: output.start(one),
        terminal=terminal,
    )
    assert "[bold red]x[/]" in shown  # markup stays text
    assert "title" not in shown
    assert "\x1b[2J\x1b]0" not in shown
    assert "\u202e" not in shown


def test_the_live_view_shows_chat_its_fate_and_what_she_says():
    chat, spam = _chat(1, at_ms=12_000), _chat(2, text="BUY NOW", name="bot")
    one = cue(text="やっほー！", to="mika")
    shown = _shown(
        lambda output: output.note(chat),
        lambda output: output.note(spam),
        lambda output: output.note(Dropped(id="d", at_ms=BASE_MS, cause="c2", reason="spam", item="chat")),
        lambda output: output.note(Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=(chat,))),
        lambda output: output.start(one),
        terminal=True,
    )
    last = shown[shown.rindex("hoshi ·") :]
    assert "2 heard" in last
    assert "1 dropped" in last
    assert "> [0:12] mika: hello" in last
    assert "- [0:01] bot: BUY NOW  (spam)" in last
    assert "▶ to mika: やっほー！" in last


def test_at_most_four_pictures_a_second_are_drawn_and_none_when_nothing_happens():
    drawn = []

    class Counts(Terminal):
        def _paint(self, frame: Any) -> None:
            drawn.append(frame)
            super()._paint(frame)

    async def show() -> Any:
        output = Counts("hoshi", console=_console(terminal=True))
        await output.open(BASE_MS)
        for number in range(300):  # three seconds of a flood
            output.note(_chat(number))
            await asyncio.sleep(0.01)
        busy = len(drawn)
        await asyncio.sleep(60)
        idle = len(drawn) - busy
        await output.close()
        return busy, idle

    busy, idle = run_virtual(show())
    assert 8 <= busy <= 13
    assert idle <= 1


def test_the_pace_falls_to_nothing_in_view_when_the_chat_falls_silent():
    console = _console(terminal=True)

    async def show() -> tuple[str, str]:
        output = Terminal("hoshi", console=console)
        await output.open(BASE_MS)
        for number in range(10):
            output.note(_chat(number))
        await asyncio.sleep(1)
        busy = console.file.getvalue()
        await asyncio.sleep(12)
        quiet = console.file.getvalue()[len(busy) :]
        await output.close()
        return busy, quiet

    busy, quiet = run_virtual(show())
    assert "10 viewers · 1.0 messages/s" in busy
    assert "10 viewers · 0.0 messages/s" in quiet


def test_the_last_rows_are_the_operators_news_and_the_keys():
    shown = _shown(
        lambda output: output.note(Connection(id="c", at_ms=BASE_MS, source="twitch", state="connected")),
        lambda output: output.note(_chat(1)),
        lambda output: output.note(Interrupt(id="i", at_ms=BASE_MS + 9000, op="ban", target_viewer="twitch:1")),
        lambda output: output.note(Interrupt(id="i2", at_ms=BASE_MS + 9000, op="pause")),
        terminal=True,
        keys="h hush · q quit",
    )
    last = shown[shown.rindex("hoshi ·") :]
    assert "· paused" in last
    assert "twitch: connected" in last
    assert "* [0:09] paused" in last
    assert "h hush · q quit" in last
    assert "banned mika" in shown


def test_a_low_terminal_shows_less_chat_and_all_the_rest():
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, height=14, color_system=None, _environ={})

    async def show() -> None:
        output = Terminal("hoshi", console=console, keys="h hush")
        await output.open(BASE_MS)
        for number in range(20):
            output.note(_chat(number, text=f"line {number}"))
        await asyncio.sleep(1)
        await output.close()

    run_virtual(show())
    last = file.getvalue()[file.getvalue().rindex("hoshi ·") :]
    assert "line 19" in last
    assert "line 15" not in last
    assert "h hush" in last


def test_without_a_terminal_the_counters_come_once_a_minute():
    shown = _shown(*(lambda output, at=at: output.note(_chat(at, at_ms=at * 1000)) for at in range(0, 130, 10)))
    told = [line for line in shown.splitlines() if "waiting" in line]
    assert [line[:6] for line in told] == ["[1:00]", "[2:00]"]
    assert "0.1 messages/s" in told[0]


def test_a_stopped_terminal_does_not_hold_up_the_show():
    goes_on = threading.Event()

    class Stopped(io.StringIO):
        def write(self, text: str) -> Any:
            goes_on.wait(10)
            return super().write(text)

    console = _console(file=Stopped())

    async def show() -> Any:
        output = Terminal("hoshi", console=console)
        await output.open(BASE_MS)
        before = asyncio.get_running_loop().time()
        for number in range(2000):
            output.note(_chat(number))
            await asyncio.sleep(0)
        await asyncio.sleep(0.6)
        took = asyncio.get_running_loop().time() - before
        goes_on.set()
        await output.close()
        return took

    assert asyncio.run(show()) < 3
    assert "mika: hello" in console.file.getvalue()


def test_a_terminal_that_has_gone_is_said_once():
    file = io.StringIO()

    async def show() -> None:
        output = Terminal("hoshi", console=_console(file=file))
        await output.open(BASE_MS)
        file.close()
        output.note(_chat(1))
        await asyncio.sleep(1)
        with pytest.raises(StageOutputError, match="goes on without"):
            await output.start(cue())
        await output.start(cue(1))
        await output.close()

    run_virtual(show())


def test_the_meter_is_empty_in_silence_and_full_when_loud():
    assert set(meter(cue(), 60_000)) == {"·"}
    loud = cue()
    loud = type(loud)(
        **{name: getattr(loud, name) for name in loud.__struct_fields__} | {"audio": Audio(tone(500, 30_000), "x")}
    )
    assert set(meter(loud, 200)) == {"█"}
    assert len(meter(loud, 200)) == len(meter(loud, 60_000))


def test_a_model_that_is_down_and_the_thought_in_the_making_have_rows_of_their_own():
    question = Question(
        id="q1", at_ms=BASE_MS, turn="t1", language="en", deadline_ms=0, expected_ms=BASE_MS + 30_000,
        asked=Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=(_chat(1),)),
    )  # fmt: skip
    down = Health(id="h", at_ms=BASE_MS, tier="deep", model="gpt-oss", state="down", retry_ms=10_000)
    shown = _shown(lambda output: output.note(question), lambda output: output.note(down), terminal=True)
    assert "… thinking for mika (low effort, about 30 s more)" in shown
    assert "! gpt-oss (deep) is down, next try in 10 s" in shown
