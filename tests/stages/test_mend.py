"""A model that is down is looked after beside the show, and what its streams begin with is learnt."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from tests.moody import Moody, backed_by
from tests.playing import GOOD_NIGHT, HARD, PERSONA, WELCOME, Script, adds_up, chat, play, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import Clause, Closed, Dropped, Failed, Generated, Health, Loading, Performed
from vtuber.persona import Speaking
from vtuber.ports import Delta, Message, ModelRequest
from vtuber.settings import Attention, Settings

PATIENT = Settings(attention=Attention(idle_s=1000))
PLAN = "secretplan: the viewer wants a colour, so first the blue one and then the red one, and no more."


def states(played: Any) -> list[tuple[str, str]]:
    return [(one.model, one.state) for one in played.of(Health)]


def test_a_recovery_is_noticed_without_a_turn_and_then_she_answers():
    ill = Moody("only", "I am well again {} times.", ill=((1.0, 52.0),))
    heard = [(2000, chat(1, "how are you?")), (2000, chat(2, "still there?")), (90_000, chat(3, "and now?"))]
    played = play(Script(heard=heard, fast=ill, settings=PATIENT))
    assert played.said()[-2:] == ["I am well again 1 times.", GOOD_NIGHT]
    assert states(played)[-1] == ("only", "up")
    up = played.of(Health)[-1]
    assert 52_000 <= up.at_ms <= 112_000
    assert [round(later - earlier) for earlier, later in zip(ill.looked[2:], ill.looked[3:], strict=False)] == [
        5, 10, 20, 40,
    ], "each look after twice the time"  # fmt: skip
    assert not [one for one in played.of(Generated) if one.stop == "error" and 4500 < one.at_ms < 90_000]


def test_when_it_is_down_its_next_look_is_told():
    ill = Moody("only", "-", ill=((1.0, 1e9),))
    heard = [(2000, chat(1, "how are you?")), (3000, chat(2, "still there?")), (30_000, chat(3, "and now?"))]
    told = play(Script(heard=heard, fast=ill, settings=PATIENT)).of(Health)
    assert {one.state for one in told} == {"down"}
    assert [one.retry_ms for one in told[:4]] == [0, 5000, 10_000, 20_000]


def test_while_all_is_well_nobody_is_looked_at():
    well = Moody("fast", "All is well, {}.")
    stand_in = Moody("second", "Not wanted.")
    heard = [(60_000, chat(number, f"how are you, {number}?", viewer=f"v{number}")) for number in range(20)]
    play(Script(heard=heard, fast=well, change=backed_by(fast=[stand_in]), settings=PATIENT))
    assert max(well.looked) < 2, "loaded once for each language"
    assert stand_in.looked == [], "what stands in is not loaded before it is needed"


def test_a_stand_in_is_loaded_as_soon_as_the_first_was_looked_at_in_vain():
    gone = Moody("first", "-", ill=((0.0, 1e9),))
    stand_in, other = Moody("second", "I stand in, {}."), Moody("third", "Not wanted.")
    played = play(Script(heard=[(2000, chat(1, "hi there?"))], fast=gone, change=backed_by(fast=[stand_in, other])))
    assert played.said() == [WELCOME, "I stand in, 1.", GOOD_NIGHT]
    assert stand_in.looked == [0.0]
    assert other.looked == []
    assert [one.model for one in played.of(Generated)] == ["second"], "the first was not asked in vain"


def test_a_turn_waits_for_a_stand_in_that_is_just_being_loaded():
    class Slow(Moody):
        async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
            await super().prepare(prefix)
            await asyncio.sleep(8)
            self.there = True

        async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
            await asyncio.sleep(0 if hasattr(self, "there") else 7)
            async with aclosing(super().stream(request)) as deltas:
                async for delta in deltas:
                    yield delta

    gone, stand_in = Moody("first", "-", ill=((0.0, 1e9),)), Slow("second", "I stand in {} times.")
    played = play(Script(heard=[(2000, chat(1, "hi there?"))], fast=gone, change=backed_by(fast=[stand_in])))
    assert played.said() == [WELCOME, "I stand in 1 times.", GOOD_NIGHT]


@pytest.mark.parametrize("hangs", [False, True])
def test_the_show_ends_though_its_models_are_dead(hangs: bool):
    class Dead(Moody):
        async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
            if hangs and asyncio.get_running_loop().time() > 1:
                await asyncio.sleep(1e7)
            await super().prepare(prefix)

    heard = [(2000 * number, chat(number, f"{HARD}?" if number % 2 else "hi there?")) for number in range(8)]
    spells = ((1.0, 1e9),)
    played = play(Script(heard=heard, fast=Dead("a", "-", ill=spells), deep=Dead("b", "-", ill=spells)))
    assert isinstance(played.events[-1], Closed)
    assert played.loop_s < 300
    adds_up(played)


def test_a_bug_in_a_model_that_is_looked_after_does_not_end_the_show():
    class Buggy(Moody):
        async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
            if len(self.looked) > 2:
                raise RuntimeError("a bug: secret detail")
            await super().prepare(prefix)

    ill = Buggy("only", "-", ill=((1.0, 1e9),))
    heard = [(2000, chat(1, "how are you?")), (2000, chat(2, "you there?")), (60_000, chat(3, "and now?"))]
    played = play(Script(heard=heard, fast=ill, settings=PATIENT))
    assert isinstance(played.events[-1], Closed)
    assert [one.stage for one in played.of(Failed) if one.error == "RuntimeError"] == ["mend_fast"]
    assert "secret detail" not in repr(played.events)


def thoughtful(answer: str, *, thinking: str = "") -> Scripted:
    """Make a model of which nothing tells what its streams begin with."""
    model = Scripted(
        "unknown", replies=lambda _r: Scripture(text=answer, thinking=thinking), pace=Pace(tokens_per_s=200)
    )
    model.start_state = "auto"
    return model


@pytest.mark.parametrize(
    ("answer", "learnt"),
    [
        (f"{PLAN}\n</think>\nBlue is my favourite.", "in_thinking"),
        (f"<think>{PLAN}</think>Blue is my favourite.", "in_content"),
        ("Blue is my favourite.", "in_content"),
    ],
)
@pytest.mark.parametrize("tier", ["fast", "deep"])
def test_what_its_streams_begin_with_is_learnt_before_the_first_turn(answer: str, learnt: str, tier: str):
    model = thoughtful(answer)
    heard = [(3000, chat(1, f"{HARD}?" if tier == "deep" else "which colour?"))]
    played = play(Script(heard=heard, **{tier: model}))  # type: ignore[arg-type]
    assert played.show.mind.starts[tier, "unknown"] == learnt  # type: ignore[index]
    assert "Blue is my favourite." in played.said()
    assert "secretplan" not in repr([one for one in played.events if isinstance(one, Performed)])
    assert summarise(tell(played.events))["thought_chars_spoken"] == 0


def test_a_thought_that_is_cut_off_again_and_again_is_never_heard():
    played = play(Script(heard=colours(3), fast=thoughtful(f"{PLAN} " * 200), settings=PATIENT))
    assert played.show.mind.starts == {}
    assert played.said() == [WELCOME, *["I lost my thread."] * 3, GOOD_NIGHT]


def test_after_one_answer_that_ended_without_a_thought_nothing_is_held_any_more():
    model = Changing("word " * 700, "It is green like the sea, I think. Or is it?")
    model.next = ["Blue is my favourite colour of all. Red is the next one."]
    played = play(Script(heard=colours(2), fast=model, settings=PATIENT))
    assert played.show.mind.starts == {("fast", "unknown"): "in_content"}
    first, later = (one for one in played.of(Generated) if one.purpose == "answer")
    clauses = [one for one in played.of(Clause) if one.source == "fast"]
    held = [one.at_ms for one in clauses if one.turn == first.turn]
    assert held == [first.at_ms] * 2, "at its end"
    assert min(one.at_ms for one in clauses if one.turn == later.turn) < later.at_ms


def test_the_deep_model_s_probe_keeps_no_chat_waiting():
    asked: list[float] = []

    def answer(request: ModelRequest) -> Scripture:
        asked.append(asyncio.get_running_loop().time())
        return Scripture(text="Word " * 60)

    deep = Scripted("slow", replies=answer, pace=Pace(first_token_ms=8000, tokens_per_s=1))
    deep.start_state = "auto"
    played = play(Script(heard=[(2000, chat(1, "how are you?"))], deep=deep))
    first = next(one for one in played.of(Performed) if one.source == "fast")
    assert asked, "it was asked"
    assert first.started_ms < 5000
    ready = [one for one in played.of(Loading) if one.tier == "deep" and one.state == "ready"]
    assert not ready or ready[0].took_ms <= 10_000


def test_two_models_of_one_name_are_not_taken_for_one():
    fast, deep = thoughtful("Blue is my favourite."), thoughtful(f"{PLAN}\n</think>\nBlue is my favourite.")
    heard = [(3000, chat(1, f"{HARD}?")), (20_000, chat(2, "which colour?", viewer="bo"))]
    played = play(Script(heard=heard, fast=fast, deep=deep))
    assert played.show.mind.starts == {("fast", "unknown"): "in_content", ("deep", "unknown"): "in_thinking"}
    assert "secretplan" not in repr([one for one in played.events if isinstance(one, Performed)])
    again = play(Script(heard=colours(2), fast=fast, change=backed_by(fast=[deep]), settings=PATIENT))
    assert ("fast", "unknown") not in again.show.mind.starts, "of two in one tier one may think"


def test_a_switched_model_is_asked_too_how_its_streams_begin():
    from tests.playing import hands  # noqa: PLC0415
    from vtuber.show import Parts  # noqa: PLC0415

    async def other(_spec: str, _tier: str) -> Scripted:
        return thoughtful(f"{PLAN}\n</think>\nBlue is my favourite.")

    def change(parts: Parts) -> Parts:
        import msgspec  # noqa: PLC0415

        return msgspec.structs.replace(parts, open_model=other)

    order = {"tier": "fast", "model": "openai/unknown@http://x:1/v1"}
    heard = [(20_000, chat(1, "which colour?"))]
    played = play(
        Script(heard=heard, fast=replies("-"), change=change, settings=PATIENT, meddle=hands((5000, "switch", order)))
    )
    assert played.said() == [WELCOME, "Blue is my favourite.", GOOD_NIGHT]
    assert played.show.mind.starts == {("fast", "unknown"): "in_thinking"}


class Changing(Scripted):
    """A model that nothing tells about; the probe sees another answer than the turns."""

    def __init__(self, probe: str, answer: str) -> None:
        super().__init__("unknown", replies=lambda _r: Scripture(text=self._text()), pace=Pace(tokens_per_s=200))
        self.start_state = "auto"
        self.next: list[str] = []  # before the answer
        self._probe, self._answer = [probe], answer

    def _text(self) -> str:
        return self._probe.pop() if self._probe else self.next.pop(0) if self.next else self._answer


def colours(count: int) -> list[tuple[float, Any]]:
    return [(6000, chat(number, f"which colour, {number}?", viewer=f"v{number}")) for number in range(count)]


def test_a_stream_that_turns_out_to_begin_inside_a_thought_is_remembered_for_the_next_ones():
    plan = "secretplan. The viewer wants a colour. So the blue one comes first. Then the red one. And no more of them."
    model = Changing("word " * 700, f"{plan}\n</think>\nBlue is my favourite.")
    played = play(Script(heard=colours(1), fast=model, settings=PATIENT))
    assert played.show.mind.starts == {("fast", "unknown"): "in_thinking"}
    assert "secretplan" not in repr([one for one in played.events if isinstance(one, Performed)])


def test_a_wrong_guess_costs_one_answer_and_no_more():
    model = Changing(f"{PLAN}\n</think>\nBlue.", "Blue is my favourite colour of all.")
    played = play(Script(heard=colours(3), fast=model, settings=PATIENT))
    assert played.show.mind.starts == {("fast", "unknown"): "in_content"}
    assert played.said()[1:3] == ["I lost my thread.", "Blue is my favourite colour of all."]


def test_of_a_thought_that_was_taken_for_an_answer_nothing_more_is_heard_once_it_shows():
    thoughts = [f"Of my secret plans number {name} comes next." for name in ("one", "two", "three", "four", "five")]
    answer = "Blue is my favourite colour of all."
    model = replies(f"{' '.join(thoughts)}\n</think>\n{answer}", tokens_per_s=100)  # it declares to begin with content
    persona = msgspec.structs.replace(PERSONA, speaking=Speaking(reply_sentences=9))
    played = play(Script(heard=colours(1), fast=model, persona=persona, settings=PATIENT))
    heard = played.said()[1:-2]
    assert played.said()[1:-1] == [*thoughts[: len(heard)], answer]
    assert len(heard) <= 2, "the clause that is being heard, and the one whose sound is made"
    assert len([one for one in played.of(Dropped) if one.reason == "thought"]) == len(thoughts) - len(heard)
    assert thoughts[-1] not in repr(played.of(Generated))
    assert summarise(tell(played.events))["thought_chars_spoken"] > 0, "it is owned up to"
    assert played.show.mind.starts == {("fast", "scripted"): "auto"}
