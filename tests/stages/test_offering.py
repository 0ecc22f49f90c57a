"""Which hard questions are taken, which are refused and why, and when a promise is made."""

from typing import Any

import msgspec
import pytest

from tests.playing import HARD, PERSONA, Played, Script, adds_up, chat, hands, play, replies
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.events import Clause, Dropped, Generated, Money, Question, Retract, Routed
from vtuber.settings import Attention, Budget, Cap, Settings, Thinking
from vtuber.show import Parts, Show

HOLDING = "Let me think about that."
QUIET = Attention(idle_s=1000)
SLOW = {"tokens_per_s": 0.5}  # the slow model: an answer of nine tokens takes half a minute


def settings(**thinking: Any) -> Settings:
    return Settings(thinking=Thinking(**thinking), attention=QUIET)


def hard(number: int, viewer: str, **more: Any) -> Any:
    return chat(number, f"{HARD} why thing {number} happens?", viewer=viewer, **more)


def refused(played: Played) -> list[str]:
    """Give what became of each hard turn: "" where it was taken."""
    return [one.refused for one in played.of(Routed) if one.route == "hard"]


def deep(**pace: Any) -> Any:
    return replies("The moon pulls the sea. So it rises.", **pace)


def test_one_question_is_in_hand_and_one_waits_and_a_third_is_answered_at_once():
    heard = [(0, hard(1, "mika")), (3_000, hard(2, "taro")), (3_000, hard(3, "zoe"))]
    played = play(Script(heard=heard, deep=deep(**SLOW), settings=settings()))
    assert refused(played) == ["", "", "no_room"]
    assert len(played.of(Question)) == 2
    said = played.said()
    assert said.index("Hello there!") < said.index("mika, about your question.")
    adds_up(played)


def test_who_asks_after_a_waiting_question_was_deleted_does_not_wait_for_it():
    gone = Retract(id="r", at_ms=0, target_event="twitch:ada:2")
    heard = [(0, hard(1, "mika")), (2_000, hard(2, "taro")), (2_000, gone), (9_000, hard(3, "zoe"))]
    played = play(Script(heard=heard, deep=deep(**SLOW), settings=settings()))
    first, _, last = (one.parts["wait_s"] for one in played.of(Routed) if one.route == "hard")
    assert last < 2 * first, "for what is left of the first, and its own time"


def test_a_second_question_of_a_viewer_waits_for_its_time_and_money_buys_none():
    paid = hard(2, "mika", money=Money("5000", "JPY"), form="paid")
    heard = [(0, hard(1, "mika")), (60_000, paid), (150_000, hard(3, "mika"))]
    played = play(Script(heard=heard, deep=deep(), settings=settings()))
    assert refused(played) == ["", "viewer_budget", ""]


def test_in_a_crowd_a_viewer_waits_longer():
    crowd = [(200, chat(100 + n, "nice hat", viewer=f"v{n}")) for n in range(60)]
    heard = [*crowd, (0, hard(1, "mika")), (200_000, hard(2, "mika"))]
    alone = play(Script(heard=[(0, hard(1, "mika")), (200_000, hard(2, "mika"))], deep=deep(), settings=settings()))
    played = play(Script(heard=heard, deep=deep(), settings=settings()))
    assert refused(alone) == ["", ""]
    assert refused(played) == ["", "viewer_budget"]


def test_the_slow_model_is_not_given_more_than_its_share():
    heard = [(0 if n == 0 else 60_000, hard(n, f"v{n}")) for n in range(6)]
    tight = settings(budget=Budget(utilisation=0.1))
    long = replies("The moon pulls the sea.", thinking="word after word, " * 300, tokens_per_s=20)
    played = play(Script(heard=heard, deep=long, settings=tight))
    assert refused(played)[:2] == ["", "stream_budget"]
    busy = sum(one.total_ms for one in played.of(Generated) if one.tier == "deep")
    assert 0 < busy <= 0.1 * 300_000


