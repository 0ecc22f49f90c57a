"""Reading a character as a director would: what is missing, promised by mistake, or out of voice."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec

from vtuber.core.portioning import tokens
from vtuber.core.stock import PLACEHOLDERS, mentions
from vtuber.events import Language
from vtuber.persona import Exchange, Lines, Persona

Level: TypeAlias = Literal["error", "warning"]

_EXAMPLES = 4  # fewer, and a small model falls back into its office voice
_EXAMPLE_TOKENS = 80
_ABOUT_TOKENS = 220
_LORE_TOKENS = 120  # a paragraph enters a prompt whole
_VARIETY = 3  # lines of a kind: fewer, and she repeats herself
_LANGUAGES: tuple[Language, ...] = ("ja", "en")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SENTENCE_END = re.compile(r"[。!?！？]+|\.(?=\s|$)")
_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ㐀-鿿]")
_FIGURES = re.compile(r"[0-9０-９]")
_PROMISES = (
    "答えは", "正解は", "結論は", "なぜなら", "だから", "つまり",
    "the answer is", "because", "therefore", "the reason is", "it turns out", "i know the answer",
)  # fmt: skip
_ASKED_IF_AI = {"ja": "AIですか", "en": "are you an AI"}
_IN_NEED = {"ja": "死にたい", "en": "I want to die"}

# kind of line: the placeholders it must hold, and the ones it may hold
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "opening": ((), ()),
    "closing": ((), ()),
    "holding": ((), ("name",)),
    "answer_intro": (("name",), ("name", "question")),
    "second_thought": (("name",), ("name", "question")),
    "too_hard": (("name",), ("name", "question")),
    "result": (("result",), ("name", "result")),
    "fallback": ((), ("name",)),
    "decline": ((), ("name",)),
    "thanks": (("name", "amount"), ("name", "amount")),
    "raid": (("name",), ("name", "count")),
    "subscription": (("name",), ("name", "count")),
    "first_time": (("name",), ("name",)),
    "idle": ((), ()),
}

_OPTIONAL = frozenset({"second_thought", "result", "subscription", "first_time", "idle"})


class Finding(msgspec.Struct, frozen=True):
    """Something to mend. An error is noticed on stream; a warning makes her duller than she could be."""

    level: Level
    where: str  # the key's path
    says: str


def check(persona: Persona) -> tuple[Finding, ...]:
    """Give every finding, errors first."""
    found = [
        *_languages(persona),
        *_stock(persona),
        *_examples(persona),
        *_topics(persona),
        *_voice(persona),
        *_lore(persona.lore),
        *_own_words(persona),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def spoken(persona: Persona) -> tuple[Language, ...]:
    """Give the languages in which she may have to answer."""
    languages = persona.languages
    return _LANGUAGES if languages.reply_in_viewer_language else (languages.primary,)


def _languages(persona: Persona) -> Iterator[Finding]:
    for language in spoken(persona):
        for key, words in (("name", persona.name), ("about", persona.about)):
            if not words.get(language, "").strip():
                yield Finding("error", f"{key}.{language}", "is missing: the model would not know who she is.")
        length = tokens(persona.about.get(language, ""))
        if length > _ABOUT_TOKENS:
            yield Finding(
                "warning", f"about.{language}", f"has about {length} tokens; a small model follows a short one."
            )
    primary = persona.languages.primary
    if primary == "ja" and not persona.speaking.sentence_endings.get("ja"):
        yield Finding("warning", "speaking.sentence_endings.ja", "is empty: nobody can tell how her sentences end.")
    for key, words in (("first_person", persona.speaking.first_person),):
        if not words.get(primary):
            yield Finding("warning", f"speaking.{key}.{primary}", "is missing.")
    if not 1 <= persona.speaking.reply_sentences <= 4:  # noqa: PLR2004 - longer replies hold up the chat
        yield Finding("error", "speaking.reply_sentences", "must be 1 to 4: a longer reply holds up the chat.")


def _stock(persona: Persona) -> Iterator[Finding]:
    for kind, (needed, allowed) in _FIELDS.items():
        lines: Lines = getattr(persona.lines, kind)
        optional = kind in _OPTIONAL
        for language in spoken(persona):
            where = f"lines.{kind}.{language}"
            there = lines.get(language, ())
            if not there:
                yield Finding("warning" if optional else "error", where, "has no line in this language.")
            elif len(there) < _VARIETY and kind in {"holding", "idle", "fallback"}:
                yield Finding("warning", where, f"has fewer than {_VARIETY} lines: she will repeat herself.")
            yield from _each(where, there, language, needed, allowed)
    for language, there in persona.lines.holding.items():
        for number, line in enumerate(there, start=1):
            if _FIGURES.search(line) or mentions(line, _PROMISES):
                yield Finding(
                    "error",
                    f"lines.holding.{language}, item {number}",
                    "states a fact. She has not thought yet: a holding line may only say that she will.",
                )


def _each(
    where: str, there: Sequence[str], language: Language, needed: Sequence[str] = (), allowed: Sequence[str] = ()
) -> Iterator[Finding]:
    for number, line in enumerate(there, start=1):
        at = f"{where}, item {number}"
        held = _PLACEHOLDER.findall(line)
        for name in held:
            if name not in PLACEHOLDERS:
                known = ", ".join("{" + one + "}" for one in PLACEHOLDERS)
                yield Finding("error", at, f"holds the unknown placeholder {{{name}}}; known are {known}.")
            elif name not in allowed:
                yield Finding("error", at, f"holds {{{name}}}, which is not known when this line is said.")
        for name in needed:
            if name not in held:
                level: Level = "error" if name == "name" else "warning"
                yield Finding(level, at, f"does not hold {{{name}}}.")
        if not line.strip():
            yield Finding("error", at, "is empty.")
        elif (language == "ja") != bool(_JAPANESE.search(line)):
            yield Finding("warning", at, f"does not look like {'Japanese' if language == 'ja' else 'English'}.")


def _examples(persona: Persona) -> Iterator[Finding]:
    for language in spoken(persona):
        there = persona.examples.get(language, ())
        if len(there) < _EXAMPLES:
            yield Finding(
                "error",
                f"examples.{language}",
                f"holds {len(there)} exchanges; with fewer than {_EXAMPLES} a small model does not stay in character.",
            )
        endings = persona.speaking.sentence_endings.get(language, ())
        if language == "ja" and there and endings and not any(end in one.she for one in there for end in endings):
            yield Finding(
                "warning", "examples.ja", "use none of her sentence endings: the model learns from the examples."
            )
        for number, one in enumerate(there, start=1):
            yield from _example(f"examples.{language}, item {number}", one, language, persona)


def _example(at: str, one: Exchange, language: Language, persona: Persona) -> Iterator[Finding]:
    if not one.viewer.strip() or not one.she.strip():
        yield Finding("error", at, "needs both what a viewer writes and how she answers.")
        return
    sentences = len(_SENTENCE_END.findall(one.she))
    if sentences > persona.speaking.reply_sentences:
        allowed = persona.speaking.reply_sentences
        yield Finding("warning", at, f"has {sentences} sentences; her replies have at most {allowed}.")
    if tokens(one.she) > _EXAMPLE_TOKENS:
        yield Finding("warning", at, "is long: the model will ramble as its examples do.")
    if (language == "ja") != bool(_JAPANESE.search(one.she)):
        yield Finding("error", at, f"is not answered in {'Japanese' if language == 'ja' else 'English'}.")


def _topics(persona: Persona) -> Iterator[Finding]:
    for number, topic in enumerate(persona.forbidden, start=1):
        where = f"forbidden, item {number} ({topic.topic})"
        yield from _reaction(where, topic.words, "decline", topic.decline, spoken(persona))
    for number, rule in enumerate(persona.rules, start=1):
        yield from _reaction(f"rules, item {number}", rule.when, "say", rule.say, spoken(persona))
    for language in spoken(persona):
        if not any(mentions(_ASKED_IF_AI[language], rule.when) for rule in persona.rules):
            yield Finding("warning", "rules", f"none answers “{_ASKED_IF_AI[language]}”: she should say that she is.")
        if not any(mentions(_IN_NEED[language], topic.words) for topic in persona.forbidden):
            yield Finding(
                "warning", "forbidden", f"nothing kind is ready for a viewer who writes “{_IN_NEED[language]}”."
            )


def _reaction(
    where: str, words: Sequence[str], key: str, lines: Lines, languages: Sequence[Language]
) -> Iterator[Finding]:
    if not any(word.strip() for word in words):
        yield Finding("error", where, "never applies: it holds no words that would bring it up.")
    for language in languages:
        at = f"{where}.{key}.{language}"
        if not lines.get(language):
            yield Finding("error", at, "has no line in this language.")
        yield from _each(at, lines.get(language, ()), language, (), ("name",))


def _voice(persona: Persona) -> Iterator[Finding]:
    for language, voice in persona.voice.items():
        if not 0.5 <= voice.speed <= 2.0:  # noqa: PLR2004 - what the voices can do
            yield Finding("error", f"voice.{language}.speed", "must be 0.5 to 2.0.")
        if not -12.0 <= voice.pitch <= 12.0:  # noqa: PLR2004 - an octave either way
            yield Finding("error", f"voice.{language}.pitch", "must be -12 to 12 half tones.")
    for written, read in persona.reading.items():
        if not written.strip() or not read.strip():
            yield Finding("error", "reading", "holds an empty word.")


def _lore(lore: Sequence[str]) -> Iterator[Finding]:
    if not lore:
        yield Finding("warning", "lore", "is empty: she has nothing to tell about her world.")
    for number, paragraph in enumerate(lore, start=1):
        length = tokens(paragraph)
        if length > _LORE_TOKENS:
            start = paragraph[:24]
            yield Finding(
                "warning", f"lore, paragraph {number}", f"“{start}…” has about {length} tokens; split it into facts."
            )


def _own_words(persona: Persona) -> Iterator[Finding]:
    for where, text in _everything_she_says(persona):
        for word in persona.speaking.never_say:
            if mentions(text, (word,)):
                yield Finding("error", where, f"holds “{word}”, which she must never say.")


def _everything_she_says(persona: Persona) -> Iterator[tuple[str, str]]:
    for kind in _FIELDS:
        yield from _labelled(f"lines.{kind}", getattr(persona.lines, kind))
    for topic in persona.forbidden:
        yield from _labelled(f"forbidden ({topic.topic}).decline", topic.decline)
    for number, rule in enumerate(persona.rules, start=1):
        yield from _labelled(f"rules, item {number}.say", rule.say)
    for language, there in persona.examples.items():
        yield from _numbered(f"examples.{language}", (one.she for one in there))


def _labelled(where: str, lines: Lines) -> Iterator[tuple[str, str]]:
    for language, there in lines.items():
        yield from _numbered(f"{where}.{language}", there)


def _numbered(where: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{where}, item {number}", text) for number, text in enumerate(texts, start=1))
