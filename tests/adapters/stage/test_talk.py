import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from vtuber.adapters.stage.talk import TalkView
from vtuber.clock import run_virtual
from vtuber.events import Chat, Clause, Interrupt, Opened


def console(file: Any = None, *, terminal: bool = False) -> Any:
    return Console(
        file=file or io.StringIO(), force_terminal=terminal, width=40, color_system=None, _environ={}, highlight=False
    )


def clause(text: str, *, last: bool = False):
    return Clause(id=text, at_ms=0, turn="t1", seq=0, text=text, language="en", source="fast", last=last)


def shown(*acts: Callable[[TalkView], None], prompting: bool) -> str:
    out = console(terminal=prompting)

    async def talk() -> None:
        view = TalkView("Efu", lambda: "you", prompting=prompting, console=out)
        view.note(Opened(id="s", at_ms=0, schema=1, character="efu", stream_id="s", seed=0))
        for act in acts:
            act(view)
        await view.close()

    run_virtual(talk())
    return str(out.file.getvalue())


SPOKEN = (
    lambda view: view.note(Chat(id="c", at_ms=0, platform="typed", viewer_id="typed:you", name="m", text="[bold]hi")),
    lambda view: view.note(clause("A long first sentence that is wider than it.")),
    lambda view: view.note(clause("And more.")),
    lambda view: view.note(clause("", last=True)),
)


def test_piped_a_talk_is_plain_lines_of_both_of_them():
    assert shown(*SPOKEN, prompting=False) == (
        "you> [bold]hi\nEfu> A long first sentence that is wider than it. And more.\n"
    )


def test_in_a_terminal_the_prompt_gives_way_to_what_she_says_and_comes_back_after_it():
    over = "\r\x1b[2K"
    assert shown(*SPOKEN, prompting=True) == (
        f"you> {over}Efu> A long first sentence that is wider than it. And more.\nyou> {over}"
    )


def test_a_sentence_for_the_person_is_shown_at_once():
    told = shown(lambda view: view.tell("There is no /dance."), prompting=True)
    assert told == "you> \r\x1b[2KThere is no /dance.\nyou> \r\x1b[2K"


@pytest.mark.asyncio
async def test_a_stopped_terminal_does_not_hold_up_the_talk():
    goes_on = threading.Event()

    class Stopped(io.StringIO):
        def write(self, text: str) -> int:
            goes_on.wait(10)
            return super().write(text)

    file = Stopped()
    view = TalkView("Efu", lambda: "you", prompting=False, console=console(file))
    for _ in range(5000):
        view.note(Interrupt(id="i", at_ms=0, op="hush"))
    goes_on.set()
    await view.close()
    assert 0 < file.getvalue().count("hushed\n") <= 1001, "what was too much is left out"


def test_an_output_that_has_gone_ends_nothing():
    file = io.StringIO()

    async def talk() -> None:
        view = TalkView("Efu", lambda: "you", prompting=False, console=console(file))
        file.close()
        view.note(clause("Hello."))
        await view.close()

    run_virtual(talk())
