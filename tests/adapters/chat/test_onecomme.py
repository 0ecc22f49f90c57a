"""The hub's frames become events once each: edits, deletions and what was heard before included."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.chat.onecomme_server import comment, comments, connected, deleted
from vtuber import journal
from vtuber.adapters.chat.onecomme import Hub
from vtuber.events import Chat, Notice, Retract, Skipped
from vtuber.ports import FromChat

START = 1_700_000_000_000


def read(hub: Hub, *frames: str) -> list[FromChat]:
    return [event for frame in frames for event in hub.read(json.loads(frame), START)]


def short(events: list[FromChat]) -> list[str]:
    """Write events as: +id, -target, or the reason why one was skipped."""
    words = []
    for event in events:
        match event:
            case Retract():
                words.append(f"-{event.target_event}")
            case Skipped():
                words.append(event.reason)
            case _:
                words.append(f"+{event.id}")
    return words


ID = "youtube:live-1:"


def test_what_was_said_before_we_came_is_backlog():
    heard = read(Hub(START), connected(comment("a", "old")), comments(comment("b", "older"), init=True))
    heard += read(Hub(START), comments(comment("c", "new")))
    assert [event.backlog for event in heard if isinstance(event, Chat)] == [True, True, False]


def test_one_frame_may_hold_several_comments_of_several_platforms():
    said = (comment("a", "1"), comment("b", "2", service="niconama"), comment("c", "3", service="twitch"))
    assert [event.platform for event in read(Hub(START), comments(*said)) if isinstance(event, Chat)] == [
        "youtube",
        "niconico",
        "twitch",
    ]


def test_an_edit_retracts_the_wording_before_and_says_the_new_one():
    hub = Hub(START)
    heard = read(hub, *(comments(comment("a", text)) for text in ("one", "two", "three")))
    assert short(heard) == [f"+{ID}a", f"-{ID}a", f"+{ID}a~2", f"-{ID}a~2", f"+{ID}a~3"]
    _, retract, chat, _, last = heard
    assert isinstance(retract, Retract)
    assert isinstance(chat, Chat)
    assert isinstance(last, Chat)
    assert (retract.reason, retract.channel) == ("edited", "live-1")
    assert (chat.text, chat.edit_of, last.edit_of) == ("two", f"{ID}a", f"{ID}a~2")


def test_a_price_that_changes_is_an_edit_a_name_that_changes_is_none():
    hub = Hub(START)
    read(hub, comments(comment("a", "hi", price=100, unit="JPY")))
    assert read(hub, comments(comment("a", "hi", price=100, unit="JPY", displayName="ほか", badges=[{}]))) == []
    assert short(read(hub, comments(comment("a", "hi", price=200, unit="JPY")))) == [f"-{ID}a", f"+{ID}a~2"]


def test_a_comment_that_turns_out_to_be_a_gift_is_an_edit():
    hub = Hub(START)
    heard = read(hub, comments(comment("a", "hi")), comments(comment("a", "hi", giftType="sponsorgift")))
    assert short(heard) == [f"+{ID}a", f"-{ID}a", f"+{ID}a~2"]
    assert isinstance(heard[2], Notice)


def test_the_same_again_gives_nothing_not_even_after_a_new_connection():
    hub = Hub(START)
    said = (comment("a", "one"), comment("b", "two"))
    read(hub, comments(*said))
    assert read(hub, comments(*said), connected(*said), comments(*said, init=True)) == []
    heard = read(hub, connected(*said, comment("c", "missed")))
    assert short(heard) == [f"+{ID}c"]
    assert isinstance(heard[0], Chat)
    assert heard[0].backlog


def test_a_deletion_retracts_the_latest_wording_once():
    hub = Hub(START)
    read(hub, comments(comment("a", "one")), comments(comment("a", "two")), comments(comment("b", "x")))
    heard = read(hub, deleted("a", "b"), deleted("a"))
    assert short(heard) == [f"-{ID}a~2", f"-{ID}b"]
    assert {event.reason for event in heard if isinstance(event, Retract)} == {"deleted"}


def test_a_deleted_comment_does_not_come_back():
    hub = Hub(START)
    read(hub, comments(comment("a", "one")), deleted("a"))
    assert read(hub, comments(comment("a", "one")), connected(comment("a", "[deleted]"))) == []


def test_a_deletion_of_what_was_never_heard_is_counted():
    assert short(read(Hub(START), deleted("zzz"))) == ["deleted_unheard"]


def test_two_platforms_may_use_the_same_id():
    hub = Hub(START)
    heard = read(hub, comments(comment("7", "yt")), comments(comment("7", "nico", service="niconama")))
    assert short(heard) == [f"+{ID}7", "+niconico:live-1:7"]
    assert sorted(short(read(hub, deleted("7")))) == ["-niconico:live-1:7", f"-{ID}7"]


def test_emptying_the_hubs_list_retracts_nothing_and_forgets_nothing():
    hub = Hub(START)
    read(hub, comments(comment("a", "one")))
    assert read(hub, json.dumps({"type": "clear"}), comments(comment("a", "one"))) == []


@pytest.mark.parametrize("kind", ["meta", "meta.clear", "config", "services", "userDatas", "pinned", "yt.survey.start"])
def test_frames_about_something_else_give_nothing(kind: str):
    assert read(Hub(START), json.dumps({"type": kind, "data": {"comments": [comment("a", "x")]}})) == []
    assert read(Hub(START), json.dumps({"type": "connected", "data": {"config": {}}})) == []


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (None, "broken_frame"),
        ([], "broken_frame"),
        ("comments", "broken_frame"),
        ({}, "broken_frame"),
        ({"type": ["comments"]}, "broken_frame"),
        ({"type": "comments"}, "broken_frame"),
        ({"type": "comments", "data": []}, "broken_frame"),
        ({"type": "comments", "data": {"comments": {}}}, "broken_frame"),
        ({"type": "connected", "data": 1}, "broken_frame"),
        ({"type": "deleted", "data": {}}, "broken_frame"),
        ({"type": "deleted", "data": [None]}, "broken_frame"),
        ({"type": "deleted", "data": [{"id": None}]}, "broken_frame"),
        ({"type": "tomorrow", "data": {}}, "unknown_frame"),
        ({"type": "comments", "data": {"comments": [5]}}, "broken_comment"),
        ({"type": "comments", "data": {"comments": [5] * 5001}}, "long_frame"),
        ({"type": "deleted", "data": [{"id": "a"}] * 5001}, "long_frame"),
    ],
)
def test_what_is_no_frame_is_skipped(frame: Any, reason: str):
    assert short(list(Hub(START).read(frame, START))) == [reason]


def test_a_broken_comment_does_not_take_its_neighbours_along():
    said = [comment("a", "1"), None, {"data": 7}, comment("b", "2")]
    heard = list(Hub(START).read({"type": "comments", "data": {"comments": said, "options": None}}, START))
    assert short(heard) == [f"+{ID}a", "broken_comment", "broken_comment", f"+{ID}b"]


def test_only_the_last_few_thousand_comments_are_remembered():
    hub = Hub(START)
    for number in range(10_000):
        read(hub, comments(comment(f"c{number}", "hi")))
    assert len(hub._wordings) == 4096
    assert read(hub, connected(*(comment(f"c{number}", "hi") for number in range(9_000, 10_000)))) == []


def test_a_real_capture_becomes_what_was_written(samples: Path):
    frames = (samples / "chatlogs" / "DERIVED_onecomme_frames.jsonl").read_text("utf-8").splitlines()
    heard = read(Hub(START), *frames)
    assert Counter(type(event).__name__ for event in heard) == {"Chat": 7, "Retract": 2}
    chats = [event for event in heard if isinstance(event, Chat)]
    assert [(chat.platform, chat.text, chat.backlog, chat.form) for chat in chats] == [
        ("youtube", "古いコメント(backlog)", True, "text"),
        ("youtube", "こんにちは！", False, "text"),
        ("twitch", "hello :Kappa:", False, "text"),
        ("youtube", "おめでとう", False, "paid"),
        ("niconico", "184さんのコメント", False, "text"),
        ("bilibili", "晚上好", False, "text"),
        ("youtube", "こんにちは！(edited)", False, "text"),
    ]
    assert [chat.weak for chat in chats] == [False, False, False, False, True, False, False]
    assert [chat.edit_of for chat in chats if chat.edit_of] == ["youtube:live-1:cm-1"]
    assert [event.target_event for event in heard if isinstance(event, Retract)] == [
        "youtube:live-1:cm-1",
        "twitch:live-1:cm-2",
    ]


KEYS = st.sampled_from(
    (
        *("type", "data", "comments", "options", "init", "id", "userId", "comment", "speechText", "price", "unit"),
        *("bits", "paidText", "membership", "gift", "giftData", "giftType", "hasGift", "anonymity", "meta", "service"),
        *("timestamp", "url", "liveId", "name", "displayName", "isSystem", "guard", "num", "primary"),
    )
)
WORDS = st.sampled_from(
    ["connected", "comments", "deleted", "clear", "youtube", "niconama", "twitch", "c1", "c2", "<img alt=x>", "¥5", ""]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(WORDS, st.text(max_size=5), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=20,
)
DATA = st.dictionaries(KEYS, JSON, min_size=1, max_size=8)
COMMENT = st.one_of(
    JSON,
    st.fixed_dictionaries({"service": WORDS, "data": DATA}),
    st.builds(
        lambda native, text, data: comment(native, text) | {"data": comment(native, text)["data"] | data},
        st.sampled_from(["c1", "c2"]),
        WORDS,
        DATA,
    ),
)
FRAME = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["connected", "comments"]),
            "data": st.fixed_dictionaries({"comments": st.lists(COMMENT, max_size=4)}, optional={"options": JSON}),
        }
    ),
    st.fixed_dictionaries({"type": st.just("deleted"), "data": st.lists(st.fixed_dictionaries({"id": WORDS}))}),
)


@given(st.lists(FRAME, max_size=8))
def test_no_sequence_of_frames_makes_it_raise_or_repeat_an_id_or_retract_what_was_not_said(frames: list[Any]):
    hub = Hub(START)
    standing: set[str] = set()
    ids = []
    for frame in frames:
        for event in hub.read(frame, START):
            ids.append(event.id)
            journal.decode(journal.encode(event))
            if isinstance(event, Retract):
                standing.remove(event.target_event)
            elif not isinstance(event, Skipped):
                standing.add(event.id)
    assert len(set(ids)) == len(ids)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", "gone"])), max_size=30))
def test_what_stands_is_always_what_the_hub_shows(steps: list[tuple[str, str]]):
    """The hub as a plain dict: a comment is said, edited, said again or deleted, and a deleted one stays away."""
    hub = Hub(START)
    shown: dict[str, str] = {}
    gone: set[str] = set()
    standing: dict[str, str] = {}
    for native, text in steps:
        if text == "gone":
            events = read(hub, deleted(native))
            if native in shown:
                del shown[native]
                gone.add(native)
        else:
            events = read(hub, comments(comment(native, text)))
            if native not in gone:
                shown[native] = text
        for event in events:
            if isinstance(event, Retract):
                del standing[event.target_event]
            elif isinstance(event, Chat):
                standing[event.id] = event.text
    assert sorted(standing.values()) == sorted(shown.values())
    assert {one.split(":")[2].split("~")[0] for one in standing} == set(shown)
