"""A show in numbers: what `summary.json` holds, counted from the story so that it adds up."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from vtuber.core.story import MessageStory, Story, TurnStory
from vtuber.events import Chat, Notice

_WINDOW = 16  # this many characters of a thought in a row, heard on stage, are a thought that was spoken
_QUOTE = 8  # this many characters of the viewer's message in a row are a quotation
_DONE = frozenset({"stop", "length"})
_SPACE = re.compile(r"\s+")
_MARKERS = re.compile(
    r"</?\s*think(?:ing)?\s*>|<\|[^|>]{1,40}\|>|\[/?THINK\]|(?:^|\n)\s*Thinking\.\.\.|\.\.\.\s*done thinking\.?",
    re.IGNORECASE,
)


def summarise(story: Story) -> dict[str, object]:
    """Give the summary. `answered` and `dropped` together are the chat and paid messages; notices are counted apart.

    Times: `spoken_s` and `span_s` in seconds, `first_audio_ms` from a message's being chosen to its first sample.
    """
    chats = [one for one in story.messages if isinstance(one.heard, Chat)]
    notices = [one for one in story.messages if isinstance(one.heard, Notice)]
    audible = [turn.first_audio_ms for turn in story.turns if turn.turn.asked and turn.first_audio_ms is not None]
    performed = [one for turn in story.turns for one in turn.performed]
    opened = story.opened
    return {
        "character": opened.character if opened else "",
        "span_s": round((story.ended_ms - story.began_ms) / 1000, 1),
        "messages_in": {
            "chat": sum(one.heard.form == "text" for one in chats if isinstance(one.heard, Chat)),
            "paid": sum(one.heard.form == "paid" for one in chats if isinstance(one.heard, Chat)),
            "notice": len(notices),
        },
        "answered": sum(one.fate == "answered" for one in chats),
        "dropped": _dropped(chats),
        "notices": {"answered": sum(one.fate == "answered" for one in notices), "dropped": _dropped(notices)},
        "turns": len(story.turns),
        "generated": sum(any(call.stop in _DONE and call.text for call in turn.generated) for turn in story.turns),
        "escalated": sum(any(one.accepted for one in turn.decisions) for turn in story.turns),
        "refused": _counted(one.refused for turn in story.turns for one in turn.refused),
        "delivered": sum(turn.delivered for turn in story.turns),
        "recalled": sum(bool(turn.recalled) for turn in story.turns),
        "spoken_s": round(sum(one.duration_ms for one in performed) / 1000, 1),
        "thought_chars_spoken": sum(thought_spoken(turn) for turn in story.turns),
        "first_audio_ms": {"p50": percentile(audible, 50), "p95": percentile(audible, 95)},
        "models": dict(opened.models) if opened else {},
        "voices": _voices(story),
        "failures": dict(sorted(Counter(f"{one.stage}: {one.error}" for one in story.failures).items())),
        "complete": story.closed is not None,
    }


def thought_spoken(turn: TurnStory) -> int:
    """Count the characters of a turn's thoughts that were heard, white space aside, markers of thought included.

    Words of the viewer's own message do not count: a thought quotes them and an answer may too.
    """
    said = "".join(one.text for one in turn.performed)
    return thought_in(said, (one.text for one in turn.thoughts), turn.turn.text)


def thought_in(text: str, thoughts: Iterable[str], asked: str) -> int:
    """Count the characters of a text that are thought, or a marker of it, but for those of the message asked."""
    markers = sum(len(found.group()) for found in _MARKERS.finditer(text))
    plain = _folded(text)
    quoted = _covered(plain, _folded(asked), _QUOTE)
    plain = "".join("\0" if n in quoted else char for n, char in enumerate(plain))
    return markers + len(_covered(plain, "\n".join(map(_folded, thoughts)), _WINDOW))


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Give the nearest-rank percentile; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _covered(text: str, other: str, length: int) -> set[int]:
    """Give the places of a text that lie in a run of at least that length which the other text holds too."""
    covered: set[int] = set()
    for start in range(len(text) - length + 1):
        if text[start : start + length] in other:
            covered.update(range(start, start + length))
    return covered


def _dropped(messages: Iterable[MessageStory]) -> dict[str, int]:
    return _counted(one.reason for one in messages if one.fate == "dropped")


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0])))


def _voices(story: Story) -> dict[str, str]:
    """Give the voices that were heard, by language; before anything was heard, those that were planned."""
    heard: dict[str, Counter[str]] = {}
    for turn in story.turns:
        for one in turn.performed:
            heard.setdefault(one.language, Counter())[one.voice] += 1
    planned = dict(story.opened.voices) if story.opened else {}
    return planned | {language: ", ".join(sorted(names)) for language, names in sorted(heard.items())}


def _folded(text: str) -> str:
    return _SPACE.sub("", text).casefold()
