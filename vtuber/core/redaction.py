"""Takes secrets and personal data out of text before it is written down."""

import re
from typing import Final

MARK: Final = "[redacted]"

_SHAPES: Final = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"[\w.+%-]+[@＠][\w-]+(?:[.．][\w-]+)+",  # e-mail
    r"\b(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|glpat|xox[abposr]|hf|npm|pypi|AIza|ya29|AKIA|ASIA|oauth)[-_:.]?[A-Za-z0-9_\-]{16,}",
    r"\bgithub_pat_\w{20,}",
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}",  # JSON web token
    r"\blive_\d{6,}_\w{10,}",
    r"\b(?=[a-z-]*\d)[a-z0-9]{4}(?:-[a-z0-9]{4}){3,4}(?![\w-])",  # a stream key
    r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)",  # user:password in an address
    r"\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}",
    r"(?<![\w.])(?=[\w+/-]*\d)(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])[A-Za-z0-9+/_-]{32,}={0,2}(?!\w)",
    r"(?<![0-9a-fA-F])[0-9a-f]{32,}(?![0-9a-fA-F])",
)
_NAMED: Final = re.compile(
    r"(?P<name>(?:pass(?:word|wd|phrase|code)?|pwd|secret|api[ _-]?key|access[ _-]?key|token"
    r"|client[ _-]?secret|stream[ _-]?key|\bpin|パスワード|暗証番号|合言葉|秘密鍵|トークン|APIキー|ストリームキー)"
    r"[\"'」』]?\s*(?:(?P<sure>[:=：＝])|is|was|は|って|→)\s*[\"'「『]?)(?P<value>[^\s\"'」』,、。]{3,})",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(r"[\d_$%&*^~+=]")  # in a word that no sentence would hold
_SHAPED: Final = re.compile("|".join(f"(?:{shape})" for shape in _SHAPES), re.ASCII)
_DIGITS: Final = re.compile(
    r"(?<![A-Za-z0-9.])(?:[+＋]|[(（](?=\d))?"
    r"(?:\d{9,19}|\d{1,5}(?:[ 　.()（）‐–—ー―－-]{1,2}\d{2,5}){1,5})(?![A-Za-z0-9])"
)
_DATE: Final = re.compile(r"(?:19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d(?:[-. ]?\d{2,6})?")
_LEAST: Final = 9  # digits of a telephone number
_GROUP: Final = 3  # and of its longest group: 10 20 30 40 50 is none


def redact(text: str) -> str:
    """Give text with mail addresses, telephone, card and personal numbers, keys, tokens and passwords marked out."""
    text = _NAMED.sub(_named, text)
    text = _SHAPED.sub(MARK, text)
    return _DIGITS.sub(_number, text)


def _named(found: re.Match[str]) -> str:
    """After a colon whatever follows is the secret; in a sentence only what looks like one."""
    return found["name"] + MARK if found["sure"] or _TELLING.search(found["value"]) else found[0]


def _number(found: re.Match[str]) -> str:
    groups = re.findall(r"\d+", found[0])
    plain = sum(map(len, groups)) < _LEAST or max(map(len, groups)) < _GROUP or _DATE.fullmatch(found[0])
    return found[0] if plain else MARK
