"""A hard question and its answer in whole shows: in time, late, taken back, in the wrong language, with a table."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from tests.playing import GOOD_NIGHT, HARD, PERSONA, Played, Script, adds_up, chat, hands, play, reasons, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.adapters.speech.scripted import ScriptedVoice
from vtuber.adapters.stage.recorder import Recorder
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import (
    Chat,
    Clause,
    Dropped,
    Generated,
    Performed,
    Question,
    Recalled,
    Retract,
    Routed,
    Thought,
    Turn,
)
from vtuber.persona import Pondering, Topic
from vtuber.ports import ModelRequest, Musing
from vtuber.settings import Attention, Budget, Cap, Settings, Thinking
from vtuber.show import Parts, Show
from vtuber.stages.ladder import Ladder
from vtuber.stages.offering import offer

HOLDING, INTRO = "Let me think about that.", "mika, about your question."
SORRY = "Sorry mika, I could not work it out."
ASKED = (0, chat(1, f"{HARD} why tides rise"))
QUIET = Attention(idle_s=1000)


def settings(**thinking: Any) -> Settings:
    return Settings(thinking=Thinking(**thinking), attention=QUIET)


def asked_again(turn: str = "s.0002") -> str:
    return f"{turn}/question"


def watching(kept: list[ModelRequest], answer: Callable[[ModelRequest], Scripture], tokens_per_s: float = 50.0):
    """Make a model that keeps what it is asked."""

    def replies_(request: ModelRequest) -> Scripture:
        kept.append(request)
        return answer(request)

    return Scripted(replies=replies_, pace=Pace(tokens_per_s=tokens_per_s))


def spoken_of(played: Played) -> list[str]:
    """Give what was said besides greeting and farewell."""
    return played.said()[1:-1]


def test_a_hard_question_gets_a_holding_line_and_its_answer_comes_back_by_name_after_others():
    deep = replies("The moon pulls the sea. So it rises.", thinking="Consider gravity first.", tokens_per_s=0.6)
    played = play(Script(heard=[ASKED, (4000, chat(2, "what is your name?", viewer="taro"))], deep=deep))
    said = played.said()
    assert said.index(HOLDING) < said.index("Hello there!") < said.index(INTRO)
    assert said[said.index(INTRO) + 1 :][:2] == ["The moon pulls the sea.", "So it rises."]
    assert [event.accepted for event in played.of(Routed) if event.route == "hard"] == [True]


def test_an_answer_waits_until_what_is_being_said_has_ended():
    fast = replies("This reply takes a while to say, so that the answer has to wait. And it goes on. And on.")
    heard = [ASKED, (3_000, chat(2, "what is your name?", viewer="taro"))]
    deep = replies("The moon pulls the sea. So it rises.", tokens_per_s=1.5)
    played = play(Script(heard=heard, fast=fast, deep=deep))
    turns = [(one.turn, one.seq >= 100) for one in played.of(Performed)]
    assert turns == sorted(turns, key=turns.index), "no reply was torn apart"
    assert turns.index(("s.0003", False)) < turns.index(("s.0002", True))


def test_an_answer_that_was_promised_and_did_not_come_is_owned_up_to():
    deep = replies("Too late. Far too late.", tokens_per_s=0.05)
    played = play(Script(heard=[ASKED], deep=deep, settings=settings(low=Cap(deadline_s=50.0))))
    assert spoken_of(played) == [HOLDING, SORRY]
    assert reasons(played)[asked_again()] == "expired"
    adds_up(played)


def test_a_question_taken_without_a_word_is_owned_up_to_as_well():
    deep = replies("Too late. Far too late.", tokens_per_s=0.05)
    quiet = settings(low=Cap(deadline_s=50.0), budget=Budget(holding_lines=0))
    played = play(Script(heard=[ASKED], deep=deep, settings=quiet))
    assert spoken_of(played) == [SORRY]
    assert reasons(played)[asked_again()] == "expired"
    adds_up(played)


@pytest.mark.parametrize(("fault", "reason"), [("error", "model_failed"), ("stall", "expired")])
def test_an_answer_of_which_the_model_failed_is_owned_up_to_with_its_reason(fault: Any, reason: str):
    broken = Scripted(replies=lambda _request: Scripture(text="It is because of", fault=fault))
    played = play(Script(heard=[ASKED], deep=broken, settings=settings()))
    assert spoken_of(played) == [HOLDING, SORRY]
    assert reasons(played)[asked_again()] == reason


def test_what_was_to_be_said_is_said_although_the_written_part_was_not_ready_in_time():
    deep = replies("The moon pulls the sea. So it rises.\n---\n| a | table |\n" + "| of | many rows |\n" * 40)
    deep = Scripted(replies=deep._replies, pace=Pace(tokens_per_s=4))
    played = play(Script(heard=[ASKED], deep=deep, settings=settings(low=Cap(deadline_s=30.0))))
    assert spoken_of(played) == [HOLDING, INTRO, "The moon pulls the sea.", "So it rises."]
    (detail,) = [one.detail for one in played.of(Clause) if one.detail]
    assert detail.startswith("The moon pulls the sea. So it rises.\n\n| a | table |\n")
    assert detail.endswith("\n…")


@pytest.mark.parametrize("op", ["hush", "skip"])
def test_after_a_hush_the_broken_promise_is_owned_up_to_when_she_next_replies(op: Any):
    heard = [ASKED, (20_000, chat(2, "what is your name?", viewer="taro"))]
    order = (4_000, op, {} if op == "hush" else {"target_turn": "s.0002"})
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=hands(order)))
    assert spoken_of(played) == [HOLDING, SORRY, "Hello there!", "Nice to see you."]
    assert reasons(played)[asked_again()] == f"interrupted_{op}"
    sorry = next(one for one in played.of(Performed) if one.text == SORRY)
    assert sorry.started_ms >= 20_000, "not while she is hushed"
    assert [one.text for one in played.of(Clause) if one.text == SORRY] == [SORRY], "it is on record once"
    adds_up(played)


def test_a_question_that_still_waits_at_its_deadline_is_owned_up_to_then():
    long = Topic(words=("black holes",), effort="medium")
    persona = msgspec.structs.replace(PERSONA, pondering=Pondering(effort="low", topics=(long,)))
    heard = [(0, chat(1, f"{HARD} why black holes glow", viewer="zoe")), (1_000, chat(2, f"{HARD} why tides rise"))]
    deep = replies("The moon pulls the sea.", thinking="word after word " * 400, tokens_per_s=8)
    played = play(Script(heard=heard, deep=deep, persona=persona, settings=settings(low=Cap(deadline_s=60.0))))
    first, second = played.of(Question)
    assert first.deadline_ms > second.deadline_ms
    expired = next(one for one in played.of(Dropped) if one.cause == second.id)
    assert (expired.reason, expired.at_ms) == ("expired", second.deadline_ms)
    said = played.said()
    assert said.index(SORRY) < said.index("zoe, about your question.")
    adds_up(played)


def test_without_another_turn_it_is_owned_up_to_before_she_says_good_bye():
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=[ASKED], deep=deep, settings=settings(), meddle=hands((4_000, "hush", {}))))
    assert played.said()[1:] == [HOLDING, SORRY, GOOD_NIGHT]


def test_a_hush_takes_back_a_question_that_still_waits_and_that_is_owned_up_to_as_well():
    heard = [
        ASKED,
        (3_000, chat(2, f"{HARD} why the sky is blue", viewer="taro")),
        (20_000, chat(3, "what is your name?", viewer="zoe")),
    ]
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=hands((9_000, "hush", {}))))
    assert reasons(played)["s.0003/question"] == "interrupted_hush"
    said = spoken_of(played)
    assert said[-2:] == ["Hello there!", "Nice to see you."]
    assert {SORRY, "Sorry taro, I could not work it out."} <= set(said)
    assert len(played.of(Generated)) == 2, "the slow model was not asked about what waited"


BACK: list[tuple[str, Any]] = [
    ("ban", lambda show: show.interrupt("ban", target_viewer="twitch:mika")),
    ("retract", lambda show: show.interrupt("retract", target_event="twitch:ada:1")),
    ("retract", lambda show: show.interrupt("retract", everything=True)),
]


@pytest.mark.parametrize(("op", "order"), BACK)
@pytest.mark.parametrize("waits", [False, True])
def test_nothing_more_is_said_to_whom_is_gone_or_about_what_was_deleted(op: str, order: Any, waits: bool):
    def meddle(show: Show):
        yield 4_000, lambda: order(show)

    before = [(0, chat(9, f"{HARD} why ice floats", viewer="zoe"))] if waits else []
    heard = [*before, (100, chat(1, f"{HARD} why tides rise")), (20_000, chat(2, "your name?", viewer="taro"))]
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=meddle))
    mine = next(one for one in played.of(Question) if one.asked.asked == ("twitch:ada:1",))
    assert reasons(played)[mine.id] == f"interrupted_{op}"
    assert not [text for text in played.said() if "mika" in text]
    adds_up(played)


def test_what_the_platform_deletes_while_it_is_thought_about_is_not_answered():
    heard = [ASKED, (4_000, Retract(id="r", at_ms=0, target_event="twitch:ada:1"))]
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings()))
    assert spoken_of(played) == [HOLDING]


def test_a_promise_to_somebody_who_is_banned_later_is_not_owned_up_to():
    heard = [ASKED, (30_000, chat(2, "what is your name?", viewer="taro"))]
    orders = hands((4_000, "hush", {}), (4_000, "ban", {"target_viewer": "twitch:mika"}))
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=orders))
    assert spoken_of(played) == [HOLDING, "Hello there!", "Nice to see you."]


def test_a_stopped_show_owns_up_to_nothing_and_thinks_no_longer():
    heard = [ASKED, (100, chat(2, f"{HARD} why ice floats", viewer="zoe"))]
    deep = replies("The moon pulls the sea.", tokens_per_s=0.2)
    played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=hands((9_000, "stop", {}))))
    assert SORRY not in played.said()
    assert played.loop_s < 10
    assert {reasons(played)[one.id] for one in played.of(Question)} == {"interrupted_stop"}


def test_it_is_shown_for_whom_she_thinks_while_she_does():
    slow = replies("The moon pulls the sea.", tokens_per_s=2)
    played = play(Script(heard=[ASKED], deep=slow, settings=settings()))
    first, last = played.recorder.mused
    (question,) = played.of(Question)
    assert first is not None
    assert (first.to, first.about, first.language) == ("mika", f"{HARD} why tides rise", "en")
    assert (first.turn, first.expected_ms) == (question.turn, question.expected_ms)
    assert last is None


def test_it_is_no_longer_shown_when_it_came_to_nothing():
    for change in ({"meddle": hands((4_000, "hush", {}))}, {"settings": settings(low=Cap(deadline_s=50.0))}):
        played = play(Script(heard=[ASKED], deep=replies("Late.", tokens_per_s=0.05), **change))  # type: ignore[arg-type]
        assert [one is None for one in played.recorder.mused] == [False, True]


class Slow(Recorder):
    """A stage that takes two seconds to take down for whom she thinks."""

    name = "slow"

    async def muse(self, musing: Musing | None) -> None:
        await asyncio.sleep(0 if musing else 2)
        await super().muse(musing)


def test_nothing_is_brought_to_whom_is_banned_while_a_slow_stage_is_told_that_she_has_thought():
    slow = Slow()

    def shown(*orders: Any) -> Played:
        change = partial(msgspec.structs.replace, outputs=(slow,))
        return play(Script(heard=[ASKED], settings=settings(), change=change, meddle=hands(*orders)))

    ready = next(one.at_ms for one in shown().of(Generated) if one.tier == "deep")
    played = shown((ready + 500, "ban", {"target_viewer": "twitch:mika"}))
    assert not [one for one in played.of(Performed) if one.viewer_id and one.started_ms > ready + 500]
    assert "interrupted_ban" in {one.reason for one in played.of(Dropped)}
    assert slow.mused[-1] is None


def test_with_nobody_waiting_she_thinks_longer_than_with_somebody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Ladder, "pace_learnt", True)
    asked: list[ModelRequest] = []
    deep = watching(asked, lambda _request: Scripture(text="The moon pulls the sea."))
    crowd = [(0, chat(5, "how are you?", viewer="taro")), (0, chat(6, "nice hat", viewer="zoe"))]
    for heard in ([ASKED], [ASKED, *crowd]):
        play(Script(heard=heard, deep=deep, settings=settings()))
    assert [(one.effort, one.max_tokens, one.thinking_budget) for one in asked] == [
        ("medium", 500, 600), ("low", 400, 200)
    ]  # fmt: skip


def test_until_she_knows_how_fast_the_machine_is_she_thinks_briefly():
    asked: list[ModelRequest] = []
    deep = watching(asked, lambda _request: Scripture(text="The moon pulls the sea. That is why it rises and falls."))
    later = (200_000, chat(2, f"{HARD} why does it rain", viewer="taro"))
    play(Script(heard=[ASKED, later], deep=deep, settings=settings()))
    assert [one.effort for one in asked[:2]] == ["low", "medium"]


def test_her_topics_say_how_long_she_thinks():
    asked: list[ModelRequest] = []
    deep = watching(asked, lambda _request: Scripture(text="The moon pulls the sea."))
    topics = Pondering(topics=(Topic(words=("tides",), effort="high"),))
    persona = msgspec.structs.replace(PERSONA, pondering=topics)
    played = play(Script(heard=[ASKED], deep=deep, persona=persona, settings=settings()))
    assert (asked[0].effort, asked[0].thinking_budget) == ("high", 1500)
    (question,) = played.of(Question)
    assert question.deadline_ms - question.at_ms == 180_000


def test_a_message_may_say_how_long_she_thinks_about_it():
    asked: list[ModelRequest] = []
    deep = watching(asked, lambda _request: Scripture(text="The moon pulls the sea."))
    play(Script(heard=[(0, chat(1, f"{HARD} why tides rise", effort="high"))], deep=deep, settings=settings()))
    assert asked[0].effort == "high"


def second_thought(said: str) -> Any:
    """Offer what has been answered already, as a second thought."""

    def meddle(show: Show):
        asked = chat(1, "why do tides rise?")
        turn = Turn(id="s.9", turn="s.9", at_ms=show.clock.now() + 5_000, purpose="answer", chats=(asked,))

        def act() -> None:
            offered = offer(turn, language="en", recalled=(), mind=show.mind, roads=show.roads, said=said)
            assert offered.question is not None
            assert not offered.question.held

        yield 5_000, act

    return meddle


def test_a_second_thought_is_told_what_she_has_said_and_goes_on_from_there():
    asked: list[ModelRequest] = []
    deep = watching(asked, lambda _request: Scripture(text="Hello there! But the sun pulls as well."))
    lines = msgspec.structs.replace(PERSONA.lines, second_thought={"en": ("{name}, one thing more.",)})
    persona = msgspec.structs.replace(PERSONA, lines=lines)
    heard = [(0, chat(1, "why do tides rise?")), (30_000, chat(2, "nice hat", viewer="taro"))]
    played = play(
        Script(
            heard=heard, deep=deep, persona=persona, meddle=second_thought("Hello there! Nice."), settings=settings()
        )
    )
    assert "Hello there! Nice." in asked[0].messages[-1].content
    said = played.said()
    assert said[said.index("mika, one thing more.") + 1] == "But the sun pulls as well."


def test_without_lines_for_a_second_thought_the_usual_ones_serve():
    heard = [(0, chat(1, "why do tides rise?")), (30_000, chat(2, "nice hat", viewer="taro"))]
    deep = replies("But the sun pulls as well.")
    played = play(Script(heard=heard, deep=deep, meddle=second_thought("The moon."), settings=settings()))
    said = played.said()
    assert said[said.index(INTRO) + 1] == "But the sun pulls as well."


def test_of_a_second_thought_that_never_comes_nothing_is_said():
    heard = [(0, chat(1, "why do tides rise?")), (30_000, chat(2, "nice hat", viewer="taro"))]
    broken = Scripted(replies=lambda _request: Scripture(text="Well, it", fault="error"))
    played = play(Script(heard=heard, deep=broken, meddle=second_thought("The moon."), settings=settings()))
    assert SORRY not in played.said()
    assert reasons(played)["s.9/question"] == "model_failed"


def test_words_that_she_said_meanwhile_are_not_said_again():
    heard = [ASKED, (4_000, chat(2, "what is your name?", viewer="taro"))]
    deep = replies("Nice to see you. The moon pulls the sea.", tokens_per_s=0.6)
    played = play(Script(heard=heard, deep=deep, settings=settings()))
    assert played.said().count("Nice to see you.") == 1
    assert "The moon pulls the sea." in played.said()


def test_whoever_was_answered_the_same_meanwhile_is_not_answered_twice():
    again = chat(2, f"so {HARD} why tides rise?")  # within her time for one viewer: the fast model answers
    deep = replies("The moon pulls the sea.", tokens_per_s=0.3)
    played = play(Script(heard=[ASKED, (5_000, again)], deep=deep, settings=settings()))
    assert spoken_of(played) == [HOLDING, "Hello there!", "Nice to see you."]
    assert reasons(played)[asked_again()] == "answered_meanwhile"
    assert [one.refused for one in played.of(Routed)][-2:] == ["", "viewer_budget"]


def test_whoever_was_answered_something_else_meanwhile_gets_the_answer():
    other = chat(2, "what is your favourite hat?")
    deep = replies("The moon pulls the sea.", tokens_per_s=0.3)
    played = play(Script(heard=[ASKED, (5_000, other)], deep=deep, settings=settings()))
    assert spoken_of(played)[-2:] == [INTRO, "The moon pulls the sea."]


CHINESE = "潮汐是由月亮和太阳的引力造成的现象。它每天发生两次变化规律明显。"


def test_an_answer_in_the_wrong_language_is_said_her_way_by_the_fast_model():
    asked: list[ModelRequest] = []

    def fast(request: ModelRequest) -> Scripture:
        return Scripture(text="The moon lifts the water twice a day." if request.purpose == "voice" else "Hello!")

    played = play(Script(heard=[ASKED], deep=replies(CHINESE), fast=watching(asked, fast), settings=settings()))
    assert spoken_of(played) == [HOLDING, INTRO, "The moon lifts the water twice a day."]
    assert CHINESE[:10] in asked[-1].messages[-1].content
    assert [(one.tier, one.purpose) for one in played.of(Generated)] == [("deep", "answer"), ("fast", "voice")]
    assert not [one for one in played.of(Clause) if one.detail], "the text is not shown either"
    assert summarise(tell(played.events))["delivered"] == 1


def test_an_answer_in_the_wrong_language_that_nobody_can_say_is_owned_up_to():
    played = play(Script(heard=[ASKED], deep=replies(CHINESE), fast=replies(CHINESE), settings=settings()))
    assert spoken_of(played) == [HOLDING, SORRY]
    assert reasons(played)[asked_again()] == "no_answer"


LIST = "- the moon pulls\n- the sun pulls\n- the earth turns"


def test_an_answer_of_nothing_but_a_list_is_said_her_way_and_shown():
    def fast(request: ModelRequest) -> Scripture:
        return Scripture(text="Three things do it together." if request.purpose == "voice" else "Hello!")

    played = play(Script(heard=[ASKED], deep=replies(LIST), fast=Scripted(replies=fast), settings=settings()))
    assert spoken_of(played) == [HOLDING, INTRO, "Three things do it together."]
    assert [one.detail for one in played.of(Clause) if one.detail] == [LIST]


WRITTEN = "| cause | share |\n|---|---|\n| moon | two thirds |\n\n```python\nprint(1 + 1)\n```"


def test_a_written_part_is_shown_with_her_first_own_clause_and_never_spoken():
    voices = ScriptedVoice(delay_ms=100)

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, voices=voices)

    deep = replies(f"Mostly it is the moon. The sun helps.\n---\n{WRITTEN}", thinking="I weigh moon against sun here.")
    played = play(Script(heard=[ASKED], deep=deep, change=change, settings=settings()))
    assert spoken_of(played) == [HOLDING, INTRO, "Mostly it is the moon.", "The sun helps."]
    cues = [cue for cue in played.recorder.started if cue.detail]
    assert [(cue.text, cue.seq) for cue in cues] == [("Mostly it is the moon.", 101)]
    assert cues[0].detail == f"Mostly it is the moon. The sun helps.\n\n{WRITTEN}"
    heard = [*played.said(), *(text for text, _ in voices.spoken), *(cue.text for cue in played.recorder.started)]
    assert not [text for text in heard if "|" in text or "print" in text or "two thirds" in text]


def test_a_secret_in_a_written_part_is_not_shown():
    deep = replies("It is the moon, of course.\n---\n- ask tide.master@example.org\n- slurword\n- the sun")
    played = play(Script(heard=[ASKED], deep=deep, settings=settings()))
    (detail,) = [one.detail for one in played.of(Clause) if one.detail]
    assert "the sun" in detail
    assert "example.org" not in detail
    assert "slurword" not in detail


def test_an_answer_that_only_repeats_its_thought_is_tried_once_more_without_one():
    told = "It is the moon that pulls the water of the sea."

    def answer(request: ModelRequest) -> Scripture:
        if request.effort == "none":
            return Scripture(text="The tides follow our moon around.")
        return Scripture(text=told, thinking=told)

    played = play(Script(heard=[(0, chat(1, HARD))], deep=Scripted(replies=answer)))
    assert "The tides follow our moon around." in played.said()
    assert told not in played.said()
    assert [one.text for one in played.of(Thought)] == [told], "once a turn"
    assert summarise(tell(played.events))["thought_chars_spoken"] == 0


def test_what_was_thought_is_on_record_also_when_it_came_to_nothing():
    deep = Scripted(
        replies=lambda _request: Scripture(text="Late.", thinking="first gravity " * 40), pace=Pace(tokens_per_s=2)
    )
    played = play(Script(heard=[ASKED], deep=deep, settings=settings(), meddle=hands((9_000, "hush", {}))))
    (thought,) = played.of(Thought)
    assert thought.tier == "deep"
    assert thought.text.startswith("first gravity")


def test_the_prompt_of_a_hard_question_is_on_record_with_its_parts():
    played = play(Script(heard=[ASKED], settings=settings()))
    deep = [one for one in played.of(Recalled) if one.prompt_parts]
    assert deep
    assert all(one.prompt_parts["message"] > 0 for one in deep)


def test_an_answer_that_fails_in_the_stage_is_owned_up_to(monkeypatch: pytest.MonkeyPatch):
    async def broken(*_args: object) -> None:
        raise RuntimeError("injected")

    monkeypatch.setattr("vtuber.stages.ponder._ask", broken)
    played = play(Script(heard=[ASKED], settings=settings()))
    assert spoken_of(played) == [HOLDING, SORRY]
    assert reasons(played)[asked_again()] == "stage_failed"
    assert played.recorder.mused[-1] is None


def test_a_hard_question_leaves_every_message_one_fate_whatever_the_operator_does():
    for at in range(500, 12_000, 900):
        heard = [
            ASKED,
            (2_000, chat(2, f"{HARD} why ice floats", viewer="taro")),
            (2_000, chat(3, "hi?", viewer="zoe")),
        ]
        deep = replies("The moon pulls the sea. So it rises.", tokens_per_s=2)
        played = play(Script(heard=heard, deep=deep, settings=settings(), meddle=hands((at, "hush", {}))))
        adds_up(played)
        assert len(played.of(Chat)) == 3
        dropped = [one.cause for one in played.of(Dropped) if one.item == "question"]
        assert len(dropped) == len(set(dropped)), "a question is dropped once"


def test_a_thought_of_whoever_voices_an_answer_is_not_heard_though_nobody_knew_that_it_thinks():
    thought = "First I should look at how the moon pulls. Then at the sea below it."
    fast = replies(f"{thought}</think>The moon pulls the sea.")
    deep = replies("这个问题的答案取决于几个不同的因素和条件。我们需要仔细分析每一个步骤。")
    played = play(Script(heard=[ASKED], fast=fast, deep=deep, settings=settings()))
    assert "The moon pulls the sea." in played.said()
    assert not [line for line in played.said() if "look at" in line or "below it" in line]


def test_a_thought_with_a_line_of_dashes_in_it_is_not_heard_though_nobody_knew_that_it_thinks():
    deep = replies("First I look at the moon.\n---\nThen at the sea.</think>The moon pulls the sea. So it rises.")
    deep.start_state = "in_content"
    played = play(Script(heard=[ASKED], deep=deep, settings=settings()))
    assert spoken_of(played) == [HOLDING, INTRO, "The moon pulls the sea.", "So it rises."]
