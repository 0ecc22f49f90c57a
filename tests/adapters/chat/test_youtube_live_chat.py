"""YouTube's actions become events, whatever JSON stands in them."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber import journal
from vtuber.adapters.chat import youtube_live_chat
from vtuber.events import Chat, Money, Notice, Retract, Skipped, System
from vtuber.ports import FromChat

AUTHOR = {"authorName": {"simpleText": "花"}, "authorExternalChannelId": "UC1"}


def frame(*actions: dict[str, Any], offset: Any = "1500") -> dict[str, Any]:
    return {"replayChatItemAction": {"actions": list(actions), "videoOffsetTimeMsec": offset}}


def add(kind: str, **item: Any) -> dict[str, Any]:
    shared = {"id": "m1", "timestampUsec": "1700000000123456", **AUTHOR}
    return {"clickTrackingParams": "x", "addChatItemAction": {"item": {f"liveChat{kind}Renderer": shared | item}}}


def words(*pieces: str) -> dict[str, Any]:
    return {"runs": [{"text": piece} for piece in pieces]}


def only(action: dict[str, Any]) -> FromChat:
    (event,) = youtube_live_chat.decode(frame(action), 9, 1)
    return event


def test_a_text_message_becomes_chat():
    assert only(add("TextMessage", message=words("こん", "にちは"))) == Chat(
        id="youtube::m1",
        at_ms=9,
        platform="youtube",
        viewer_id="youtube:UC1",
        name="花",
        text="こんにちは",
        sent_at_ms=1_700_000_000_123,
        received_at_ms=9,
    )


def test_the_streamers_channel_stands_in_the_id_and_in_what_retracts_it():
    (said,) = youtube_live_chat.decode(frame(add("TextMessage")), 9, 1, "mika")
    (gone,) = youtube_live_chat.decode(frame({"markChatItemAsDeletedAction": {"targetItemId": "m1"}}), 9, 2, "mika")
    assert isinstance(gone, Retract)
    assert gone.target_event == said.id == "youtube:mika:m1"


def test_emoji_are_characters_and_a_channels_own_are_names_and_both_are_counted():
    runs = [
        {"text": "hi "},
        {"emoji": {"emojiId": "😊", "shortcuts": [":blush:"]}},
        {"emoji": {"emojiId": "UC1/abcdef", "shortcuts": [":_wave:", ":wave:"], "isCustomEmoji": True}},
        {"emoji": {}},
    ]
    event = only(add("TextMessage", message={"runs": runs}))
    assert isinstance(event, Chat)
    assert (event.text, event.emotes) == ("hi 😊:_wave:", 3)


def test_badges_become_roles():
    badges = [
        {"liveChatAuthorBadgeRenderer": {"icon": {"iconType": "MODERATOR"}}},
        {"liveChatAuthorBadgeRenderer": {"customThumbnail": {"thumbnails": []}, "tooltip": "Member (1 year)"}},
        {"liveChatAuthorBadgeRenderer": {"icon": {"iconType": "NEW"}}},
    ]
    event = only(add("TextMessage", authorBadges=badges))
    assert isinstance(event, Chat)
    assert event.roles == ("moderator", "member")


def test_a_super_chat_is_paid_chat():
    event = only(add("PaidMessage", message=words("頑張って"), purchaseAmountText={"simpleText": "¥5,000"}))
    assert isinstance(event, Chat)
    assert (event.form, event.money, event.text) == ("paid", Money("5000", "JPY"), "頑張って")


def test_a_super_sticker_is_paid_chat_whose_text_is_the_stickers_name():
    sticker = {"accessibility": {"accessibilityData": {"label": "A dancing pear"}}}
    event = only(add("PaidSticker", sticker=sticker, purchaseAmountText={"simpleText": "$9.99"}))
    assert isinstance(event, Chat)
    assert (event.form, event.money, event.text, event.emotes) == ("paid", Money("9.99", "USD"), ":A dancing pear:", 1)


GIFT = {
    "header": {
        "liveChatSponsorshipsHeaderRenderer": {
            "authorName": {"simpleText": "蓮"},
            "primaryText": words("Sent ", "5", " gift memberships"),
        }
    }
}


@pytest.mark.parametrize(
    ("kind", "item", "expected"),
    [
        ("MembershipItem", {"headerSubtext": words("New member")}, ("member_new", 0, "花", "New member")),
        (
            "MembershipItem",
            {"headerPrimaryText": words("Member for ", "6", " months"), "message": words("hi")},
            ("member_milestone", 6, "花", "Member for 6 months hi"),
        ),
        ("SponsorshipsGiftPurchaseAnnouncement", GIFT, ("member_gift", 5, "蓮", "Sent 5 gift memberships")),
        (
            "SponsorshipsGiftRedemptionAnnouncement",
            {"message": words("was gifted a membership by ", "蓮")},
            ("member_gift_received", 0, "花", "was gifted a membership by 蓮"),
        ),
    ],
)
def test_memberships_and_gifts_are_notices(kind: str, item: dict[str, Any], expected: tuple[str, int, str, str]):
    event = only(add(kind, **item))
    assert isinstance(event, Notice)
    assert (event.notice, event.count, event.name, event.text) == expected


def test_a_donation_is_a_notice_with_money():
    event = only(add("DonationAnnouncement", text=words("Anonymous donated ", "$50.00"), subtext=words("to a fund")))
    assert isinstance(event, Notice)
    assert (event.notice, event.money) == ("donation", Money("50.00", "USD"))


def test_mode_changes_and_the_platforms_own_words_and_polls_are_system():
    poll = {"header": {"pollHeaderRenderer": {"pollQuestion": {"simpleText": "Tea?"}}}}
    poll["choices"] = [{"text": words("yes")}, {"text": words("no")}]  # type: ignore[assignment]
    panel = {"panelToShow": {"liveChatActionPanelRenderer": {"contents": {"pollRenderer": poll}}}}
    said = [
        only(add("ModeChangeMessage", text=words("Slow mode is on"), subtext=words("one a minute"))),
        only(add("ViewerEngagementMessage", message=words("Welcome!"))),
        only({"showLiveChatActionPanelAction": panel}),
    ]
    assert [event.text for event in said if isinstance(event, System)] == [
        "Slow mode is on one a minute",
        "Welcome!",
        "Poll: Tea? yes / no",
    ]


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ({"markChatItemAsDeletedAction": {"targetItemId": "m1"}}, ("youtube::m1", "")),
        ({"removeChatItemAction": {"targetItemId": "m1"}}, ("youtube::m1", "")),
        ({"markChatItemsByAuthorAsDeletedAction": {"externalChannelId": "UC1"}}, ("", "youtube:UC1")),
        (
            {
                "replaceChatItemAction": {
                    "targetItemId": "m1",
                    "replacementItem": {"liveChatPlaceholderItemRenderer": {"id": "m1"}},
                }
            },
            ("youtube::m1", ""),
        ),
    ],
)
def test_deletions_and_what_becomes_a_placeholder_are_retractions(action: dict[str, Any], target: tuple[str, str]):
    event = only(action)
    assert isinstance(event, Retract)
    assert (event.target_event, event.target_viewer) == target


def test_a_held_message_that_is_let_through_is_chat():
    shown = add("TextMessage", message=words("hi"))["addChatItemAction"]["item"]
    event = only({"replaceChatItemAction": {"targetItemId": "m1", "replacementItem": shown}})
    assert isinstance(event, Chat)
    assert event.text == "hi"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (add("PlaceholderItem"), "placeholder"),
        ({"addLiveChatTickerItemAction": {"item": {}}}, "ticker"),
        ({"addBannerToLiveChatCommand": {}}, "banner"),
        ({"updateLiveChatPollAction": {}}, "poll"),
        (add("SomethingNew"), "unknown_item"),
        ({"someNewAction": {}}, "unknown_action"),
        ({"markChatItemAsDeletedAction": {}}, "broken_line"),
    ],
)
def test_what_is_not_chat_is_skipped_with_its_reason(action: dict[str, Any], reason: str):
    event = only(action)
    assert isinstance(event, Skipped)
    assert (event.reason, event.line) == (reason, 1)


def test_the_place_in_the_video_is_read_from_text_and_number_inside_and_at_the_top():
    live = {**add("TextMessage"), "videoOffsetTimeMsec": 2500, "isLive": True}
    assert youtube_live_chat.offset_ms(frame()) == 1500
    assert youtube_live_chat.offset_ms(live) == 2500
    assert [type(event) for event in youtube_live_chat.decode(live, 9)] == [Chat]
    assert youtube_live_chat.offset_ms(frame(offset="soon")) is None


def test_two_nameless_events_of_one_line_have_ids_of_their_own():
    ticker = {"addLiveChatTickerItemAction": {}}
    first, second = youtube_live_chat.decode(frame(ticker, ticker), 9, 1)
    assert first.id != second.id


KEYS = """replayChatItemAction actions videoOffsetTimeMsec addChatItemAction item id message runs text simpleText emoji
liveChatTextMessageRenderer liveChatPaidMessageRenderer liveChatMembershipItemRenderer purchaseAmountText shortcuts
liveChatSponsorshipsGiftPurchaseAnnouncementRenderer authorBadges timestampUsec replaceChatItemAction targetItemId
replacementItem markChatItemAsDeletedAction showLiveChatActionPanelAction panelToShow header authorName emojiId"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["¥1,000", "7"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS.split()) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=40,
)


