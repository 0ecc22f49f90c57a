"""A comment of the hub becomes an event of the platform that it came from."""

from typing import Any

import pytest

from tests.adapters.chat.onecomme_server import comment
from vtuber.adapters.chat.onecomme_comment import decode, native_id, written
from vtuber.events import Chat, Money, Notice, Skipped, System


def event(text: str = "hi", **fields: Any) -> Chat | Notice | System | Skipped:
    return decode(comment("c1", text, **fields), 9, 1, backlog=False)


def chat(text: str = "hi", **fields: Any) -> Chat:
    found = event(text, **fields)
    assert isinstance(found, Chat)
    return found


def notice(text: str = "", **fields: Any) -> Notice:
    found = event(text, **fields)
    assert isinstance(found, Notice)
    return found


def test_a_comment_becomes_chat_with_its_viewer_and_stamp():
    assert chat("こんばんは", isFirstTime=True) == Chat(
        id="youtube:live-1:c1",
        at_ms=9,
        platform="youtube",
        channel="live-1",
        viewer_id="youtube:u1",
        name="name of u1",
        text="こんばんは",
        sent_at_ms=1_795_341_600_000,
        received_at_ms=9,
        first_time=True,
    )


@pytest.mark.parametrize(
    ("service", "platform"),
    [
        ("niconama", "niconico"),
        ("twicas", "twitcasting"),
        ("bilibili", "bilibili"),
        ("tomorrow", "onecomme"),
        (7, "onecomme"),
    ],
)
def test_a_service_is_named_as_the_platform_is(service: Any, platform: str):
    found = chat(service=service)
    assert (found.platform, found.viewer_id, found.id) == (platform, f"{platform}:u1", f"{platform}:live-1:c1")


def test_twitchs_channel_is_named_as_our_own_reader_of_twitch_names_it():
    said = comment("0-1-2", "hi", service="twitch") | {"url": "https://www.twitch.tv/Mika"}
    found = decode(said, 9, 1, backlog=False)
    assert isinstance(found, Chat)
    assert (found.id, found.channel) == ("twitch:mika:0-1-2", "mika")


@pytest.mark.parametrize("url", ["", "https://www.twitch.tv/a/b", "http://[", 7])
def test_a_channel_without_a_name_in_its_address_is_the_stream(url: Any):
    found = decode(comment("c1", "hi", service="twitch") | {"url": url}, 9, 1, backlog=False)
    assert isinstance(found, Chat)
    assert found.channel == "live-1"


def test_an_anonymous_viewer_is_known_weakly_since_such_an_id_changes():
    found = chat(service="niconama", user="a:QKQv", anonymity=True)
    assert (found.viewer_id, found.weak) == ("niconico:login:a:QKQv", True)
    assert chat(service="niconama", user="a:QKQv", meta={"anonymity": True}).weak
    assert not chat(service="niconama", user="1234", anonymity=False).weak


def test_a_viewer_without_an_id_is_known_weakly_by_the_name():
    found = chat(user="", displayName="Hana")
    assert (found.viewer_id, found.weak) == ("youtube:login:hana", True)
    assert chat(user="", displayName="", name="").viewer_id == ""


def test_roles_come_from_the_flags():
    assert chat(isOwner=True).roles == ("owner",)
    assert chat(isModerator=True, isMember=True).roles == ("moderator", "member")
    assert chat(service="twitch", mod="1", subscriber="1").roles == ("moderator", "member")
    assert chat(mod="0", subscriber="0", isOwner="yes").roles == ()


def test_the_voices_text_is_taken_unless_it_leaves_pictures_out():
    found = chat('hello <img src="x" alt="Kappa">', speechText="hello ")
    assert (found.text, found.emotes) == ("hello :Kappa:", 1)
    assert chat("<b>hi</b> &amp; <i>ho</i>", speechText="hi & ho").text == "hi & ho"
    assert chat("a&lt;b", speechText="").text == "a<b"
    assert chat("a", speechText=None).text == "a"
    assert chat("", speechText="only spoken").text == "only spoken"


@pytest.mark.parametrize(
    ("fields", "amount", "currency"),
    [
        ({"price": 5000, "unit": "JPY", "paidText": "¥5,000"}, "5000", "JPY"),
        ({"price": 500, "unit": "円"}, "500", "JPY"),
        ({"price": 4.99, "unit": "USD"}, "4.99", "USD"),
        ({"price": 20.0, "unit": "CZK"}, "20", "CZK"),
        ({"price": 0.1 + 0.2, "unit": "€"}, "0.3", "EUR"),
        ({"paidText": "€10.00"}, "10.00", "EUR"),
        ({"price": "1,000", "unit": "¥"}, "1000", "JPY"),
        ({"price": 30}, "30", ""),
    ],
)
def test_money_makes_a_paid_message(fields: dict[str, Any], amount: str, currency: str):
    found = chat(hasGift=True, **fields)
    assert (found.form, found.money) == ("paid", Money(amount, currency))


