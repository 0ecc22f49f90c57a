"""Every event survives the journal, and none is taken for another."""

import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber import events
from vtuber.events import Chat, Event, Notice, Turn, kind

KINDS: tuple[type[msgspec.Struct], ...] = typing.get_args(Event)


def a_value_of(annotation: object) -> st.SearchStrategy[object]:
    """Give any value that a field of this type may hold."""
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return st.sampled_from(inside)
    if origin is tuple:
        return st.lists(a_value_of(inside[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(a_value_of(inside[0]), a_value_of(inside[1]), max_size=2)
    if inside:  # X | None
        return st.one_of(*(a_value_of(option) for option in inside))
    plain: dict[object, st.SearchStrategy[object]] = {
        str: st.text(max_size=8),
        int: st.integers(-(2**53), 2**53),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        type(None): st.none(),
    }
    if annotation in plain:
        return plain[annotation]
    assert isinstance(annotation, type), annotation
    return an_event(annotation)


def an_event(struct: type) -> st.SearchStrategy[object]:
    hints = typing.get_type_hints(struct)
    return st.builds(struct, **{field: a_value_of(hints[field]) for field in struct.__struct_fields__})


@pytest.mark.parametrize("struct", KINDS, ids=lambda struct: struct.__name__)
def test_every_event_comes_back_from_json_as_it_went(struct: type[msgspec.Struct]):
    @given(an_event(struct))
    @settings(max_examples=25, deadline=None)
    def comes_back(event: msgspec.Struct) -> None:
        line = msgspec.json.encode(event)
        assert b"\n" not in line  # a journal line
        assert msgspec.json.decode(line, type=Event) == event

    comes_back()


def test_the_tags_are_unique_and_are_what_kind_gives():
    tags = [str(struct.__struct_config__.tag) for struct in KINDS]
    assert len(set(tags)) == len(tags)
    assert all(struct.__struct_config__.tag_field == "kind" for struct in KINDS)
    assert kind(Chat(id="c", at_ms=0, platform="twitch")) == "chat"


def test_the_union_holds_every_event_of_the_file():
    public = {
        value
        for name, value in vars(events).items()
        if isinstance(value, type) and issubclass(value, events._Event) and name[0] != "_"
    }
    assert public == set(KINDS)


def test_events_are_frozen_values():
    chat = Chat(id="c", at_ms=1, platform="twitch", text="hi")
    with pytest.raises(AttributeError):
        chat.text = "bye"  # type: ignore[misc]
    assert chat == Chat(id="c", at_ms=1, platform="twitch", text="hi")


def test_an_unknown_kind_is_refused_by_the_decoder():
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"kind":"telepathy","id":"t","at_ms":0}', type=Event)


def test_an_older_reader_ignores_fields_that_it_does_not_know():
    line = b'{"kind":"remembered","id":"r","at_ms":5,"mood":"sunny"}'
    assert msgspec.json.decode(line, type=Event) == events.Remembered(id="r", at_ms=5)


@pytest.mark.parametrize(
    ("viewer_id", "weak"),
    [("twitch:1234", False), ("twitch:login:somebody", True), ("youtube:UClogin", False), ("", False)],
)
def test_only_a_viewer_known_by_login_alone_is_weak(viewer_id: str, weak: bool):
    assert Chat(id="c", at_ms=0, platform="x", viewer_id=viewer_id).weak is weak


def test_a_turn_reads_as_one_message_and_belongs_to_who_wrote_last():
    halves = tuple(Chat(id=str(n), at_ms=n, platform="x", text=text) for n, text in enumerate(("can you", "sing?")))
    turn = Turn(id="t", at_ms=9, turn="t", purpose="answer", chats=halves)
    assert turn.text == "can you sing?"
    assert turn.who is halves[1]
    raid = Notice(id="n", at_ms=0, platform="x", notice="raid", text="hello all")
    raided = Turn(id="t", at_ms=9, turn="t", purpose="notice", notice=raid)
    assert (raided.text, raided.who) == ("hello all", raid)
    idle = Turn(id="t", at_ms=9, turn="t", purpose="idle")
    assert (idle.text, idle.who) == ("", None)
