"""A journal folded into messages with one fate each and turns with all their parts, in whatever order it comes."""

import random
from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.story import LATER, SHOW_ENDED, tell
from vtuber.core.summary import summarise
from vtuber.events import (
    Chat,
    Clause,
    Closed,
    Dropped,
    Event,
    Generated,
    Money,
    Notice,
    Opened,
    Performed,
    Question,
    Recalled,
    Recollection,
    Retract,
    Routed,
    Skipped,
    Turn,
    Used,
)
from vtuber.stages.mind import DEEP

BEGAN = 1_700_000_000_000


def chat(name: str, at_ms: int = 1000, *, viewer: str = "twitch:1", paid: bool = False, text: str = "hi") -> Chat:
    return Chat(
        id=name, at_ms=BEGAN + at_ms, platform="twitch", channel="c", viewer_id=viewer, name=viewer, text=text,
        form="paid" if paid else "text", money=Money("500", "JPY") if paid else None,
    )  # fmt: skip


def turn(name: str, *chats: Chat, at_ms: int = 2000) -> Turn:
    return Turn(id=name, turn=name, at_ms=BEGAN + at_ms, purpose="answer", chats=chats)


def performed(
    turn_id: str, seq: int = 0, started_ms: int = 3000, *, text: str = "hello", source: str = "fast"
) -> Performed:
    return Performed(
        id=f"{turn_id}/{seq}/performed", at_ms=BEGAN + started_ms + 1000, cause=f"{turn_id}/{seq}",
        turn=turn_id, seq=seq,
        text=text, language="en", source=source, last=False, started_ms=BEGAN + started_ms, duration_ms=1000, voice="v",
    )  # fmt: skip


def dropped(cause: str, reason: str, *, of: str = "", item: str = "chat") -> Dropped:
    return Dropped(id=f"{cause}!{reason}", at_ms=BEGAN + 4000, cause=cause, turn=of, reason=reason, item=item)


def fates(*events: Event) -> dict[str, str]:
    return {one.heard.id: one.reason or one.fate for one in tell(events).messages}


def test_a_performed_turn_answers_all_the_messages_it_merged():
    first, second = chat("a"), chat("b")
    assert fates(first, second, turn("t", first, second), performed("t")) == {"a": "answered", "b": "answered"}


def test_a_message_that_was_dropped_keeps_its_first_reason():
    assert fates(chat("a"), dropped("a", "stale"), dropped("a", "overflow")) == {"a": "stale"}


def test_being_answered_outweighs_being_dropped():
    one = chat("a")
    assert fates(one, dropped("a", "retracted"), turn("t", one), performed("t")) == {"a": "answered"}


def test_a_turn_of_which_nothing_was_heard_passes_its_reason_to_its_messages():
    one = chat("a")
    assert fates(one, turn("t", one), dropped("t", "stage_failed", of="t", item="turn")) == {"a": "stage_failed"}
    assert fates(one, turn("t", one), dropped("t/0", "unspeakable", of="t", item="clause")) == {"a": "unspeakable"}


def test_what_nobody_spoke_of_ended_with_the_show():
    assert fates(chat("a")) == {"a": SHOW_ENDED}
    assert fates(chat("a"), turn("t", chat("a"))) == {"a": SHOW_ENDED}


def test_a_message_taken_twice_is_answered_if_either_turn_was_heard():
    one = chat("a")
    assert fates(one, turn("t", one), turn("u", one), performed("u")) == {"a": "answered"}


def test_a_turn_holds_its_parts_and_measures_from_being_chosen():
    one = chat("a")
    story = tell([
        Opened(id="o", at_ms=BEGAN, schema=1, character="c", stream_id="s", seed=0),
        one,
        turn("t", one, at_ms=2000),
        Routed(id="t/route", at_ms=BEGAN + 2005, turn="t", route="simple", difficulty=0.2, reason="r"),
        Recalled(id="t/r", at_ms=BEGAN + 2010, turn="t", items=(Recollection("m", "x", "v", BEGAN, 0.5),)),
        Clause(id="t/0", at_ms=BEGAN + 2700, turn="t", seq=0, text="hello", language="en", source="fast", last=False),
        Generated(
            id="t/fast", at_ms=BEGAN + 3500, turn="t", tier="fast", model="m", first_token_ms=400,
            total_ms=1450, text="hello"
        ),
        performed("t", started_ms=3000),
        Closed(id="x", at_ms=BEGAN + 9000),
    ])  # fmt: skip
    (only,) = story.turns
    assert (only.first_token_ms, only.first_clause_ms, only.first_audio_ms) == (450, 700, 1000)
    assert [item.id for item in only.recalled] == ["m"]
    assert only.routed is not None
    assert (story.began_ms, story.ended_ms) == (BEGAN, BEGAN + 9000)


