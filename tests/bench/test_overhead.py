from typing import Any

import pytest

from vtuber.bench import overhead


def test_a_show_and_the_least_that_could_do_it_are_compared_in_both_languages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overhead, "_REPLIES", 2)
    runs = []
    found: Any = overhead.measure(1, lambda: runs.append(1))
    assert len(runs) == 2
    for language in ("en", "ja"):
        assert found["ratio"][language]["p50"] > 1.0, "a show does more than two queues"
        assert found["show_ms"][language]["p50"] > found["floor_ms"][language]["p50"] > 0.0


async def test_tokens_come_at_their_rate_and_in_order():
    tokens = [str(number) for number in range(50)]
    assert [token async for token in overhead._paced(tokens)] == tokens
