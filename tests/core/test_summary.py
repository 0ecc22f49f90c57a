"""The numbers of a show: each says what it says, and a thought that was heard is counted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.story import TurnStory, tell
from vtuber.core.summary import percentile, summarise, thought_spoken
from vtuber.events import (
    Chat,
    Closed,
    Event,
    Failed,
    Generated,
    Opened,
    Performed,
    Recalled,
    Recollection,
    Routed,
    Thought,
    Turn,
)

MUSING = "the viewer seems sad, so I should be gentle with them"


def heard(said: str, *, thought: str = MUSING, asked: str = "hello") -> TurnStory:
    chat = Chat(id="c", at_ms=0, platform="twitch", text=asked)
    return TurnStory(
        turn=Turn(id="t", turn="t", at_ms=0, purpose="answer", chats=(chat,)),
        thoughts=(Thought(id="x", at_ms=1, turn="t", tier="deep", text=thought),),
        performed=(performed("t", text=said),),
    )


def performed(
    name: str, *, text: str = "hi", started_ms: int = 500, source: str = "fast", voice: str = "v"
) -> Performed:
    return Performed(
        id=f"{name}/0/performed", at_ms=started_ms + 1500, turn=name, seq=0, text=text, language="en", source=source,
        last=True, started_ms=started_ms, duration_ms=1500, voice=voice,
    )  # fmt: skip


def generated(name: str, stop: str = "stop", text: str = "hi") -> Generated:
    return Generated(
        id=f"{name}/fast", at_ms=400, turn=name, tier="fast", model="m", first_token_ms=1, total_ms=2,
        stop=stop, text=text
    )  # fmt: skip


def a_show() -> list[Event]:
    chats = [Chat(id=f"c{n}", at_ms=n, platform="twitch", text="hi") for n in range(4)]
    turns = [Turn(id=f"t{n}", turn=f"t{n}", at_ms=0, purpose="answer", chats=(chats[n],)) for n in range(3)]
    return [
        Opened(id="o", at_ms=0, schema=1, character="c", stream_id="s", seed=0, models={"fast": "m"},
        voices={"ja": "j"}),
        *chats, *turns, Turn(id="g", turn="g", at_ms=0, purpose="greeting"),
        Routed(id="r0", at_ms=1, turn="t0", route="hard", difficulty=0.9, reason="", accepted=True),
        Routed(id="r1", at_ms=1, turn="t1", route="hard", difficulty=0.9, reason="", refused="too_slow"),
        Recalled(id="m", at_ms=1, turn="t1", items=(Recollection("m", "x", "v", 0, 0.5),)),
        Recalled(id="m2", at_ms=1, turn="t2", items=()),
        generated("t0"), generated("t1", "length"), generated("t2", "error"), generated("t2", text=""),
        performed("t0", source="deep", started_ms=500), performed("t1", started_ms=900), performed("g", started_ms=5),
        Failed(id="f", at_ms=2, stage="speak", error="SpeechTimeout"), Failed(id="f2", at_ms=3,
        stage="speak", error="SpeechTimeout"),
        Closed(id="x", at_ms=60_000),
    ]  # fmt: skip


def test_every_number_of_a_small_show():
    told = summarise(tell(a_show()))
    assert told == {
        "character": "c",
        "span_s": 60.0,
        "messages_in": {"chat": 4, "paid": 0, "notice": 0},
        "answered": 2,
        "dropped": {"show_ended": 2},
        "notices": {"answered": 0, "dropped": {}},
        "turns": 4,
        "generated": 2,
        "escalated": 1,
        "refused": {"too_slow": 1},
        "delivered": 1,
        "recalled": 1,
        "spoken_s": 4.5,
        "thought_chars_spoken": 0,
        "first_audio_ms": {"p50": 500, "p95": 900},
        "models": {"fast": "m"},
        "voices": {"ja": "j", "en": "v"},
        "failures": {"speak: SpeechTimeout": 2},
        "complete": True,
    }
    assert msgspec.json.decode(msgspec.json.encode(told)) == told


def test_an_empty_journal_is_a_summary_of_nothings():
    told = summarise(tell([]))
    assert told["first_audio_ms"] == {"p50": None, "p95": None}
    assert told["complete"] is False


def test_a_thought_that_was_heard_is_counted_to_the_character():
    assert thought_spoken(heard("Well. The viewer seems\n sad, so I will sing.")) == len("theviewerseemssad,soi")
    assert thought_spoken(heard(MUSING)) == len(MUSING.replace(" ", ""))


@pytest.mark.parametrize("said", ["Cheer up! You are gentle.", "", "the viewer seem", "こんばんは"])
def test_other_words_are_no_thought(said: str):
    assert thought_spoken(heard(said)) == 0


def test_the_viewers_own_words_are_no_thought():
    asked = "why does the moon always show the same face"
    assert thought_spoken(heard(f"You asked {asked}!", thought=f"They ask: {asked}. Hm.", asked=asked)) == 0


@pytest.mark.parametrize(
    "marker", ["<think>", "</think>", "</thinking>", "<|channel|>", "[THINK]", "Thinking...", "...done thinking."]
)
def test_a_marker_of_thought_that_was_heard_is_counted(marker: str):
    assert thought_spoken(heard(f"{marker} yes", thought="")) == len(marker)


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_with_enough_of_them_below(values: list[int], percent: int):
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
