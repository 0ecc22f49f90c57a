"""A settings file is read strictly: every mistake names the file, the key and the nearest known key."""

from pathlib import Path

import pytest

from vtuber.errors import BadSetting
from vtuber.settings import Settings, load


def written(home: Path, text: str) -> Path:
    (home / "vtuber.toml").write_text(text, encoding="utf-8")
    return home


def test_what_is_written_is_read_and_the_rest_has_its_usual_value(tmp_path: Path):
    text = (
        'character = "nettie"\nx_mine = 1\n[sources.twitch]\nchannels = ["mika", "bo"]\n[attention]\nmax_age_s = 30\n'
    )
    found = load(written(tmp_path, text))
    assert (found.character, found.sources.twitch.channels, found.attention.max_age_s) == ("nettie", ("mika", "bo"), 30)
    assert found.models == Settings().models


@pytest.mark.parametrize("effort", ["auto", "low", "medium", "high"])
def test_one_of_several_words_is_taken_as_it_is(tmp_path: Path, effort: str):
    assert load(written(tmp_path, f'[thinking]\neffort = "{effort}"\n')).thinking.effort == effort


def test_without_a_file_everything_is_as_usual(tmp_path: Path):
    assert load(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sources.twich]\n", r"no key “sources\.twich”.*nearest one is “twitch”"),
        ("[models]\nfast = 3\n", r"“models\.fast” must be text in quotes, not 3"),
        ("[sources.local]\non = 1\n", r"“sources\.local\.on” must be true or false"),
        ('[sources.twitch]\nchannels = "mika"\n', r"“sources\.twitch\.channels” must be a list"),
        (
            '[thinking]\neffort = "lots"\n',
            r"“thinking\.effort” must be (auto|low|medium|high)( or \w+){3}, not the text “lots”",
        ),
        ("[thinking]\neffort = 3\n", r"“thinking\.effort” must be .*, not 3"),
        (
            '[tools.mcp.weather.tools.forecast]\npin = "it"\n',
            r"“tools\.mcp\.weather\.tools\.forecast\.says” is missing",
        ),
        ("[tools.mcp.weather]\nargs = []\n", r"no key “tools\.mcp\.weather\.args”"),
        ("[sources\n", "not valid TOML"),
    ],
)
def test_a_mistake_names_the_key_and_what_it_takes(tmp_path: Path, text: str, said: str):
    with pytest.raises(BadSetting, match=said):
        load(written(tmp_path, text))


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path):
    (tmp_path / "vtuber.toml").write_bytes("character = 'え'".encode("shift_jis"))
    with pytest.raises(BadSetting, match=r"vtuber\.toml is not UTF-8"):
        load(tmp_path)