def test_bits_are_a_cheer():
    found = chat(service="twitch", bits="100", price=140, unit="JPY", hasGift=True)
    assert (found.form, found.money) == ("text", Money("100", "bits"))


@pytest.mark.parametrize("price", [0, -5, True, "", "free", None, 10**13, {"a": 1}])
def test_no_price_is_no_money(price: Any):
    assert chat(price=price).money is None


def test_a_paid_message_without_words_is_kept():
    assert chat("", price=500, unit="JPY", giftType="supersticker").form == "paid"


@pytest.mark.parametrize(
    ("fields", "kind", "count"),
    [
        ({"membership": {"primary": "", "sub": "メンバーシップへようこそ！"}}, "member_new", 0),
        (
            {"giftType": "milestonechat", "membership": {"primary": "メンバー歴 12 か月", "sub": "gold"}},
            "member_milestone",
            12,
        ),
        ({"giftType": "sponsorgift", "text": "5 件のメンバーシップ ギフト"}, "member_gift", 5),
        ({"isSponsorshipGiftSender": True, "text": "10 gifts"}, "member_gift", 10),
        ({"giftType": "giftreceived"}, "member_gift_received", 0),
        ({"isSponsorshipGiftReceiver": True}, "member_gift_received", 0),
        ({"service": "bilibili", "guard": {"level": 3, "name": "舰长"}}, "guard", 0),
        ({"service": "bilibili", "giftData": {"giftName": "小花花", "num": 7}}, "gift", 7),
        ({"service": "tiktok", "giftType": "gift", "gift": {"giftId": "1", "repeatCount": 3}}, "gift", 3),
        ({"service": "tiktok", "giftType": "social"}, "follow", 0),
        ({"service": "tiktok", "giftType": "subscribe"}, "sub", 0),
        ({"hasGift": True}, "gift", 0),
    ],
)
def test_gifts_and_memberships_become_notices(fields: dict[str, Any], kind: str, count: int):
    found = notice(fields.pop("text", ""), **fields)
    assert (found.notice, found.count) == (kind, count)


def test_a_notice_holds_the_headline_and_the_words():
    found = notice("ずっと<b>推し</b>", membership={"primary": "12 か月", "sub": "gold"}, speechText="")
    assert found.text == "12 か月 gold ずっと推し"


def test_a_gift_of_niconico_is_a_notice_with_its_points():
    found = notice("「花束」(500pt)", service="niconama", hasGift=True, price=500)
    assert (found.notice, found.money) == ("gift", Money("500", "pt"))


def test_the_hubs_and_the_platforms_own_words_are_system():
    assert isinstance(event("ようこそ", service="system", type="info"), System)
    assert isinstance(event("まもなく終了します", service="niconama", isSystem=True), System)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (None, "broken_comment"),
        ([], "broken_comment"),
        ({"data": None}, "broken_comment"),
        ({"data": {}}, "broken_comment"),
        (comment("c1", ""), "empty_comment"),
        (comment("c1", "x" * 70_000), "long_comment"),
        (comment("c1", "x", speechText="x" * 70_000), "long_comment"),
        (comment("c1", "liked", giftType="like"), "like"),
    ],
)
def test_what_is_no_comment_is_skipped(broken: Any, reason: str):
    found = decode(broken, 9, 1, backlog=False)
    assert isinstance(found, Skipped)
    assert found.reason == reason


def test_long_words_and_names_are_cut():
    found = chat("x" * 5000, displayName="n" * 500)
    assert (len(found.text), len(found.name)) == (2000, 100)


def test_without_an_id_the_place_makes_one():
    first, second = (decode(comment("", "hi"), 9, ordinal, backlog=False) for ordinal in (1, 2))
    assert first.id != second.id
    assert first.id.startswith("youtube:live-1:~")


@pytest.mark.parametrize(("found", "native"), [("c1", "c1"), (12, "12"), (None, ""), (["c1"], ""), (True, "")])
def test_an_id_is_text_or_a_number(found: Any, native: str):
    assert native_id({"data": {"id": found}}) == native


@pytest.mark.parametrize(
    "stamp", ["", "yesterday", None, 5, "9999-99-99", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_broken_stamp_is_none(stamp: Any):
    assert chat(timestamp=stamp).sent_at_ms == 0


def test_a_stamp_without_a_zone_is_universal_time():
    assert chat(timestamp="2026-11-22T10:00:00").sent_at_ms == chat().sent_at_ms


def test_an_edit_is_known_by_what_was_written_not_by_what_the_voice_reads():
    assert written(comment("c1", "草", speechText="くさ")) == written(comment("c1", "草", speechText="わら"))
    assert written(comment("c1", "", speechText="a")) != written(comment("c1", "", speechText="b"))
