"""What she may think about: budgets that hold in any window, efforts by their order, answers that fit in their time."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.pondering import WINDOW_MS, Desk, cap_for, effort_for, fitted, least, patience, plan, same_thing
from vtuber.events import Chat, Question, Turn
from vtuber.persona import Pondering, Topic
from vtuber.settings import Budget, Cap, Thinking

MINUTE = 60_000


def question(name: str = "q", *, expected_ms: int = 30_000, deadline_ms: int = 90_000) -> Question:
    asked = Turn(id="t", turn="t", at_ms=0, purpose="answer", chats=(Chat(id="c", at_ms=0, platform="t", text="why?"),))
    return Question(
        id=name, at_ms=0, asked=asked, language="en", deadline_ms=deadline_ms, expected_ms=expected_ms
    )  # fmt: skip


class _Tried:
    """Offers questions one after the other and keeps those that were taken."""

    def __init__(self, budget: Budget) -> None:
        self.desk = Desk(budget)
        self.taken: list[tuple[int, str, int]] = []  # when, whose, for how long

    def offer(self, now: int, viewer: str, busy_ms: int, audience: int = 1) -> str:
        refused = self.desk.refusal(viewer, now, audience=audience, busy_ms=busy_ms)
        if not refused:
            self.desk.take(question(f"q{len(self.taken)}"), viewer, now, busy_ms)
            self.taken.append((now, viewer, busy_ms))
        return refused


OFFERS = st.lists(
    st.tuples(st.integers(0, 40_000), st.sampled_from("abcdef"), st.integers(1, 100_000), st.integers(0, 300)),
    max_size=80,
)


@given(OFFERS, st.floats(0.05, 1.0), st.floats(0.1, 10.0))
def test_in_any_five_minutes_no_more_work_is_taken_than_its_share(
    offers: list[tuple[int, str, int, int]], share: float, minutes: float
):
    tried, now = _Tried(Budget(viewer_minutes=minutes, utilisation=share)), 0
    for gap, viewer, busy, audience in offers:
        now += gap
        tried.offer(now, viewer, busy, audience)
        assert tried.desk.spent(now) >= 0
    for start, _, longest in tried.taken:
        inside = [busy for at, _, busy in tried.taken if start <= at < start + WINDOW_MS]
        assert sum(inside) <= max(share * WINDOW_MS, longest)


@given(OFFERS, st.floats(0.1, 10.0))
def test_a_viewer_never_has_two_questions_within_the_time_that_is_set(
    offers: list[tuple[int, str, int, int]], minutes: float
):
    tried, now = _Tried(Budget(viewer_minutes=minutes, utilisation=1.0)), 0
    for gap, viewer, busy, audience in offers:
        now += gap
        mine = [at for at, whose, _ in tried.taken if whose == viewer]
        refused = tried.offer(now, viewer, busy, audience)
        if mine and now - mine[-1] < minutes * MINUTE * patience(audience):
            assert refused == "viewer_budget"
        else:
            assert refused != "viewer_budget"


@given(st.lists(st.integers(0, 60_000), max_size=60), st.integers(0, 9))
def test_in_any_five_minutes_no_more_holding_lines_are_said_than_allowed(gaps: list[int], most: int):
    desk, now, held = Desk(Budget(holding_lines=most)), 0, []
    for gap in gaps:
        now += gap
        if desk.may_hold(now):
            desk.hold(now)
            held.append(now)
    assert all(sum(start <= at < start + WINDOW_MS for at in held) <= most for start in held)


@given(st.integers(0, 10_000))
def test_a_large_audience_waits_longer_up_to_four_times(audience: int):
    assert 1.0 <= patience(audience) <= patience(audience + 1) <= 4.0
    assert (patience(1), patience(25), patience(100)) == (1.0, 1.0, 4.0)


def test_what_a_question_really_took_is_counted_once_it_is_known():
    tried = _Tried(Budget(utilisation=0.1))  # half a minute in five
    assert tried.offer(0, "a", 25_000) == ""
    assert tried.offer(1, "b", 10_000) == "stream_budget"
    tried.desk.settle("q0", 5_000, 1)
    assert tried.desk.spent(1) == 5_000
    assert tried.offer(1, "b", 10_000) == ""
    tried.desk.settle("q1", 0, 1)
    assert tried.desk.spent(1) == 5_000


def test_a_question_longer_than_a_share_is_taken_alone_and_counts_until_its_share_is_over():
    tried = _Tried(Budget(utilisation=0.1))
    assert tried.offer(0, "a", 60_000) == ""
    assert tried.offer(WINDOW_MS, "b", 1_000) == "stream_budget"
    assert tried.offer(600_000, "b", 1_000) == ""


def test_viewers_without_an_id_share_one_question_and_whoever_pays_gets_no_more():
    tried = _Tried(Budget(utilisation=1.0))
    assert [tried.offer(at, "", 1) for at in (0, 1, 3 * MINUTE)] == ["", "viewer_budget", ""]


def test_however_many_viewers_ask_few_are_remembered():
    tried = _Tried(Budget(utilisation=1.0))
    for number in range(5_000):
        tried.offer(number * 1000, f"v{number}", 1)
        tried.desk.hold(number)
    assert len(tried.taken) == 5_000
    assert max(len(tried.desk._asked), len(tried.desk._busy), len(tried.desk._held)) <= 1_000


def test_what_the_last_question_still_takes_is_foreseen_also_when_it_is_late():
    desk = Desk(Budget())
    assert desk.left_ms(0) == 0
    desk.take(question(expected_ms=30_000, deadline_ms=90_000), "v", 0, 30_000)
    assert [desk.left_ms(now) for now in (0, 20_000, 30_000, 80_000, 90_000, 500_000)] == [
        30_000, 10_000, 30_000, 5_000, 0, 0
    ]  # fmt: skip


def test_a_question_that_was_taken_back_makes_nobody_wait():
    desk = Desk(Budget())
    desk.take(question("a", expected_ms=30_000), "v", 0, 30_000)
    desk.take(question("b", expected_ms=60_000), "w", 1_000, 30_000)
    assert desk.left_ms(10_000) == 50_000
    desk.take_back(["a"])
    assert desk.left_ms(10_000) == 20_000
    desk.settle("a", 10_000, 10_000)
    assert desk.left_ms(10_000) == 0


def test_who_waits_is_expected_by_when_the_one_before_was_really_done():
    for done, left in ((10_000, 30_000), (40_000, 30_000)):
        desk = Desk(Budget())
        desk.take(question("a", deadline_ms=90_000), "v", 0, 30_000)
        desk.take(question("b", deadline_ms=95_000), "w", 5_000, 30_000)
        assert desk.left_ms(5_000) == 55_000
        assert desk.left_ms(40_000) == 25_000 + 30_000, "the first is late"
        desk.settle("a", done, done)
        assert desk.left_ms(done) == left
        assert desk.left_ms(done + 10_000) == left - 10_000


SPACE = Pondering(effort="medium", topics=(Topic(words=("black hole", "宇宙"), effort="high"),))


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({}, "low"),
        ({"idle": True}, "medium"),
        ({"house": "high"}, "high"),
        ({"persona": Pondering(effort="auto"), "house": "high"}, "low"),
        ({"persona": Pondering(effort="high")}, "high"),
        ({"persona": SPACE, "house": "low"}, "medium"),
        ({"persona": SPACE, "text": "宇宙の果ては？"}, "high"),
        ({"persona": SPACE, "text": "what is a Black Hole?"}, "high"),
        ({"persona": SPACE, "text": "宇宙の果ては？", "asked": "low", "idle": True}, "low"),
    ],
)
def test_the_turn_comes_before_the_topic_before_her_own_way_before_the_house(fields: dict[str, Any], effort: str):
    told = {"asked": None, "persona": Pondering(), "house": "auto", "text": "why?", "idle": False} | fields
    assert effort_for(told.pop("asked"), told.pop("persona"), told.pop("house"), **told) == effort


@given(st.booleans(), st.text(max_size=30))
def test_by_itself_she_never_thinks_hardest(idle: bool, text: str):
    assert effort_for(None, Pondering(), "auto", text=text, idle=idle) != "high"


HOUSE = Thinking()


def test_each_effort_has_its_cap():
    assert [cap_for(effort, HOUSE) for effort in ("low", "medium", "high")] == [HOUSE.low, HOUSE.medium, HOUSE.high]  # type: ignore[arg-type]


def at(tokens_per_s: float):
    return lambda tokens: round(tokens * 1000 / tokens_per_s)


def test_an_answer_that_would_be_late_is_thought_about_less():
    assert msgspec.structs.asdict(plan("medium", HOUSE, wait_ms=0, expect=at(20))) == {  # type: ignore[arg-type]
        "effort": "medium", "cap": HOUSE.medium, "took_ms": 55_000
    }  # fmt: skip
    less = plan("medium", HOUSE, wait_ms=0, expect=at(8.5))
    assert less is not None
    assert (less.effort, less.cap) == ("low", HOUSE.low)


def test_on_a_slow_server_the_answer_is_made_shorter_until_it_fits():
    shorter = plan("low", HOUSE, wait_ms=20_000, expect=at(8.5))
    assert shorter is not None
    assert shorter.cap == Cap(360, 180, 90.0), "nine tenths: 63.5 s, where 70 s are left"
    assert plan("low", HOUSE, wait_ms=20_000, expect=at(2)) is None


@given(st.integers(0, 200_000), st.floats(0.5, 200), st.sampled_from(["low", "medium", "high"]))
def test_what_is_planned_ends_before_its_deadline(wait_ms: int, tokens_per_s: float, effort: Any):
    found = plan(effort, HOUSE, wait_ms=wait_ms, expect=at(tokens_per_s))
    if found is None:
        assert wait_ms + at(tokens_per_s)(240) > HOUSE.low.deadline_s * 1000
    else:
        assert wait_ms + found.took_ms <= found.cap.deadline_s * 1000
        assert found.cap.tokens >= least(cap_for(found.effort, HOUSE)).tokens


def test_a_cap_gives_way_by_tenths_down_to_four():
    cap = Cap(400, 200, 90.0)
    assert fitted(cap, 600, lambda tokens: tokens) == cap
    assert fitted(cap, 599, lambda tokens: tokens) == Cap(360, 180, 90.0)
    assert fitted(cap, 240, lambda tokens: tokens) == least(cap) == Cap(160, 80, 90.0)
    assert fitted(cap, 239, lambda tokens: tokens) is None


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("why is the sky blue?", "Why is the sky blue", True),
        ("why is the sky blue?", "hey, why is the sky blue??", True),
        ("RAGとイベント記憶の違いは？", "RAGとイベント記憶の違いって何？", True),
        ("why is the sky blue?", "why is the sea salty?", False),
        ("RAGとイベント記憶の違いは？", "今日の晩ごはんは？", False),
        ("hi", "hippopotamus", False),
        ("why?", "why", True),
    ],
)
def test_two_messages_that_ask_the_same_are_known(text: str, other: str, same: bool):
    assert same_thing(text, other) is same
    assert same_thing(other, text) is same
