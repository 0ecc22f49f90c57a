"""How well difficulty tells hard messages from simple ones, and how fast, on files of messages whose route is known."""

import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from vtuber.bench.stand import spread
from vtuber.core.lexical import script
from vtuber.core.routing import HARD_FROM, THRESHOLD
from vtuber.core.routing_bait import clean
from vtuber.core.routing_scores import auroc, recall
from vtuber.errors import NotFound, UserMistake
from vtuber.wiring.routing import judge

_ESCALATED: Final = (5, 10, 20)  # % of simple messages that may be escalated
_BAIT: Final = re.compile(r"(?:^|[\W_])(?:bait|inj(?:ect\w*)?)(?:s|$|[\W_\d])")


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a file."""

    file: str
    text: str
    lang: str
    hard: bool
    bait: bool  # claims a route for itself
    outcome: bool | None  # where both models' answers were judged: the weak one was wrong and the strong one right


class _Judged(msgspec.Struct, frozen=True):
    row: _Row
    difficulty: float
    ms: float


def measure(data: Path, progress: Callable[[int, int], None], *, embed: bool = False) -> dict[str, object]:
    """Measure all *.jsonl files of a folder; `progress` gets how many messages are done, and of how many.

    A row holds `text` (or `text_en` and `text_ja`) and `route`, which is hard if it begins so; files without a route
    are left out and named. Files whose name begins with `disguised` are reported apart, as are rows with a measured
    outcome (`weak_correct`, `strong_correct`), whose route is a guess by source. Raises NotFound, UserMistake.
    """
    rows, left_out = _read(data)
    judged = []
    with judge(embed=embed) as difficulty:
        difficulty(rows[0].text)  # the first call warms the processor's caches
        for row in rows:
            began = time.perf_counter()
            value = difficulty(row.text)
            judged.append(_Judged(row, value, (time.perf_counter() - began) * 1000))
            progress(len(judged), len(rows))
    baits = [one for one in judged if one.row.bait]
    plain = [one for one in judged if not one.row.bait and one.row.outcome is None]
    measured = [one for one in judged if one.row.outcome is not None]
    names = sorted({one.row.file for one in plain})
    return {
        "embed": embed,
        "rows": len(rows),
        "left_out": left_out,
        "pooled": _by_language(plain),
        "disguised": _by_language([one for one in plain if one.row.file.startswith("disguised")]),
        "baits": _escalations(baits),
        "measured": {name: _outcomes(_of(measured, name)) for name in sorted({one.row.file for one in measured})},
        "files": {name: _figures(_of(plain, name)) for name in names},
        "ms": spread([one.ms for one in judged], 3),
    }


def _read(data: Path) -> tuple[list[_Row], list[str]]:
    if not data.is_dir():
        raise NotFound(f"There is no folder {data}: give one with files of messages as JSON lines.")
    rows, left_out = list[_Row](), []
    for path in sorted(data.glob("*.jsonl")):
        found = _rows(path)
        rows += found
        left_out += [] if found else [path.name]
    if not rows:
        raise UserMistake(f'No file in {data} holds lines such as {{"text": "hello", "route": "simple"}}.')
    return rows, left_out


def _rows(path: Path) -> list[_Row]:
    """Read a file. Where no row is marked as a bait, those are that the cleaning sees through."""
    try:
        found = [
            msgspec.json.decode(line, type=dict[str, Any]) for line in path.read_bytes().splitlines() if line.strip()
        ]
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise UserMistake(f"The file {path} cannot be read as JSON lines ({error}).") from error
    rows = [
        _Row(
            file=path.stem,
            text=row[field],
            lang=field.removeprefix("text_") if field != "text" else str(row.get("lang") or script(row[field])),
            hard=row["route"].startswith("hard"),
            bait=_marked(row),
            outcome=row["strong_correct"] and not row["weak_correct"]
            if {"weak_correct", "strong_correct"} <= row.keys()
            else None,
        )
        for row in found
        for field in ("text", "text_en", "text_ja")
        if isinstance(row.get("route"), str) and isinstance(row.get(field), str)
    ]
    if any(row.bait for row in rows):
        return rows
    return [msgspec.structs.replace(row, bait=not row.hard and clean(row.text).baited) for row in rows]


def _marked(row: dict[str, Any]) -> bool:
    """Whether a field says that this is a bait: by its name if it is a yes or no, else by its words."""
    told = (name if value is True else value for name, value in row.items() if not name.startswith("text"))
    return any(isinstance(words, str) and _BAIT.search(words.casefold()) for words in told)


def _of(judged: Sequence[_Judged], file: str) -> list[_Judged]:
    return [one for one in judged if one.row.file == file]


def _by_language(judged: Sequence[_Judged]) -> dict[Literal["all", "en", "ja"], object]:
    parts = {lang: [one for one in judged if one.row.lang == lang] for lang in ("en", "ja")}
    return {"all": _figures(judged), "en": _figures(parts["en"]), "ja": _figures(parts["ja"])}


def _figures(judged: Sequence[_Judged]) -> dict[str, object]:
    """Give the figures of some messages, and those of length and of pure chance beside them."""
    hard = [one.row.hard for one in judged]
    dice = random.Random(0)
    scores = {
        "difficulty": [one.difficulty for one in judged],
        "length": [float(len(one.row.text)) for one in judged],
        "chance": [dice.random() for _ in judged],
    }
    return {
        "rows": len(hard),
        "hard": sum(hard),
        **{
            name: {"auroc": _short(auroc(hard, values))}
            | {f"recall_at_{share}": _short(recall(hard, values, share / 100)) for share in _ESCALATED}
            for name, values in scores.items()
        },
        "escalated": {
            name: _share([one.difficulty >= THRESHOLD for one in judged if one.row.hard == is_hard])
            for name, is_hard in (("simple", False), ("hard", True))
        },
    }


def _escalations(baits: Sequence[_Judged]) -> dict[str, int]:
    lured = [one for one in baits if not one.row.hard]
    return {
        "rows": len(lured),
        "escalated": sum(one.difficulty >= THRESHOLD for one in lured),
        "clearly_hard": sum(one.difficulty >= HARD_FROM for one in lured),
    }


def _outcomes(judged: Sequence[_Judged]) -> dict[str, object]:
    """Say whether difficulty foretells that the weak model fails and the strong one does not."""
    needed = [bool(one.row.outcome) for one in judged]
    return {
        "rows": len(needed),
        "needed": sum(needed),
        "auroc": _short(auroc(needed, [one.difficulty for one in judged])),
        "length_auroc": _short(auroc(needed, [float(len(one.row.text)) for one in judged])),
        "escalated": _share([one.difficulty >= THRESHOLD for one in judged]),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _share(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
