"""What a model is asked: one fixed prefix for every call, then the talk, then memories and the message, quoted."""

from collections.abc import Iterable, Sequence

import msgspec

from vtuber.core.portioning import cut, ends, tokens
from vtuber.core.prompt_words import (
    ALONE,
    ALOUD,
    FOUND,
    MEMORY,
    NOT_THIS,
    PENDING,
    RULES,
    SAID,
    SHOTS,
    VERDICT,
    VOICE,
    WRITTEN,
)
from vtuber.core.tool_result import harmless
from vtuber.core.verdict import unmarked
from vtuber.events import Language, Recollection
from vtuber.persona import Exchange, Persona
from vtuber.ports import Found, Message
from vtuber.settings import Portions, Thinking

_HARMLESS = str.maketrans({"<": "‹", ">": "›", "|": "/"})
_SOMEBODY = "mio"  # who asks in the examples
_EXAMPLES = 7  # four keep a small model in character; each further one makes the first words come later
_SHOTS_AFTER = 4  # examples: behind more of them a small model marks what is easy, too
_PAST = 100  # tokens of a viewer's message in the talk so far
_LEAST = 8  # tokens of a message that are shown whatever the portions say


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same in every prompt of a show, so that all of them begin alike."""

    marks: frozenset[str] = frozenset()  # the verdicts that she knows: deep, tool
    portions: Portions = Portions()


USUAL = Layout()


class Exchanged(msgspec.Struct, frozen=True):
    """A past turn: who wrote what, and what she really said."""

    name: str
    text: str
    said: str
    language: Language


class Prompt(msgspec.Struct, frozen=True):
    """Messages for a model, and the estimated tokens of each part."""

    messages: tuple[Message, ...]
    parts: dict[str, int]


def layout(wanted: Thinking, *, tools: bool = False) -> Layout:
    """Give the layout of a show; `tools`: whether there are some that only the model can ask for."""
    marks = {"deep", *(("tool",) if tools else ())} if wanted.asks_first else set[str]()
    return Layout(marks=frozenset(marks), portions=wanted.portions)


def prefix(persona: Persona, language: Language, layout: Layout = USUAL) -> tuple[Message, ...]:
    """Give what every prompt in a language begins with: who she is, the rules, and example exchanges.

    A prompt holds one language only: a small model that sees two mixes them.
    """
    about, examples = _who(persona, language, layout.portions.persona)
    pairs = [(_with_memo(language, pair), pair.she) for pair in examples]
    pairs[_SHOTS_AFTER:_SHOTS_AFTER] = _shots(language, layout)
    return (Message("system", f"{about}\n{_rules(persona, language, layout)}"), *_messages(pairs))


def answer(  # noqa: PLR0913 - a prompt is its parts
    persona: Persona,
    *,
    language: Language,
    name: str,
    text: str,
    talk: Sequence[Exchanged],
    recalled: Sequence[Recollection],
    pending: str = "",
    found: Sequence[Found] = (),
    may: frozenset[str] = frozenset(),
    layout: Layout = USUAL,
) -> Prompt:
    """Build the prompt of a turn for the fast model. `pending` is what she is about to say and has not said yet.

    `found` is what tools gave. The marks that the model `may` set change nothing but the end of the last message.
    """
    fixed = prefix(persona, language, layout)
    past = _messages(
        (quoted(one.name, one.text, _PAST), unmarked(one.said)) for one in talk if one.language == language
    )
    last = {
        "memory": _notes(language, recalled, pending, layout.portions.memory),
        "found": _found(language, found, layout.portions.found),
        "message": quoted(name, text, layout.portions.message) + _permission(language, layout.marks, may),
    }
    return _prompt(fixed, _house(persona, language, layout), past, last)


def deep(  # noqa: PLR0913 - a prompt is its parts
    persona: Persona,
    *,
    language: Language,
    name: str,
    text: str,
    recalled: Sequence[Recollection],
    already_said: str,
    found: Sequence[Found] = (),
    portions: Portions = USUAL.portions,
) -> Prompt:
    """Build the prompt of a hard question for the deep model, which is told what she has already said."""
    about, _ = _who(persona, language, portions.persona)
    rules = f"{ALOUD[language]} {WRITTEN[language]}"
    said = SAID[language].format(_plain(cut(already_said, portions.message))) if already_said else ""
    last = {
        "memory": _notes(language, recalled, "", portions.memory),
        "found": _found(language, found, portions.found),
        "said": said,
        "message": f"{quoted(name, text, portions.message)}\n{ALOUD[language]}",
    }
    return _prompt((Message("system", f"{about}\n{rules}"),), tokens(rules), (), last)


def voiced(persona: Persona, *, language: Language, text: str, layout: Layout = USUAL) -> Prompt:
    """Build the prompt in which the fast model says a worked-out answer her way, in the viewer's language."""
    fixed = prefix(persona, language, layout)
    limit = layout.portions.found
    last = {"message": VOICE[language].format(_plain(cut(text, limit))) + _permission(language, layout.marks)}
    return _prompt(fixed, _house(persona, language, layout), (), last)


