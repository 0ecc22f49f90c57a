import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contracts.language_model import LanguageModelContract, collect, content, request, until_error
from tests.playing import Played, Script, chat, play
from vtuber.adapters.model.recorded import Recorded, answers_of, from_journal
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.clock import run_virtual
from vtuber.errors import ModelError, ModelTimeout, NotFound
from vtuber.events import SCHEMA, Chat, Generated, Opened, Routed, Thought, Turn
from vtuber.journal import decode, encode
from vtuber.ports import ModelRequest
from vtuber.show import Parts

CHAT = Chat(id="t:c:1", at_ms=5, platform="twitch", text="which star?")
TURN = Turn(id="turn1", at_ms=6, turn="turn1", cause="t:c:1", purpose="answer", chats=(CHAT,))


def generated(text: str = "Sirius shines brightest of all.", **fields: Any) -> Generated:
    base = {"id": "turn1/fast", "turn": "turn1", "tier": "fast", "first_token_ms": 700, "total_ms": 1700}
    return Generated(**{"at_ms": 9, "model": "m", "tokens": 9, "prompt_tokens": 40, **base, **fields}, text=text)


def recorded(*takes: Generated) -> Recorded:
    return Recorded("recorded", answers_of([CHAT, TURN, *takes]), fallback=Scripted())


class TestRecorded(LanguageModelContract):
    run = staticmethod(run_virtual)
    obeys_limits = False
    thinks = True  # the deep answer was not recorded: the scripted one thinks

    def make(self):
        return recorded(generated())


def test_a_journal_gives_the_answers_that_were_heard_in_it(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    opened = Opened(id="o", at_ms=0, schema=SCHEMA, character="nova", stream_id="s", seed=1)
    deep = generated("It is closest.", id="turn1/deep", tier="deep")
    events = (opened, CHAT, TURN, generated(), deep)
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))

    async def go() -> Any:
        model = from_journal(path, fallback=Scripted())
        fast = await collect(model, request())
        return fast, await collect(model, request(tier="deep")), model.misses

    fast, slow, misses = run_virtual(go())
    assert content(fast) == "Sirius shines brightest of all."
    assert fast[-1].usage.tokens == 9
    assert content(slow) == "It is closest."
    assert misses == 0


def test_a_journal_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(NotFound, match=r"gone\.jsonl"):
        from_journal(tmp_path / "gone.jsonl", fallback=Scripted())


async def test_a_miss_is_counted_and_answered_by_the_other_model():
    model = recorded(generated())
    assert "moon" in content(await collect(model, request("sol: “the moon?”", answering=("t:c:9",))))
    assert model.misses == 1


async def test_it_keeps_the_recorded_pace():
    loop = asyncio.get_running_loop()
    began = loop.time()
    deltas = await collect(recorded(generated()), request())
    assert 1.4 < loop.time() - began <= 1.7
    assert len(deltas) == 5


async def test_several_answers_to_the_same_message_come_in_order():
    model = recorded(generated("first"), generated("second"))
    said = [content(await collect(model, request())) for _ in range(3)]
    assert said == ["first", "second", "second"]


async def test_an_answer_that_could_not_be_said_is_the_wait_before_its_second_try():
    loop = asyncio.get_running_loop()
    began = loop.time()
    model = recorded(generated("", tier="deep", refused="thought"), generated("It is the tides.", tier="deep"))
    assert content(await collect(model, request(tier="deep"))) == "It is the tides."
    assert 3.3 < loop.time() - began <= 3.4
    assert model.misses == 0


async def test_a_model_that_failed_before_the_next_one_answered_is_the_wait_before_that_answer():
    loop = asyncio.get_running_loop()
    began = loop.time()
    model = recorded(
        generated("", first_token_ms=0, total_ms=5000, stop="timeout"), generated("I stood in.", model="n")
    )
    assert content(await collect(model, request())) == "I stood in."
    assert 6.5 < loop.time() - began <= 6.8


