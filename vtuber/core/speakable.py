"""What of a clause is shown, what of it is spoken, and which expression it asks for."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from vtuber.core.utterance import is_emoji
from vtuber.events import Language

_FENCE: Final = re.compile(r"(```+|~~~+)[^\n]*\n?([\s\S]*?)(?:\n?\1|\Z)")
_IMAGE: Final = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)(?:\s[^)\n]*)?\)")
_LINE_MARK: Final = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|(?:[-*_][ \t]?){3,}$)", re.MULTILINE)
_BOLD: Final = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)([^`\n]+)\1(?!`)")
_TAG: Final = re.compile(
    r"\[[A-Za-z][A-Za-z0-9_ :/-]{0,30}\](?!\()|【(?:表情|感情|動作)[^】]{0,20}】|<\|[^|>\n]{1,40}\|>"
)
_HTML: Final = re.compile(r"</?[a-z][a-z0-9]{0,9}(?:\s[^<>\n]{0,80})?/?>", re.IGNORECASE)
_NAME: Final = re.compile(
    r"^\s*(?:\*\*|__)?((?:[A-Z][\w'-]{1,15}|[ぁ-ゖァ-ヺー一-鿿々]{2,8})(?: [A-Z][\w'-]{1,15})?)"
    r"(?:\*\*|__)?[:：](?:\*\*|__)?(?!//|\d)"
)
_NOT_NAMES: Final = frozenset(
    (
        *("note", "tip", "hint", "warning", "fact", "example", "answer", "question", "result", "time", "date"),
        *("today", "score", "rule", "update", "spoiler", "reason", "step", "summary", "conclusion", "first", "second"),
        *(
            "third",
            "fun fact",
            "hot take",
            "plot twist",
            "pro tip",
            "注意",
            "例",
            "例えば",
            "答え",
            "結果",
            "理由",
            "質問",
            "結論",
        ),
        *("ヒント", "ルール", "ポイント", "まとめ", "今日", "明日", "昨日", "時間", "場所", "条件", "正解", "問題"),
    )
)
_MARKS: Final = r"\s！？!?。．.、，,…」』）)\]】”’♪♡〜~"
_STRAY: Final = re.compile(rf"^[{_MARKS}]+(?=[^{_MARKS}])")
_ONLY_MARKS: Final = re.compile(rf"[{_MARKS}\"'*_`—-]*")
_GAP: Final = re.compile(r"\s+(?=[！？!?。、，,…」』）]|\.(?!\w))")
_DIRECTION: Final = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*])\*(?![*\w])")
_ASIDE: Final = re.compile(r"[（(]([^（）()\n]{1,80})[）)]")
_ACTING: Final = re.compile(
    r"笑い?|爆笑|苦笑い?|微笑み?|泣き?|涙|照れ|汗|怒り?|拍手|ため息"
    r"|(?:[a-z]+ly )?(?:laugh|giggle|chuckle|sigh|smile|grin|wink|wave|blush|clap|gasp|cough|nod|pout|yawn|sniff"
    r"|whisper|pause|sing|hum|cheer|cry|tilt|shrug|bow|jump)(?:s|es|d|ed|ing|ping|ming|ning)?\b.*",
    re.IGNORECASE,
)
_URL: Final = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>「」『』（）、。]+", re.IGNORECASE)
_DOMAIN: Final = re.compile(
    r"(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|net|org|io|tv|gg|jp|dev|app|me|be|ly|co)(?:/[^\s<>「」（）、。]*)?(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_FEATURES: Final = r"・ωдДｗ▽∀≧≦＾^´`｀;；>＜<＞°﹏ﾟ□口皿∇ε￣⌒╥ಠ◕‿ᴗ•̀́T_"  # eyes and mouths
_FACE: Final = re.compile(
    rf"[（(](?=[^（）()\n]{{0,12}}[{_FEATURES}])[{_FEATURES}ー.oO0vuwx3,'\"*=+!\- 　ヮﾉノ〃⊂⊃]{{2,14}}[）)]"
    r"[ﾉノ/／bﾞっ☆彡ゞ]*|[ヽヾ＼\\Σ٩┌└ᕙ](?=[（(])|[\^＾][_ｰ-]?[\^＾]"
    r"|(?<![\w<])(?:[:;=8xX][-'^]?[)(DPpOo3/|*]|<3|T_T|;_;|>_<|o_o|O_O|-_-|xD|XD)(?!\w)"
)
_LAUGH: Final = re.compile(r"(?<=[ぁ-ヿ一-鿿!?！？。])[wｗ]+(?![A-Za-z])|[（(]笑[）)]")
_WAVES: Final = re.compile(r"[♪♫♬♡♥☆★※→←↑↓■□●○◆◇▼▲]+")
_LINK_WORD: Final[Mapping[str, str]] = {"ja": "リンク", "en": "link"}


def displayable(text: str, names: Iterable[str] = ()) -> str:
    """Give a clause for the subtitle: words, emoji and faces, without markup, tags or an echoed "Name:".

    `names` are the names that may be echoed; without them anything short that looks like one is taken off.
    Code is left out; a clause of nothing but marks gives "".
    """
    shown = _plain(_FENCE.sub(" ", text))
    shown = _DIRECTION.sub(_emphasis, shown)
    shown = " ".join(_STRAY.sub("", _unnamed(shown, tuple(names))).split())
    return "" if _ONLY_MARKS.fullmatch(shown) else shown


def speakable(text: str, language: Language, reading: Mapping[str, str]) -> str:
    """Give what a voice should read: no faces, stage directions or addresses; "" if nothing is left to say.

    `reading` replaces written forms by the way they are read.
    """
    spoken = _DIRECTION.sub(_emphasis, _plain(_FENCE.sub(" ", text)))
    spoken = _URL.sub(f" {_LINK_WORD[language]} ", spoken)
    spoken = _DOMAIN.sub(f" {_LINK_WORD[language]} ", spoken)
    spoken = _FACE.sub(" ", _LAUGH.sub("", spoken))
    spoken = "\n".join(_acted(line) for line in spoken.split("\n"))
    spoken = "".join(" " if is_emoji(char) else char for char in spoken)
    spoken = _GAP.sub("", _STRAY.sub("", " ".join(_WAVES.sub(" ", _unnamed(spoken, ())).split())))
    for written in sorted(reading, key=len, reverse=True):
        spoken = _read(spoken, written, reading[written])
    return spoken if any(char.isalnum() for char in spoken) else ""


def expression(text: str, known: Iterable[str]) -> tuple[str, str]:
    """Give the expression that a clause asks for by a leading [tag], "" for none, and the clause without it."""
    names = {name.casefold(): name for name in known}
    found, rest = "", text
    while tag := re.match(
        r"\s*[\[【]\s*(?:emotion|expression|表情|感情)?\s*[:：]?\s*([^\]】\[【\n]{1,30}?)\s*[\]】]", rest
    ):
        if tag[1].casefold() not in names:
            break
        found, rest = found or names[tag[1].casefold()], rest[tag.end() :]
    return found, rest.lstrip() if found else text


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _BOLD.sub(r"\2", _BOLD.sub(r"\2", text))
    text = _CODE.sub(r"\2", _LINE_MARK.sub("", text))
    return _TAG.sub("", _HTML.sub("", text)).replace("**", "")


def _emphasis(found: re.Match[str]) -> str:
    """Keep an emphasised word inside a sentence; a direction stands at an edge of its line."""
    before = found.string[: found.start()].rpartition("\n")[2].strip()
    after = found.string[found.end() :].partition("\n")[0].strip()
    inside = before and after and before[-1] not in "。！？!?.…"
    shouted = found[1].isascii() and found[1].isupper()
    return found[1] if inside or shouted else " "


def _acted(line: str) -> str:
    """Take out asides that are acted, not spoken: a line in brackets, one that begins the line, (laughs) anywhere."""

    def spoken(found: re.Match[str]) -> str:
        begins = not line[: found.start()].strip()
        return " " if begins or _ACTING.fullmatch(found[1].strip()) else found[0]

    return _ASIDE.sub(spoken, line)


def _unnamed(text: str, names: tuple[str, ...]) -> str:
    found = _NAME.match(text)
    if found is None:
        return text
    echoed = found[1] in names if names else found[1].casefold() not in _NOT_NAMES
    return text[found.end() :].lstrip() if echoed else text


def _read(text: str, written: str, reading: str) -> str:
    if written.isascii() and written.isalnum():
        return re.sub(rf"(?<![A-Za-z0-9]){re.escape(written)}(?![A-Za-z0-9])", reading.replace("\\", r"\\"), text)
    return text.replace(written, reading)
