"""What stands in a run's folder: subtitles, what she is saying, to whom; the names of sound files and the journal's."""

import re

from vtuber.core.wording import one_line
from vtuber.events import Language, Performed
from vtuber.ports import Cue, Musing

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")
_MARKUP = str.maketrans("<>{}", "＜＞｛｝")  # players take tags in a subtitle for style
_THINKING: dict[Language, str] = {
    "ja": "{name}の質問を考え中: {words}",
    "en": "Thinking about {name}'s question: {words}",
}
_NAMED = re.compile(r"(さん|ちゃん|くん|君|さま|様|先生)$")
_LEAST_MS = 400  # a subtitle must stay long enough to be seen


def subtitle(number: int, performed: Performed, base_ms: int) -> str:
    """Give one SRT entry, with the times at which the clause was really performed."""
    start = max(0, performed.started_ms - base_ms)
    end = start + max(_LEAST_MS, performed.duration_ms)
    text = one_line(performed.text).translate(_MARKUP)
    return f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{text}\n\n"


def _stamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{thousandths:03}"


def saying(cue: Cue) -> str:
    """Give what she says now, as a line."""
    return one_line(cue.text)


def reading(cue: Cue) -> str:
    """Give whom she answers and their words, as `name: message`; "" when nobody in particular."""
    name, words = one_line(cue.to, 60), one_line(cue.about, 200)
    return f"{name}: {words}" if name and words else name or words


def thinking(musing: Musing) -> str:
    """Give whom she thinks for and about what, as a line in the viewer's language."""
    name, words = one_line(musing.to, 60), one_line(musing.about, 200)
    if musing.language == "ja" and not _NAMED.search(name):
        name += "さん"
    return _THINKING[musing.language].format(name=name, words=words)


def detail_name(number: int) -> str:
    """Give the file name of a written answer."""
    return f"{number:04}.md"


def sound_name(number: int, cue: Cue) -> str:
    """Give the file name of a clause's sound: NNN-turn-seq.wav, in characters that every file system takes."""
    turn = _NOT_IN_NAMES.sub("-", cue.turn).strip("-")[-40:].strip("-") or "x"
    return f"{number:03}-{turn}-{cue.seq}.wav"


def segment_name(first: str, number: int) -> str:
    """Give the file name of a journal's segment, 2 or later: after journal.jsonl comes journal.0002.jsonl."""
    stem, ending = _parts(first)
    return f"{stem}.{number:04}{ending}"


def segment_number(first: str, name: str) -> int:
    """Give the number of a later segment of the journal that begins with `first`; 0 for any other file."""
    stem, ending = _parts(first)
    middle = name.removeprefix(f"{stem}.").removesuffix(ending)
    number = int(middle) if middle.isascii() and middle.isdecimal() else 0
    return number if number > 1 and segment_name(first, number) == name else 0


def _parts(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot else (name, "")
