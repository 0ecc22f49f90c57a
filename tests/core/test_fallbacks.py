from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.fallbacks import Fallbacks


@given(st.lists(st.integers(0, 200_000), max_size=60))
def test_in_no_five_minutes_are_more_than_three_said_and_none_is_kept_back_without_need(gaps: list[int]):
    told, said, now = Fallbacks(), list[int](), 0
    for gap in gaps:
        now += gap
        lately = sum(now - at < 300_000 for at in said)
        assert told.may_say(now) == (lately < 3)
        if told.may_say(now):
            told.say(now)
            said.append(now)
