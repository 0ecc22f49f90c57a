"""The test vectors of other runtimes: what must match matches, and nothing leaks, however a stream is cut."""

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vtuber.core.thinking import ThinkingFilter

SAMPLES = os.environ.get("VTUBER_SAMPLES", "")
pytestmark = pytest.mark.skipif(not SAMPLES, reason="VTUBER_SAMPLES does not point to the sample data")
MARKER = re.compile(
    r"</?(?:mm:|seed:|ant)?(?:think|thinking|thought)\b[^>\n]{0,40}/?>|\[/?THINK\]|<\|?channel\|?>"
    r"|<\|(?:START|END)_(?:THINKING|TEXT|RESPONSE)\|>|◁/?think▷|<\|(?:start|message|end|return|call)\|>"
)
WINDOW, LEAST = 16, 8  # characters of a thought that count as one; of the shortest thought that can be told


def vectors() -> list[dict[str, Any]]:
    path = Path(SAMPLES) / "thinking" / "vectors.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if SAMPLES else []


def chunkings(vector: dict[str, Any]) -> Iterator[list[str]]:
    whole = "".join(vector["chunks"])
    yield from (vector["chunks"], [whole], list(whole))
    for seed in range(3):
        dice, pieces, at = random.Random(f"{vector['id']} {seed}"), [], 0
        while at < len(whole):
            pieces.append(whole[at : (at := at + dice.choice((1, 2, 3, 5, 8)))])
        yield pieces


def split(vector: dict[str, Any], chunks: list[str]) -> tuple[str, str]:
    own = ((vector["open"], vector["close"]),) if vector["format"] == "custom" else ()
    flt = ThinkingFilter(start=vector["start"], markers=own)
    out = [flt.feed(chunk) for chunk in chunks] + ([flt.close()] if vector["final"] else [])
    return "".join(thinking for thinking, _ in out), "".join(content for _, content in out)


def bare(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "")


def leaks(vector: dict[str, Any], content: str) -> bool:
    """A marker that the answer does not hold, or a piece of the thought. In tier C the peer's own answer shows markers."""
    if MARKER.search(content) and (vector["tier"] == "C" or not MARKER.search(vector["content"] or "")):
        return True
    thought, shown, wanted = bare(vector["thinking"]), bare(content), bare(vector["content"])
    windows = (thought[at : at + WINDOW] for at in range(max(1, len(thought) - WINDOW + 1)))
    told = vector["tier"] != "C" and len(thought) >= LEAST
    return told and any(len(one) >= LEAST and one in shown and one not in wanted for one in windows)


def test_what_must_match_matches_and_nothing_leaks():
    wrong, leaking, found = set(), set(), vectors()
    for vector in found:
        for chunks in chunkings(vector):
            thinking, content = split(vector, chunks)
            exact = bare(content) == bare(vector["content"])
            exact &= vector["thinking"] is None or bare(thinking) == bare(vector["thinking"])
            if vector["tier"] in "AK" and not exact:
                wrong.add(vector["id"])
            if vector["tier"] in "ABCK" and leaks(vector, content):
                leaking.add(vector["id"])
    assert found
    assert not wrong
    assert not leaking
