"""chat-downloader's items become the same events as the platforms' own, and nothing in them stops the replay."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.adapters.chat.chat_downloader import decode, is_item, offset_ms, sent_ms
from vtuber.adapters.chat.log_file import open_log
from vtuber.core.chatlog import Inspection, inspect
from vtuber.events import Chat, Money, Notice, Retract, Skipped, System

AUTHOR = {"id": "UCabcdefghijklmnopqrstuv", "name": "はな"}
UUID = "90ef1e46-8baa-4bf2-9c54-272f39d6fa11"


def youtube(**fields: Any) -> dict[str, Any]:
    usual = {"action_type": "add_chat_item", "message_type": "text_message", "message_id": "m1", "author": AUTHOR}
    return usual | {"message": "こんばんは", "timestamp": 1_773_966_060_860_834} | fields


def twitch(**fields: Any) -> dict[str, Any]:
    author = {"id": "7", "name": "hana", "display_name": "はな", "badges": [{"name": "subscriber", "version": 3}]}
    usual = {"message_type": "text_message", "message_id": UUID, "author": author, "channel_id": "11"}
    return usual | {"message": "hi Kappa", "timestamp": 1_773_966_060_860_834} | fields


def chat(item: dict[str, Any]) -> Chat:
    event = decode(item, 5, 3)
    assert isinstance(event, Chat)
    return event


def test_a_message_keeps_who_wrote_what_and_when():
    event = chat(youtube())
    assert (event.id, event.viewer_id, event.name) == ("youtube::m1", f"youtube:{AUTHOR['id']}", "はな")
    assert (event.text, event.sent_at_ms, event.at_ms, event.received_at_ms) == ("こんばんは", 1_773_966_060_860, 5, 5)
    assert (event.form, event.money, event.roles) == ("text", None, ())


def test_money_is_kept_as_the_platform_states_it():
    money = {"amount": 5000.0, "currency": "JPY", "currency_symbol": "¥", "text": "¥5,000"}
    paid = chat(youtube(message_type="paid_message", money=money))
    assert (paid.form, paid.money) == ("paid", Money("5000", "JPY"))
    cents = {"amount": 9.99, "currency": "USD", "text": "$9.99"}
    sticker = chat(youtube(message_type="paid_sticker", message=None, money=cents))
    assert (sticker.form, sticker.money, sticker.text, sticker.emotes) == ("paid", Money("9.99", "USD"), "", 1)
    assert chat(youtube(money={"amount": 20.0, "currency": "CZK"})).money == Money("20", "CZK")
    assert chat(youtube(money={"text": "¥500"})).money == Money("500", "JPY")
    assert chat(youtube(money="much")).money is None


def test_a_twitch_item_is_told_by_itself_with_its_emotes_bits_roles_and_reply():
    reply = {"message_id": "m0", "author": {"id": "9", "name": "taro"}, "message": "?"}
    event = chat(
        twitch(
            emotes=[{"id": "25", "name": "Kappa", "locations": "3-7"}],
            bits=100,
            is_first_message=True,
            in_reply_to=reply,
        )
    )
    assert (event.id, event.viewer_id, event.name) == (f"twitch:11:{UUID}", "twitch:7", "はな")
    assert (event.text, event.emotes, event.money) == ("hi :Kappa:", 1, Money("100", "bits"))
    assert (event.roles, event.first_time) == (("member",), True)
    assert (event.reply_to, event.reply_to_viewer) == ("twitch:11:m0", "twitch:9")
    assert chat(twitch(emotes=[{"id": "25", "locations": ["3-7"]}])).text == "hi :Kappa:"


def test_youtube_emotes_are_counted_and_stay_as_they_are_written():
    event = chat(youtube(message="hi :wave: :wave:", emotes=[{"id": "w", "name": ":wave:"}]))
    assert (event.text, event.emotes) == ("hi :wave: :wave:", 2)


@pytest.mark.parametrize(
    ("author", "roles"),
    [
        ({"badges": [{"title": "Moderator"}, {"title": "Member (6 months)"}]}, ("moderator", "member")),
        ({"badges": [{"title": "New member"}]}, ("member",)),
        ({"badges": [{"title": "Owner"}]}, ("owner",)),
        ({"badges": [{"title": "Verified"}]}, ("verified",)),
        ({"badges": [{"name": "broadcaster"}, {"name": "bits", "title": "cheer 100"}]}, ("owner",)),
        ({"is_moderator": True, "is_subscriber": False}, ("moderator",)),
        ({"badges": "none"}, ()),
        ({"badges": [None, 3, {"title": None}]}, ()),
    ],
)
def test_badges_and_flags_become_roles(author: dict[str, Any], roles: tuple[str, ...]):
    assert chat(youtube(author=AUTHOR | author)).roles == roles


@pytest.mark.parametrize(
    ("fields", "notice", "count", "text"),
    [
        ({"message_type": "membership_item", "header_secondary_text": "Welcome!"}, "member_new", 0, "Welcome!"),
        (
            {"message_type": "membership_item", "header_primary_text": "Member for 23 months", "message": "hi"},
            "member_milestone",
            23,
            "Member for 23 months hi",
        ),
        (
            {"message_type": "sponsorships_gift_purchase_announcement", "message": "Sent 5 memberships"},
            "member_gift",
            5,
            "Sent 5 memberships",
        ),
        ({"message_type": "raid", "number_of_raiders": 12, "message": None}, "raid", 12, ""),
        ({"message_type": "resubscription", "cumulative_months": 7, "message": "!"}, "resub", 7, "!"),
        ({"message_type": "subscription_gift", "message": None}, "subgift", 1, ""),
        ({"message_type": "mystery_subscription_gift", "mass_gift_count": 20}, "submysterygift", 20, ""),
    ],
)
def test_memberships_gifts_and_raids_are_notices(fields: dict[str, Any], notice: str, count: int, text: str):
    event = decode(youtube(message=None) | fields, 0)
    assert isinstance(event, Notice)
    assert (event.notice, event.count, event.text) == (notice, count, text)


def test_what_the_platform_says_itself_is_no_viewers_word():
    event = decode(youtube(message_type="viewer_engagement_message", author=None, message="Be nice."), 0)
    assert isinstance(event, System)
    assert event.text == "Be nice."


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"action_type": "mark_chat_item_as_deleted", "message_type": "deleted_message", "target_message_id": "m1"},
            ("deleted", "youtube::m1", "", False),
        ),
        (
            {"action_type": "mark_chat_items_by_author_as_deleted", "message_type": "ban_user"},
            ("ban", "", f"youtube:{AUTHOR['id']}", False),
        ),
        (
            {"action_type": "replace_chat_item", "message_type": "placeholder_item", "target_message_id": "m1"},
            ("held", "youtube::m1", "", False),
        ),
    ],
)
def test_what_was_taken_back_is_taken_back(fields: dict[str, Any], told: tuple[str, str, str, bool]):
    event = decode(youtube() | fields, 0)
    assert isinstance(event, Retract)
    assert (event.reason, event.target_event, event.target_viewer, event.everything) == told


def test_twitch_takes_back_a_viewer_for_a_time_or_everything():
    clear = {"action_type": "clear_chat", "author": {}, "message_id": UUID, "channel_id": "11"}
    out = decode(clear | {"message_type": "ban_user", "target_author_id": "7", "ban_duration": 600}, 0)
    assert isinstance(out, Retract)
    assert (out.reason, out.target_viewer) == ("timeout", "twitch:7")
    everything = decode(clear | {"message_type": "clear_chat"}, 0)
    assert isinstance(everything, Retract)
    assert everything.everything


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (youtube(action_type="add_live_chat_ticker_item", message_type="ticker_paid_message_item"), "ticker"),
        (youtube(action_type="add_banner_to_live_chat", message_type="banner"), "banner"),
        (youtube(message_type="placeholder_item", message=None, author=None), "placeholder"),
        (youtube(message_type="something_new"), "unknown_item"),
        (youtube(message_type=None), "unknown_item"),
        (youtube(action_type="remove_chat_item"), "broken_item"),
        (None, "broken_item"),
        ([], "broken_item"),
        ({"message_type": "text_message"}, "broken_item"),
    ],
)
def test_what_repeats_decorates_or_is_broken_is_skipped_with_its_reason(item: Any, reason: str):
    event = decode(item, 5, 3)
    assert isinstance(event, Skipped)
    assert (event.reason, event.line, event.at_ms) == (reason, 3, 5)


def test_a_message_without_text_name_or_author_is_still_a_message():
    assert chat(youtube(message=None)).text == ""
    assert chat(youtube(author={"id": AUTHOR["id"]})).name == ""
    nobody = chat(youtube(author=None, message_id=None))
    assert (nobody.viewer_id, nobody.name) == ("", "")
    assert nobody.id.startswith("youtube::~")
    assert (
        chat({"message_type": "text_message", "author": {"name": "Hana"}, "message": "x"}).viewer_id
        == "chat:login:hana"
    )


def test_times_are_read_where_they_can_be():
    assert offset_ms({"time_in_seconds": -231}) == -231_000
    assert offset_ms({"time_in_seconds": 101.308}) == 101_308
    for broken in (None, True, "5", 1e300):
        assert offset_ms({"time_in_seconds": broken}) is None
    assert sent_ms({"timestamp": 1_571_985_910_682_806}) == 1_571_985_910_682
    assert sent_ms({"timestamp": -5}) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "text"]), inner),
    max_leaves=5,
)
KEYS = (
    "message", "message_id", "author", "timestamp", "money", "emotes", "bits", "in_reply_to", "time_in_seconds",
    "target_message_id", "header_primary_text", "badges", "channel_id", "number_of_raiders",
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(KEYS), ANYTHING),
    st.sampled_from(["text_message", "paid_message", "membership_item", "raid", "ban_user", "clear_chat", "poll"]),
    st.sampled_from(["add_chat_item", "replace_chat_item", "mark_chat_item_as_deleted", None]),
)
def test_nothing_in_an_item_makes_it_fail_and_what_comes_out_can_be_written_down(
    fields: dict[str, Any], kind: str, action: str | None
):
    item = {"message_type": kind, "action_type": action} | fields
    event = decode(item, 0, 1)
    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
    offset_ms(item)


def inspected(path: Path) -> Inspection:
    return inspect(*open_log(path))


@pytest.mark.parametrize(
    ("name", "events", "skipped"),
    [
        ("chatdownloader_youtube_replay.json", {"chat": 47, "paid": 1}, {"placeholder": 1}),
        ("chatdownloader_youtube_live_types.json", {"chat": 1, "paid": 1, "notice": 2, "system": 2}, {}),
        ("chatdownloader_fork_youtube_events.json", {"paid": 1, "notice": 3, "system": 1}, {"banner": 1, "ticker": 2}),
    ],
)
def test_real_logs_give_the_counts_that_were_taken_from_them(
    samples: Path, name: str, events: dict[str, int], skipped: dict[str, int]
):
    path = samples / "chatlogs" / name
    found = inspected(path)
    assert {kind: number for kind, number in found.events.items() if number} == events
    assert found.skipped == skipped
    assert sum(events.values()) + sum(skipped.values()) == len(msgspec.json.decode(path.read_bytes()))


def test_of_a_real_log_no_id_comes_twice_once_the_ticker_is_left_out(samples: Path):
    path = samples / "chatlogs" / "chatdownloader_fork_youtube_events.json"
    ids = [item.get("message_id") for item in msgspec.json.decode(path.read_bytes())]
    assert len(ids) - len(set(ids)) == 2
    kept = [event.id for entry in open_log(path)[1] for event in entry.events if not isinstance(event, Skipped)]
    assert len(kept) == len(set(kept)) == 5


def test_a_real_log_and_its_original_give_the_same_messages(samples: Path):
    logs = samples / "chatlogs"
    ours, original = (
        [(event.id, event.viewer_id, event.name, event.text, event.money, event.sent_at_ms) for event in events]
        for events in (
            [e for entry in open_log(logs / name)[1] for e in entry.events if isinstance(e, Chat)]
            for name in ("chatdownloader_youtube_replay.json", "youtube_replay.live_chat.json")
        )
    )
    assert [row[:3] + row[4:] for row in ours] == [row[:3] + row[4:] for row in original]
    assert sum(a[3] == b[3] for a, b in zip(ours, original, strict=True)) >= 40  # emoji are written in other ways


def test_an_item_is_told_from_other_json():
    assert is_item(youtube())
    for other in ({}, {"kind": "chat", "id": "1", "at_ms": 3}, {"message_type": "x"}, "text_message", None):
        assert not is_item(other)
