"""A talk on real stores: what is typed through a pipe is answered, and only a real talk is remembered."""

import os
import tempfile
from pathlib import Path

import pytest

from vtuber.events import Chat, Closed, Event, Performed, Recalled, Remembered, Turn
from vtuber.settings import Models, Settings
from vtuber.wiring.chatting import ChatOptions, chat

pytestmark = pytest.mark.real


def talk(home: Path, typed: bytes, *, real: bool = False, until: type[Event] = Closed) -> list[Event]:
    """Type this, and /quit as soon as an event of this kind has come."""
    seen: list[Event] = []
    out, into = os.pipe()
    os.write(into, typed)

    def tap(event: Event) -> None:
        if isinstance(event, until) and not any(isinstance(one, until) for one in seen):
            os.write(into, b"/quit\n")
        seen.append(event)

    settings = Settings(models=Models(fast="scripted", deep="scripted"))
    chat(ChatOptions(home=home, settings=settings, name="mika", real=real, keyboard=out), taps=(tap,))
    os.close(into)
    os.close(out)
    return seen


def test_a_talk_remembers_nothing_unless_it_is_a_real_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    home = tmp_path / "home"

    first = talk(home, b"my cat is called Momo\n", real=True, until=Remembered)
    assert isinstance(first[-1], Closed)
    said = next(event for event in first if isinstance(event, Chat))
    assert (said.viewer_id, said.name) == ("typed:you", "mika")
    assert "her real memory" in capsys.readouterr().err

    store = home / "memory" / "efu.sqlite"
    kept = store.read_bytes()
    second = talk(home, b"what is my cat called?\n/switch fast nonsense://x\n", until=Performed)
    recalled = [item.text for event in second if isinstance(event, Recalled) for item in event.items]
    assert any("Momo" in text for text in recalled), "the copy holds what the real one holds"
    shown = capsys.readouterr()
    assert "a copy of her memory" in shown.err
    assert "you> what is my cat called?" in shown.out
    assert "remembers: " in shown.out
    assert "拾井えふ> " in shown.out
    assert "cannot be the fast model" in shown.out
    assert store.read_bytes() == kept
    assert list(home.iterdir()) == [home / "memory"], "no run is left"
    assert list(scratch.iterdir()) == [], "nothing else is left either"


def test_quit_ends_the_talk_without_a_good_bye(tmp_path: Path):
    seen = talk(tmp_path, b"hello\n/quit\n")
    assert isinstance(seen[-1], Closed)
    assert seen[-1].reason == "stopped"
    assert not any(isinstance(event, Turn) and event.purpose == "closing" for event in seen)
    assert not (tmp_path / "memory").exists()


def test_lines_typed_in_one_moment_are_answered_one_by_one(tmp_path: Path):
    out, into = os.pipe()
    os.write(into, b"how are you today?\nwhat is your favourite song?\n")
    os.close(into)
    seen: list[Event] = []
    settings = Settings(models=Models(fast="scripted", deep="scripted"))
    chat(ChatOptions(home=tmp_path, settings=settings, name="mika", keyboard=out), taps=(seen.append,))
    os.close(out)
    turns = [[one.text for one in event.chats] for event in seen if isinstance(event, Turn) and event.chats]
    assert turns == [["how are you today?"], ["what is your favourite song?"]]


def test_lines_that_end_are_played_to_their_end(tmp_path: Path):
    out, into = os.pipe()
    os.write(into, b"how are you today?\n")
    os.close(into)
    seen: list[Event] = []
    settings = Settings(models=Models(fast="scripted", deep="scripted"))
    chat(ChatOptions(home=tmp_path, settings=settings, name="mika", keyboard=out), taps=(seen.append,))
    os.close(out)
    answered = [event for event in seen if isinstance(event, Performed) and event.viewer_id == "typed:you"]
    assert answered
    assert isinstance(seen[-1], Closed)
    assert seen[-1].reason == "end"
