import pytest

from vtuber.bench import latency, stand
from vtuber.bench.latency import Sample, first_cut


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_shipped_samples_are_their_own_tokens(language: str):
    sample = stand.sample(language)
    assert "".join(sample.tokens) == sample.text
    assert sample.text.startswith(sample.first_sentence)


def test_the_first_cut_is_decided_by_the_token_that_ends_it():
    sample = Sample(text="", tokens=("Good eve", "ning to you", "!", " More", " of it."), first_sentence="")
    assert first_cut(sample, "en") == (2, "Good evening to you!")


def test_a_beginning_ends_with_the_token_that_holds_its_last_character():
    sample = Sample(text="abcdef", tokens=("ab", "cd", "ef"), first_sentence="")
    assert [latency._tokens_to(sample, "abcdef"[:size]) for size in (1, 2, 3, 6)] == [0, 0, 1, 2]


def test_a_reply_is_heard_after_its_first_clause_was_decided_and_voiced():
    found = latency.measure(1, lambda: None)
    own = found["own"]
    assert isinstance(own, dict)
    assert all(1.0 <= spread["p50"] < 3.0 for spread in own.values())
