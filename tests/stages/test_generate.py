from collections.abc import AsyncGenerator

import msgspec
import pytest

from tests.moody import Moody, backed_by
from tests.playing import GOOD_NIGHT, HARD, PERSONA, WELCOME, Script, chat, play, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.core.story import tell
from vtuber.core.summary import summarise
from vtuber.errors import ModelRefused
from vtuber.events import Clause, Failed, Generated, Performed, Routed, Thought
from vtuber.persona import Speaking
from vtuber.ports import Delta, ModelRequest
from vtuber.report.why import why
from vtuber.settings import Attention, Settings, Thinking

PATIENT = Settings(attention=Attention(idle_s=1000))


def asked(count: int):
    return [(8000, chat(number, f"how are you, {number}?", viewer=f"v{number}")) for number in range(count)]


def test_thoughts_are_on_record_and_never_performed():
    thought = "The viewer wants to know my name, I will be careful about it."
    model = Scripted(
        replies=lambda _r: Scripture(text=f"<think>{thought}</think>I am Ada. Nice name!", thinking="And more.")
    )
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
    assert {event.error for event in played.of(Failed)} <= {
        "ModelRefused",
        "ModelUnavailable",
        "ModelTimeout",
        "ModelError",
    }
    assert "as its script says" not in repr([event for event in played.events if isinstance(event, Failed | Performed)])


def test_how_sure_the_fast_model_was_is_on_record_where_the_server_tells():
    sure = Scripted(replies=lambda _r: Scripture(text="Blue is my favourite.", thinking="a colour", logprob=-0.25))
    (call,) = play(Script(heard=asked(1), fast=sure)).of(Generated)
    assert call.confidence == -0.25
    (call,) = play(Script(heard=asked(1), fast=replies("Blue is my favourite."))).of(Generated)
    assert call.confidence is None


class Asked(Scripted):
    """Keeps what it was asked; `refuses` whoever wants to know how sure it is."""

    def __init__(self, text: str, *, refuses: bool = False, logprob: float | None = None) -> None:
        super().__init__(replies=lambda _r: Scripture(text=text, logprob=logprob))
        self.requests: list[ModelRequest] = []
        self._refuses = refuses

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        if self._refuses and request.logprobs:
            raise ModelRefused("logprobs are not supported")
        async for delta in super().stream(request):
            yield delta


def test_a_server_that_does_not_tell_how_sure_it_is_is_asked_once():
    model = Asked("Blue is one. Red is another.")
    play(Script(heard=asked(3), fast=model, settings=PATIENT))
    assert [one.logprobs for one in model.requests] == [True, False, False]


def test_a_server_that_tells_is_asked_each_time():
    model = Asked("Blue is one. Red is another.", logprob=-0.5)
    play(Script(heard=asked(3), fast=model, settings=PATIENT))
    assert [one.logprobs for one in model.requests] == [True] * 3


def test_a_server_that_refuses_to_tell_answers_in_the_same_turn_and_has_not_failed():
    model = Asked("Blue is my favourite.", refuses=True)
    played = play(Script(heard=asked(1), fast=model))
    assert played.said() == [WELCOME, "Blue is my favourite.", GOOD_NIGHT]
    assert [one.logprobs for one in model.requests] == [True, False]
    assert not played.of(Failed)
    assert played.show.mind.fast.rungs[0].breaker.retry_at is None


def test_the_deep_model_is_not_asked_how_sure_it_is_and_its_effort_is_on_record():
    model = Asked("The moon pulls the sea. So it rises.")
    played = play(Script(heard=[(1000, chat(1, f"{HARD}?"))], deep=model))
    assert {one.logprobs for one in model.requests} == {False}
    deep = next(one for one in played.of(Generated) if one.tier == "deep")
    assert deep.effort == model.requests[0].effort != "none"


def test_its_pace_is_learnt_without_the_time_that_speaking_takes():
    model = replies("One two three four five six. " * 2, tokens_per_s=10.0)
    show = play(Script(heard=asked(2), fast=model, settings=PATIENT)).show
    assert show.mind.fast.expect_ms(0) == 400, "its first token"
    assert show.mind.fast.expect_ms(10) == pytest.approx(1400, abs=250)


