"""The talk: what is on its way is told until it was heard or dropped, and what was deleted is told no more."""

from typing import Any

import pytest

from tests.playing import HARD, Script, chat, hands, play, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.clock import Clock
from vtuber.events import Clause, Dropped, Interrupt, Performed, Retract, Turn
from vtuber.interrupts import Interrupts
from vtuber.ports import ModelRequest
from vtuber.settings import Attention, Budget, Settings, Thinking
from vtuber.stages.mind import Clauses
from vtuber.stages.roads import lay
from vtuber.stages.talk import Talk

QUIET = Attention(idle_s=1000)


def turn(number: int, text: str = "why do tides rise?", viewer: str = "mika") -> Turn:
    return Turn(
        id=f"t{number}", turn=f"t{number}", at_ms=number, purpose="answer", chats=(chat(number, text, viewer=viewer),)
    )


def reply(talk: Talk, about: Turn, *texts: str) -> list[Clause]:
    roads = lay(Clock(0), lambda _event: None, interrupts=Interrupts(), sources=1, chat_size=2)
    clauses = Clauses(about, language="en", source="fast", roads=roads)
    coming = [clauses.clause(text) for text in texts]
    for clause in coming:
        talk.emitted(about, clause)
    return coming


def heard(clause: Clause, text: str = "") -> Performed:
    text = text or clause.text
    return Performed(
        id=f"{clause.id}/performed", at_ms=9, cause=clause.id, turn=clause.turn, seq=clause.seq, text=text,
        language="en", source="fast", last=False, started_ms=5, duration_ms=4, voice="", viewer_id=clause.viewer_id,
    )  # fmt: skip


def lost(clause: Clause) -> Dropped:
    return Dropped(id=f"{clause.id}!", at_ms=9, cause=clause.id, turn=clause.turn, reason="unspeakable", item="clause")


async def test_a_clause_is_on_its_way_until_it_was_heard_or_dropped_whatever_became_of_the_others():
    talk = Talk(600)
    first, second, third = reply(talk, turn(1), "One.", "Two.", "Three.")
    assert talk.so_far() == ((), "One. Two. Three.")
    talk.note(lost(first))
    talk.note(heard(third))
    assert talk.so_far() == ((), "Two.")
    talk.note(heard(second, "Tw"))
    past, pending = talk.so_far()
    assert [(one.name, one.text, one.said) for one in past] == [("mika", "why do tides rise?", "Three. Tw")]
    assert (pending, talk.coming) == ("", [])


async def test_a_reply_of_which_nothing_was_heard_is_no_talk_and_no_answer():
    talk = Talk(600)
    for clause in reply(talk, turn(2), "One.", "Two."):
        talk.note(lost(clause))
    assert not talk.answered(turn(1))
    assert talk.so_far() == ((), "")
    assert not talk.answered(turn(1))


async def test_the_same_viewer_was_answered_the_same_once_it_is_on_its_way_and_by_a_later_turn():
    talk = Talk(0)
    (clause,) = reply(talk, turn(2), "The moon.")
    for _ in ("on its way", "heard", "told, and trimmed away"):
        assert talk.answered(turn(1))
        assert not talk.answered(turn(2)), "it is its own answer"
        assert not talk.answered(turn(1, viewer="taro"))
        assert not talk.answered(turn(1, "is ice cold?"))
        talk.note(heard(clause))
        assert talk.so_far() == ((), "")


@pytest.mark.parametrize(
    "order", [{"op": "ban", "target_viewer": "twitch:mika"}, {"op": "retract", "everything": True}]
)
@pytest.mark.parametrize("when", ["it was on its way", "it was heard", "it was told"])
async def test_what_was_deleted_is_told_no_more(order: dict[str, Any], when: str):
    talk = Talk(600)
    (clause,) = reply(talk, turn(1), "The moon.")
    if when != "it was on its way":
        talk.note(heard(clause))
    if when == "it was told":
        assert len(talk.so_far()[0]) == 1
    talk.take_back(Interrupt(id="i", at_ms=9, op="hush"))
    assert talk.so_far() != ((), "")
    talk.take_back(Interrupt(id="i", at_ms=9, **order))
    talk.note(heard(clause, "The m"))
    assert talk.so_far() == ((), "")


def prompts(kept: list[ModelRequest], text: str = "This is answer number {} of them.", tokens_per_s: float = 50) -> Any:
    def answer(request: ModelRequest) -> Scripture:
        kept.append(request)
        return Scripture(text=text.format(len(kept)))

    return Scripted(replies=answer, pace=Pace(tokens_per_s=tokens_per_s))


def contents(request: ModelRequest) -> str:
    return "\n".join(message.content for message in request.messages)


def test_what_a_hush_took_back_is_not_announced_in_later_prompts():
    asked: list[ModelRequest] = []
    fast = prompts(asked, "Here is the first half of number {}. And there comes the second half of it.")
    messages = [(0, chat(1, "how are you?")), (20_000, chat(2, "and what else?", viewer="taro"))]
    played = play(Script(heard=messages, fast=fast, meddle=hands((3_000, "hush", {}))))
    assert any(one.reason == "interrupted_hush" and one.item == "clause" for one in played.of(Dropped))
    assert "not said yet" not in contents(asked[1])
    assert "And there comes the second half of it." in played.said(), "what was never heard may be said"


def test_a_deleted_message_is_in_no_later_prompt():
    asked: list[ModelRequest] = []
    messages = [
        (0, chat(1, "my street is Elm Lane, ok?")),
        (15_000, Retract(id="r", at_ms=0, target_event="twitch:ada:1")),
        (5_000, chat(2, "and what else?", viewer="taro")),
    ]
    play(Script(heard=messages, fast=prompts(asked), settings=Settings(attention=QUIET)))
    assert "Elm Lane" in contents(asked[0])
    assert "Elm Lane" not in contents(asked[1])


def test_a_promise_is_not_kept_by_saying_that_she_has_lost_her_thread():
    settings = Settings(attention=QUIET, thinking=Thinking(budget=Budget(viewer_minutes=5)))
    broken = Scripted(replies=lambda _request: Scripture(text="Well", fault="unavailable"))
    messages = [(0, chat(1, f"{HARD} why tides rise")), (10_000, chat(2, f"so {HARD} why tides rise?"))]
    deep = replies("The moon pulls the sea.", tokens_per_s=0.3)
    said = play(Script(heard=messages, fast=broken, deep=deep, settings=settings)).said()
    assert said[1:-1] == [
        "Let me think about that.", "I lost my thread.", "mika, about your question.", "The moon pulls the sea."
    ]  # fmt: skip


def test_in_a_flood_of_messages_she_still_knows_what_she_has_said():
    asked: list[ModelRequest] = []
    flood = [(1 if number else 9_000, chat(100 + number, "!play", viewer=f"v{number}")) for number in range(400)]
    messages = [(0, chat(1, "how are you?")), (15_000, chat(2, "are you well?", viewer="taro"))]
    messages[1:1] = flood
    played = play(
        Script(heard=messages, fast=prompts(asked, "Clocks ring loudly at night."), settings=Settings(attention=QUIET))
    )
    assert "Clocks ring loudly at night." in contents(asked[1])
    assert "not said yet" not in contents(asked[1])
    assert played.said().count("Clocks ring loudly at night.") == 1
