"""The check finds what a viewer would notice, and passes the shipped characters."""

from pathlib import Path

import msgspec
import pytest

from vtuber.core.persona_check import check
from vtuber.persona import Exchange, Forbidden, Persona, Rule, Voice, load

ROOT = Path(__file__).resolve().parents[2]
EFU = load(ROOT / "characters" / "efu")


def _with_line(kind: str, language: str, line: str) -> Persona:
    lines = getattr(EFU.lines, kind)
    changed = {**lines, language: (*lines[language], line)}
    return msgspec.structs.replace(EFU, lines=msgspec.structs.replace(EFU.lines, **{kind: changed}))


def _errors(who: Persona) -> list[str]:
    return [f"{finding.where}: {finding.says}" for finding in check(who) if finding.level == "error"]


@pytest.mark.parametrize("name", ["efu", "nettie"])
def test_the_shipped_characters_have_nothing_to_mend(name: str):
    assert check(load(ROOT / "characters" / name)) == ()


@pytest.mark.parametrize(
    ("kind", "language", "line", "says"),
    [
        ("holding", "en", "The answer is coming.", "states a fact"),
        ("holding", "en", "Give me 30 seconds.", "states a fact"),
        ("holding", "ja", "答えは海だと思うけど、考えるね。", "states a fact"),
        ("thanks", "en", "Thank you, {nmae}.", "unknown placeholder {nmae}"),
        ("thanks", "en", "Thank you so much.", "does not hold {name}"),
        ("opening", "en", "Hello, {name}!", "not known when this line is said"),
        ("idle", "ja", "わたしは言語モデルだよ。", "must never say"),
        ("fallback", "en", " ", "is empty"),
    ],
)
def test_a_bad_line_is_an_error_at_its_place(kind: str, language: str, line: str, says: str):
    errors = _errors(_with_line(kind, language, line))
    number = len(getattr(EFU.lines, kind)[language]) + 1
    assert any(f"lines.{kind}.{language}, item {number}" in error and says in error for error in errors)


def test_both_languages_need_lines_only_if_she_answers_in_both():
    lines = msgspec.structs.replace(EFU.lines, holding={"ja": EFU.lines.holding["ja"]})
    who = msgspec.structs.replace(EFU, lines=lines)
    assert any("lines.holding.en" in error for error in _errors(who))
    alone = msgspec.structs.replace(EFU.languages, reply_in_viewer_language=False)
    assert _errors(msgspec.structs.replace(who, languages=alone)) == []


def test_too_few_examples_are_an_error():
    who = msgspec.structs.replace(EFU, examples={**EFU.examples, "en": EFU.examples["en"][:3]})
    assert any("examples.en" in error and "holds 3" in error for error in _errors(who))


def test_an_example_in_the_wrong_language_is_an_error():
    examples = {**EFU.examples, "ja": (*EFU.examples["ja"], Exchange(viewer="やあ", she="Hello there."))}
    assert any(
        "not answered in Japanese" in error for error in _errors(msgspec.structs.replace(EFU, examples=examples))
    )


def test_a_topic_and_a_rule_without_words_or_lines_are_errors():
    who = msgspec.structs.replace(
        EFU,
        forbidden=(*EFU.forbidden, Forbidden(topic="tea", words=(), decline={"ja": ("だめ。",)})),
        rules=(*EFU.rules, Rule(when=("tea",), say={})),
    )
    found = " | ".join(_errors(who))
    assert "(tea): never applies" in found
    assert "(tea).decline.en: has no line" in found
    assert ".say.ja: has no line" in found


def test_silence_about_being_an_ai_or_about_need_is_a_warning():
    who = msgspec.structs.replace(EFU, rules=(), forbidden=())
    says = [finding.says for finding in check(who) if finding.level == "warning"]
    assert any("AIですか" in one for one in says)
    assert any("I want to die" in one for one in says)


def test_an_impossible_voice_and_long_lore_are_found():
    who = msgspec.structs.replace(EFU, voice={"ja": Voice(speed=9, pitch=40)}, lore=("あ" * 300,))
    assert len(_errors(who)) == 2
    assert any("split it" in finding.says for finding in check(who))
