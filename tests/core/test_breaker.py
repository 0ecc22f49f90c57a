"""A model that fails is left alone for a while, tried once, and trusted again; checked against a plain account of it."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vtuber.core.breaker import CircuitBreaker


def after(*results: str, at: int = 1000) -> CircuitBreaker:
    """Give a breaker after results at one moment: + a success, - a failure, ! a failure that is not transient."""
    breaker = CircuitBreaker()
    for result in "".join(results):
        breaker.succeeded() if result == "+" else breaker.failed(at, transient=result == "-")
    return breaker


@pytest.mark.parametrize("results", ["", "+", "-", "-+-", "-++-", "+-+", "-+++-+", "-++-++-"])
def test_single_failures_leave_it_closed(results: str):
    assert after(results).retry_at is None


@pytest.mark.parametrize("results", ["--", "+++--", "-+-+-", "-+--", "!", "++!"])
def test_two_in_a_row_three_of_five_or_one_that_is_not_transient_open_it(results: str):
    breaker = after(results)
    assert breaker.retry_at == 6000
    assert [breaker.allows(at) for at in (1000, 5999, 6000, 9000)] == [False, False, True, True]


def test_half_open_one_success_closes_it_and_all_is_forgotten():
    breaker = after("--")
    breaker.succeeded()
    assert breaker.retry_at is None
    breaker.failed(7000)
    assert breaker.retry_at is None
    breaker.failed(7001)
    assert breaker.retry_at == 12_001, "the first time again"


def test_half_open_one_failure_opens_it_for_twice_as_long_up_to_a_minute():
    breaker, waits = after("--"), list[int]()
    for _ in range(6):
        now = breaker.retry_at or 0
        breaker.failed(now)
        waits.append((breaker.retry_at or 0) - now)
    assert waits == [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]


def test_a_failure_of_a_call_from_before_changes_nothing_while_it_is_open():
    breaker = after("--")
    breaker.failed(3000, transient=False)
    assert breaker.retry_at == 6000


def test_a_good_sign_lets_the_next_call_through_before_its_time_and_that_call_decides():
    breaker = after("--")
    breaker.revive(2000)
    assert breaker.allows(2000)
    breaker.failed(2500)
    assert breaker.retry_at == 12_500
    closed = CircuitBreaker()
    closed.revive(0)
    assert closed.retry_at is None


class AgainstAPlainAccount(RuleBasedStateMachine):
    """The oracle keeps every result since the breaker last closed or opened, and works all out from them."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now = CircuitBreaker(), 0
        self.results: list[bool] = []
        self.until, self.openings = -1, 0  # -1: closed

    @rule(ms=st.integers(0, 70_000))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def it_goes_well(self) -> None:
        self.breaker.succeeded()
        if self.until >= 0:
            self.until, self.openings, self.results = -1, 0, []
        self.results.append(True)

    @rule(transient=st.booleans())
    def it_fails(self, transient: Any) -> None:
        self.breaker.failed(self.now, transient=transient)
        if self.until < 0:
            self.results.append(False)
            bad = self.results[-2:] == [False, False] or sum(not one for one in self.results[-5:]) >= 3
            if bad or not transient:
                self._opens()
        elif self.now >= self.until:
            self._opens()

    @rule()
    def there_is_a_good_sign(self) -> None:
        self.breaker.revive(self.now)
        if self.until >= 0:
            self.until = min(self.until, self.now)

    def _opens(self) -> None:
        self.openings += 1
        self.until = self.now + min(60_000, 5_000 * 2 ** (self.openings - 1))
        self.results = []

    @invariant()
    def both_say_the_same(self) -> None:
        assert self.breaker.retry_at == (None if self.until < 0 else self.until)
        assert self.breaker.allows(self.now) == (self.now >= self.until)


TestAgainstAPlainAccount = AgainstAPlainAccount.TestCase
TestAgainstAPlainAccount.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
