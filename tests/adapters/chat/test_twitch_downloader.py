"""TwitchDownloader's comments become the events that Twitch's own lines would have been."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.chat.log_file import open_log
from vtuber.adapters.chat.twitch_downloader import decode, is_comment, offset_ms
from vtuber.core.chatlog import inspect
from vtuber.events import Chat, Money, Notice, Skipped


def comment(message: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    usual = {
        "_id": "c1",
        "created_at": "2026-04-18T11:15:08.780Z",
        "channel_id": "11",
        "content_offset_seconds": 5.25,
        "commenter": {"display_name": "はな", "_id": "7", "name": "hana"},
        "message": {"body": "hi", "bits_spent": 0, "fragments": [{"text": "hi", "emoticon": None}]} | (message or {}),
    }
    return usual | fields


def chat(item: dict[str, Any]) -> Chat:
    event = decode(item, 5, 3)
    assert isinstance(event, Chat)
    return event


def test_a_comment_keeps_who_wrote_what_and_when():
    event = chat(comment())
    assert (event.id, event.viewer_id, event.name, event.text) == ("twitch:11:c1", "twitch:7", "はな", "hi")
    assert (event.sent_at_ms, event.at_ms, offset_ms(comment())) == (1_776_510_908_780, 5, 5250)


def test_bits_are_money_and_badges_are_roles():
    badges = [{"_id": "broadcaster", "version": "1"}, {"_id": "subscriber"}, {"_id": "bits-leader"}, None]
    event = chat(comment({"bits_spent": 100, "user_badges": badges}))
    assert (event.money, event.roles) == (Money("100", "bits"), ("owner", "member"))


@pytest.mark.parametrize(
    "message",
    [
        {"fragments": [{"text": "Kappa", "emoticon": {"emoticon_id": "25"}}, {"text": " hi", "emoticon": None}]},
        {"body": "Kappa hi", "fragments": None, "emoticons": [{"_id": "25", "begin": 0, "end": 4}]},
        {
            "body": "Kappa hi",
            "fragments": [{"text": "Kappa hi"}],
            "emoticons": [{"_id": "25", "begin": 0, "end": 4}, {"begin": 1}],
        },
    ],
)
def test_emotes_are_named_whether_fragments_or_places_tell_them(message: dict[str, Any]):
    event = chat(comment(message))
    assert (event.text, event.emotes) == (":Kappa: hi", 1)


@pytest.mark.parametrize("key", ["msg_id", "msg-id"])
def test_a_comment_with_a_notice_is_one(key: str):
    event = decode(comment({"user_notice_params": {key: "subgift"}}), 0)
    assert isinstance(event, Notice)
    assert (event.notice, event.count, event.text) == ("subgift", 1, "hi")
    for plain in (None, {}, {key: None}, {key: "highlighted-message"}):
        chat(comment({"user_notice_params": plain}))


def test_a_comment_without_a_commenter_or_id_is_still_a_comment():
    event = chat(comment(commenter=None, _id=None))
    assert (event.viewer_id, event.name) == ("", "")
    assert event.id.startswith("twitch:11:~")
    assert chat(comment(commenter={"name": "Hana"})).viewer_id == "twitch:login:hana"


@pytest.mark.parametrize("broken", [None, 3, {}, [], {"message": {}}, comment(message=None) | {"message": "hi"}])
def test_what_is_no_comment_is_skipped(broken: Any):
    event = decode(broken, 5, 3)
    assert isinstance(event, Skipped)
    assert (event.reason, event.line) == ("broken_item", 3)
    assert not is_comment(broken)


@pytest.mark.parametrize("written", ["", "yesterday", 5, None, "0001-01-01T00:00:00"])
def test_a_time_that_cannot_be_read_is_none(written: Any):
    assert chat(comment(created_at=written)).sent_at_ms == 0


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["_id", "text", "begin"]), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["body", "bits_spent", "fragments", "user_badges", "emoticons", "user_notice_params"]), ANYTHING
    ),
    st.dictionaries(
        st.sampled_from(["_id", "created_at", "channel_id", "content_offset_seconds", "commenter"]), ANYTHING
    ),
)
def test_nothing_in_a_comment_makes_it_fail_and_what_comes_out_can_be_written_down(
    message: dict[str, Any], fields: dict[str, Any]
):
    item = comment(message, **fields)
    event = decode(item, 0, 1)
    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
    offset_ms(item)


def test_a_derived_log_gives_the_counts_of_its_source(samples: Path):
    path = samples / "chatlogs" / "DERIVED_twitchdownloader.json"
    name, entries = open_log(path)
    events = [event for entry in entries for event in entry.events]
    assert (name, len(events)) == ("twitch-downloader", 105)
    assert sum(isinstance(event, Chat) and event.money is not None for event in events) == 3
    assert [event.notice for event in events if isinstance(event, Notice)].count("subgift") == 6
    found = inspect(*open_log(path))
    assert found.events == {"chat": 77, "paid": 0, "notice": 28, "system": 0}
    assert (found.skipped, found.span_s) == ({}, 300)
