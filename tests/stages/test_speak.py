from itertools import pairwise

from tests.playing import GOOD_NIGHT, HARD, WELCOME, Script, adds_up, chat, play, replies
from vtuber.events import Dropped, Performed


def test_performed_clauses_never_overlap_and_a_reply_is_never_torn_apart():
    deep = replies("First part. Second part. Third part.", tokens_per_s=2)
    heard = [(i * 2500, chat(i, f"{HARD if i % 4 == 1 else ''} question {i}?", viewer=f"v{i}")) for i in range(16)]
    played = play(Script(heard=heard, deep=deep))
    performed = played.of(Performed)
    for early, late in pairwise(performed):
        assert early.started_ms + early.duration_ms <= late.started_ms
    runs = [(one.turn, one.seq >= 100) for one in performed]
    seen: list[tuple[str, bool]] = []
    for run in runs:
        if not seen or seen[-1] != run:
            assert run not in seen, "a reply was torn apart"
            seen.append(run)
    adds_up(played)


def test_a_clause_with_nothing_to_be_spoken_is_dropped_with_its_reason():
    played = play(Script(heard=[(0, chat(1, "how are you?"))], fast=replies("(laughs)")))
    assert played.said() == [WELCOME, GOOD_NIGHT]
    assert "unspeakable" in {one.reason for one in played.of(Dropped)}


def test_the_next_clause_is_made_while_the_last_one_is_heard():
    played = play(
        Script(
            heard=[(0, chat(1, "how are you?"))], fast=replies("The first clause is here. The second clause is here.")
        )
    )
    first, second = played.of(Performed)[1:3]
    assert second.started_ms - first.at_ms <= 300, "only the rest between sentences, no voice delay"
