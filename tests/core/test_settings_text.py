"""The settings file that is written reads as the same settings, and explains every key that there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as testing
from hypothesis import strategies as st

from vtuber import strict_toml
from vtuber.core.settings_text import explained, mcp_tool_text, settings_text
from vtuber.settings import (
    FILE,
    Attention,
    Budget,
    McpServer,
    McpTool,
    Models,
    OneComme,
    Portions,
    Privacy,
    Settings,
    Sources,
    Thinking,
    Tools,
    Twitch,
    load,
)

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
several = st.lists(words, max_size=3).map(tuple)
numbers = st.floats(allow_nan=False)
names = words.filter(lambda name: not name.startswith(strict_toml.FREE))  # a key of nobody's is left out by the reader
caps = st.fixed_dictionaries({}, optional={"tokens": st.integers(1, 5000), "deadline_s": st.floats(0.1, 1e6)})
servers = st.builds(
    McpServer,
    command=several,
    url=words,
    environment=several,
    tools=st.dictionaries(names, st.builds(McpTool, says=words, pin=words), max_size=3),
)
settings = st.builds(
    Settings,
    character=words,
    seed=st.integers(-(2**40), 2**40),
    attention=st.builds(Attention, road_size=st.integers(1, 1000), max_age_s=numbers, own_accounts=several),
    thinking=st.builds(
        lambda thinking, caps: msgspec.structs.replace(
            thinking, **{key: msgspec.structs.replace(getattr(thinking, key), **cap) for key, cap in caps.items()}
        ),
        st.builds(
            Thinking,
            asks_first=st.booleans(),
            hard_from=st.floats(0.07, 1),
            effort=st.sampled_from(["auto", "low", "medium", "high"]),
            budget=st.builds(Budget, utilisation=st.floats(0, 1)),
            portions=st.builds(Portions, talk=st.integers(0, 10_000)),
        ),
        st.fixed_dictionaries({}, optional={"low": caps, "medium": caps, "high": caps}),
    ),
    models=st.builds(Models, fast=words, fast_next=several, keys=st.dictionaries(names, words, max_size=2)),
    sources=st.builds(
        Sources, twitch=st.builds(Twitch, channels=several), onecomme=st.builds(OneComme, on=st.booleans())
    ),
    tools=st.builds(Tools, on=several, timezone=words, mcp=st.dictionaries(names, servers, max_size=3)),
    privacy=st.builds(Privacy, redact=several),
)


@given(settings)
@testing(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_reads_as_the_same_settings(tmp_path: Path, value: Settings):
    (tmp_path / FILE).write_text(settings_text(value), encoding="utf-8")
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


SERVER = McpServer(command=("uvx", "weather"), tools={"fore.cast": McpTool(says="tomorrow's weather", pin="ab" * 32)})


def test_servers_of_tools_are_tables_of_their_own_and_only_what_differs_is_in_force():
    in_force = [
        line.partition("  #")[0]
        for line in settings_text(Settings(tools=Tools(mcp={"天気": SERVER}))).splitlines()
        if line and not line.startswith("#") and ("mcp" in line or not line.startswith("["))
    ]
    assert in_force == [
        '[tools.mcp."天気"]',
        'command = ["uvx", "weather"]',
        '[tools.mcp."天気".tools."fore.cast"]',
        'says = "tomorrow\'s weather"',
        f'pin = "{"ab" * 32}"',
    ]


def test_a_tool_that_is_pasted_below_the_usual_settings_is_listed(tmp_path: Path):
    text = mcp_tool_text("天気", "fore.cast", SERVER.tools["fore.cast"])
    (tmp_path / FILE).write_text(f"{settings_text(Settings())}\n{text}\n", encoding="utf-8")
    assert load(tmp_path) == Settings(tools=Tools(mcp={"天気": McpServer(tools=SERVER.tools)}))


def paths(kind: type[msgspec.Struct], before: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        where = f"{before}{field.name}"
        yield where
        for inner, below in ((field.type, where), *((one, f"{where}.NAME") for one in get_args(field.type))):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                yield from () if below == where else [below]
                yield from paths(inner, f"{below}.")


def test_every_key_is_explained_and_nothing_else():
    assert set(explained()) == set(paths(Settings))


@pytest.mark.parametrize("line", settings_text(Settings(tools=Tools(mcp={"weather": SERVER}))).splitlines())
def test_a_line_can_be_read_in_a_terminal(line: str):
    assert len(line) <= 160
