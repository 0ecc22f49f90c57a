from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.playing import HARD, Script, chat, play
from tests.test_events import KINDS, an_event
from vtuber.core.talk import Talk
from vtuber.events import Changed, Chat, Clause, Dropped, Event, Failed, Interrupt, Recalled, Recollection, Routed


def shown(*events: Event, echo: bool = True):
    talk = Talk("Efu", echo=echo)
    pieces = [piece for event in events for piece in talk.note(event)]
    return "".join(piece.text + "\n" * piece.ends for piece in pieces)


def clause(turn: str, text: str, *, last: bool = False):
    return Clause(
        id=f"{turn}/{text}", at_ms=0, turn=turn, seq=0, text=text, language="en", source="fast", last=last
    )  # fmt: skip


def test_what_she_says_goes_on_in_its_line_until_her_reply_ends():
    assert (
        shown(clause("t1", "Hi."), clause("t1", "How are you?"), clause("t1", "", last=True))
        == "Efu> Hi. How are you?\n"
    )
    assert shown(clause("t1", "やあ。"), clause("t1", "元気？"), clause("t1", "", last=True)) == "Efu> やあ。元気？\n"


def test_another_reply_begins_a_line_of_its_own_and_so_does_what_is_left_of_the_first():
    told = shown(clause("t1", "One."), clause("t2", "Deep."), clause("t2", "", last=True), clause("t1", "Two."))
    assert told == "Efu> One.\nEfu> Deep.\nEfu> Two."


def test_the_end_of_a_reply_that_said_nothing_shows_nothing():
    assert shown(clause("t1", "", last=True)) == ""
    assert shown(clause("t1", "One."), clause("t2", "", last=True)) == "Efu> One."


def test_typed_words_are_shown_only_where_no_terminal_has_shown_them():
    said = Chat(id="c", at_ms=0, platform="typed", viewer_id="typed:you", name="mika", text="hello\x1b[2J")
    assert shown(said) == "you> hello\n"
    assert shown(said, echo=False) == ""


def test_route_recall_orders_and_faults_are_asides():
    items = (Recollection(id="m", text="mika has a cat", viewer_id="typed:you", at_ms=0, score=1.0),)
    routed: dict[str, Any] = {"id": "r", "at_ms": 0, "route": "hard", "difficulty": 0.9, "reason": "asks why"}
    for event, told in (
        (Routed(**routed, accepted=True), "thinks about it with the deep model … (asks why)"),
        (Routed(**routed, refused="viewer_budget"), "the fast model answers (viewer budget)"),
        (Routed(**routed), "the fast model answers (the deep one is busy)"),
        (Routed(**routed | {"route": "simple"}), ""),
        (Recalled(id="r", at_ms=0, items=items), "remembers: mika has a cat"),
        (Recalled(id="r", at_ms=0, items=()), ""),
        (Dropped(id="d", at_ms=0, reason="duplicate", item="chat", cause="c"), "not answered: duplicate"),
        (Failed(id="f", at_ms=99_000, stage="model_fast", error="ModelTimeout"), "! model_fast: ModelTimeout"),
        (Interrupt(id="i", at_ms=0, op="hush"), "hushed"),
        (Changed(id="x", at_ms=0, what="fast", to="qwen"), "the fast model is now qwen"),
    ):
        assert shown(event) == (told + "\n" if told else "")
        assert shown(clause("t1", "One."), event).startswith(f"Efu> One.\n{told}" if told else "Efu> One.")


def test_a_whole_show_reads_as_a_talk():
    heard = [(0, chat(1, "how are you?")), (6000, chat(2, f"{HARD}?"))]
    told = shown(*play(Script(heard=heard)).events).splitlines()
    assert told == [
        "mika> how are you?",
        "Efu> Welcome to the show.",
        "Efu> Hello there! Nice to see you.",
        "mika> please explain step by step?",
        "thinks about it with the deep model … (asks for how something works; 5 words)",
        "Efu> Let me think about that.",
        "Efu> mika, about your question. It is because of the tides. The moon pulls.",
        "Efu> Good night.",
    ]


@given(st.lists(st.one_of(*(an_event(struct) for struct in KINDS)), max_size=8))
@settings(max_examples=100, deadline=None)
def test_no_event_whatsoever_makes_it_fail_nor_breaks_a_line(events: Any):
    talk = Talk("Efu", echo=True)
    assert not any("\n" in piece.text for event in events for piece in talk.note(event))
