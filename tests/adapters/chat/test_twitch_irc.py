"""Twitch's lines become events, whatever stands in them."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber import journal
from vtuber.adapters.chat import twitch_irc
from vtuber.events import Chat, Money, Notice, Retract, Skipped, System


def line(command: str, text: str = "", prefix: str = "hana!hana@hana.tmi.twitch.tv", **tags: object) -> str:
    written = ";".join(f"{name.replace('_', '-')}={value}" for name, value in tags.items())
    return f"@{written} :{prefix} {command} #mika" + (f" :{text}" if text else "")


def chat(text: str, **tags: object) -> Chat:
    event = twitch_irc.decode(line("PRIVMSG", text, **tags), 9)
    assert isinstance(event, Chat)
    return event


def notice(text: str = "", **tags: object) -> Notice:
    event = twitch_irc.decode(line("USERNOTICE", text, prefix="tmi.twitch.tv", **tags), 9)
    assert isinstance(event, Notice)
    return event


def test_a_message_becomes_chat_with_its_viewer_roles_and_stamps():
    tags = {
        "badges": "moderator/1,subscriber/12,partner/1",
        "display-name": "花ちゃん",
        "tmi-sent-ts": 1_700_000_000_123,
    }
    event = chat("こんばんは", id="m1", user_id=42, room_id=7, first_msg=1, **tags)
    assert event == Chat(
        id="twitch:mika:m1",
        at_ms=9,
        platform="twitch",
        channel="mika",
        viewer_id="twitch:42",
        name="花ちゃん",
        roles=("moderator", "member", "verified"),
        text="こんばんは",
        sent_at_ms=1_700_000_000_123,
        received_at_ms=9,
        first_time=True,
    )


def test_without_tags_the_viewer_is_known_weakly_by_the_login_and_ids_differ_by_place():
    first = twitch_irc.decode(":Hana!h@h.tmi.twitch.tv PRIVMSG #Mika :hi\r\n", 9, 1)
    again = twitch_irc.decode(":Hana!h@h.tmi.twitch.tv PRIVMSG #Mika :hi\r\n", 9, 2)
    assert isinstance(first, Chat)
    assert isinstance(again, Chat)
    assert (first.viewer_id, first.weak, first.name, first.channel) == ("twitch:login:hana", True, "Hana", "mika")
    assert first.id != again.id
    assert first == twitch_irc.decode(":Hana!h@h.tmi.twitch.tv PRIVMSG #Mika :hi", 9, 1)


def test_a_cheer_is_chat_with_money():
    event = chat("Cheer100 nice", bits=100)
    assert (event.form, event.money) == ("text", Money("100", "bits"))


def test_an_action_loses_its_wrapping_and_keeps_its_emotes():
    event = chat("\x01ACTION waves Kappa\x01", emotes="25:6-10")
    assert (event.text, event.emotes) == ("waves :Kappa:", 1)


@pytest.mark.parametrize(
    ("text", "emotes", "seen", "count"),
    [
        ("😂 Kappa hi Kappa", "25:2-6,11-15", "😂 :Kappa: hi :Kappa:", 2),  # counted in characters, not in bytes
        ("Kappa Keepo", "25:0-4/1902:6-10", ":Kappa: :Keepo:", 2),
        ("hi :) there", "1:3-4", "hi :) there", 1),  # already a picture in text
        ("Kappa", "25:4-0", "Kappa", 0),
        ("Kappa", "25:0-99", "Kappa", 0),
        ("Kappa", "25:0-4,0-4,2-3", ":Kappa:", 1),
        ("Kappa", "::://0-,-4", "Kappa", 0),
    ],
)
def test_emotes_are_written_by_name_and_counted(text: str, emotes: str, seen: str, count: int):
    event = chat(text, emotes=emotes)
    assert (event.text, event.emotes) == (seen, count)


def test_a_reply_names_the_message_and_the_viewer_it_answers():
    event = chat("@ren yes", reply_parent_msg_id="m0", reply_parent_user_id=5, reply_parent_user_login="ren")
    assert (event.reply_to, event.reply_to_viewer) == ("twitch:mika:m0", "twitch:5")


def test_only_a_message_from_another_room_is_shared():
    assert chat("hi", room_id=7, source_room_id=8).shared_from == "8"
    assert chat("hi", room_id=7, source_room_id=7).shared_from == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"a\sb", "a b"), (r"a\:b", "a;b"), (r"a\\sb", r"a\sb"), (r"a\r\nb", "a\r\nb"), ("a\\", "a"), (r"a\xb", "axb")],
)
def test_tags_are_unescaped(written: str, meant: str):
    assert chat("hi", id=written).id == f"twitch:mika:{meant}"


@pytest.mark.parametrize(
    ("kind", "tags", "count"),
    [
        ("raid", {"msg_param_viewerCount": 12}, 12),
        ("submysterygift", {"msg_param_mass_gift_count": 5}, 5),
        ("subgift", {"msg_param_gift_months": 6}, 1),
        ("resub", {"msg_param_cumulative_months": 9, "msg_param_months": 0}, 9),
        ("viewermilestone", {"msg_param_value": 15}, 15),
        ("announcement", {}, 0),
        ("raid", {"msg_param_viewerCount": "many"}, 0),
    ],
)
def test_a_notice_keeps_the_platforms_word_and_its_number(kind: str, tags: dict[str, object], count: int):
    event = notice(msg_id=kind, login="hana", user_id=42, **tags)
    assert (event.notice, event.count, event.viewer_id) == (kind, count, "twitch:42")


def test_a_notice_says_what_the_platform_and_then_what_the_viewer_says():
    assert notice("yay", msg_id="resub", system_msg=r"hana\ssubscribed!").text == "hana subscribed! yay"


def test_another_channels_notice_in_a_shared_chat_is_not_taken_for_ones_own():
    assert notice(msg_id="raid", room_id=7, source_room_id=8).notice == "sharedchatnotice"


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (
            "@target-user-id=42;ban-duration=600 :tmi.twitch.tv CLEARCHAT #mika :hana",
            ("", "twitch:42", False, "timeout"),
        ),
        ("@target-user-id=42 :tmi.twitch.tv CLEARCHAT #mika hana", ("", "twitch:42", False, "ban")),
        (":tmi.twitch.tv CLEARCHAT #mika :Hana", ("", "twitch:login:hana", False, "ban")),
        (":tmi.twitch.tv CLEARCHAT #mika", ("", "", True, "cleared")),
        ("@target-msg-id=m1 :tmi.twitch.tv CLEARMSG #mika :hi", ("twitch:mika:m1", "", False, "deleted")),
    ],
)
def test_what_a_moderator_takes_away_becomes_a_retraction(raw: str, target: tuple[str, str, bool, str]):
    event = twitch_irc.decode(raw, 9)
    assert isinstance(event, Retract)
    assert (event.target_event, event.target_viewer, event.everything, event.reason) == target


def test_a_deletion_names_the_message_by_the_id_it_came_with():
    deletion = twitch_irc.decode("@target-msg-id=m1 :tmi.twitch.tv CLEARMSG #mika :hi", 9)
    assert isinstance(deletion, Retract)
    assert deletion.target_event == chat("hi", id="m1").id


def test_what_the_platform_says_is_system():
    stamp, event = twitch_irc.read("@rm-received-ts=1700000000000 :tmi.twitch.tv NOTICE #mika :Slow mode is on.", 9)
    assert stamp == 1_700_000_000_000
    assert isinstance(event, System)
    assert event.text == "Slow mode is on."


@pytest.mark.parametrize(
    "raw", ["PING :tmi.twitch.tv", ":tmi.twitch.tv 001 me :Welcome", ":a!a@a JOIN #mika", "RECONNECT"]
)
def test_protocol_is_no_event(raw: str):
    assert twitch_irc.decode(raw, 9) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("hello there", "broken_line"),
        ("", "broken_line"),
        ("@id=1 :hana!h@h PRIVM", "unknown_command"),
        (":hana!h@h PRIVMSG", "broken_line"),
        (":tmi.twitch.tv CLEARMSG #mika :hi", "broken_line"),
        (":hana!h@h WHISPER mika :psst", "unknown_command"),
    ],
)
def test_a_line_that_cannot_be_used_is_skipped_with_its_reason_and_number(raw: str, reason: str):
    event = twitch_irc.decode(raw, 9, 3)
    assert isinstance(event, Skipped)
    assert (event.reason, event.line) == (reason, 3)


@pytest.mark.parametrize("stamp", ["9" * 30, "-1", "0", "²", "soon", ""])
def test_an_impossible_stamp_is_none(stamp: str):
    assert chat("hi", tmi_sent_ts=stamp).sent_at_ms == 0


IRC_WORDS = """@ : ; = #mika PRIVMSG USERNOTICE CLEARCHAT CLEARMSG NOTICE emotes= 25:0-4 bits= id= tmi-sent-ts=
\\ \x01ACTION hana!h@h msg-id=raid / - , 999999999999"""
IRC_PIECES = st.just(" ") | st.sampled_from(IRC_WORDS.split())


@given(st.one_of(st.text(), st.lists(IRC_PIECES | st.text(max_size=5), max_size=30).map("".join)))
def test_no_text_whatever_breaks_the_reader_and_what_it_gives_can_be_written_down(raw: str):
    event = twitch_irc.decode(raw, 9, 1)
    assert event is None or journal.decode(journal.encode(event)) == event


def test_a_real_log_gives_the_counts_that_were_taken_from_it_by_hand(samples: Path):
    with (samples / "chatlogs" / "twitch_irc_chatterino.txt").open(encoding="utf-8", newline="\n") as lines:
        events = [twitch_irc.decode(raw, 9, number) for number, raw in enumerate(lines, 1)]
    assert Counter(type(event) for event in events) == {Chat: 77, Notice: 28, System: 1, Retract: 15}
    chats = [event for event in events if isinstance(event, Chat)]
    assert sum(event.money is not None for event in chats) == 3
    assert sum(bool(event.reply_to) for event in chats) == 9
    assert sum(event.first_time for event in chats) == 1


def test_a_lines_command_is_given_with_its_nickname_and_parameters():
    assert twitch_irc.command(":hana!h@h.tmi.twitch.tv JOIN #mika") == ("hana", "JOIN", "#mika")
    assert twitch_irc.command("@a=b :tmi.twitch.tv 001 me :Welcome, GLHF!") == ("", "001", "me :Welcome, GLHF!")
    assert twitch_irc.command("PING :tmi.twitch.tv") == ("", "PING", ":tmi.twitch.tv")
    assert twitch_irc.command("no irc at all") == ("", "", "")
