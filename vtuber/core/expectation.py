"""What a person expects of a show, held against what happened: every expectation is met or tells how it was missed."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import get_args

import msgspec

from vtuber.core.language import joined
from vtuber.core.story import MessageStory, Story, TurnStory
from vtuber.core.summary import thought_spoken
from vtuber.core.wording import one_line
from vtuber.events import Chat, Language, Notice, Performed, Route

ANY = -1  # no limit
_SHOWN = 240  # characters of her words in a miss


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is expected of every message that it names: an answer, unless `answered` is false or a `reason` is given.

    Texts fit whatever their case and width. What she said is everything that was heard of the answer, a promise to
    think about it included.
    """

    message: str = ""  # a text that the message holds …
    id: str = ""  # … or its id …
    notice: str = ""  # … or, for a raid or subscription, its kind
    viewer: str = ""  # only this viewer's: a name or an id such as twitch:12345
    answered: bool = True
    reason: str = ""  # why it was not answered: bot, command, duplicate, …
    route: str = ""  # simple, hard or canned
    contains: tuple[str, ...] = ()  # each of them must be in what she said
    contains_not: tuple[str, ...] = ()
    language: str = ""  # of all that she said
    within_ms: int = 0  # from the message's arrival to her first sample
    recalled: str = ""  # a text that one of the memories in the prompt holds


