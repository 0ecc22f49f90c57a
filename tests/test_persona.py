"""A character is read from her folder, and every mistake in her file is named."""

import shutil
from pathlib import Path

import pytest

from vtuber.errors import BadSetting, NotFound
from vtuber.persona import characters, find, load, shipped

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "characters" / "efu", tmp_path / "characters" / "mine"))


def _edit(folder: Path, old: str, new: str) -> Path:
    file = folder / "persona.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["efu", "nettie"])
def test_a_shipped_character_loads_with_lines_examples_and_lore(name: str):
    who = load(ROOT / "characters" / name)
    assert who.name["ja"]
    assert who.name["en"]
    assert len(who.lines.holding["ja"]) >= 6
    assert len(who.lines.holding["en"]) >= 6
    assert min(len(who.examples["ja"]), len(who.examples["en"])) >= 5
    assert len(who.lore) >= 8


def test_the_shipped_characters_are_one_japanese_first_and_one_english_first():
    there = characters([shipped()])
    assert {load(folder).languages.primary for folder in there.values()} == {"ja", "en"}


def test_lore_is_one_entry_a_paragraph_without_headings_and_joined_without_spaces_in_japanese(folder: Path):
    for file in (folder / "lore").glob("*.md"):
        file.unlink()
    (folder / "lore" / "b.md").write_text("second\nparagraph\n", encoding="utf-8")
    (folder / "lore" / "a.md").write_text(
        "# Heading\n\n長い傘が\nあるよ。\n\n\nHidari is\na glove.\n", encoding="utf-8-sig"
    )
    assert load(folder).lore == ("長い傘があるよ。", "Hidari is a glove.", "second paragraph")


def test_an_unknown_key_names_file_path_and_the_nearest_known_key(folder: Path):
    _edit(folder, "[lines.holding]", "[lines.holdin]")
    with pytest.raises(BadSetting, match=r"persona\.toml.*“lines\.holdin”.*nearest one is “holding”"):
        load(folder)


def test_an_unknown_key_inside_a_list_names_the_item(folder: Path):
    _edit(folder, 'viewer = "こんばんは〜"', 'veiwer = "こんばんは〜"')
    with pytest.raises(BadSetting, match=r"“examples\.ja, item 1\.veiwer”.*“viewer”"):
        load(folder)


def test_an_unknown_language_is_an_unknown_key(folder: Path):
    _edit(folder, '[name]\nja = "拾井えふ"', '[name]\njp = "拾井えふ"')
    with pytest.raises(BadSetting, match=r"“name\.jp”.*“ja”"):
        load(folder)


def test_keys_that_begin_with_x_are_free_at_every_level(folder: Path):
    before = load(folder)
    _edit(folder, "schema = 1", "schema = 1\nx_note = [1, 2]")
    _edit(folder, "[speaking]", "[speaking]\nx_mood = { deep = true }")
    _edit(folder, "[[rules]]", '[[rules]]\nx_from = "2026"')
    _edit(folder, "[reading]", '[reading]\nx_todo = "more"')
    assert load(folder) == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "reply_sentences = 2",
            'reply_sentences = "two"',
            "“speaking.reply_sentences” must be a whole number, not the text “two”",
        ),
        ("reply_sentences = 2", "reply_sentences = true", "must be a whole number, not true"),
        ("speed = 1.0", 'speed = "fast"', "“voice.ja.speed” must be a number"),
        ("reply_in_viewer_language = true", "reply_in_viewer_language = 1", "must be true or false, not 1"),
        ('primary = "ja"', 'primary = "fr"', "“languages.primary” must be en or ja, not the text “fr”"),
        ("schema = 1", "schema = 2", "“schema” must be 1, not 2"),
        ('[name]\nja = "拾井えふ"', '[name]\nja = ["拾井えふ"]', "“name.ja” must be text in quotes, not a list"),
        ("[speaking.first_person]", "[x_lost]", ""),
    ],
)
def test_a_wrong_type_is_said_in_words_with_its_path(folder: Path, old: str, new: str, says: str):
    _edit(folder, old, new)
    if not says:
        assert load(folder).speaking.first_person == {}
        return
    with pytest.raises(BadSetting) as caught:
        load(folder)
    assert says in str(caught.value)


def test_text_where_a_list_is_wanted_is_said(folder: Path):
    _edit(folder, 'catchphrases]\nja = ["はい、お預かり", "荷札、つけとくね"]', 'catchphrases]\nja = "はい"')
    with pytest.raises(BadSetting, match="must be a list in"):
        load(folder)


def test_a_missing_required_key_is_named(folder: Path):
    _edit(folder, "[lines.holding]", "[x_holding]")
    with pytest.raises(BadSetting, match=r"“lines\.holding” is missing"):
        load(folder)


@pytest.mark.parametrize("content", [b'name = "open', b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_toml_at_all_is_one_sentence(folder: Path, content: bytes):
    (folder / "persona.toml").write_bytes(content)
    with pytest.raises(BadSetting) as caught:
        load(folder)
    assert "persona.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_character_names_those_there_are(folder: Path):
    with pytest.raises(NotFound, match=r"Did you mean “mine”.*mine"):
        find("mina", [folder.parent.parent])
    with pytest.raises(NotFound, match="mine"):
        load(folder.parent / "nobody")


def test_nothing_anywhere_says_what_a_character_is(tmp_path: Path):
    with pytest.raises(NotFound, match=r"characters/NAME"):
        find("efu", [tmp_path])


def test_the_first_home_that_has_the_name_wins_and_a_path_is_taken_as_it_is(folder: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(folder, other / "characters" / "mine")
    assert find("mine", [other, folder.parent.parent]) == other / "characters" / "mine"
    assert find(str(folder), []) == folder
    assert set(characters([other, shipped()])) >= {"mine", "efu", "nettie"}