def test_a_canned_turn_has_no_first_token():
    (only,) = tell([turn("t"), performed("t")]).turns
    assert only.first_token_ms is None
    assert only.first_clause_ms is None


def test_a_deep_answer_is_told_apart_from_the_holding_line():
    asked = turn("t", chat("a"))
    question = Question(id="t/q", at_ms=BEGAN + 2100, turn="t", asked=asked, language="en", deadline_ms=BEGAN + 90_000)
    (only,) = tell([
        asked, question, performed("t", 0, 2500, source="persona"),
        performed("t", DEEP, 40_000, source="persona"), performed("t", DEEP + 1, 42_000, source="deep"),
    ]).turns  # fmt: skip
    assert [one.seq for one in only.at_once] == [0]
    assert [one.seq for one in only.delivery] == [DEEP, DEEP + 1]
    assert (only.delivered, only.delivered_ms) == (True, 38_000)


def routed(route: str, **more: object) -> Routed:
    return Routed(id=f"t/{route}", at_ms=BEGAN, turn="t", route=route, difficulty=0.5, reason="r", **more)  # type: ignore[arg-type]


def test_of_several_decisions_the_last_one_that_was_carried_out_holds():
    simple, hard, tool = routed("simple"), routed("hard", accepted=True), routed("tool")
    busy = routed("hard", refused="no_room")
    for decisions, held in (
        ((simple,), simple), ((simple, hard), hard), ((simple, busy), simple), ((busy,), busy),
        ((simple, tool), tool), ((simple, tool, busy), tool), ((), None),
    ):  # fmt: skip
        (only,) = tell([turn("t"), *decisions]).turns
        assert only.routed == held
        assert only.decisions == decisions
        assert only.refused == tuple(one for one in decisions if one is busy)


def test_a_turn_holds_its_tools_its_prompts_and_its_written_answer():
    used = Used(id="u", at_ms=BEGAN, turn="t", tool="clock", tier="fast", arguments="{}", ok=True, took_ms=1)
    parts = {"persona": 3}
    (only,) = tell([
        turn("t"), used, Recalled(id="r", at_ms=BEGAN, turn="t", items=(), prompt_parts=parts),
        Recalled(id="r2", at_ms=BEGAN, turn="t", items=()),
        Clause(id="t/0", at_ms=BEGAN, turn="t", seq=0, text="a", language="en", source="deep", last=False),
        Clause(
            id="t/1", at_ms=BEGAN, turn="t", seq=1, text="b", language="en", source="deep", last=False, detail="| a |"
        ),
    ]).turns  # fmt: skip
    assert (only.used, only.prompts, only.detail) == ((used,), (parts,), "| a |")


def test_a_turn_of_which_only_a_face_was_seen_answered_nobody():
    one = chat("a")
    face = Clause(
        id="t/0", at_ms=BEGAN, turn="t", seq=0, text="", language="en", source="persona", last=False, pose=True
    )  # fmt: skip
    assert fates(one, turn("t", one), face) == {"a": "no_model"}
    assert fates(one, turn("t", one), face, dropped("t", "model_down", of="t", item="turn")) == {"a": "model_down"}
    assert fates(one, turn("t", one), face, performed("t")) == {"a": "answered"}


def test_owning_up_that_no_answer_came_is_no_delivery():
    (only,) = tell([turn("t"), performed("t", DEEP, 40_000, source="persona")]).turns
    assert not only.delivered
    assert only.delivered_ms == 38_000


def test_think_numbers_deep_answers_as_the_story_reads_them():
    assert DEEP == LATER


