"""Words as a screen or a voice may be given them: nobody else's control characters, markup or endless lines."""

import re
import unicodedata

from vtuber.events import Language

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b.?"
)
_COMMANDS = str.maketrans(dict.fromkeys("<>[]{}|\\^`*_", " "))  # what one voice or another takes for an instruction
_WAVE_AFTER_KANA = re.compile(r"(?<=[ぁ-ゖァ-ヺー])[〜～~]+")
_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾟ㐀-鿿々〆]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_PAUSE = re.compile(r"[、。，．,.!?！？…;:]+")
_SMALL_KANA = frozenset("ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]")
_STACKED = 2  # combining marks on one letter at most: more of them overrun their line
_MORA_MS = 1000 / 7
_LETTER_MS = 1000 / 15
_PAUSE_MS = 200
_LEAST_MS = 300


def one_line(text: str, limit: int = 300) -> str:
    """Give a text as one harmless line of at most `limit` characters: no control, escape or direction characters."""
    kept: list[str] = []
    stacked = 0
    for char in _ESCAPES.sub("", text):
        category = unicodedata.category(char)
        stacked = stacked + 1 if category in {"Mn", "Me"} else 0
        if char.isspace() or category in {"Zl", "Zp"}:
            kept.append(" ")
        elif category[0] != "C" and stacked <= _STACKED:
            kept.append(char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def for_a_voice(text: str, limit: int = 300) -> str:
    """Give what a voice library may be handed: one line of at most `limit` characters, no pictures nor commands."""
    line = _WAVE_AFTER_KANA.sub("ー", one_line(text, 2 * limit))
    folded = unicodedata.normalize("NFKC", line).translate(_COMMANDS)
    spoken = "".join(
        char for char in folded if unicodedata.category(char) not in {"So", "Sk", "Cn", "Cf", "Me"} and char != "\ufe0f"
    )
    return " ".join(spoken.split())[:limit].rstrip()


def audible(text: str) -> bool:
    """Whether there is a letter or a digit to speak."""
    return any(char.isalnum() for char in text)


def voice_language(text: str, declared: Language) -> Language:
    """Give the language whose voice can read a text: by script, since no English voice reads kana.

    Japanese with Latin words in it stays Japanese; a "Japanese" clause of two or more Latin words alone is English.
    """
    if _JAPANESE.search(text):
        return "ja"
    return "en" if len(_LATIN_WORD.findall(text)) > 1 else declared


def spoken_ms(text: str, speed: float = 1.0) -> int:
    """Estimate how long a text takes to say: about 7 Japanese morae or 15 English letters a second, and pauses."""
    total = 0.0
    for char in text:
        if char in _SMALL_KANA:
            continue
        if _KANA.match(char):
            total += _MORA_MS
        elif _JAPANESE.match(char):
            total += 2 * _MORA_MS  # a Han character is read with about two morae
        elif char.isdigit():
            total += 3 * _LETTER_MS
        elif char.isalpha() or char == " ":
            total += _LETTER_MS
    total += _PAUSE_MS * len(_PAUSE.findall(text.rstrip("、。，．,.!?！？…;: ")))
    return max(_LEAST_MS, round(total / speed))
