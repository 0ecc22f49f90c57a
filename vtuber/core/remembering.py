"""Which of a viewer's words are worth remembering, and how much they matter."""

import re
from collections.abc import Collection

from vtuber.core.lexical import content, normalized, script
from vtuber.events import Chat, Notice

_EMOTE = re.compile(r":[A-Za-z0-9_]+:")
_ADDRESS = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"^(@\S+[\s,:、]*)+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_ASKS = re.compile(
    r"[?？]\s*$|(か|かな|かい|かしら)[。！!]*$"
    r"|^(what|who|whose|when|where|why|how|which|do|does|did|can|could|will|would|should|is|are|was|were)\b",
    re.IGNORECASE,
)
_LAUGH = re.compile(r"^[wｗ草笑8８爆lоoахh\W\d_]+$", re.IGNORECASE)
_MIN_JAPANESE = 6  # letters
_MIN_WORDS = 4
_LONGEST = 500  # letters: longer is a copy, not something said of oneself


def said(event: Chat | Notice) -> str:
    """Give what the viewer said in words: without emotes and without the @name it is addressed to."""
    return " ".join(_MENTION.sub("", _EMOTE.sub(" ", event.text).strip()).split())


def memorable(event: Chat | Notice, own_words: Collection[str] = ()) -> bool:
    """Tell whether a viewer's words become a memory; `own_words` are normalized lines that she said herself.

    Not remembered: anyone without an id of their own, bots, commands, links, invisible characters, emotes and
    laughter, the very short, the very long, one word over and over, and her own words said back to her.
    """
    if not event.viewer_id or event.weak or "bot" in event.roles:
        return False
    words = said(event)
    if not words or len(words) > _LONGEST or words[0] in "!/" or _ADDRESS.search(words) or _INVISIBLE.search(words):
        return False
    if _LAUGH.match(words) or normalized(words) in own_words:
        return False
    return _has_content(words)


def importance(event: Chat | Notice) -> float:
    """Give how much the words matter, 0..1: what was paid for more, a mere question less."""
    if event.money is not None:
        return 0.8
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(said(event))]
    if sentences and all(_ASKS.search(sentence) for sentence in sentences):
        return 0.3
    return 0.5


def _has_content(words: str) -> bool:
    plain = normalized(words).replace(" ", "")
    if len(set(plain)) < max(3, len(plain) // 10):
        return False
    if script(words) == "ja":
        return len(plain) >= _MIN_JAPANESE
    spoken = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+", normalized(words))
    return len(spoken) >= _MIN_WORDS and len(set(spoken)) * 2 > len(spoken) and bool(content(words))
