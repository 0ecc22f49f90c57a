from typing import Any

import pytest

from vtuber.bench import ponder
from vtuber.bench.ponder import Played, _beside_fast, _deep_at_work, _idle, _thoughts
from vtuber.core.story import tell
from vtuber.events import Chat, Clause, Event, Generated, Performed, Turn

ASKED = Chat(id="c", at_ms=0, platform="t", viewer_id="t:1", text="hi?")


def test_in_a_busy_stream_answers_come_in_time_and_nobody_waits_for_the_slow_model():
    minutes: list[float] = []
    found: Any = ponder.measure(minutes=16, profile="busy", seed=0, progress=minutes.append)
    assert minutes[-1] >= 15
    assert minutes == sorted(minutes)
    assert found["accepted"] >= 10
    assert found["delivered_share"] >= 0.9
    assert found["deep_utilisation"] <= 0.7
    assert found["waited_on_deep_ms"] == 0
    assert found["first_utterance_minus_fast_ms"]["p95"] <= 1_500
    assert found["thought_chars"] == {"heard": 0, "shown": 0, "kept": 0}
    assert found["holding_lines_per_5_min"] <= 6
    assert sum(found["refused"].values()) + found["accepted"] == found["hard_turns"]


def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    once, again, other = (
        ponder.measure(minutes=4, profile="busy", seed=seed, progress=lambda _minute: None) for seed in (5, 5, 6)
    )
    assert once == again != other


def test_on_a_processor_both_questions_are_answered_before_their_deadline():
    found: Any = ponder.measure(minutes=5, profile="seed-cpu", seed=0, progress=lambda _minute: None)
    japanese, english = found["questions"]
    assert "RAGとイベント記憶の違いは？" in japanese["question"]
    assert "RAG and event memory" in english["question"]
    for one in (japanese, english):
        assert one["in_time"]
        assert one["ready_s"] < one["allowed_s"]
        assert one["written"]
    assert found["thought_chars"] == {"heard": 0, "shown": 0, "kept": 0}


def a_turn(*, waits_ms: int, deep_ms: tuple[int, int] = (0, 60_000)) -> Played:
    """Make a show with one turn chosen at 1 s, asked at once, whose first sound comes late by so much."""
    turn = Turn(id="t", turn="t", at_ms=1_000, purpose="answer", chats=(ASKED,))
    began = 1_000 + waits_ms
    call = {"turn": "t", "model": "m", "first_token_ms": 1}
    events: list[Event] = [
        turn,
        Generated(id="d", at_ms=deep_ms[1], tier="deep", total_ms=deep_ms[1] - deep_ms[0], **call),  # type: ignore[arg-type]
        Clause(id="t/0", at_ms=began + 2_000, turn="t", seq=0, text="Hi.", language="en", source="fast", last=True),
        Generated(id="f", at_ms=began + 2_500, tier="fast", total_ms=2_500, **call),  # type: ignore[arg-type]
        Performed(
            id="p", at_ms=began + 3_200, turn="t", seq=0, text="Hi.", language="en", source="fast", last=True,
            started_ms=began + 2_200, duration_ms=1_000, voice="v",
        ),
    ]  # fmt: skip
    return Played((), tell(events), events, ["the model thought about the weather"], [], [])


@pytest.mark.parametrize(
    ("waits_ms", "deep_ms", "waited"),
    [(0, (0, 60_000), 0), (5_000, (0, 60_000), 5_000), (5_000, (4_000, 60_000), 2_000), (5_000, (20_000, 30_000), 0)],
)
def test_a_reply_that_stands_still_while_the_slow_model_works_is_found(
    waits_ms: int, deep_ms: tuple[int, int], waited: int
):
    show = a_turn(waits_ms=waits_ms, deep_ms=deep_ms)
    (turn,) = show.heard
    assert _idle(turn, show, at=_deep_at_work(show)) == waited
    assert _beside_fast(turn) == waits_ms + 200


@pytest.mark.parametrize("place", ["heard", "shown", "kept"])
def test_a_thought_is_counted_wherever_it_is_found(place: str):
    show = a_turn(waits_ms=0)
    words = "Well, the model thought about the weather."
    show.shown.extend([words] if place == "shown" else [])
    show.kept.extend([words] if place == "kept" else [])
    if place == "heard":
        heard = [
            Performed(**{name: getattr(one, name) for name in one.__struct_fields__} | {"text": words})
            if isinstance(one, Performed)
            else one
            for one in show.events
        ]
        show = Played((), tell(heard), heard, show.thoughts, [], [])
    found = _thoughts(show)
    assert found[place] == len("themodelthoughtabouttheweather")
    assert sum(found.values()) == found[place]