def test_a_model_that_thinks_for_ever_is_cut_off_after_half_a_minute():
    model = Scripted(replies=lambda _r: Scripture(text="Late.", thinking="and so on " * 2000))
    played = play(Script(heard=asked(1), fast=model))
    (call,) = played.of(Generated)
    assert (call.stop, call.total_ms) == ("timeout", 30_000)
    assert played.said() == [WELCOME, "I lost my thread.", GOOD_NIGHT]


def test_a_long_answer_that_is_spoken_slowly_is_not_cut_off():
    long = " ".join(
        f"Sentence number {number} is a rather long one, so it takes a while to say." for number in range(40)
    )
    talkative = msgspec.structs.replace(PERSONA, speaking=Speaking(reply_sentences=100))
    settings = Settings(thinking=Thinking(fast_tokens=5000), attention=Attention(idle_s=1000))
    model = replies(long, tokens_per_s=60.0)
    played = play(Script(heard=asked(1), fast=model, persona=talkative, settings=settings))
    assert played.said()[-2] == "Sentence number 39 is a rather long one, so it takes a while to say."
    assert played.events[-1].at_ms > 60_000


def test_all_the_calls_of_a_turn_wait_half_a_minute_together():
    """The verdict comes after 20 s; what is asked after it hangs."""

    replies = iter([Scripture(text="[tool]", thinking="and so on " * 130), Scripture(text="-", thinking="so " * 9999)])
    model = Scripted(replies=lambda _r: next(replies))
    played = play(Script(heard=asked(1), fast=model, settings=PATIENT))
    calls = played.of(Generated)
    assert [one.stop for one in calls] == ["stop", "timeout"]
    assert sum(one.total_ms for one in calls) == 30_000
    assert played.said() == [WELCOME, "I lost my thread.", GOOD_NIGHT]
    assert played.show.mind.fast.rungs[0].breaker.retry_at is None


def test_a_half_sentence_is_said_where_no_time_is_left_for_who_stands_in():
    """It stalls in its first sentence until the half minute is over: nobody else may begin, and she is not silent."""
    stalled = Scripted(
        replies=lambda _r: Scripture(text="It is the moon and the sun and the", fault="stall"),
        pace=Pace(first_token_ms=100, tokens_per_s=50, patience_s=60),
    )
    played = play(Script(heard=asked(1), fast=stalled, change=backed_by(fast=[replies("Not wanted.")])))
    assert [one.model for one in played.of(Generated)] == ["scripted"]
    assert played.said() == [WELCOME, "It is the moon", GOOD_NIGHT]


def test_a_turn_for_which_no_model_could_be_asked_says_so_on_record():
    gone = Moody("only", "-", ill=((0.0, 1e9),))
    played = play(Script(heard=asked(5), fast=gone, settings=PATIENT))
    calls = played.of(Generated)
    assert {one.turn for one in calls} == {one.turn for one in played.of(Routed) if one.route == "simple"}
    assert [one.stop for one in calls[-2:]] == ["down", "down"]
    assert {(one.model, one.tier, one.total_ms) for one in calls if one.stop == "down"} == {("only", "fast", 0)}
    assert len({one.id for one in played.events}) == len(played.events)
    story = tell(played.events)
    turn = next(one for one in story.turns if one.turn.id == calls[-1].turn)
    assert "only (fast): down, so that it was not asked" in "".join(map(str, why(turn, story)))


def test_as_long_as_it_is_open_how_a_model_begins_its_answer_may_be_as_long_as_a_thought():
    seen: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        seen.append(request)
        probe = len(seen) == 1
        return Scripture(text="It is, well, " * 400 if probe else f"Answer number {len(seen)} is a calm one.")

    model = Scripted(replies=reply, pace=Pace(tokens_per_s=40))
    model.start_state = "auto"
    played = play(Script(heard=asked(2), fast=model, settings=PATIENT))
    assert [one.max_tokens for one in seen[1:]] == [1024, Thinking().fast_tokens]
    assert played.said()[1:-1] == [f"Answer number {number} is a calm one." for number in (2, 3)]