def test_what_the_platform_took_back_is_marked():
    def gone(*events: Event) -> set[str]:
        return {one.heard.id for one in tell(events).messages if one.deleted}

    a, b, later = chat("a", viewer="v1"), chat("b", viewer="v2"), chat("c", viewer="v1")
    at = BEGAN + 5000
    assert gone(a, b, Retract(id="r", at_ms=at, target_event="b"), later) == {"b"}
    assert gone(a, b, Retract(id="r", at_ms=at, target_viewer="v1"), later) == {"a"}
    assert gone(a, b, Retract(id="r", at_ms=at, everything=True, channel="c"), later) == {"a", "b"}
    assert gone(a, b, Retract(id="r", at_ms=at, everything=True, channel="other"), later) == set()
    assert gone(Retract(id="r", at_ms=at, target_event="a"), a) == {"a"}


def test_an_empty_journal_is_an_empty_story():
    story = tell([])
    assert (story.messages, story.turns, story.began_ms, story.ended_ms) == ((), (), 0, 0)


IDS = st.sampled_from([f"c{n}" for n in range(6)])
TURNS = st.sampled_from([f"t{n}" for n in range(4)])
CHATS = st.builds(lambda name, paid: chat(name, paid=paid), IDS, st.booleans())
EVENTS = st.one_of(
    CHATS,
    st.builds(lambda n: Notice(id=f"n{n}", at_ms=BEGAN + n, platform="twitch", notice="raid"), st.integers(0, 3)),
    st.builds(lambda name, chats: turn(name, *chats), TURNS, st.lists(CHATS, max_size=3)),
    st.builds(lambda name, n: Turn(
        id=name, turn=name, at_ms=BEGAN, purpose="notice",
        notice=Notice(id=f"n{n}", at_ms=BEGAN + n, platform="twitch", notice="raid"),
    ), TURNS, st.integers(0, 3)),
    st.builds(performed, TURNS, st.sampled_from([0, 1, DEEP, DEEP + 1])),
    st.builds(dropped, IDS | TURNS, st.sampled_from(["stale", "bot", "overflow"])),
    st.builds(lambda name: dropped(name + "/0", "stage_failed", of=name, item="clause"), TURNS),
    st.builds(lambda name: Retract(id="r", at_ms=BEGAN, target_event=name), IDS),
    st.builds(lambda n: Skipped(id=f"line:{n}", at_ms=0, reason="broken_line", line=n), st.integers(1, 9)),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=60))
def test_in_any_interleaving_every_message_has_exactly_one_fate_and_the_summary_adds_up(events: list[Event]):
    told = summarise(tell(events))
    heard = Counter((type(one), getattr(one, "form", "")) for one in events if isinstance(one, Chat | Notice))
    assert told["messages_in"] == {
        "chat": heard[Chat, "text"], "paid": heard[Chat, "paid"], "notice": heard[Notice, ""]
    }  # fmt: skip
    assert told["answered"] + sum(told["dropped"].values()) == heard[Chat, "text"] + heard[Chat, "paid"]
    notices = told["notices"]
    assert notices["answered"] + sum(notices["dropped"].values()) == heard[Notice, ""]


@given(st.lists(EVENTS, max_size=40), st.randoms())
def test_answered_does_not_depend_on_the_order_of_the_journal(events: list[Event], dice: random.Random):
    unique = list({(type(one), one.id): one for one in events}.values())
    shuffled = list(unique)
    dice.shuffle(shuffled)
    assert summarise(tell(unique))["answered"] == summarise(tell(shuffled))["answered"]


def test_a_message_that_a_resumed_show_takes_up_again_is_one_message():
    first = Opened(id="s", at_ms=0, schema=1, character="ada", stream_id="s", seed=0)
    again = msgspec.structs.replace(first, id="s+1", at_ms=9, part=1)
    heard = Chat(id="t:a:1", at_ms=1, platform="t", viewer_id="t:1", text="hello?")
    turn = Turn(id="s+1.0001", turn="s+1.0001", at_ms=10, purpose="answer", chats=(heard,))
    story = tell([first, heard, again, heard, turn])
    assert [one.heard.id for one in story.messages] == ["t:a:1"]
    assert story.closed is None


def test_a_show_whose_last_part_was_cut_off_has_not_ended():
    first = Opened(id="s", at_ms=0, schema=1, character="ada", stream_id="s", seed=0)
    again = msgspec.structs.replace(first, id="s+1", at_ms=9, part=1)
    end = Closed(id="s/closed", at_ms=5)
    assert tell([first, end]).closed == end
    assert tell([first, end, again]).closed is None
