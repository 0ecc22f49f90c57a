"""Two shows of the same chat side by side: what became of each message in one and in the other."""

from collections import Counter
from typing import Literal, TypeAlias

import msgspec

from vtuber.core.language import joined
from vtuber.core.story import MessageStory, Story, TurnStory
from vtuber.core.summary import summarise
from vtuber.events import Notice

Change: TypeAlias = Literal["presence", "choice", "route", "words", "memories"]
CHANGES: tuple[Change, ...] = ("presence", "choice", "route", "words", "memories")

_TOTALS = ("answered", "turns", "escalated", "delivered", "recalled", "spoken_s", "thought_chars_spoken")


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message in one show. `reason` is "" for an answered one; "" and None where nothing is known."""

    fate: str
    reason: str = ""
    route: str = ""
    words: str = ""  # all that was heard of the answer
    memories: tuple[str, ...] = ()  # those in the prompt, best first
    first_audio_ms: int | None = None  # from being chosen to the first sample


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A message with both its sides, None where it did not come at all, and in what they differ."""

    id: str
    name: str
    text: str  # "" if the platform took it back in either show
    deleted: bool
    at_ms: int  # after the beginning of the first of the shows in which it came
    before: Side | None
    after: Side | None
    changes: tuple[Change, ...]


class Total(msgspec.Struct, frozen=True):
    """A figure of both shows. None where there is nothing to count."""

    name: str
    before: float | None
    after: float | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Messages stand in the order of the first show, those of the second alone behind them."""

    messages: tuple[Compared, ...]
    changed: dict[Change, int]  # messages by what is different
    totals: tuple[Total, ...]
    reasons: tuple[Total, ...]  # why messages were dropped, the most frequent first
    lines: tuple[str, ...]  # her own turns, nobody's message, whose words differ: the purpose of each


def compare(before: Story, after: Story) -> Comparison:
    """Match the messages of two shows by their ids and say where they differ.

    Latencies are given but never a change: two runs on real parts always differ in them.
    """
    ours, theirs = _by_id(before), _by_id(after)
    ours_turns, theirs_turns = _turns(before), _turns(after)
    messages = tuple(
        _compared(
            ours.get(name),
            theirs.get(name),
            _side(ours.get(name), ours_turns),
            _side(theirs.get(name), theirs_turns),
            before.began_ms if name in ours else after.began_ms,
        )
        for name in dict.fromkeys((*ours, *theirs))
    )
    counts = Counter(change for one in messages for change in one.changes)
    return Comparison(
        messages=messages,
        changed={change: counts[change] for change in CHANGES},
        totals=_totals(before, after),
        reasons=_reasons(before, after),
        lines=_own_lines(before, after),
    )


def _by_id(story: Story) -> dict[str, MessageStory]:
    """Give each message once: a second one under the same id is only heard again."""
    found: dict[str, MessageStory] = {}
    for one in story.messages:
        if one.heard.id not in found:
            found[one.heard.id] = one
    return found


def _turns(story: Story) -> dict[str, TurnStory]:
    return {turn.turn.id: turn for turn in story.turns}


def _side(message: MessageStory | None, turns: dict[str, TurnStory]) -> Side | None:
    if message is None:
        return None
    turn = turns.get(message.turn)
    if turn is None:
        return Side(fate=message.fate, reason=message.reason)
    return Side(
        fate=message.fate,
        reason=message.reason,
        route=turn.routed.route if turn.routed else "",
        words=joined(one.text for one in turn.performed),
        memories=tuple(item.text for item in turn.recalled),
        first_audio_ms=turn.first_audio_ms,
    )


def _compared(
    ours: MessageStory | None, theirs: MessageStory | None, before: Side | None, after: Side | None, began_ms: int
) -> Compared:
    there = [one for one in (ours, theirs) if one is not None]
    heard, deleted = there[0].heard, any(one.deleted for one in there)
    kind = f"({heard.notice})" if isinstance(heard, Notice) else ""
    return Compared(
        id=heard.id,
        name=heard.name,
        text="" if deleted else " ".join(filter(None, (kind, heard.text))),
        deleted=deleted,
        at_ms=heard.at_ms - began_ms,
        before=before,
        after=after,
        changes=_changes(before, after),
    )


def _changes(before: Side | None, after: Side | None) -> tuple[Change, ...]:
    if before is None or after is None:
        return ("presence",)
    differs: dict[Change, bool] = {
        "choice": (before.fate, before.reason) != (after.fate, after.reason),
        "route": before.route != after.route,
        "words": before.words != after.words,
        "memories": before.memories != after.memories,
    }
    return tuple(change for change, holds in differs.items() if holds)


def _totals(before: Story, after: Story) -> tuple[Total, ...]:
    ours, theirs = summarise(before), summarise(after)
    found = [Total("messages", len(before.messages), len(after.messages))]
    found += [Total(name, _number(ours[name]), _number(theirs[name])) for name in _TOTALS]
    for route in ("simple", "hard", "tool", "canned"):
        found.append(Total(f"route_{route}", _routed(before, route), _routed(after, route)))
    for part in ("p50", "p95"):
        audio = (one["first_audio_ms"] for one in (ours, theirs))
        found.append(
            Total(f"first_audio_{part}_ms", *(_number(a[part]) if isinstance(a, dict) else None for a in audio))
        )
    return tuple(found)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _routed(story: Story, route: str) -> int:
    return sum(turn.routed is not None and turn.routed.route == route for turn in story.turns)


def _reasons(before: Story, after: Story) -> tuple[Total, ...]:
    ours, theirs = (Counter(one.reason for one in story.messages if one.reason) for story in (before, after))
    ordered = sorted(ours | theirs, key=lambda name: (-max(ours[name], theirs[name]), name))
    return tuple(Total(name, ours[name], theirs[name]) for name in ordered)


def _own_lines(before: Story, after: Story) -> tuple[str, ...]:
    """Name the turns of her own accord whose words differ, the first of a purpose held against the first, and so on."""
    ours, theirs = _own(before), _own(after)
    return tuple(
        f"{purpose} {number}" if number > 1 else purpose
        for purpose, number in dict.fromkeys((*ours, *theirs))
        if ours.get((purpose, number)) != theirs.get((purpose, number))
    )


def _own(story: Story) -> dict[tuple[str, int], str]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], str] = {}
    for turn in story.turns:
        if not turn.turn.asked:
            seen[turn.turn.purpose] += 1
            found[turn.turn.purpose, seen[turn.turn.purpose]] = joined(one.text for one in turn.performed)
    return found