class Whole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is expected of the show as a whole."""

    thought_chars: int = 0  # characters of thought that may be heard; -1 for any number
    min_answered: int = 0  # messages
    max_answered: int = ANY
    said: tuple[str, ...] = ()  # each of them must be said in some turn
    never_said: tuple[str, ...] = ()


class Expectations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An expectation file: `[[expect]]` tables, and `[show]`."""

    expect: tuple[Expect, ...] = ()
    show: Whole = Whole()


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """An expectation that was not met."""

    place: str  # where it stands in the file: "expect 3", "show"
    about: str  # the message, "" for the show as a whole
    expected: str
    happened: str
    words: str = ""  # hers


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a show fared."""

    met: int  # checks that held
    misses: tuple[Miss, ...]


class _Checked(msgspec.Struct, frozen=True):
    """One check of one message: whether it held, and what to say if not."""

    held: bool
    expected: str
    happened: str


def mistakes(expectations: Expectations) -> tuple[str, ...]:
    """Say what in an expectation file can mean nothing."""
    found = []
    for number, expect in enumerate(expectations.expect, 1):
        if not (expect.message or expect.id or expect.notice):
            found.append(f"expect {number} names no message: give it message, id or notice.")
        for name, value, known in (
            ("route", expect.route, get_args(Route)),
            ("language", expect.language, get_args(Language)),
        ):
            if value and value not in known:
                found.append(f"expect {number} has no {name} “{value}”: it is {' or '.join(known)}.")
        about_words = expect.route or expect.contains or expect.language or expect.within_ms or expect.recalled
        if about_words and (expect.reason or not expect.answered):
            found.append(f"expect {number} wants no answer and says how it is to be.")
    return tuple(found)


def judge(expectations: Expectations, story: Story) -> Verdict:
    """Hold every expectation against what happened. One that names no message of the show is missed."""
    met, misses = 0, []
    turns = {turn.turn.id: turn for turn in story.turns}
    for number, expect in enumerate(expectations.expect, 1):
        named = [one for one in story.messages if _names(expect, one)]
        if not named:
            wanted = _named(expect)
            misses.append(Miss(place=f"expect {number}", about=wanted, expected="such a message", happened="none came"))
        for message in named:
            turn = turns.get(message.turn)
            for check in _checks(expect, message, turn):
                met += check.held
                if not check.held:
                    misses.append(_miss(f"expect {number}", _shown(message), check, _words(turn)))
    for check in _of_show(expectations.show, story):
        met += check.held
        if not check.held:
            misses.append(_miss("show", "", check, ""))
    return Verdict(met=met, misses=tuple(misses))


def _names(expect: Expect, message: MessageStory) -> bool:
    heard = message.heard
    if expect.id and heard.id != expect.id:
        return False
    if expect.notice and not (isinstance(heard, Notice) and heard.notice == expect.notice):
        return False
    if expect.viewer and folded(expect.viewer) not in {folded(heard.name), folded(heard.viewer_id)}:
        return False
    return folded(expect.message) in folded(heard.text)


def _named(expect: Expect) -> str:
    about = [f"“{expect.message}”" if expect.message else "", expect.id, expect.notice]
    return " ".join((*filter(None, about), *([f"from {expect.viewer}"] if expect.viewer else ())))


def _checks(expect: Expect, message: MessageStory, turn: TurnStory | None) -> Iterator[_Checked]:
    happened = "it was answered" if message.fate == "answered" else f"it was dropped: {message.reason}"
    if expect.reason:
        held = message.fate == "dropped" and message.reason == expect.reason
        yield _Checked(held, f"it is dropped: {expect.reason}", happened)
        return
    wanted = "answered" if expect.answered else "dropped"
    yield _Checked(message.fate == wanted, f"it is {wanted}", happened)
    if message.fate == wanted == "answered" and turn is not None:
        yield from _of_answer(expect, message, turn)


def _of_answer(expect: Expect, message: MessageStory, turn: TurnStory) -> Iterator[_Checked]:
    said = folded(_words(turn))
    if expect.route:
        went = turn.routed.route if turn.routed else ""
        yield _Checked(went == expect.route, f"route {expect.route}", f"route {went or 'unknown'}")
    for text in expect.contains:
        yield _Checked(folded(text) in said, f"she says “{text}”", "she does not")
    for text in expect.contains_not:
        yield _Checked(folded(text) not in said, f"she does not say “{text}”", "she does")
    if expect.language:
        heard = sorted({one.language for one in turn.performed})
        yield _Checked(heard == [expect.language], f"language {expect.language}", f"language {', '.join(heard)}")
    if expect.within_ms:
        took = min(one.started_ms for one in turn.performed) - message.heard.at_ms
        yield _Checked(took <= expect.within_ms, f"heard within {expect.within_ms} ms", f"heard after {took} ms")
    if expect.recalled:
        memories = [one.text for one in turn.recalled]
        held = any(folded(expect.recalled) in folded(memory) for memory in memories)
        listed = "; ".join(one_line(memory, 80) for memory in memories) or "nothing"
        yield _Checked(held, f"she recalls “{expect.recalled}”", f"she recalls {listed}")


def _of_show(whole: Whole, story: Story) -> Iterator[_Checked]:
    if whole.thought_chars != ANY:
        heard = sum(thought_spoken(turn) for turn in story.turns)
        yield _Checked(
            heard <= whole.thought_chars,
            f"at most {whole.thought_chars} characters of thought are heard",
            f"{heard} are",
        )
    answered = sum(one.fate == "answered" for one in story.messages if isinstance(one.heard, Chat))
    if whole.min_answered:
        yield _Checked(
            answered >= whole.min_answered, f"at least {whole.min_answered} messages are answered", f"{answered} are"
        )
    if whole.max_answered != ANY:
        yield _Checked(
            answered <= whole.max_answered, f"at most {whole.max_answered} messages are answered", f"{answered} are"
        )
    spoken = [_words(turn) for turn in story.turns]
    for text in whole.said:
        yield _Checked(_first_with(text, spoken) is not None, f"she says “{text}” at some time", "she never does")
    for text in whole.never_said:
        found = _first_with(text, spoken)
        yield _Checked(found is None, f"she never says “{text}”", f"she says: {one_line(found or '', _SHOWN)}")


def _first_with(text: str, spoken: Sequence[str]) -> str | None:
    return next((words for words in spoken if folded(text) in folded(words)), None)


def _miss(place: str, about: str, check: _Checked, words: str) -> Miss:
    shown = one_line(words, _SHOWN)
    return Miss(place=place, about=about, expected=check.expected, happened=check.happened, words=shown)


def _shown(message: MessageStory) -> str:
    heard = message.heard
    text = "(deleted)" if message.deleted else one_line(heard.text, 120)
    kind = f" {heard.notice}" if isinstance(heard, Notice) else ""
    return f"{one_line(heard.name, 40) or 'somebody'}{kind}: {text}"


def _words(turn: TurnStory | None) -> str:
    performed: Sequence[Performed] = turn.performed if turn else ()
    return joined(one.text for one in performed)


def folded(text: str) -> str:
    """Give a text as it is compared: NFKC, without case, every run of white space as one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
