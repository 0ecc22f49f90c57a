from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core import attention
from vtuber.core.attention import Audience, Gate, choose, give_up, merge, only_greets, score, stale
from vtuber.events import Chat, Money, Notice

NUMBERS = count()
AUDIENCE = Audience(her_names=("Hoshi",))
AGE = 45_000


def chat(text: str, *, at: int = 0, viewer: str = "twitch:1", **more: object) -> Chat:
    return Chat(id=f"c{next(NUMBERS)}", at_ms=at, platform="twitch", viewer_id=viewer, name="mika", text=text, **more)  # type: ignore[arg-type]


def gate() -> Gate:
    return Gate(bots=("nightbot",), own_names=("Hoshi",))


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        (chat("!uptime"), "command"),
        (chat("hello", roles=("bot",)), "bot"),
        (chat(":Kappa: :Kappa:", emotes=2), "emotes"),
        (chat("🎉🎉"), "emotes"),
        (chat("old news", backlog=True), "backlog"),
        (chat("hi from next door", shared_from="other"), "shared_chat"),
        (chat("how are you?"), ""),
        (chat("!", money=Money("100", "bits")), ""),
    ],
)
def test_the_gate_says_why_a_message_is_never_answered(heard: Chat, reason: str):
    assert gate().reason(heard) == reason


def test_a_bot_is_known_by_its_name():
    bot = Chat(id="x", at_ms=0, platform="twitch", viewer_id="twitch:9", name="NightBot", text="Follow the channel")
    assert gate().reason(bot) == "bot"


def test_a_text_copied_by_several_viewers_is_a_flood_and_its_first_copies_fall_too():
    door = gate()
    copies = [chat("DONT STOP THE MUSIC", viewer=f"twitch:{i}", at=i * 100) for i in range(4)]
    assert [door.reason(copy) for copy in copies] == ["", "", "copypasta", "copypasta"]
    assert door.flooded(copies[0], 500)


def test_a_viewer_who_repeats_herself_is_a_duplicate_only_within_the_window():
    door = gate()
    assert door.reason(chat("first!!!", at=0)) == ""
    assert door.reason(chat("First!", at=1000)) == "duplicate"
    assert door.reason(chat("first", at=1000 + attention.WINDOW_MS)) == ""


def test_an_event_that_comes_twice_is_heard_once():
    door, heard = gate(), chat("hello there")
    assert [door.reason(heard), door.reason(heard)] == ["", "heard_already"]


def test_a_raid_is_thanked_once():
    door = gate()
    raid = Notice(id="r1", at_ms=0, platform="twitch", viewer_id="twitch:7", notice="raid", count=5)
    again = Notice(id="r2", at_ms=900, platform="twitch", viewer_id="twitch:7", notice="raid", count=5)
    assert [door.reason(raid), door.reason(again)] == ["", "thanked_already"]
    assert door.reason(Notice(id="a", at_ms=0, platform="twitch", notice="announcement")) == "no_reply_needed"


def test_a_question_to_her_goes_before_chatter():
    chatter, question = chat("nice weather today"), chat("Hoshi, what do you eat?", viewer="twitch:2")
    choice, _ = choose((chatter, question), 1000, AUDIENCE, AGE)
    assert choice is not None
    assert choice.chats == (question,)
    assert choice.score == pytest.approx(sum(choice.parts.values()), abs=0.01)


def test_money_goes_first_but_not_twice_in_a_row():
    paid, free = chat("take this", money=Money("500", "JPY")), chat("Hoshi, how are you?", viewer="twitch:2")
    first, _ = choose((free, paid), 0, AUDIENCE, AGE)
    second, _ = choose((free, paid), 0, Audience(her_names=("Hoshi",), paid_last=True), AGE)
    assert first is not None
    assert second is not None
    assert (first.chats, second.chats) == ((paid,), (free,))


def test_a_viewer_who_has_had_turns_waits_for_others():
    again, new = chat("what about now?"), chat("and what about me?", viewer="twitch:2")
    choice, _ = choose((again, new), 0, Audience(her_names=("Hoshi",), answered=("twitch:1", "twitch:1")), AGE)
    assert choice is not None
    assert choice.chats == (new,)


def test_a_message_to_another_viewer_is_left_to_them():
    assert choose((chat("@taro did you see that"),), 0, AUDIENCE, AGE)[0] is None


def test_laughter_alone_is_not_answered():
    assert choose((chat("www"), chat("lol"), chat("草")), 0, AUDIENCE, AGE)[0] is None


def test_an_unfinished_sentence_waits_for_its_other_half_and_is_merged():
    half = chat("I was wondering why", at=0)
    choice, ripens = choose((half,), 100, AUDIENCE, AGE)
    assert (choice, ripens) == (None, attention.HOLD_MS)
    rest = chat("the sea is salty?", at=2000)
    choice, _ = choose((half, rest), 2100, AUDIENCE, AGE)
    assert choice is not None
    assert choice.chats == (half, rest)


def test_messages_far_apart_are_not_merged():
    first, second = chat("hello", at=0), chat("what is your name?", at=AUDIENCE.merge_ms)
    assert merge(second, (first, second), AUDIENCE.merge_ms) == (second,)
    assert merge(second, (first, second), AUDIENCE.merge_ms + 1) == (first, second)


def test_where_nothing_is_merged_not_even_lines_of_one_moment_are_and_no_half_of_a_sentence_waits():
    alone = msgspec.structs.replace(AUDIENCE, merge_ms=0)
    half, rest = chat("I like cats and", at=0), chat("what is your name?", at=0)
    assert choose((half,), 0, alone, AGE)[0] is not None
    choice, _ = choose((half, rest), 0, alone, AGE)
    assert choice is not None
    assert len(choice.chats) == 1


def test_free_messages_grow_old_and_money_does_not():
    assert stale(chat("hi"), AGE + 1, AGE)
    assert not stale(chat("hi", money=Money("1", "USD")), AGE + 1, AGE)


def test_free_messages_and_paid_ones_have_room_of_their_own():
    paid, old, new = chat("a", money=Money("1", "USD")), chat("b"), chat("c")
    assert give_up((paid, old), new, free=1, paid=1) is old
    assert give_up((paid,), new, free=1, paid=1) is None
    assert give_up((old,), paid, free=1, paid=1) is None
    late = chat("d", money=Money("2", "USD"))
    assert give_up((paid, old), late, free=1, paid=1) is late, "those who waited longer are answered"


def test_a_greeting_and_nothing_more_is_told_from_a_question():
    assert only_greets("こんにちは！")
    assert only_greets("hello")
    assert not only_greets("hi, how are you?")


TEXTS = st.text(max_size=30)


@given(st.lists(st.tuples(TEXTS, st.integers(0, 3), st.integers(0, 60_000)), max_size=12), st.integers(0, 90_000))
def test_a_choice_is_always_one_viewer_s_waiting_messages_in_order(rows: list[tuple[str, int, int]], now: int):
    waiting = tuple(chat(text, viewer=f"twitch:{who}", at=at) for text, who, at in sorted(rows, key=lambda row: row[2]))
    choice, ripens = choose(waiting, now, AUDIENCE, AGE)
    if choice is None:
        assert ripens == 0 or ripens > now
        return
    assert len({one.viewer_id for one in choice.chats}) == 1
    assert [one for one in waiting if one in choice.chats] == list(choice.chats)


@given(TEXTS)
def test_every_text_can_be_scored(text: str):
    assert all(isinstance(value, float) for value in score(chat(text), 10, AUDIENCE, AGE).values())
