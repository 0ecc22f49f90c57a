import pytest

from vtuber.adapters.embed.words import WordsOnly
from vtuber.errors import EmbedderError


async def test_it_has_no_vectors_and_says_why():
    with pytest.raises(EmbedderError, match="by their words only"):
        await WordsOnly().embed(["x"], "query")
    with pytest.raises(EmbedderError, match="torch is not there"):
        await WordsOnly("torch is not there").embed([], "passage")
    assert WordsOnly.dim == 0
