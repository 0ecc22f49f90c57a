"""Whole shows whose models fail: who answers then, what is on record, and that nobody waits for long."""

import asyncio
from itertools import pairwise

import msgspec
import pytest

from tests.moody import FAULTS, Moody, backed_by
from tests.playing import GOOD_NIGHT, HARD, WELCOME, Script, adds_up, chat, hands, play, replies
from vtuber.adapters.model.scripted import Fault, Scripted, Scripture
from vtuber.events import Clause, Failed, Generated, Health, Performed, Thought, Turn
from vtuber.ports import LanguageModel, Message, StartState
from vtuber.settings import Attention, Settings
from vtuber.show import Parts
from vtuber.stages.ladder import Ladder

ALWAYS = ((0.0, 1e9),)
FROM_THE_FIRST_TURN = ((1.0, 1e9),)  # it could be loaded
PATIENT = Settings(attention=Attention(idle_s=1000))


def asked(count: int, *, gap_ms: int = 10_000, text: str = "how are you, {}?"):
    return [
        (gap_ms if number else 1000, chat(number, text.format(number), viewer=f"v{number}")) for number in range(count)
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_fast_model_fails_the_next_one_answers_within_the_same_turn(fault: Fault):
    ill = Moody("first", "-", ill=FROM_THE_FIRST_TURN, fault=fault)
    change = backed_by(fast=[Moody("second", "I am here instead.")])
    played = play(Script(heard=asked(1), fast=ill, change=change))
    assert played.said() == [WELCOME, "I am here instead.", GOOD_NIGHT]
    tries = played.of(Generated)
    again = fault == "refuse"  # perhaps it only cannot say how sure it is: it is asked once more, without that
    assert [(one.model, one.stop == "stop") for one in tries] == [("first", False)] * (1 + again) + [("second", True)]
    assert len({one.id for one in tries}) == len(tries)
    assert [one.stage for one in played.of(Failed)] == ["model_fast"]
    (turn,) = [one for one in played.of(Turn) if one.chats]
    first = next(one for one in played.of(Clause) if one.turn == turn.id)
    assert first.at_ms - turn.at_ms <= 5000 + 1500, "a first token is waited for 5 s"


def test_a_model_that_is_down_costs_no_turn_and_one_that_answers_again_is_asked_again():
    ill = Moody("first", "I am well.", ill=((1.0, 60.0),), fault="hang")
    change = backed_by(fast=[Moody("second", "I stand in.")])
    played = play(Script(heard=asked(12), fast=ill, change=change, settings=PATIENT))
    asked_first = [one for one in played.of(Generated) if one.model == "first"]
    assert [one.stop for one in asked_first if one.at_ms < 60_000] == ["timeout", "timeout"], "two failures, no more"
    assert next((one.model, one.state) for one in played.of(Health)) == ("first", "down")
    up = next(one for one in played.of(Health) if one.state == "up")
    assert 60_000 <= up.at_ms <= 60_000 + 60_000
    assert {one.model for one in played.of(Generated) if one.at_ms > up.at_ms} == {"first"}
    assert played.said()[-2] == "I am well."


def test_after_a_clause_was_said_nobody_begins_anew():
    broken = Scripted(replies=lambda _r: Scripture(text=f"The first sentence. {'And so on ' * 9}", fault="error"))
    played = play(Script(heard=asked(1), fast=broken, change=backed_by(fast=[replies("Not wanted.")])))
    assert played.said() == [WELCOME, "The first sentence.", GOOD_NIGHT]


def test_a_model_that_fails_is_tried_again_only_once_when_it_comes_back():
    """It can be loaded, but no answer comes: each trust costs one turn, and trust comes later and later."""
    ill = Moody("first", "-", ill=FROM_THE_FIRST_TURN, fault="unavailable", loads=True)
    change = backed_by(fast=[Moody("second", "Answer {} is mine.")])
    played = play(Script(heard=asked(40, gap_ms=3000), fast=ill, change=change, settings=PATIENT))
    tried = [one.at_ms for one in played.of(Generated) if one.model == "first"]
    gaps = [later - earlier for earlier, later in pairwise(tried[2:])]
    assert len(tried) <= 7
    assert gaps == sorted(gaps)
    assert played.said()[1:-1] == [f"Answer {number} is mine." for number in range(1, 41)]


def test_all_three_fail_and_the_turn_ends_within_half_a_minute():
    models = [Moody(name, "-", ill=FROM_THE_FIRST_TURN, fault="hang") for name in ("a", "b", "c")]
    played = play(Script(heard=asked(1), fast=models[0], change=backed_by(fast=models[1:])))
    assert played.said() == [WELCOME, "I lost my thread.", GOOD_NIGHT]
    (turn,) = [one for one in played.of(Turn) if one.chats]
    line = next(one for one in played.of(Performed) if one.turn == turn.id)
    assert line.started_ms - turn.at_ms <= 30_000
    assert [one.model for one in played.of(Generated)] == ["a", "b", "c"]


@pytest.mark.parametrize("start", ["auto", "in_content"])
def test_what_a_failed_model_thought_is_on_record_and_not_heard(start: StartState):
    plan = "secretplan: name a star and then a moon"
    broken = Scripted(replies=lambda _r: Scripture(text="Well", fault="error", thinking=plan))
    broken.start_state = start
    played = play(Script(heard=asked(1), fast=broken, change=backed_by(fast=[replies("Sirius wins.")])))
    assert played.said() == [WELCOME, "Sirius wins.", GOOD_NIGHT]
    assert "secretplan" in "".join(one.text for one in played.of(Thought))


def test_when_the_deep_model_is_down_its_stand_in_thinks():
    ill = Moody("deep", "-", ill=FROM_THE_FIRST_TURN, fault="refuse")
    change = backed_by(deep=[replies("The moon pulls the sea. So it rises.", thinking="gravity")])
    played = play(Script(heard=[(1000, chat(1, f"{HARD} why tides rise"))], deep=ill, change=change))
    assert "The moon pulls the sea." in played.said()


def test_another_model_of_the_operator_s_choice_begins_with_a_clean_slate():
    async def other(_spec: str, _tier: str) -> LanguageModel:
        return Moody("other", "From the other one.")

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, open_model=other)

    order = {"tier": "fast", "model": "ollama/other"}
    ill = Moody("first", "-", ill=FROM_THE_FIRST_TURN)
    heard = asked(4)
    played = play(
        Script(heard=heard, fast=ill, change=change, settings=PATIENT, meddle=hands((25_000, "switch", order)))
    )
    assert played.said()[-2] == "From the other one."
    assert isinstance(played.show.mind.fast, Ladder)
    assert played.show.mind.fast.usable(10**9)[0].name == "other"