def test_what_would_come_too_late_is_answered_at_once():
    tight = settings(low=Cap(deadline_s=5.0), medium=Cap(500, 600, 5.0))
    played = play(Script(heard=[(0, hard(1, "mika"))], deep=deep(), settings=tight))
    assert refused(played) == ["too_slow"]
    assert "Hello there!" in played.said()


def test_while_the_slow_model_is_down_the_fast_one_answers(monkeypatch: pytest.MonkeyPatch):
    def down(parts: Parts) -> Parts:
        monkeypatch.setattr(
            "vtuber.stages.ladder.Ladder.usable", lambda self, _now: () if self.tier == "deep" else self.models
        )
        return parts

    played = play(Script(heard=[(0, hard(1, "mika"))], change=down, settings=settings()))
    assert refused(played) == ["model_down"]
    assert "Hello there!" in played.said()


def test_a_question_says_when_its_answer_is_expected_and_until_when_it_may_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("vtuber.stages.ladder.Ladder.pace_learnt", True)
    heard = [(0, hard(1, "mika")), (1_000, hard(2, "taro"))]
    played = play(Script(heard=heard, deep=deep(**SLOW), settings=settings()))
    first, second = played.of(Question)
    assert (first.effort, second.effort) == ("medium", "low"), "somebody is being thought for"
    assert first.at_ms < first.expected_ms < first.deadline_ms == first.at_ms + 90_000
    assert second.deadline_ms == second.at_ms + 90_000
    took = first.expected_ms - first.at_ms
    assert second.expected_ms > first.expected_ms, "it waits for the first"
    assert second.expected_ms - first.expected_ms < took, "and is thought about for a shorter time"
    assert all(one.held for one in (first, second))


def test_only_so_many_promises_are_made_and_the_rest_is_thought_about_without_a_word():
    heard = [(0 if n == 0 else 40_000, hard(n, f"v{n}")) for n in range(5)]
    numbers = iter(("One", "Two", "Three", "Four", "Five"))
    various = Scripted(replies=lambda _request: Scripture(text=f"{next(numbers)} it is, and nothing else."))
    few = settings(budget=Budget(holding_lines=2, utilisation=1.0))
    played = play(Script(heard=heard, deep=various, settings=few))
    assert refused(played) == [""] * 5
    assert [one.held for one in played.of(Question)] == [True, True, False, False, False]
    assert [one.text for one in played.of(Clause) if one.holds and one.text] == [HOLDING] * 2
    assert sum("about your question" in one for one in played.said()) == 5


def test_an_answer_that_comes_at_once_needs_no_promise():
    quick = settings(low=Cap(5, 0), medium=Cap(5, 0))

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, settings=quick)

    def meddle(show: Show):
        pace = show.mind.deep.rungs[0].pace
        for _ in range(8):
            pace.learn(first_ms=300, total_ms=800, tokens=20)
        yield 1, lambda: None

    played = play(Script(heard=[(0, hard(1, "mika"))], deep=deep(), change=change, meddle=meddle, settings=quick))
    (question,) = played.of(Question)
    assert not question.held
    assert HOLDING not in played.said()
    assert "mika, about your question." in played.said()


def test_a_character_without_such_lines_promises_nothing():
    lines = msgspec.structs.replace(PERSONA.lines, holding={"en": ()})
    persona = msgspec.structs.replace(PERSONA, lines=lines)
    played = play(Script(heard=[(0, hard(1, "mika"))], persona=persona, deep=deep(), settings=settings()))
    assert [one.held for one in played.of(Question)] == [False]
    assert not [one for one in played.of(Dropped) if one.item == "question"]


def test_a_question_that_was_hushed_while_it_waited_costs_no_budget():
    heard = [(0, hard(1, "mika")), (2_000, hard(2, "taro")), (30_000, hard(3, "zoe"))]
    tight = settings(budget=Budget(utilisation=0.185))  # 55 s in five minutes: two questions as foreseen, not three
    played = play(Script(heard=heard, deep=deep(**SLOW), settings=tight, meddle=hands((9_000, "hush", {}))))
    assert refused(played) == ["", "", ""]
