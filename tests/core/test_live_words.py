from typing import Any

import msgspec

from tests.contracts.stage_output import BASE_MS
from vtuber.core.live_words import as_text, news, stamp
from vtuber.events import (
    Changed,
    Chat,
    Connection,
    Failed,
    Health,
    Interrupt,
    Loading,
    Money,
    Notice,
    Performed,
    Question,
    Retract,
    Turn,
    Used,
)


def chat(number: int, **more: Any):
    return Chat(
        id=f"c{number}", at_ms=BASE_MS + number * 1000, platform="twitch",
        viewer_id=f"twitch:{number}", name=f"n{number}",
        **{"text": "hello"} | more,
    )  # fmt: skip


def test_each_event_in_view_is_one_plain_line():
    turn = Turn(id="t1", at_ms=BASE_MS, turn="t1", purpose="answer", chats=(chat(1),))
    question = Question(id="q", at_ms=BASE_MS, turn="t1", asked=turn, language="en", deadline_ms=0)
    raid = Notice(id="n", at_ms=BASE_MS, platform="twitch", name="ren", notice="raid", count=20)
    assert as_text(chat(12, money=Money("20.00", "USD")), BASE_MS) == "[0:12] n12: hello (20.00 USD)"
    assert as_text(raid, BASE_MS) == "[0:00] ren: (raid)"
    assert as_text(question, BASE_MS) == "  … thinking for n1 (low effort)"
    expected = msgspec.structs.replace(question, effort="high", expected_ms=BASE_MS + 25_000)
    assert as_text(expected, BASE_MS) == "  … thinking for n1 (high effort, about 25 s)"
    assert (
        as_text(Failed(id="f", at_ms=BASE_MS, stage="think", error="E", degraded=True), BASE_MS)
        == "[0:00] ! think: E (gave up)"
    )
    assert "taken back" in as_text(Retract(id="r", at_ms=BASE_MS), BASE_MS)
    assert as_text(chat(1, text="a\n\x1b[2Jb"), BASE_MS) == "[0:01] n1: a b"


def test_what_an_onlooker_needs_not_see_gives_no_line():
    heard = Performed(
        id="p", at_ms=BASE_MS, turn="t1", seq=0, text="x", language="en", source="fast", last=True,
        started_ms=BASE_MS, duration_ms=10, voice="v",
    )  # fmt: skip
    assert [as_text(event, BASE_MS) for event in (heard, chat(1, backlog=True))] == ["", ""]


def test_an_edit_is_told_once_with_its_new_words():
    gone = Retract(id="r", at_ms=BASE_MS, target_event="c1", reason="edited")
    assert as_text(gone, BASE_MS) == ""
    assert as_text(chat(2, edit_of="c1"), BASE_MS) == "[0:02] n2 (edited): hello"


def test_the_operators_hand_and_the_sources_are_told_in_plain_lines_too():
    lost = Connection(id="1", at_ms=BASE_MS, source="twitch", state="lost", retry_ms=800)
    ban = Interrupt(id="2", at_ms=BASE_MS, op="ban", target_viewer="twitch:1")
    refused = Changed(id="3", at_ms=BASE_MS, what="persona", refused="BadSetting")
    assert as_text(lost, BASE_MS) == "[0:00] * twitch: lost, trying again in 1 s"
    assert as_text(ban, BASE_MS, {"twitch:1": "mika"}.__getitem__) == "[0:00] * banned mika"
    assert as_text(refused, BASE_MS) == "[0:00] * the character was not read (BadSetting): she goes on as she was"


def test_times_are_shown_as_a_clock_shows_them():
    assert stamp(BASE_MS + 65_000, BASE_MS) == "1:05"
    assert stamp(BASE_MS + 3_605_000, BASE_MS) == "1:00:05"
    assert stamp(BASE_MS - 5, BASE_MS) == "0:00"


def test_the_loading_of_a_model_is_told_with_its_seconds():
    began = Loading(id="x", at_ms=0, tier="deep", model="gpt-oss:120b", state="began")
    ready = msgspec.structs.replace(began, state="ready", took_ms=41_600)
    assert news(began) == "loading the deep model gpt-oss:120b"
    assert news(ready) == "the deep model gpt-oss:120b is ready, 42 s"
    assert news(msgspec.structs.replace(ready, state="failed")) == "the deep model gpt-oss:120b cannot be loaded, 42 s"


def test_that_a_model_is_down_and_that_it_answers_again_is_told():
    down = Health(id="h", at_ms=0, tier="fast", model="qwen2.5:14b", state="down", retry_ms=10_000)
    assert news(down) == "the fast model qwen2.5:14b is down, next try in 10 s"
    assert news(msgspec.structs.replace(down, retry_ms=0)) == "the fast model qwen2.5:14b is down, next try now"
    assert news(msgspec.structs.replace(down, state="up")) == "the fast model qwen2.5:14b answers again"


def test_what_a_tool_did_is_told_without_its_words():
    used = Used(
        id="u", at_ms=0, tool="units", tier="fast", arguments='{"x": 1}', ok=True, took_ms=1240, result="secret"
    )
    assert news(used) == "used units, 1.2 s"
    assert news(msgspec.structs.replace(used, ok=False, reason="timeout")) == "units gave nothing (timeout)"