def nested(*names: str) -> st.SearchStrategy[Any]:
    """Arbitrary JSON below the given keys, so that the deep readers are reached too."""
    value = JSON
    for name in reversed(names):
        value = st.fixed_dictionaries({name: value})
    return value


ITEMS = st.sampled_from(
    [*sorted(youtube_live_chat._NOTICES), "liveChatPaidMessageRenderer", "liveChatPaidStickerRenderer"]
)
ACTIONS = nested("addChatItemAction", "item") | ITEMS.flatmap(lambda kind: nested("addChatItemAction", "item", kind))


@given(JSON | ACTIONS)
def test_no_json_whatever_breaks_the_reader_and_what_it_gives_can_be_written_down(value: Any):
    for one in (value, {"replayChatItemAction": {"actions": [value]}}):
        youtube_live_chat.is_line(one)
        youtube_live_chat.offset_ms(one)
        events = youtube_live_chat.decode(one, 9, 1)
        assert events
        assert [journal.decode(journal.encode(event)) for event in events] == list(events)


def test_a_real_replay_gives_the_counts_that_were_taken_from_it_by_hand(samples: Path):
    lines = (samples / "chatlogs" / "youtube_replay.live_chat.json").read_bytes().splitlines()
    events = [event for line in lines for event in youtube_live_chat.decode(msgspec.json.decode(line), 9)]
    kinds = Counter(event.form if isinstance(event, Chat) else type(event).__name__ for event in events)
    assert kinds == {"text": 47, "paid": 1, "Skipped": 1}
