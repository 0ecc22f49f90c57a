"""What all chat logs and protocols share: ids, stamps, amounts of money, and the count of what a log holds."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import msgspec

from vtuber.events import Chat, Money, Notice, Retract, Skipped, System
from vtuber.ports import FromChat

_LATEST_MS = 253_402_300_799_999  # the end of the year 9999: a later stamp is a broken one
_LONGEST_NUMBER = 18  # digits, so that every number fits 64 bits

# Symbols that mean one currency in common use, the longer ones first where one ends with another.
_SYMBOLS = (
    ("NT$", "TWD"),
    ("HK$", "HKD"),
    ("CA$", "CAD"),
    ("MX$", "MXN"),
    ("NZ$", "NZD"),
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CN¥", "CNY"),
    ("JP¥", "JPY"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("R$", "BRL"),
    ("S$", "SGD"),
    ("$", "USD"),
    ("¥", "JPY"),
    ("円", "JPY"),
    ("元", "CNY"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₩", "KRW"),
    ("₹", "INR"),
    ("₱", "PHP"),
    ("₫", "VND"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₺", "TRY"),
    ("₴", "UAH"),
    ("₽", "RUB"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
)
_NUMBER = re.compile(r"[0-9][0-9.,'’ ]*")
_ISO = re.compile(r"\b[A-Z]{3}\b")


def whole(text: object) -> int | None:
    """Read a whole number ≥ 0 of at most 18 digits, from text or from a number; None for anything else."""
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text) if 0 <= text < 10**_LONGEST_NUMBER else ""
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        return None
    return int(text)


def stamp(milliseconds: int | None) -> int | None:
    """Give a stamp in unix milliseconds as it is, or None where it cannot be one."""
    return milliseconds if milliseconds is not None and 0 < milliseconds <= _LATEST_MS else None


def event_id(platform: str, channel: str, native: str) -> str:
    """Give the id of an event that the platform itself has named."""
    return f"{platform}:{channel}:{native}"


def hashed_id(source: str, ordinal: int, author: str, text: str) -> str:
    """Give the id of an event without a name of its own. `source` is "platform:channel", `ordinal` its place there."""
    content = "\x00".join((source, str(ordinal), author, text)).encode("utf-8", "replace")
    return f"{source}:~{hashlib.blake2b(content, digest_size=9).hexdigest()}"


def money(text: str) -> Money | None:
    """Read an amount as people see it ("CZK 20.00", "¥5,000", "1.234,50 €"); None where there is no number.

    The currency is the ISO code where one is written or the symbol has a usual one, else the symbol itself.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = _NUMBER.search(plain)
    if found is None:
        return None
    around = f"{plain[: found.start()]} {plain[found.end() :]}"
    return Money(amount=_decimal(found.group()), currency=_currency(around))


def _decimal(number: str) -> str:
    """Bring "1,234.50", "1.234,50" and "1 234,50" to "1234.50"; a lone mark before three digits parts thousands."""
    digits = re.sub(r"['’ ]", "", number).rstrip(".,")
    at = max(digits.rfind("."), digits.rfind(","))
    marks = {mark for mark in digits if mark in ".,"}
    fraction = digits[at + 1 :]
    grouped = len(fraction) == 3 and len(marks) == 1  # noqa: PLR2004 - thousands stand in groups of three
    if at < 0 or grouped:
        return re.sub(r"[.,]", "", digits)
    return f"{re.sub(r'[.,]', '', digits[:at]) or '0'}.{fraction}"


def _currency(around: str) -> str:
    iso = _ISO.search(around)
    if iso is not None:
        return iso.group()
    for symbol, code in _SYMBOLS:
        if symbol in around:
            return code
    return " ".join(around.split())


class Entry(msgspec.Struct, frozen=True):
    """What one line of a log holds. `stamp_ms` is its place in time, None where the line does not say."""

    line: int  # 1-based
    stamp_ms: int | None
    events: tuple[FromChat, ...]


class Inspection(msgspec.Struct, frozen=True):
    """What a log holds, counted. `span_s` is the time from the first stamp to the last, in whole seconds."""

    format: str
    span_s: int
    events: dict[str, int]  # chat (cheers included), paid, notice, system
    retractions: int
    skipped: dict[str, int]  # reason -> how many
    skipped_lines: dict[str, tuple[int, ...]]  # reason -> the first line numbers


def inspect(format_name: str, entries: Iterable[Entry], *, lines_shown: int = 20) -> Inspection:
    """Count what a log holds; of each reason for skipping, keep the first `lines_shown` line numbers."""
    counts: Counter[str] = Counter(chat=0, paid=0, notice=0, system=0, retract=0)
    skipped: Counter[str] = Counter()
    lines: dict[str, tuple[int, ...]] = {}
    first: int | None = None
    last: int | None = None
    for entry in entries:
        if entry.stamp_ms is not None:
            first = entry.stamp_ms if first is None else min(first, entry.stamp_ms)
            last = entry.stamp_ms if last is None else max(last, entry.stamp_ms)
        for event in entry.events:
            counts[_counted_as(event)] += 1
            if isinstance(event, Skipped):
                skipped[event.reason] += 1
                lines[event.reason] = (*lines.get(event.reason, ()), entry.line)[:lines_shown]
    return Inspection(
        format=format_name,
        span_s=round((last - first) / 1000) if first is not None and last is not None else 0,
        events={name: counts[name] for name in ("chat", "paid", "notice", "system")},
        retractions=counts["retract"],
        skipped=dict(sorted(skipped.items())),
        skipped_lines=dict(sorted(lines.items())),
    )


def _counted_as(event: FromChat) -> str:
    match event:
        case Chat():
            return "paid" if event.form == "paid" else "chat"
        case Notice():
            return "notice"
        case System():
            return "system"
        case Retract():
            return "retract"
        case _:
            return "skipped"
