from vtuber.adapters.model.scripted import Scripted
from vtuber.bench import stand
from vtuber.settings import Settings


def test_a_spread_is_told_by_nearest_rank():
    assert stand.spread([float(value) for value in range(1, 101)]) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert stand.spread([0.123456], 2) == {"p50": 0.12, "p95": 0.12, "p99": 0.12, "max": 0.12}
    assert stand.spread([]) == {}


def test_varied_replies_have_the_same_words_in_another_order_and_are_the_same_each_time():
    plain, one, other = stand.sample("en").tokens, stand.varied("en", 1), stand.varied("en", 2)
    assert sorted(plain) == sorted(one) == sorted(other)
    assert len({plain, one, other}) == 3
    assert stand.varied("en", 1) == one


async def test_a_show_has_all_its_parts_and_what_differs_is_replaced():
    seen: list[object] = []
    settings = Settings(seed=7)
    async with stand.parts([], Scripted(), seen.append, settings=settings) as whole:
        assert (whole.sources, whole.settings.seed, whole.voices.name) == ((), 7, "scripted")
        assert whole.persona.lines.opening == {"en": ()}
        assert whole.note == seen.append
