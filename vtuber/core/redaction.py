"""Takes secrets and personal data out of text before it is written down."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

MARK: Final = "[redacted]"

_Span: TypeAlias = tuple[int, int] | None

# Bounds, where one would else look on to the end of the text at each of its characters.
_SHAPES: Final = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"(?:(?<![\w.+%-])[\w.+%-]+|[\w.+%-]{1,64})[@＠][\w-]+(?:[.．][\w-]+)+",  # e-mail
    r"(?<![A-Za-z0-9])(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|glpat|xox[abposr]|hf|npm|pypi|AIza|ya29|AKIA|ASIA|oauth)[-_:.]?[A-Za-z0-9_\-]{16,}",
    r"(?<![A-Za-z0-9])github_pat_\w{20,}",
    r"(?<![\w-])[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}",  # a Discord bot's token
    r"(?<!\d)\d{8,10}:[\w-]{35}",  # and a Telegram bot's
    r"(?<![A-Za-z0-9])eyJ[\w-]{8,1000}\.[\w-]{8,}\.[\w-]{4,}",  # JSON web token
    r"(?<![A-Za-z0-9])live_\d{6,}_\w{10,}",
    r"(?<![A-Za-z0-9])(?=[a-z-]{0,23}\d)[a-z0-9]{4}(?:-[a-z0-9]{4}){3,4}(?![A-Za-z0-9-])",  # a stream key
    r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)",  # user:password in an address
    r"(?<![A-Za-z0-9])(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}",
    r"(?<![\w.])(?=[\w+/-]{0,200}\d)(?=[\w+/-]{0,200}[A-Z])(?=[\w+/-]{0,200}[a-z])[A-Za-z0-9+/_-]{32,}={0,2}(?!\w)",
    r"(?<![0-9a-fA-F])[0-9a-fA-F]{32,}(?![0-9a-fA-F])",
)
_NAMED: Final = re.compile(
    r"(?P<name>(?:pass(?:word|wd|phrase|code)?|pwd|secret|api[ _-]?key|access[ _-]?key|token"
    r"|client[ _-]?secret|stream[ _-]?key|\bpin|パスワード|暗証番号|合言葉|秘密鍵|トークン|APIキー|ストリームキー)"
    r"[\"'」』]?\s*(?:(?P<sure>[:=：＝])|is|was|は|って|→)\s*[\"'「『]?)(?P<value>[^\s\"'」』,、。]{3,})",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(r"[\d_$%&*^~+=]")  # in a word that no sentence would hold
_SHAPED: Final = re.compile("|".join(f"(?:{shape})" for shape in _SHAPES), re.ASCII)
_GROUPED: Final = r"(?:\d{9,19}|\d{1,5}(?:[ .()・･·のー-]{1,2}\d{2,5}){1,5})(?![A-Za-z0-9])"
_DIGITS: Final = re.compile(r"(?<![A-Za-z0-9.])(?:[+]|[(](?=\d))?" + _GROUPED)
_MY_NUMBER: Final = re.compile(
    r"(?P<name>(?:マイナンバー|個人番号|\b(?:my|individual)[ -]?number)[^\W\d]{0,6}"
    r"\s*+[:=：＝→」』\"']{0,3}+\s*+(?:is\s*+)?)"
    r"(?P<value>\d[\d \t.・･·のー-]{3,17}\d)",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"(?:19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d(?:[-. ]?\d{2,6})?")
_ALIKE: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("　"): " ",
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
}
_NUMERALS: Final = _ALIKE | {ord(numeral): str(digit) for digit, numeral in enumerate("〇一二三四五六七八九")}
_LEAST: Final = 9  # digits of a telephone number
_GROUP: Final = 3  # and of its longest group: 10 20 30 40 50 is none
_PERSONAL: Final = 12  # digits of a My Number


def redact(text: str, own: Sequence[str] = ()) -> str:
    """Give text with mail addresses, telephone, card and personal numbers, keys, tokens and passwords marked out.

    `own` are words and phrases of the operator's: marked out wherever they stand, in any width or case of letters and
    with any white space in between.
    """
    wanted = sorted({"".join(_squashed(word)) for word in own} - {""}, key=len, reverse=True)
    if wanted:
        listed = re.compile("|".join(map(re.escape, wanted)))
        text = MARK.join(_unlisted(part, listed) for part in text.split(MARK))
    text = _marked(text, _MY_NUMBER, lambda found: found.span("value"), _NUMERALS)
    text = _marked(text, _NAMED, _named, _ALIKE)
    text = _marked(text, _SHAPED, lambda found: found.span(), _ALIKE)
    return _marked(text, _DIGITS, _number, _NUMERALS)


def _marked(
    text: str, pattern: re.Pattern[str], secret: Callable[[re.Match[str]], _Span], alike: Mapping[int, str]
) -> str:
    """Give text with what a pattern finds marked out; it reads letters of any width, and none that nobody sees."""
    seen = [(at, alike.get(ord(char), char)) for at, char in enumerate(text) if unicodedata.category(char) != "Cf"]
    kept, done = [], 0
    for found in pattern.finditer("".join(char for _, char in seen)):
        span = secret(found)
        if span is not None:
            start, end = seen[span[0]][0], seen[span[1] - 1][0] + 1
            kept += [text[done:start], MARK]
            done = end
    return "".join((*kept, text[done:]))


def _named(found: re.Match[str]) -> _Span:
    """After a colon whatever follows is the secret; in a sentence only what looks like one."""
    return found.span("value") if found["sure"] or _TELLING.search(found["value"]) else None


def _number(found: re.Match[str]) -> _Span:
    groups = re.findall(r"\d+", found[0])
    plain = sum(map(len, groups)) < _LEAST or max(map(len, groups)) < _GROUP
    return None if plain or (_DATE.fullmatch(found[0]) and not _is_my_number("".join(groups))) else found.span()


def _is_my_number(digits: str) -> bool:
    """Say whether the last of twelve digits is the check digit of a My Number (総務省令第85号, 2014, article 5)."""
    if len(digits) != _PERSONAL:
        return False
    rest = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(digits[-2::-1], 1)) % 11  # noqa: PLR2004
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def _unlisted(text: str, listed: re.Pattern[str]) -> str:
    """Give text with what is listed marked out, found in its squashed form."""
    letters, places = [], []  # of the squashed text, and where each began and ended
    at = 0
    for cluster in _clusters(text):
        for letter in _squashed(cluster):
            letters.append(letter)
            places.append((at, at + len(cluster)))
        at += len(cluster)
    kept, done = [], 0
    for found in listed.finditer("".join(letters)):
        start, end = places[found.start()][0], places[found.end() - 1][1]
        kept += [text[done:start], MARK]
        done = end
    return "".join((*kept, text[done:]))


def _clusters(text: str) -> Iterator[str]:
    """Cut text where no letter is composed of what stands on both sides (ｶ and ﾞ are one)."""
    if text.isascii():
        yield from text
        return
    begun = ""
    for char in text:
        if begun and _normal(begun + char) == _normal(begun) + _normal(char):
            yield begun
            begun = ""
        begun += char
    if begun:
        yield begun


def _squashed(text: str) -> Iterable[str]:
    """Give the letters of text without width, case, white space and invisible characters."""
    folded = _normal(_normal(text).casefold())
    return (char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
