"""What she does while no model answers: honest lines, not too many; then a face, and something of her own at times."""

from itertools import pairwise

import msgspec
import pytest

from tests.moody import FAULTS, Moody
from tests.playing import GOOD_NIGHT, PERSONA, WELCOME, Script, adds_up, chat, hands, play, reasons, replies
from vtuber.adapters.model.scripted import Fault, Pace, Scripted, Scripture
from vtuber.events import Airing, Clause, Closed, Dropped, Failed, Money, Performed, Turn
from vtuber.persona import Expression
from vtuber.settings import Attention, Settings

PATIENT = Settings(attention=Attention(idle_s=1000))
FACES = msgspec.structs.replace(
    PERSONA,
    expressions={"neutral": Expression(), "sad": Expression(words=("sorry",))},
    lines=msgspec.structs.replace(
        PERSONA.lines,
        fallback={"en": ("I lost my thread.", "Where was I?", "My head is empty."), "ja": ("あれ。", "えっと。")},
        idle={"en": ("It is quiet tonight.", "I like the rain."), "ja": ("静かだね。",)},
    ),
)
THREE = {"I lost my thread.", "Where was I?", "My head is empty."}
OWN = {"It is quiet tonight.", "I like the rain."}


def asked(count: int, *, gap_ms: int):
    return [(gap_ms, chat(number, f"how are you, {number}?", viewer=f"v{number}")) for number in range(count)]


def test_three_honest_lines_then_a_face_and_after_long_silence_something_of_her_own():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    played = play(Script(heard=asked(24, gap_ms=5000), fast=gone, persona=FACES, settings=PATIENT))
    said = played.said()[1:-1]
    assert set(said[:3]) == THREE, "in other words each time"
    assert set(said[3:]) <= OWN
    assert said[3:], "she is not silent for two minutes"
    faces = [one for one in played.of(Clause) if one.pose]
    assert {(one.text, one.expression) for one in faces} == {("", "sad")}
    assert len(faces) >= 10
    heard = sorted(one.started_ms for one in played.of(Performed))
    assert max(later - earlier for earlier, later in pairwise(heard)) < 60_000
    adds_up(played)


def test_a_message_that_only_got_a_face_is_not_taken_for_answered():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    played = play(Script(heard=asked(8, gap_ms=5000), fast=gone, persona=FACES, settings=PATIENT))
    answered = {one for airing in played.of(Airing) for one in airing.asked}
    assert answered == {f"twitch:ada:{number}" for number in range(3)}, "the honest lines were an answer"
    (turn,) = [one for one in played.of(Turn) if "twitch:ada:5" in one.asked]
    assert [one.reason for one in played.of(Dropped) if one.turn == turn.id] == ["no_model"]


def test_a_character_without_faces_is_just_silent_then():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    played = play(Script(heard=asked(6, gap_ms=5000), fast=gone, settings=PATIENT))
    assert played.said() == [WELCOME, *["I lost my thread."] * 3, GOOD_NIGHT]
    assert not [one for one in played.of(Clause) if one.pose]
    assert set(reasons(played).values()) == {"no_model"}
    adds_up(played)


def test_what_needs_no_model_is_said_as_ever():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    heard = asked(5, gap_ms=4000)
    heard.append((4000, chat(9, "for you", form="paid", money=Money("500", "JPY"), platform="youtube")))
    played = play(Script(heard=heard, fast=gone, persona=FACES, settings=PATIENT))
    assert "Thank you for 500 yen, mika." in played.said()


def test_when_the_model_comes_back_those_who_wait_are_answered():
    ill = Moody("only", "I am here again my friend number {}.", ill=((0.0, 34.0),))
    heard = [*asked(5, gap_ms=3000), *asked(16, gap_ms=200)]
    heard[5:] = [(gap, msgspec.structs.replace(one, id=f"late:{n}")) for n, (gap, one) in enumerate(heard[5:])]
    played = play(Script(heard=heard, fast=ill, persona=FACES, settings=PATIENT))
    drawn = [one for one in played.of(Clause) if one.pose]
    answered = [text for text in played.said() if text.startswith("I am here again")]
    assert len(drawn) <= 8, "the crowd is not used up by faces"
    assert len(answered) >= 3
    adds_up(played)


def test_a_hush_ends_the_wait_for_a_model():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    played = play(Script(heard=asked(8, gap_ms=2000), fast=gone, persona=FACES, settings=PATIENT,
                         meddle=hands((15_000, "stop", {}))))  # fmt: skip
    assert isinstance(played.events[-1], Closed)
    assert played.events[-1].at_ms <= 16_000


def test_a_model_that_answers_but_never_anything_fit_gets_no_more_than_three_lines_either():
    model = replies("Hello there. Nice to see you.")
    played = play(Script(heard=asked(12, gap_ms=5000), fast=model, persona=FACES, settings=PATIENT))
    assert sum(text in THREE for text in played.said()) <= 3


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_wrong_the_turn_ends_nothing_strange_is_heard_and_later_she_answers(fault: Fault):
    ill = Moody("only", "I am here again number {}.", ill=((1.0, 20.0),), fault=fault, thinking="secretplan: a star")
    ill.start_state = "auto"
    heard = [*asked(6, gap_ms=4000), (120_000, chat(20, "and now?", viewer="zoe"))]
    played = play(Script(heard=heard, fast=ill, persona=FACES, settings=PATIENT))
    assert played.said()[-2].startswith("I am here again")
    heard_and_shown = repr([one for one in played.events if isinstance(one, Performed | Failed | Clause)])
    assert "as its script says" not in heard_and_shown
    assert "secretplan" not in heard_and_shown
    adds_up(played)


def test_an_answer_with_a_listed_word_is_declined_however_often():
    bad = Scripted(replies=lambda _r: Scripture(text="You are a slurword."), pace=Pace())
    played = play(Script(heard=asked(5, gap_ms=5000), fast=bad, settings=PATIENT))
    assert played.said()[1:-1] == ["Let us talk about something else."] * 5
