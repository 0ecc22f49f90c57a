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
_SPOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_MIN_JAPANESE = 6  # letters
_MIN_WORDS = 4
_LONGEST = 500  # letters: longer is a copy, not something said of oneself


def said(event: Chat | Notice) -> str:
    """Give what the viewer said in words: without emotes and without the @name it is addressed to."""
    text = _EMOTE.sub(" ", event.text) if ":" in event.text else event.text
    return " ".join(_MENTION.sub("", text.strip()).split())


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
    if _LAUGH.match(words):
        return False
    plain = normalized(words)
    return plain not in own_words and _has_content(plain)


def importance(event: Chat | Notice) -> float:
    """Give how much the words matter, 0..1: what was paid for more, a mere question less."""
    if event.money is not None:
        return 0.8
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(said(event))]
    if sentences and all(_ASKS.search(sentence) for sentence in sentences):
        return 0.3
    return 0.5


def _has_content(plain: str) -> bool:
    """Tell whether normalized words say something."""
    letters = plain.replace(" ", "")
    if len(set(letters)) < max(3, len(letters) // 10):
        return False
    if script(plain) == "ja":
        return len(letters) >= _MIN_JAPANESE
    spoken = _SPOKEN.findall(plain)
    return len(spoken) >= _MIN_WORDS and len(set(spoken)) * 2 > len(spoken) and bool(content(plain))