def test_every_message_has_a_fate_whatever_the_models_do():
    ill = Moody("first", "I am well.", ill=((5.0, 25.0), (40.0, 90.0)), fault="stall")
    change = backed_by(fast=[Moody("second", "I stand in.", ill=((45.0, 130.0),))])
    played = play(Script(heard=asked(40, gap_ms=4000), fast=ill, change=change))
    adds_up(played)
    assert len({one.id for one in played.events}) == len(played.events), "every record has an id of its own"


def test_a_model_that_hangs_while_it_is_looked_at_is_let_go_when_another_one_is_chosen():
    class Hanging(Moody):
        async def prepare(self, prefix: tuple[Message, ...] = ()) -> None:
            await super().prepare(prefix) if asyncio.get_running_loop().time() < 1 else await asyncio.sleep(1e7)

    other = Moody("other", "Answer {} of the other one.", ill=((38.0, 55.0),))

    async def open_other(_spec: str, _tier: str) -> LanguageModel:
        return other

    order = {"tier": "fast", "model": "ollama/other"}
    ill = Hanging("first", "-", ill=FROM_THE_FIRST_TURN)
    played = play(
        Script(
            heard=asked(9),
            fast=ill,
            change=lambda parts: msgspec.structs.replace(parts, open_model=open_other),
            settings=PATIENT,
            meddle=hands((25_000, "switch", order)),
        )
    )
    told = [(one.model, one.state) for one in played.of(Health)]
    assert told[0] == ("first", "down")
    assert told[-1] == ("other", "up"), "it is looked after in its turn"
    assert played.said()[-2].endswith("of the other one.")


def test_what_a_turn_has_had_is_kept_though_others_come_in_between():
    ladder = Ladder("fast", (replies("-"),))
    for turn in ("a", "b", "a", "c", "b", "a"):
        ladder.spent(turn).calls += 1
    assert [ladder.spent(turn).calls for turn in "abc"] == [3, 2, 1]
    for number in range(100):
        ladder.spent(f"later {number}")
    assert ladder.spent("a").calls == 0, "not for ever"