async def test_what_was_said_for_another_purpose_is_another_answer():
    model = recorded(
        generated('{"tool": "dice"}', purpose="tool"), generated("first"), generated("In her words.", purpose="voice")
    )
    assert content(await collect(model, request(purpose="voice"))) == "In her words."
    assert content(await collect(model, request(purpose="tool"))) == '{"tool": "dice"}'
    assert content(await collect(model, request())) == "first"
    assert model.misses == 0


@pytest.mark.parametrize("verdict", ["deep", "tool"])
async def test_a_verdict_is_given_again_as_the_mark_that_it_was(verdict: str):
    model = recorded(generated("", verdict=verdict), generated("Then this."))
    assert content(await collect(model, request())) == f"[{verdict}]"
    assert content(await collect(model, request())) == "Then this."


async def test_how_sure_the_model_was_is_told_again_if_it_is_asked_for():
    model = recorded(generated(confidence=-1.5))
    asked = await collect(model, request(logprobs=True))
    assert {one.logprobs for one in asked if one.content} == {(-1.5,)}
    assert not any(one.logprobs for one in await collect(model, request()))


def test_a_journal_from_before_there_were_purposes_plays_too():
    old = decode(b'{"kind":"generated","id":"turn1/fast","at_ms":9,"turn":"turn1","tier":"fast","model":"m",'
                 b'"first_token_ms":7,"total_ms":17,"text":"Sirius."}')  # fmt: skip
    assert list(answers_of([CHAT, TURN, old])) == [((CHAT.id,), "fast", "answer")]


async def test_what_a_model_thought_is_not_played_back():
    thought = Thought(id="turn1/thought", at_ms=8, turn="turn1", tier="fast", text="First the moon, then the sea.")
    model = Recorded("recorded", answers_of([CHAT, TURN, thought, generated()]), fallback=Scripted())
    deltas = await collect(model, request())
    assert content(deltas) == "Sirius shines brightest of all."
    assert not any(delta.thinking for delta in deltas)


@pytest.mark.parametrize(("stop", "kind"), [("timeout", ModelTimeout), ("error", ModelError)])
async def test_a_recorded_failure_fails_again_after_what_was_said(stop: str, kind: type):
    got, error = await until_error(recorded(generated("Sirius", stop=stop)), request())
    assert content(got) == "Sirius"
    assert type(error) is kind


def test_a_show_s_recording_gives_the_same_words_by_the_same_routes():
    def fast(request: ModelRequest) -> Scripture:
        asked = request.messages[-1].content
        if "break" in asked:
            return Scripture(text="Well", fault="error")
        return Scripture(text="[deep]" if "why" in asked else f"You wrote {len(asked)} signs.", logprob=-0.3)

    def grey(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, difficulty=lambda _text, _similarity: 0.5)

    heard = [
        (2000, chat(1, "do you like tea?")),
        (9000, chat(2, "why is the sea salty?", viewer="bo")),
        (30_000, chat(3, "will it break?", viewer="cy")),
        (9000, chat(4, "do you like snow or rain?", viewer="di")),
    ]
    stand_in = Scripted("second", replies=lambda _r: Scripture(text="I stand in for a moment."))
    first = play(
        Script(
            heard=heard,
            fast=Scripted("first", replies=fast),
            change=lambda parts: grey(msgspec.structs.replace(parts, fast_next=(stand_in,))),
        )
    )
    model = Recorded("recorded", answers_of(first.events), fallback=Scripted())
    again = play(Script(heard=heard, fast=model, deep=model, change=grey))
    assert "I stand in for a moment." in first.said()
    assert again.said() == first.said()
    assert model.misses == 0

    def routes(played: Played) -> list[Any]:
        return [(one.turn, one.route, one.by, one.accepted) for one in played.of(Routed)]

    assert {one.by for one in first.of(Routed)} >= {"verdict"}
    assert routes(again) == routes(first)