def quoted(name: str, text: str, limit: int = USUAL.portions.message) -> str:
    """Render a viewer's line as data: one line that nothing in it can end, without markup or marks.

    It holds at most `limit` tokens: of a longer text the beginning and the end.
    """
    who = _plain(name)[:40] or _SOMEBODY
    return f"{who}: {ends(_plain(text), max(_LEAST, limit - tokens(f'{who}: ')))}"


def trim(talk: Sequence[Exchanged], limit: int, block: int = 4) -> tuple[Exchanged, ...]:
    """Drop the oldest exchanges, a whole block at a time, until the talk fits in `limit` tokens.

    Kept as the next turn's talk, so that a prompt's beginning stays the same for several turns and is read only once.
    """
    kept = tuple(talk)
    while kept and sum(tokens(quoted(one.name, one.text, _PAST)) + tokens(one.said) + 8 for one in kept) > limit:
        kept = kept[block:]
    return kept


def _who(persona: Persona, language: Language, limit: int) -> tuple[str, list[Exchange]]:
    """Give who she is and the examples, in `limit` tokens: the oldest examples give way first, then her description."""
    about = cut(persona.about.get(language) or next(iter(persona.about.values()), ""), limit)
    examples = list(persona.examples.get(language, ())[:_EXAMPLES])
    sizes = [tokens(_with_memo(language, pair)) + tokens(pair.she) for pair in examples]
    while examples and tokens(about) + sum(sizes) > limit:
        examples.pop(0)
        sizes.pop(0)
    return about, examples


def _rules(persona: Persona, language: Language, layout: Layout) -> str:
    words = VERDICT[language]
    verdict = [words[part] for part in ("deep", "tool") if part in layout.marks]
    rules = RULES[language].format(n=persona.speaking.reply_sentences)
    return ("" if language == "ja" else " ").join((rules, *verdict, *([words["both"]] if verdict else [])))


def _shots(language: Language, layout: Layout) -> list[tuple[str, str]]:
    return [(quoted(_SOMEBODY, viewer), she) for viewer, she in SHOTS[language] if "deep" in layout.marks]


def _house(persona: Persona, language: Language, layout: Layout) -> int:
    """Give the tokens of what the house adds to who she is."""
    return tokens(_rules(persona, language, layout)) + sum(
        tokens(viewer) + tokens(she) for viewer, she in _shots(language, layout)
    )


def _permission(language: Language, marks: frozenset[str], may: frozenset[str] = frozenset()) -> str:
    """Say which verdict is not wanted now: nothing, where the rules alone hold."""
    if not marks - may:
        return ""
    said = NOT_THIS[language].format(", ".join(f"[{mark}]" for mark in sorted(marks - may))) if marks & may else None
    return f"\n{said or ALONE[language]}"


def _with_memo(language: Language, pair: Exchange) -> str:
    """Render an example's message as real ones are, with what she remembered for it."""
    return f"{_listed(MEMORY[language], [pair.memo] if pair.memo else [])}{quoted(_SOMEBODY, pair.viewer)}"


def _notes(language: Language, recalled: Sequence[Recollection], pending: str, limit: int) -> str:
    last = [PENDING[language].format(_plain(cut(pending, limit // 2)))] if pending else []
    lines = [_plain(one.text)[:200] for one in recalled]
    while lines and sum(map(tokens, (MEMORY[language], *lines, *last))) > limit:
        lines.pop()
    return _listed(MEMORY[language], [*lines, *last])


def _found(language: Language, found: Sequence[Found], limit: int) -> str:
    left = limit - tokens(FOUND[language])
    lines = []
    for one in found:
        line = unmarked(harmless(cut(one.text, max(0, left))))
        left -= tokens(line)
        lines.append(line)
    return _listed(FOUND[language], lines)


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join((head, *(f"- {line}" for line in lines), "", "")) if lines else ""


def _plain(text: str) -> str:
    return " ".join(unmarked(text).translate(_HARMLESS).split())


def _messages(pairs: Iterable[tuple[str, str]]) -> tuple[Message, ...]:
    return tuple(message for asked, she in pairs for message in (Message("user", asked), Message("assistant", she)))


def _prompt(fixed: tuple[Message, ...], rules: int, past: tuple[Message, ...], last: dict[str, str]) -> Prompt:
    """Put a prompt together: the fixed beginning, so many tokens of it rules, the talk, and the last message."""
    parts = {"persona": sum(tokens(message.content) for message in fixed) - rules, "rules": rules}
    parts |= {"talk": sum(tokens(message.content) for message in past)}
    parts |= {name: tokens(words) for name, words in last.items()}
    return Prompt((*fixed, *past, Message("user", "".join(last.values()))), parts)
