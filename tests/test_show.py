"""Whole shows on virtual time: what viewers get, whatever happens."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.playing import HARD, PERSONA, Played, Script, chat, play, replies
from vtuber import journal
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.events import (
    Chat,
    Clause,
    Closed,
    Dropped,
    Event,
    Failed,
    Generated,
    Money,
    Notice,
    Performed,
    Recalled,
    Remembered,
    Retract,
    Routed,
    Thought,
    Turn,
)
from vtuber.settings import Attention, Settings
from vtuber.show import Parts, Show

WELCOME, GOOD_NIGHT = "Welcome to the show.", "Good night."


def reasons(played: Played) -> dict[str, str]:
    return {event.cause: event.reason for event in played.of(Dropped)}


def adds_up(played: Played) -> None:
    numbers = summarise(tell(played.events))
    came = sum(isinstance(event, Chat) for event in played.events)
    dropped = msgspec.convert(numbers["dropped"], dict[str, int])
    assert came == msgspec.convert(numbers["answered"], int) + sum(dropped.values())


def test_a_message_is_answered_between_a_greeting_and_a_farewell():
    played = play(Script(heard=[(1000, chat(1, "how are you?"))]))
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]
    assert played.events[-1].__class__ is Closed
    adds_up(played)


def test_a_message_in_japanese_is_answered_with_her_japanese_lines():
    played = play(Script(heard=[(1000, chat(1, "はじめまして、よろしくね", first_time=True))], fast=replies("よろしくね！")))
    assert "mika、はじめまして。" in played.said()


def test_everything_heard_and_performed_is_remembered_and_nothing_else():
    played = play(Script(heard=[(0, chat(1, "how are you?")), (10, chat(2, "!command", viewer="taro"))]))
    remembered = {event.cause for event in played.of(Remembered)}
    assert {"twitch:ada:1", "twitch:ada:2"} <= remembered
    assert {event.id for event in played.of(Performed)} <= remembered


def test_a_hard_question_gets_a_holding_line_and_its_answer_comes_back_by_name_after_others():
    deep = replies("The moon pulls the sea. So it rises.", thinking="Consider gravity first.", tokens_per_s=0.6)
    heard = [(0, chat(1, f"{HARD} why tides rise", viewer="mika")), (4000, chat(2, "what is your name?", viewer="taro"))]
    played = play(Script(heard=heard, deep=deep))
    said = played.said()
    assert said.index("Let me think about that.") < said.index("Hello there!") < said.index("mika, about your question.")
    assert said[said.index("mika, about your question.") + 1 :][:2] == ["The moon pulls the sea.", "So it rises."]
    assert [event.accepted for event in played.of(Routed) if event.route == "hard"] == [True]


def test_a_hard_question_that_ponder_has_no_room_for_is_answered_by_the_fast_model():
    deep = replies("It is slow. Very slow.", tokens_per_s=0.2)
    heard = [(i * 3000, chat(i, f"{HARD} number {i}", viewer=f"v{i}")) for i in range(4)]
    played = play(Script(heard=heard, deep=deep))
    accepted = [event.accepted for event in played.of(Routed) if event.route == "hard"]
    assert accepted.count(False) >= 1
    assert sum(event.tier == "fast" for event in played.of(Generated)) == accepted.count(False)


def test_an_answer_that_was_promised_and_did_not_come_is_owned_up_to():
    late = Settings(thinking=msgspec.structs.replace(Settings().thinking, deep_deadline_s=5.0))
    deep = replies("Too late. Far too late.", tokens_per_s=0.1)
    played = play(Script(heard=[(0, chat(1, HARD))], deep=deep, settings=late))
    assert "Sorry mika, I could not work it out." in played.said()
    assert reasons(played)["s.0002/question"] == "expired"


def test_thoughts_are_on_record_and_never_performed():
    thought = "The viewer wants to know my name, I will be careful about it."
    model = Scripted(replies=lambda _r: Scripture(text=f"<think>{thought}</think>I am Ada. Nice name!", thinking="And more."))
    model.start_state = "auto"
    played = play(Script(heard=[(0, chat(1, "what is your name?"))], fast=model))
    assert played.said() == [WELCOME, "I am Ada. Nice name!", GOOD_NIGHT]
    (kept,) = played.of(Thought)
    assert thought in kept.text
    assert all(thought not in event.text for event in played.of(Clause))
    assert summarise(tell(played.events))["thought_chars_spoken"] == 0


def test_words_before_a_lone_closer_are_thoughts_too():
    model = replies("Secret reasoning here. </think>Hello you.")
    model.start_state = "auto"
    played = play(Script(heard=[(0, chat(1, "hi there?"))], fast=model))
    assert played.said() == [WELCOME, "Hello you.", GOOD_NIGHT]


@pytest.mark.parametrize("fault", ["refuse", "unavailable", "hang", "stall", "error"])
def test_a_model_that_fails_leaves_no_silence_and_no_error_text(fault: str):
    scripture = Scripture(text="Well", fault=fault)  # type: ignore[arg-type]
    heard = [(0, chat(1, "how are you?")), (30_000, chat(2, "still there?", viewer="taro"))]
    played = play(Script(heard=heard, fast=Scripted(replies=lambda _r: scripture)))
    assert played.said() == [WELCOME, "I lost my thread.", "I lost my thread.", GOOD_NIGHT]
    assert {event.error for event in played.of(Failed)} <= {"ModelRefused", "ModelUnavailable", "ModelTimeout", "ModelError"}
    assert "as its script says" not in repr([event for event in played.events if isinstance(event, Failed | Performed)])


def test_a_clause_that_the_guard_refuses_is_replaced_by_a_line_of_her_own():
    played = play(Script(heard=[(0, chat(1, "say it?"))], fast=replies("You are a slurword. Ha.")))
    assert played.said() == [WELCOME, "Let us talk about something else.", GOOD_NIGHT]


def test_she_says_no_more_than_her_character_allows():
    played = play(Script(heard=[(0, chat(1, "tell me more?"))], fast=replies("The first one is here. The second one is here. The third one is here.")))
    assert played.said()[1:-1] == ["The first one is here.", "The second one is here."]


def test_money_is_thanked_with_its_amount_and_then_answered():
    paid = chat(1, "how are you?", form="paid", money=Money("500", "JPY"), platform="youtube")
    played = play(Script(heard=[(0, paid)]))
    assert played.said()[1:3] == ["Thank you for 500 yen, mika.", "Hello there!"]


def test_a_raid_is_welcomed():
    raid = Notice(id="n", at_ms=0, platform="twitch", viewer_id="twitch:zoe", name="zoe", notice="raid", count=12)
    assert "Welcome zoe and 12 friends." in play(Script(heard=[(0, raid)])).said()


def test_a_deleted_message_is_not_answered_nor_recalled():
    heard = [
        (0, chat(0, "how are you?")),
        (20, chat(1, "my password is hunter2, ok?", viewer="taro")),
        (30, Retract(id="r", at_ms=0, target_event="twitch:ada:1")),
        (9000, chat(2, "what is my password?", viewer="taro")),
    ]
    played = play(Script(heard=heard))
    assert reasons(played)["twitch:ada:1"] == "retracted"
    assert all("hunter2" not in item.text for event in played.of(Recalled) for item in event.items)
    adds_up(played)


def test_an_answer_to_a_message_deleted_meanwhile_is_cut_off():
    heard = [(0, chat(1, "how are you?")), (4500, Retract(id="r", at_ms=0, target_event="twitch:ada:1"))]
    slow = replies("This goes on and on for a while, you know. And on.", tokens_per_s=5)
    played = play(Script(heard=heard, fast=slow, settings=Settings(attention=Attention(idle_s=1000))))
    cut = [event for event in played.of(Performed) if not event.whole]
    assert cut or "interrupted_retract" in {event.reason for event in played.of(Dropped)}
    assert "And on." not in played.said()


def test_a_viewer_s_own_words_are_recalled_and_never_another_s():
    heard = [
        (0, chat(1, "my cat Miso hates the vacuum cleaner", viewer="mika")),
        (1000, chat(2, "my dog Rex hates the vacuum cleaner", viewer="taro")),
        (30_000, chat(3, "what does my cat Miso hate?", viewer="mika")),
    ]
    played = play(Script(heard=heard))
    recalled = [item for event in played.of(Recalled) for item in event.items]
    assert any("Miso" in item.text for item in recalled)
    assert {item.viewer_id for item in recalled if "hates" in item.text} == {"twitch:mika"}


def test_of_two_halves_of_a_sentence_both_are_answered_in_one_turn():
    played = play(Script(heard=[(0, chat(1, "I was wondering why")), (2000, chat(2, "the sea is so salty?"))]))
    (turn,) = [event for event in played.of(Turn) if event.chats]
    assert [one.id for one in turn.chats] == ["twitch:ada:1", "twitch:ada:2"]
    assert summarise(tell(played.events))["answered"] == 2


def test_hush_silences_her_and_the_next_message_is_answered():
    def meddle(show: Show):
        yield 4_000, lambda: show.interrupt("hush")

    heard = [(0, chat(1, "tell me a long story?")), (15_000, chat(2, "and now?", viewer="taro"))]
    slow = replies("Once upon a time there was a very old lighthouse. Its keeper never slept.", tokens_per_s=4)
    played = play(Script(heard=heard, fast=slow, meddle=meddle))
    assert any(event.reason == "interrupted_hush" for event in played.of(Dropped))
    hushed = next(event.at_ms for event in played.events if getattr(event, "op", "") == "hush")
    between = [one for one in played.of(Performed) if hushed < one.started_ms < 15_000]
    assert between == []
    assert played.of(Performed)[-1].text == GOOD_NIGHT
    adds_up(played)


def test_stop_ends_the_show_at_once_and_says_what_became_of_every_message():
    def meddle(show: Show):
        yield 5_000, lambda: show.interrupt("stop")

    heard = [(i * 400, chat(i, f"question number {i}?", viewer=f"v{i}")) for i in range(40)]
    played = play(Script(heard=heard, meddle=meddle))
    assert isinstance(played.events[-1], Closed)
    assert played.events[-1].reason == "stopped"
    assert played.events[-1].at_ms < 6_500
    adds_up(played)


def test_paused_she_chooses_nothing_until_she_is_resumed():
    def meddle(show: Show):
        yield 100, lambda: show.interrupt("pause")
        yield 20_000, lambda: show.interrupt("resume")

    played = play(Script(heard=[(1000, chat(1, "how are you?"))], meddle=meddle))
    (turn,) = [event for event in played.of(Turn) if event.chats]
    assert turn.at_ms >= 20_100


def test_a_quiet_stream_hears_her_own_topics_less_and_less_often():
    played = play(Script(heard=[(400_000, chat(1, "hello?"))]))
    idle = [event.at_ms for event in played.of(Turn) if event.purpose == "idle"]
    gaps = [late - early for early, late in zip(idle, idle[1:], strict=False)]
    assert len(idle) >= 2
    assert gaps == sorted(gaps)
    assert gaps[-1] > gaps[0]


STAGES = ["listen_scripted", "attend", "think", "ponder", "speak", "perform", "remember"]


class _Broken:
    """Stands before a part and fails at one call."""

    def __init__(self, part: object, method: str, at: int) -> None:
        self._part, self._method, self._left = part, method, at

    def __getattr__(self, name: str):
        if name == self._method:
            self._left -= 1
            if self._left == 0:
                raise RuntimeError("injected: secret detail")
        return getattr(self._part, name)


def _fails_once(stage: str, at: int):
    from vtuber import show as module  # noqa: PLC0415

    calls = {"left": at}
    supervise = module.supervise

    async def broken(which, **more):
        if which.name != stage:
            return await supervise(which, **more)

        async def handle(item: object) -> None:
            calls["left"] -= 1
            if calls["left"] == 0:
                raise RuntimeError("injected: secret detail")
            await which.handle(item)

        return await supervise(msgspec.structs.replace(which, handle=handle), **more)

    return broken


@pytest.mark.parametrize("stage", STAGES)
def test_an_exception_in_a_stage_costs_one_item_and_the_show_goes_on(stage: str, monkeypatch: pytest.MonkeyPatch):
    at = {"ponder": 1, "attend": 2, "think": 2, "speak": 2, "perform": 2}.get(stage, 1)
    monkeypatch.setattr("vtuber.show.supervise", _fails_once(stage, at))
    heard = [
        (1_000, chat(1, "how are you?", viewer="mika")),
        (12_000, chat(2, f"{HARD} why the sky is blue", viewer="taro")),
        (40_000, chat(3, "what is your name?", viewer="zoe")),
    ]
    played = play(Script(heard=heard))
    (failed,) = [event for event in played.of(Failed) if event.error == "RuntimeError"]
    assert failed.stage == stage
    assert any(event.reason == "stage_failed" for event in played.of(Dropped))
    assert played.said()[-1] == GOOD_NIGHT
    assert any(event.viewer_id == "twitch:zoe" for event in played.of(Performed)), "the last viewer is answered"
    assert "secret detail" not in repr(played.events)
    adds_up(played)


def test_an_output_that_breaks_does_not_silence_the_others():
    class Broken:
        name = "broken"

        async def open(self, base_ms: int) -> None: ...

        async def start(self, cue: object) -> None:
            from vtuber.errors import StageOutputError  # noqa: PLC0415

            raise StageOutputError("no disk")

        async def end(self, cue: object, performed: object) -> None: ...

        async def close(self) -> None: ...

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, outputs=(Broken(), *parts.outputs))

    played = play(Script(heard=[(0, chat(1, "how are you?"))], change=change))
    assert played.said() == [WELCOME, "Hello there!", "Nice to see you.", GOOD_NIGHT]
    assert [cue.text for cue in played.recorder.started] == played.said()
    assert {event.stage for event in played.of(Failed)} == {"output_broken"}


def test_the_same_show_gives_the_same_journal():
    heard = [(i * 900, chat(i, f"question {i}?", viewer=f"v{i % 5}")) for i in range(30)]
    first, second = play(Script(heard=heard)), play(Script(heard=heard))
    assert [journal.encode(event) for event in first.events] == [journal.encode(event) for event in second.events]


def test_performed_clauses_never_overlap_and_a_reply_is_never_torn_apart():
    deep = replies("First part. Second part. Third part.", tokens_per_s=2)
    heard = [(i * 2500, chat(i, f"{HARD if i % 4 == 1 else ''} question {i}?", viewer=f"v{i}")) for i in range(16)]
    played = play(Script(heard=heard, deep=deep))
    performed = played.of(Performed)
    for early, late in zip(performed, performed[1:], strict=False):
        assert early.started_ms + early.duration_ms <= late.started_ms
    runs = [(one.turn, one.seq >= 100) for one in performed]
    seen: list[tuple[str, bool]] = []
    for run in runs:
        if not seen or seen[-1] != run:
            assert run not in seen, "a reply was torn apart"
            seen.append(run)
    adds_up(played)


MESSAGES = st.tuples(
    st.integers(0, 4000),
    st.sampled_from(["hi", "how are you?", f"{HARD} why", "www", "!cmd", "元気？", "", "because", "slurword", "a" * 500]),
    st.integers(0, 3),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(MESSAGES, max_size=12), st.integers(0, 3))
def test_whatever_comes_every_message_has_one_fate(rows: list[tuple[int, str, int]], broken: int):
    heard: list[tuple[float, Event]] = [(gap, chat(i, text, viewer=f"v{who}")) for i, (gap, text, who) in enumerate(rows)]
    fault = ["", "stall", "error", "refuse"][broken]
    model = Scripted(
        replies=lambda _r: Scripture(text="Hello there, you. Fine.", fault=fault),  # type: ignore[arg-type]
        pace=Pace(patience_s=3),
    )
    played = play(Script(heard=heard, fast=model))  # type: ignore[arg-type]
    adds_up(played)
    assert isinstance(played.events[-1], Closed)


def test_the_persona_of_these_tests_is_whole():
    assert PERSONA.lines.opening
