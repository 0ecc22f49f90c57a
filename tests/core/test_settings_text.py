"""The settings file that is written reads as the same settings, and explains every key that there is."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as testing
from hypothesis import strategies as st

from vtuber.core.settings_text import explained, settings_text
from vtuber.settings import FILE, Attention, Models, OneComme, Settings, Sources, Twitch, load

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
settings = st.builds(
    Settings,
    character=words,
    seed=st.integers(-(2**40), 2**40),
    attention=st.builds(
        Attention,
        road_size=st.integers(1, 1000),
        max_age_s=st.floats(allow_nan=False),
        own_accounts=st.lists(words, max_size=3).map(tuple),
    ),
    models=st.builds(Models, fast=words, keys=st.dictionaries(words, words, max_size=2)),
    sources=st.builds(
        Sources,
        twitch=st.builds(Twitch, channels=st.lists(words, max_size=2).map(tuple)),
        onecomme=st.builds(OneComme, on=st.booleans()),
    ),
)


@given(settings)
@testing(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_reads_as_the_same_settings(tmp_path: Path, value: Settings):
    (tmp_path / FILE).write_text(settings_text(value), encoding="utf-8")
    if any(key.startswith("x_") for key in value.models.keys):  # a key of nobody's, left out by the reader
        return
    assert load(tmp_path) == value


def test_with_every_comment_taken_away_it_still_is_the_usual_settings(tmp_path: Path):
    lines = settings_text(Settings()).splitlines()
    in_force = [line for line in lines if line and not line.startswith(("#", "["))]
    assert in_force == []
    (tmp_path / FILE).write_text("\n".join(line.removeprefix("# ") for line in lines), encoding="utf-8")
    assert load(tmp_path) == Settings()
    assert "max_age_s = 45.0" in "\n".join(lines)


def test_only_what_differs_is_in_force():
    value = Settings(character="nettie", sources=Sources(twitch=Twitch(channels=("nettie_ch",))))
    in_force = [
        line.partition("  #")[0]
        for line in settings_text(value).splitlines()
        if line and not line.startswith(("#", "["))
    ]
    assert in_force == ['character = "nettie"', 'channels = ["nettie_ch"]']


def paths(kind: type[msgspec.Struct], before: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        where = f"{before}{field.name}"
        yield where
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from paths(field.type, f"{where}.")


def test_every_key_is_explained_and_nothing_else():
    assert set(explained()) == set(paths(Settings))


@pytest.mark.parametrize("line", settings_text(Settings()).splitlines())
def test_a_line_can_be_read_in_a_terminal(line: str):
    assert len(line) <= 160
