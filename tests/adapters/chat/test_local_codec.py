"""The local WebSocket's frames become events and operations, whatever stands in them."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber import journal
from vtuber.adapters.chat import local_codec
from vtuber.adapters.chat.local_codec import Arrival, Heard, Order, Refusal, Subscription
from vtuber.events import Chat, Connection, Money, Notice, Performed, Retract

AT = Arrival(at_ms=1_700_000_000_000, ordinal=7)
KEYS = ("text", "name", "user", "id", "platform", "channel", "roles", "money", "notice", "count", "delete")
KEYS += ("delete_user", "clear", "edit", "op", "tier", "model", "subscribe", "token", "sent_at_ms", "reply_to")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["say", "ban", "raid", "5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=3),
)


def read(**frame: Any) -> local_codec.Request:
    return local_codec.decode(json.dumps(frame).encode(), AT)


def heard(**frame: Any) -> tuple[Chat | Notice | Retract, ...]:
    request = read(**frame)
    assert isinstance(request, Heard), request
    return request.events


def chat(**frame: Any) -> Chat:
    (event,) = heard(**{"text": "hi", "name": "Hana"} | frame)
    assert isinstance(event, Chat)
    return event


def chat_id(**frame: Any) -> str:
    return heard(name="Hana", **frame)[-1].id


def refusal(**frame: Any) -> Refusal:
    request = read(**frame)
    assert isinstance(request, Refusal), request
    return request


def test_a_message_carries_everything_that_the_client_says_of_it():
    event = chat(
        user="u1",
        id="m1",
        platform="youtube",
        channel="main-room",
        roles=["moderator", "member"],
        first_time=True,
        sent_at_ms=1_600_000_000_000,
        reply_to="m0",
        effort="high",
    )
    assert event == Chat(
        id="local:main-room:m1",
        at_ms=AT.at_ms,
        platform="youtube",
        channel="main-room",
        viewer_id="youtube:u1",
        name="Hana",
        roles=("moderator", "member"),
        text="hi",
        first_time=True,
        sent_at_ms=1_600_000_000_000,
        received_at_ms=AT.at_ms,
        reply_to="local:main-room:m0",
        effort="high",
    )


def test_a_viewer_without_an_id_is_known_weakly_by_name():
    event = chat(name=" Hana ")
    assert event.viewer_id == "local:login:hana"
    assert event.weak


@pytest.mark.parametrize("amount", ["500", 500, "20.00", 20.5])
def test_money_makes_a_message_paid_and_bits_a_cheer(amount: object):
    paid = chat(money={"amount": amount, "currency": "JPY"})
    assert (paid.form, paid.money) == ("paid", Money(str(amount), "JPY"))
    assert chat(money={"amount": amount, "currency": "bits"}).form == "text"


@pytest.mark.parametrize("amount", ["0", "0.00", "-5", "1e9", "５", "", "lots", 0, -1, True, None, "1" * 13])
def test_an_amount_that_is_none_is_refused(amount: object):
    assert refusal(text="hi", name="Hana", money={"amount": amount, "currency": "JPY"}).error == "wrong_field"


def test_a_message_without_an_id_gets_one_that_neither_a_restart_nor_the_next_frame_gives_again():
    frame = b'{"text":"hi","name":"Hana"}'
    at = [AT, Arrival(AT.at_ms, 8), Arrival(AT.at_ms + 1, 7)]
    requests = [local_codec.decode(frame, when) for when in at]
    refs = [request.ref for request in requests if isinstance(request, Heard)]
    assert len(set(refs)) == 3
    assert refs == [request.events[0].id for request in requests if isinstance(request, Heard)]
    assert requests[0] == local_codec.decode(frame, AT)


def test_a_client_is_answered_by_its_own_id():
    request = read(text="hi", name="Hana", id="m1")
    assert isinstance(request, Heard)
    assert request.ref == "m1"


def test_a_notice_needs_no_author():
    (event,) = heard(notice="raid", name="Kenta", user="7", count=30)
    assert isinstance(event, Notice)
    assert (event.notice, event.count, event.viewer_id) == ("raid", 30, "local:7")
    (event,) = heard(notice="announcement", text="we start", id="n1")
    assert isinstance(event, Notice)
    assert (event.id, event.viewer_id, event.text) == ("local:main:n1", "", "we start")


def test_a_deletion_means_one_message_one_viewer_or_the_whole_channel():
    (one,), (viewer,), (all_) = (
        heard(delete="m1"),
        heard(delete_user="u1", platform="twitch"),
        heard(clear=True, channel="lobby"),
    )
    assert isinstance(one, Retract)
    assert isinstance(viewer, Retract)
    assert isinstance(all_[0], Retract)
    assert one.target_event == chat(id="m1").id
    assert viewer.target_viewer == chat(user="u1", platform="twitch").viewer_id
    assert (all_[0].everything, all_[0].channel) == (True, "lobby")


@pytest.mark.parametrize("frame", [{"clear": False}, {"delete": "m1", "clear": True}, {"delete": ""}])
def test_a_deletion_of_nothing_or_of_two_things_is_refused(frame: dict[str, Any]):
    assert refusal(**frame).error == "wrong_field"


def test_an_edit_takes_the_old_wording_back_and_gives_the_new_one_with_an_id_of_its_own():
    gone, new = heard(edit="m1", text="hello", name="Hana")
    assert isinstance(gone, Retract)
    assert isinstance(new, Chat)
    assert (gone.target_event, gone.reason) == (chat(id="m1").id, "edited")
    assert new.edit_of == gone.target_event
    assert len({gone.id, new.id, new.edit_of}) == 3


def test_an_edit_that_is_sent_again_is_the_same_message():
    first, again = (
        local_codec.decode(b'{"edit":"m1","text":"hello","name":"Hana"}', when) for when in (AT, Arrival(5, 99))
    )
    assert isinstance(first, Heard)
    assert isinstance(again, Heard)
    assert first.ref == again.ref
    assert chat_id(edit="m1", text="another") != first.ref


@pytest.mark.parametrize(
    ("frame", "order"),
    [
        ({"op": "hush"}, Order("hush", {})),
        ({"op": "stop"}, Order("stop", {})),
        ({"op": "say", "text": " welcome! "}, Order("say", {"text": "welcome!"})),
        ({"op": "ban", "user": "7", "platform": "twitch"}, Order("ban", {"user": "twitch:7"})),
        ({"op": "ban", "name": "Hana"}, Order("ban", {"user": "Hana"})),
        (
            {"op": "switch", "tier": "deep", "model": "ollama/qwen3:8b"},
            Order("switch", {"tier": "deep", "model": "ollama/qwen3:8b"}),
        ),
    ],
)
def test_an_operation_is_handed_over_with_what_it_needs(frame: dict[str, Any], order: Order):
    assert read(**frame) == order


@pytest.mark.parametrize(
    "frame",
    [
        {"op": "say"},
        {"op": "say", "text": "  "},
        {"op": "say", "text": "x" * 501},
        {"op": "ban"},
        {"op": "ban", "user": "7", "name": "Hana"},
        {"op": "hush", "name": "Hana"},
        {"op": "switch", "tier": "fast"},
        {"op": "switch", "tier": "middling", "model": "m"},
        {"op": "hush", "text": "quiet"},
        {"op": "retract"},
        {"op": "explode"},
    ],
)
def test_an_operation_that_lacks_something_or_has_too_much_is_refused_by_its_name(frame: dict[str, Any]):
    told = refusal(**frame)
    assert (told.error, told.op) == ("wrong_field", frame["op"])
    assert told.said


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ({"hello": 1}, "unknown_frame"),
        ({"text": "hi"}, "wrong_field"),
        ({"text": "hi", "name": ""}, "wrong_field"),
        ({"text": "hi", "name": "x" * 101}, "wrong_field"),
        ({"text": "x" * 2001, "name": "Hana"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "colour": "red"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "delete": "m1"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "platform": "a:b"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "platform": "twitch\n"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "channel": "a:b"}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "roles": ["king"]}, "wrong_field"),
        ({"text": "hi", "name": "Hana", "sent_at_ms": 10**18}, "wrong_field"),
        ({"text": 5, "name": "Hana"}, "wrong_field"),
        ({"token": "again", "text": "hi", "name": "Hana"}, "unexpected_token"),
    ],
)
def test_a_frame_that_is_wrong_is_refused_with_a_word_and_a_sentence(frame: dict[str, Any], error: str):
    told = refusal(**frame)
    assert told.error == error
    assert told.said.endswith(".")


@pytest.mark.parametrize(
    "frame",
    [
        *(b"", b"nul", b"[]", b'"text"', b'{"a":1}x', b'"\xff"', b"[" * 60_000, b'{"text":' * 8_000, b"9" * 60_000),
        *(b'{"text":"\\ud800 alone","name":"Hana"}', b"\xef\xbb\xbf{}"),
    ],
)
def test_what_is_no_json_object_is_refused(frame: bytes):
    told = local_codec.decode(frame, AT)
    assert isinstance(told, Refusal)
    assert told.error == "not_json"


def test_a_refusal_names_the_frame_but_repeats_little_of_it_and_never_a_token():
    assert refusal(text=5, name="Hana", id="m1").id == "m1"
    assert refusal(text=5, name="Hana", id="x" * 5000).id == ""
    assert len(local_codec.refused(refusal(op="x" * 60_000))) < 400
    assert len(local_codec.refused(refusal(text="hi", name="Hana", **{"x" * 60_000: 1}))) < 400
    assert b"s3cret" not in local_codec.refused(refusal(token="s3cret"))  # noqa: S106 - of the test


def test_a_first_frame_shows_a_token_only_by_itself():
    assert local_codec.shown_token(b'{"token":"abc"}') == "abc"
    for frame in (b'{"token":5}', b'{"token":"abc","text":"hi"}', b'["token"]', b"token", b""):
        assert local_codec.shown_token(frame) == ""


def test_a_subscriber_is_told_what_is_performed_and_never_a_viewers_id():
    performed = Performed(
        id="c1/performed",
        at_ms=5,
        cause="c1",
        turn="t1",
        seq=0,
        text="Hello!",
        language="en",
        source="fast",
        last=True,
        started_ms=1,
        duration_ms=4,
        voice="v",
        to="Hana",
        viewer_id="twitch:secret-7",
    )
    told = local_codec.told(performed)
    assert msgspec.json.decode(told) == {
        "performed": {"text": "Hello!", "language": "en", "to": "Hana", "expression": "neutral", "turn": "t1"}
    }
    lost = Connection(id="x", at_ms=1, source="twitch", state="lost", retry_ms=500, attempt=2)
    assert msgspec.json.decode(local_codec.told(lost)) == {
        "connection": {"source": "twitch", "state": "lost", "retry_ms": 500}
    }


def test_a_subscription_is_asked_for_and_given_up():
    assert [read(subscribe=True), read(subscribe=False)] == [Subscription(on=True), Subscription(on=False)]


def checked(request: local_codec.Request) -> None:
    """Everything that a frame leads to can be sent or written down."""
    if isinstance(request, Refusal):
        assert len(local_codec.refused(request)) < 2000
    elif isinstance(request, Heard):
        assert request.ref
        for event in request.events:
            assert journal.decode(msgspec.json.encode(event)) == event


@given(st.binary(max_size=200))
def test_no_bytes_make_the_codec_raise(frame: bytes):
    checked(local_codec.decode(frame, AT))
    assert isinstance(local_codec.shown_token(frame), str)


@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6))
def test_no_object_makes_the_codec_raise(frame: dict[str, Any]):
    checked(local_codec.decode(json.dumps(frame).encode(), AT))


@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=2000), "name": st.text(min_size=1, max_size=100)},
        optional={
            "user": st.text(max_size=128),
            "id": st.text(max_size=128),
            "edit": st.text(min_size=1, max_size=128),
            "backlog": st.booleans(),
        },
    )
)
def test_any_words_of_the_right_lengths_are_heard_as_they_are(frame: dict[str, Any]):
    request = local_codec.decode(json.dumps(frame).encode(), AT)
    checked(request)
    assert isinstance(request, Heard), request
    assert request.events[-1].text == frame["text"]  # type: ignore[union-attr]
