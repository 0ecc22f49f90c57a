from collections.abc import Callable

from vtuber.clock import Clock, run_virtual
from vtuber.errors import ModelError
from vtuber.events import Event, Failed, Recalled, Routed, Thought, Turn
from vtuber.interrupts import Interrupts
from vtuber.stages.notes import note_failure, note_recalled, note_routed, note_thought
from vtuber.stages.roads import Roads, lay

TURN = Turn(id="s.0001", turn="s.0001", at_ms=0, purpose="answer")


def noted(act: Callable[[Roads], None]) -> list[Event]:
    """Give what is on record after acting."""
    events: list[Event] = []

    async def go() -> None:
        act(lay(Clock(0), events.append, interrupts=Interrupts(), sources=1, chat_size=4))

    run_virtual(go())
    return events


def test_what_was_thought_is_one_redacted_record_and_nothing_is_none():
    def act(roads: Roads) -> None:
        note_thought(TURN, "fast", ["her mail is mika@example.org", " ", "call her Umeko"], roads, ("umeko",))
        note_thought(TURN, "fast", ["", " \n"], roads)

    (thought,) = noted(act)
    assert isinstance(thought, Thought)
    assert (thought.turn, thought.tier) == ("s.0001", "fast")
    assert "mika@" not in thought.text
    assert "Umeko" not in thought.text
    assert thought.text.startswith("her mail is")


def test_each_decision_and_each_prompt_of_a_turn_has_its_own_id():
    def act(roads: Roads) -> None:
        for number in (1, 2, 3):
            note_routed(TURN, roads, number=number, route="hard", difficulty=0.5, reason="r", by="verdict")
        note_recalled(TURN, (), {"message": 3}, roads)
        note_recalled(TURN, (), {"message": 3}, roads, call=".2")

    events = noted(act)
    assert len({event.id for event in events}) == 5
    assert [type(event) for event in events] == [Routed, Routed, Routed, Recalled, Recalled]
    assert {event.turn for event in events} == {"s.0001"}


def test_of_a_failure_only_the_class_of_the_error_is_written_down():
    (failed,) = noted(lambda roads: note_failure("recall", ModelError("the secret is 1234"), "s.0001", roads))
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.error) == ("recall", "ModelError")
    assert "1234" not in repr(failed)
