"""Whole shows on virtual time: what viewers get, whatever happens."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.playing import GOOD_NIGHT, HARD, WELCOME, Script, adds_up, chat, play
from vtuber import journal
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.events import Closed, Dropped, Event, Failed, Performed
from vtuber.supervisor import Stage


def test_a_message_is_answered_between_a_greeting_and_a_farewell():
    played = play(Script(heard=[(1000, chat(1, "how are you?"))]))
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]
    assert played.events[-1].__class__ is Closed
    adds_up(played)


STAGES = ["listen_scripted", "attend", "think", "ponder", "speak", "perform", "remember"]


def _fails_once(stage: str, at: int):
    from vtuber import show as module  # noqa: PLC0415

    calls = {"left": at}
    supervise = module.supervise

    async def broken(which: Stage, **more: Any):
        if which.name != stage:
            return await supervise(which, **more)

        async def handle(item: object) -> None:
            calls["left"] -= 1
            if calls["left"] == 0:
                raise RuntimeError("injected: secret detail")
            await which.handle(item)

        return await supervise(msgspec.structs.replace(which, handle=handle), **more)

    return broken


@pytest.mark.parametrize("stage", STAGES)
def test_an_exception_in_a_stage_costs_one_item_and_the_show_goes_on(stage: str, monkeypatch: pytest.MonkeyPatch):
    at = {"ponder": 1, "attend": 2, "think": 2, "speak": 2, "perform": 2}.get(stage, 1)
    monkeypatch.setattr("vtuber.show.supervise", _fails_once(stage, at))
    heard = [
        (1_000, chat(1, "how are you?", viewer="mika")),
        (12_000, chat(2, f"{HARD} why the sky is blue", viewer="taro")),
        (40_000, chat(3, "what is your name?", viewer="zoe")),
    ]
    played = play(Script(heard=heard))
    (failed,) = [event for event in played.of(Failed) if event.error == "RuntimeError"]
    assert failed.stage == stage
    assert any(event.reason == "stage_failed" for event in played.of(Dropped))
    assert played.said()[-1] == GOOD_NIGHT
    assert any(event.viewer_id == "twitch:zoe" for event in played.of(Performed)), "the last viewer is answered"
    assert "secret detail" not in repr(played.events)
    adds_up(played)


def test_the_same_show_gives_the_same_journal():
    heard = [(i * 900, chat(i, f"question {i}?", viewer=f"v{i % 5}")) for i in range(30)]
    first, second = play(Script(heard=heard)), play(Script(heard=heard))
    assert [journal.encode(event) for event in first.events] == [journal.encode(event) for event in second.events]


MESSAGES = st.tuples(
    st.integers(0, 4000),
    st.sampled_from(
        ["hi", "how are you?", f"{HARD} why", "www", "!cmd", "元気？", "", "because", "slurword", "a" * 500]
    ),
    st.integers(0, 3),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(MESSAGES, max_size=12), st.integers(0, 3))
def test_whatever_comes_every_message_has_one_fate(rows: list[tuple[int, str, int]], broken: int):
    heard: list[tuple[float, Event]] = [
        (gap, chat(i, text, viewer=f"v{who}")) for i, (gap, text, who) in enumerate(rows)
    ]
    fault = ["", "stall", "error", "refuse"][broken]
    model = Scripted(
        replies=lambda _r: Scripture(text="Hello there, you. Fine.", fault=fault),  # type: ignore[arg-type]
        pace=Pace(patience_s=3),
    )
    played = play(Script(heard=heard, fast=model))  # type: ignore[arg-type]
    adds_up(played)
    assert isinstance(played.events[-1], Closed)
