from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.pace import Pace


def test_before_the_first_answer_a_tier_has_its_usual_pace():
    assert Pace("fast").expect_ms(60) == 2800
    assert 25_000 <= Pace("deep").expect_ms(600) <= 30_000


def test_it_is_learnt_from_the_first_answer_on():
    pace = Pace("deep")
    pace.learn(first_ms=1000, total_ms=11_000, tokens=101)
    assert pace.expect_ms(0) == 1000
    assert pace.expect_ms(200) == 21_000


def test_one_slow_answer_changes_little_and_eight_new_ones_all():
    pace = Pace("fast")
    for _ in range(7):
        pace.learn(first_ms=500, total_ms=1500, tokens=51)
    pace.learn(first_ms=9000, total_ms=60_000, tokens=11)
    assert pace.expect_ms(50) == 1500
    for _ in range(8):
        pace.learn(first_ms=2000, total_ms=7000, tokens=51)
    assert pace.expect_ms(50) == 7000


def test_a_word_or_two_tell_nothing_of_the_time_of_a_token():
    pace = Pace("fast")
    pace.learn(first_ms=400, total_ms=5000, tokens=2)
    assert pace.expect_ms(30) == 1400


ANSWERS = st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 60_000), st.integers(0, 2000)), max_size=20)


@given(ANSWERS, st.integers(0, 4000), st.integers(0, 4000))
def test_more_tokens_never_take_less_time(answers: list[tuple[int, int, int]], fewer: int, more: int):
    pace = Pace("deep")
    for first, rest, tokens in answers:
        pace.learn(first_ms=first, total_ms=first + rest, tokens=tokens)
    assert 0 <= pace.expect_ms(min(fewer, more)) <= pace.expect_ms(max(fewer, more))


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=30))
def test_the_first_token_is_expected_within_what_the_last_answers_showed(firsts: list[int]):
    pace = Pace("fast")
    for first in firsts:
        pace.learn(first_ms=first, total_ms=first, tokens=1)
    assert min(firsts[-8:]) - 1 <= pace.expect_ms(0) <= max(firsts[-8:]) + 1
