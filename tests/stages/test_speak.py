from itertools import pairwise
from typing import Any

import msgspec
import pytest

from tests.playing import GOOD_NIGHT, HARD, WELCOME, Played, Script, adds_up, chat, hands, play, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.core.story import tell
from vtuber.events import Airing, Clause, Dropped, Performed, Turn
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.roads import Roads


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


def a_face(expression: str, *, said: str = ""):
    """Play a show in which she makes a face when mika asks, after she has said something or nothing; then taro asks."""

    async def face(turn: Turn, mind: Mind, roads: Roads) -> None:
        clauses = Clauses(turn, language="en", source="persona", roads=roads)
        if turn.who and turn.who.name == "mika":
            if said:
                await roads.replies.put(clauses.clause(said))
            posed = clauses.clause("", expression=expression)
            await roads.replies.put(msgspec.structs.replace(posed, pose=True))
        elif turn.who:
            await roads.replies.put(clauses.clause("Hello taro."))
        await roads.replies.put(clauses.end())
        await roads.replies.drained()

    heard = [(0, chat(1, "how are you?")), (10_000, chat(2, "and you?", viewer="taro"))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vtuber.show.think", face)
        return play(Script(heard=heard))


def test_a_face_without_words_is_held_for_a_moment_and_is_no_answer():
    played = a_face("sad")
    (cue,) = [cue for cue in played.recorder.started if not cue.text]
    assert (cue.expression, cue.audio.duration_ms, cue.audio.samples.any()) == ("sad", 1200, False)
    assert len(played.recorder.ended) == len(played.recorder.started), "it ends on the stage as well"
    assert played.said() == ["Hello taro.", GOOD_NIGHT]
    assert all(event.text for event in played.of(Performed))
    asked = [one for airing in played.of(Airing) for one in airing.asked]
    assert asked == ["twitch:ada:2"], "a resumed show may still answer the first"
    told = {one.heard.id: one.reason or one.fate for one in tell(played.events).messages}
    assert told == {"twitch:ada:1": "no_model", "twitch:ada:2": "answered"}
    adds_up(played)


def test_a_face_after_words_takes_nothing_from_them():
    played = a_face("sad", said="Hm, well.")
    told = {one.heard.id: one.reason or one.fate for one in tell(played.events).messages}
    assert told == {"twitch:ada:1": "answered", "twitch:ada:2": "answered"}


def test_an_answer_that_comes_while_the_next_reply_is_in_the_making_waits_for_that_reply_only():
    long = "This answer is about the moon. It goes on for quite some time. So the sea rises. And it falls again."
    heard = [
        (0, chat(1, f"{HARD} why tides rise")),
        (6_000, chat(2, "what is your name?", viewer="taro")),
        (200, chat(3, "and how are you?", viewer="zoe")),
    ]
    fast = Scripted(replies=lambda _request: Scripture(text="Oh, hello there!"), pace=Pace(first_token_ms=3_000))
    deep = Scripted(replies=lambda _request: Scripture(text=long), pace=Pace(first_token_ms=7_000, tokens_per_s=500))
    played = play(Script(heard=heard, fast=fast, deep=deep))
    replies_ = [(one.viewer_id.partition(":")[2], one.seq >= 100) for one in played.of(Performed)]
    order = [one for number, one in enumerate(replies_) if one not in replies_[:number]]
    assert order[1:5] == [("mika", False), ("taro", False), ("mika", True), ("zoe", False)]
    chosen = {one.id: one.at_ms for one in played.of(Turn)}
    taro = next(one for one in played.of(Performed) if one.viewer_id == "twitch:taro")
    assert taro.started_ms - chosen[taro.turn] < 3_500, "the fast model's own time, not the answer's"


def test_the_operators_words_go_before_a_reply_that_is_in_the_making():
    fast = Scripted(replies=lambda _request: Scripture(text="Oh, hello there!"), pace=Pace(first_token_ms=5_000))
    orders = hands((3_000, "say", {"say": "A word from our host."}))
    played = play(Script(heard=[(0, chat(1, "what is your name?"))], fast=fast, meddle=orders))
    assert played.said()[1:4] == ["A word from our host.", "Oh,", "hello there!"]


def test_a_promise_that_is_owned_up_to_again_and_again_is_on_record_under_a_new_id_each_time():
    heard = [(0, chat(1, f"{HARD} why tides rise")), (20_000, chat(2, "what is your name?", viewer="taro"))]
    sorry, skip = "Sorry mika, I could not work it out.", {"target_turn": "s.0002"}

    def shown(*orders: Any) -> Played:
        deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
        return play(Script(heard=heard, deep=deep, meddle=hands((4_000, "hush", {}), *orders)))

    begun = next(one.at_ms for one in shown().of(Clause) if one.text == sorry)
    played = shown((begun - 3_950, "skip", skip), (0.01, "skip", skip))
    assert [one.at_ms for one in played.of(Clause) if one.text == sorry] == [begun, begun + 50, begun + 50]
    assert len({one.id for one in played.events}) == len(played.events)
    assert played.said().count(sorry) == 1
