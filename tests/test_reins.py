"""The operator's hand: hush, skip and pause reach every stage ahead of its input."""

from tests.playing import GOOD_NIGHT, HARD, WELCOME, Script, adds_up, chat, hands, play, replies
from vtuber.events import Airing, Generated, Interrupt, Performed, Question, Remembered, Turn
from vtuber.settings import Attention, Settings

LONG = "The first sentence goes on for quite a while. The second sentence goes on as well. And a third one follows."
PATIENT = Settings(attention=Attention(idle_s=1000))


def test_a_hush_cuts_what_is_heard_and_what_was_to_be_heard_and_she_goes_on_with_the_next_message():
    heard = [(0, chat(1, "how are you?")), (9000, chat(2, "and you?", viewer="bo"))]
    played = play(Script(heard=heard, fast=replies(LONG), settings=PATIENT, meddle=hands((5000, "hush", {}))))
    cut = [one for one in played.of(Performed) if not one.whole]
    order = played.of(Interrupt)[0]
    assert [one.at_ms for one in cut] == [order.at_ms]
    assert not [one for one in played.of(Performed) if order.at_ms < one.at_ms < 9000]
    assert "And a third one follows." in played.said(), "the second message is answered"
    adds_up(played)


def test_a_hush_also_ends_what_the_slow_model_thinks_about():
    heard = [(0, chat(1, f"{HARD}?"))]
    deep = replies("It is the tide.", tokens_per_s=0.05)
    played = play(Script(heard=heard, deep=deep, settings=PATIENT, meddle=hands((6000, "hush", {}))))
    assert len(played.of(Question)) == 1
    assert played.of(Generated)[-1].stop == "cancelled"
    assert not any("tide" in said for said in played.said())


def test_a_skip_gives_up_the_reply_in_hand_and_leaves_the_question_being_thought_about():
    heard = [(0, chat(1, f"{HARD}?")), (3000, chat(2, "how are you?", viewer="bo"))]
    deep = replies("It is the tide.", tokens_per_s=0.2)
    played = play(
        Script(heard=heard, fast=replies(LONG), deep=deep, settings=PATIENT, meddle=hands((7000, "skip", {})))
    )
    order = played.of(Interrupt)[0]
    assert order.target_turn
    assert "And a third one follows." not in played.said()
    assert "It is the tide." in played.said()
    adds_up(played)


def test_a_skip_when_she_does_nothing_is_only_put_on_record():
    played = play(
        Script(heard=[(20_000, chat(1, "how are you?"))], settings=PATIENT, meddle=hands((15_000, "skip", {})))
    )
    assert played.of(Interrupt)[0].target_turn == ""
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]


def test_while_paused_she_finishes_her_reply_and_takes_up_nothing_until_she_may():
    heard = [(0, chat(1, "how are you?")), (5000, chat(2, "and you?", viewer="bo"))]
    played = play(Script(heard=heard, settings=PATIENT, meddle=hands((4000, "pause", {}), (20_000, "resume", {}))))
    first, second = (turn.at_ms for turn in played.of(Turn) if turn.chats)
    assert first < 4000
    assert second >= 24_000


def test_an_answer_is_safe_in_memory_as_begun_before_its_first_word_is_heard():
    heard = [(0, chat(1, f"{HARD}?")), (3000, chat(2, "how are you?", viewer="bo"))]
    played = play(Script(heard=heard, settings=PATIENT))
    safe = {one.cause: index for index, one in enumerate(played.events) if isinstance(one, Remembered)}
    for airing in played.of(Airing):
        spoken = next(
            one
            for one in played.of(Performed)
            if one.turn == airing.turn and f"{airing.id}".removesuffix("/airing") == one.cause
        )
        when = next(one for one in played.of(Remembered) if one.cause == airing.id)
        assert when.at_ms <= spoken.started_ms
        assert safe[airing.id] < played.events.index(spoken)
    assert {one for airing in played.of(Airing) for one in airing.asked} == {"twitch:ada:1", "twitch:ada:2"}
    hard = next(one for one in played.of(Airing) if one.asked == ("twitch:ada:1",))
    assert hard.id.split("/")[-2] == "100", "the holding line only promises the answer"
