from typing import Any

from vtuber.bench import flood
from vtuber.bench.flood import _Tally
from vtuber.events import Chat, Dropped, Generated, Money, Performed, Turn


def chat(number: int, **more: Any) -> Chat:
    return Chat(id=f"c{number}", at_ms=number, platform="t", viewer_id=f"t:{number % 3}", text="hi", **more)


def dropped(number: int, reason: str) -> Dropped:
    return Dropped(id=f"c{number}!", at_ms=9, cause=f"c{number}", reason=reason, item="chat")


def performed(turn: str, started: int, ended: int) -> Performed:
    return Performed(
        id=f"{turn}/{started}", at_ms=ended, turn=turn, seq=0, text="Hi.", language="en", source="fast",
        started_ms=started, duration_ms=ended - started, voice="v", last=False,
    )  # fmt: skip


def told(*events: Any) -> _Tally:
    tally = _Tally()
    for event in events:
        tally.note(event)
    return tally


def test_a_flood_is_heard_to_its_end_and_every_message_has_one_fate():
    found: Any = flood.measure(200, 2.0, lambda _passed: None, 0.05)
    assert found["heard"] == found["sent"] >= 2_000
    assert found["adds_up"]
    assert found["dropped"]["overflow"] > 0
    assert found["model_calls"] <= found["replies"] + 1
    paid = found["paid"]
    assert paid.pop("sent") == sum(paid.values()) >= 100
    assert set(paid) <= {"answered", "held", "waiting"}, "no paid message is lost"


def test_an_answer_counts_from_its_first_words_on():
    turn = Turn(id="s.1", turn="s.1", at_ms=5, purpose="answer", chats=(chat(1), chat(2)))
    tally = told(chat(1), chat(2), turn)
    assert (tally.replies, tally.cut_off()) == (0, 2)
    tally = told(chat(1), chat(2), turn, performed("s.1", 500, 900), performed("s.1", 1000, 1500))
    assert (tally.replies, tally.cut_off(), tally.fates["answered"]) == (1, 0, 2)
    assert tally.ages_ms == [498]
    assert tally.lengths_ms == {"s.1": 1000}


def test_a_paid_message_is_answered_held_or_waiting_when_the_show_ends():
    money = Money("1", "USD")
    turn = Turn(id="s.1", turn="s.1", at_ms=5, purpose="answer", chats=(chat(1, money=money),))
    tally = told(
        *(chat(number, money=money) for number in range(1, 5)), turn, performed("s.1", 500, 900),
        dropped(2, "held"), dropped(3, "show_ended"),
    )  # fmt: skip
    assert tally.paid == {"c1": "answered", "c2": "held", "c3": "waiting", "c4": "waiting"}


def test_calls_of_the_model_are_counted_and_other_drops_are_no_messages():
    call = Generated(
        id="g", at_ms=1, turn="s.1", tier="fast", model="m", first_token_ms=1, total_ms=2, tokens=3, prompt_tokens=4,
        stop="stop", text="Hi.",
    )  # fmt: skip
    tally = told(call, Dropped(id="x", at_ms=1, cause="q", reason="busy", item="question"))
    assert (tally.calls, tally.fates.total()) == (1, 0)
