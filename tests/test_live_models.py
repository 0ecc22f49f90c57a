"""Whole live shows on a double of Ollama: what is heard, whatever the server does; and the hand on the reins."""

import asyncio
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.adapters.model.chat_server import Answer
from tests.adapters.model.ollama_server import FAULTS, LEVELLED, PLAIN, OllamaDouble
from tests.live_show import HARD, LINES, LiveShow, asked, free_port, pair, says, write_character
from vtuber.core.served import Machine
from vtuber.events import Clause, Closed, Dropped, Failed, Generated, Health, Loading, Opened, Performed, Thought, Turn
from vtuber.settings import Attention, Budget, Models, Thinking
from vtuber.wiring import models as wired

pytestmark = pytest.mark.asyncio

SLOW = ("stalls", "hangs before the headers", "hangs after the headers")  # 3 s and 5 s: the deadlines of the fast one
LONG = "This sentence goes on for such a long while that there is time. " * 4
SECRETS = ("hushplan", "deepplan", "latecloser")


def auto(double: OllamaDouble) -> Models:
    return Models(ollama=double.url, lmstudio=f"http://127.0.0.1:{free_port()}")


def thoughtful(body: dict[str, Any]) -> Answer | None:
    """Think aloud in each way there is."""
    if body["model"] == "gpt-oss:20b":
        return says("Rivers carry a little salt. The sea keeps it.", thinking="deepplan: first rivers, then the sea")
    if "star" in asked(body):
        return says("<think>hushplan: name a star</think>Sirius wins tonight.")
    return says("latecloser: say a colour.\n</think>\nBlue is my favourite.")


@pytest.mark.parametrize("models", [pair, auto])
async def test_a_show_answers_a_hard_question_comes_back_by_name_and_no_thought_leaves_the_journal(
    tmp_path: Path, models: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    large = Machine(ram_gb=64, free_ram_gb=60, vram_gb=48, free_vram_gb=47)
    monkeypatch.setattr(wired, "machine", lambda: large)
    shown: list[str] = []  # in the files that OBS reads
    replace = os.replace

    def seen(fresh: Path, place: Path) -> None:
        shown.append(fresh.read_text(encoding="utf-8"))
        replace(fresh, place)

    monkeypatch.setattr(os, "replace", seen)
    async with (
        OllamaDouble(PLAIN, LEVELLED, answer=thoughtful).serving() as double,
        LiveShow(tmp_path, models(double)) as show,
    ):
        assert show.of(Opened)[0].models == {"fast": "qwen2.5:14b", "deep": "gpt-oss:20b"}
        assert await show.ask("which star is the brightest?") == ["Sirius wins tonight."]
        hard = await show.write(HARD, name="Hana")
        assert await show.heard(hard) == [LINES["holding"]]
        assert await show.ask("what colour do you like?") == ["Blue is my favourite."]
        turn = await show.until(Turn, lambda one: hard in one.asked)
        answer = await show.performed(turn.id, deep=True)
        assert [one.text for one in answer] == ["Hana, about that.", "Rivers carry a little salt.", "The sea keeps it."]
        assert {one.to for one in answer} == {"Hana"}
    thoughts = [one.text for one in show.journal() if isinstance(one, Thought)]
    assert all(any(secret in thought for thought in thoughts) for secret in SECRETS)
    assert set(show.said()) <= set(shown)
    assert not told_secrets(show, shown)
    if models is auto:
        assert "fast model: ollama/qwen2.5:14b, this machine, Ollama" in capsys.readouterr().err


def told_secrets(show: LiveShow, shown: Iterable[str]) -> list[str]:
    """Give every place but Thought records in which a thought stands."""
    journal = [type(one).__name__ for one in show.journal() if not isinstance(one, Thought) and shows_thought(str(one))]
    files = [file for file in (*show.folder.rglob("*.srt"), *(show.home / "memory").rglob("*")) if file.is_file()]
    told = [file.name for file in files if shows_thought(file.read_bytes().decode("utf-8", "replace"))]
    return [*journal, *told, *filter(shows_thought, (*shown, *show.said()))]


def shows_thought(text: str) -> bool:
    return any(mark in text for mark in (*SECRETS, "<think", "</think"))


async def suffer(home: Path, faults: Iterable[str], *, hard: bool = False) -> None:
    """Play a show in which the model has one fault after another, and answers well in between."""
    fault: list[Answer] = []
    good = (f"Number {number} is all right" for number in range(100))

    def answer(body: dict[str, Any]) -> Answer | None:
        suffers = bool(fault) and (body["model"] == "gpt-oss:20b") is hard
        return fault[0] if suffers else says(next(good))

    generous = Thinking(budget=Budget(viewer_minutes=0, utilisation=1000, holding_lines=100))
    async with (
        OllamaDouble(PLAIN, LEVELLED, answer=answer).serving() as double,
        LiveShow(home, pair(double), thinking=generous) as show,
    ):
        assert await show.ask("do you like snow?")
        for name in faults:
            fault[:] = [FAULTS[name]]
            heard = await show.write(f"{HARD} ({name})" if hard else f"do you like tea, {name}?")
            if hard:
                turn = await show.until(Turn, lambda one, heard=heard: heard in one.asked)
                await show.true(lambda turn=turn.id: pondered(show, turn))
                said = [one.text for one in show.of(Performed) if one.turn == turn.id]
                assert set(said) <= {"Let me think", "Sorry mika", "mika", "Well"}, (name, said)
            else:
                said = await show.heard(heard)
                assert said in (["I lost it"], ["Well", "I lost it"]), (name, said)
            fault.clear()
            await show.true(lambda: answering(show), within=12)
            assert (await again(show, name, hard=hard)).endswith("is all right"), name
    written = "".join(file.read_text("utf-8") for file in (*show.folder.glob("*.jsonl"), *show.folder.glob("*.srt")))
    assert not [word for word in ("CUDA", "runner", "pending requests", "upstream", "/api/") if word in written]
    assert isinstance(show.journal()[-1], Closed)


def pondered(show: LiveShow, turn: str) -> bool:
    """Whether a question was given up, or its answer is over."""
    gone = any(one.turn == turn and one.item == "question" for one in show.of(Dropped))
    return gone or any(one.turn == turn and one.source == "deep" and one.last for one in show.of(Clause))


async def again(show: LiveShow, name: str, *, hard: bool) -> str:
    """Ask once more, now that the server is well; give the end of the answer."""
    if not hard:
        return (await show.ask(f"do you like rain, {name}?"))[0]
    heard = await show.write(f"{HARD} (after {name})")
    turn = await show.until(Turn, lambda one: heard in one.asked)
    return (await show.performed(turn.id, deep=True))[-1].text


def answering(show: LiveShow) -> bool:
    """Whether no model is down as far as is known."""
    return "down" not in {one.model: one.state for one in show.of(Health)}.values()


async def test_with_each_fault_of_the_server_only_her_own_lines_are_heard_and_the_next_message_is_answered(
    tmp_path: Path,
):
    quick = [name for name in FAULTS if name not in SLOW]
    shows = [*((name,) for name in SLOW), *(quick[at::5] for at in range(5))]
    async with asyncio.TaskGroup() as group:
        for number, faults in enumerate(shows):
            home = tmp_path / str(number)
            write_character(home, fallback="I lost it")
            group.create_task(suffer(home, faults))
        for number, faults in enumerate((quick[0::4], quick[1::4], quick[2::4], quick[3::4]), start=len(shows)):
            home = tmp_path / str(number)
            write_character(home, holding="Let me think", too_hard="Sorry {name}", answer_intro="{name}")
            group.create_task(suffer(home, faults, hard=True))


async def test_with_each_fault_of_the_server_the_next_one_answers_in_the_same_turn(tmp_path: Path):
    async def suffer_backed(home: Path, name: str) -> None:
        broken = OllamaDouble(PLAIN, LEVELLED, answer=lambda body: FAULTS[name] if asked(body) != "." else None)
        well = OllamaDouble(PLAIN, LEVELLED, answer=lambda _: says("The second one is all right."))
        async with broken.serving() as first, well.serving() as second:
            models = msgspec.structs.replace(pair(first), fast_next=(f"ollama/qwen2.5:14b@{second.url}",))
            async with LiveShow(home, models) as show:
                assert (await show.ask("do you like tea?"))[-1] == "The second one is all right.", name
                assert [one.stop for one in show.of(Generated)][-1] == "stop"
                assert show.of(Failed), "and it is on record"

    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(FAULTS):
            group.create_task(suffer_backed(tmp_path / str(number), name))


async def test_both_models_go_down_and_come_back_and_the_show_goes_on_without_a_restart(tmp_path: Path):
    number = iter(range(100))
    double = OllamaDouble(PLAIN, LEVELLED, answer=lambda _: says(f"Number {next(number)} is all right."))
    double.port = free_port()
    double.url = f"http://127.0.0.1:{double.port}"

    async def both(show: LiveShow, when: str) -> list[str]:
        fast = await show.ask(f"do you like tea {when}?")
        hard = await show.write(f"{HARD} ({when})")
        await show.heard(hard)
        turn = await show.until(Turn, lambda one: hard in one.asked)
        return [*fast, *(one.text for one in await show.performed(turn.id, deep=True))]

    async with LiveShow(tmp_path, pair(double)) as show:
        assert await show.ask("do you like tea before it starts?") == [LINES["fallback"]]
        assert await show.ask(f"{HARD} (before it starts)") == [LINES["fallback"]], "nothing is promised"
        async with double.serving():
            await show.true(lambda: answering(show), within=12)
            fast, intro, deep = await both(show, "while it runs")
            assert (fast[-13:], intro, deep[-13:]) == ("is all right.", "mika, about that.", "is all right.")
        assert await show.ask("do you like tea without it?") == [LINES["fallback"]]
        async with double.serving():
            assert (await show.ask("do you like tea again?"))[0].endswith("is all right.")
    assert {one.error for one in show.of(Failed)} == {"ModelUnavailable"}
    assert {(one.tier, one.state) for one in show.of(Health)} == {
        ("fast", "down"), ("deep", "down"), ("fast", "up"), ("deep", "up"),
    }  # fmt: skip


async def test_models_that_drive_each_other_out_of_their_own_server_s_memory_are_warned_about():
    async with OllamaDouble(PLAIN, LEVELLED, room=10**10).serving() as double:
        named = pair(double)
        async with wired.open_cast(named, log=None, tell=print) as both:
            for model in (both.fast[0], both.deep[0]):
                await model.prepare()
            told = await wired.crowded((both.fast[0], both.deep[0]), named)
    assert told.startswith("qwen2.5:14b was put out of memory")


@pytest.mark.real
async def test_a_real_model_behind_ollama_s_api_answers_in_both_languages_in_a_whole_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from tests.adapters.model import test_ollama_proxy as proxy  # noqa: PLC0415 - skips where it is not installed
    from vtuber import home  # noqa: PLC0415
    from vtuber.adapters.model.embedded_process import EmbeddedProcess  # noqa: PLC0415
    from vtuber.adapters.model.embedded_server import Launch  # noqa: PLC0415
    from vtuber.adapters.model.weights import find_weights, has_weights  # noqa: PLC0415

    if not has_weights():
        pytest.skip("no weights on this machine")
    # Without a graphics card the other language's prompt takes longer to read than a live viewer would wait.
    monkeypatch.setitem(wired._DEADLINES, "fast", proxy.PATIENT)
    monkeypatch.setattr("vtuber.stages.generate._TURN_S", 110.0)
    asked_in = {
        "ja": ["好きな食べ物は何?", "雨の日は何をしてる?", "今日はどんな一日だった?"],
        "en": ["what do you do on a rainy night?", "what is your favourite food?", "how was your day?"],
    }
    weights = str(find_weights(None, home.cache()))
    launch = Launch(model=weights, api_key="", tokens_per_slot=2048, chat_template="")
    process = EmbeddedProcess(launch, log=tmp_path / "llama")
    llama = await process.running("show")
    server, url = await proxy.started(llama, tmp_path / "proxy")
    try:
        model = f"ollama/local/m@{url}"
        plain = Thinking(asks_first=False)  # so small a model asks for help where it need not
        patient = Attention(idle_s=600, max_age_s=600)
        async with LiveShow(
            tmp_path, Models(fast=model, deep=model), character="efu", thinking=plain, attention=patient
        ) as show:
            await show.until(Loading, lambda one: one.state == "ready" and one.tier == "deep", within=240)
            for language, questions in asked_in.items():
                for question in questions:  # so small a model now and then says only what she may not say
                    heard = await show.heard(await show.write(question, name="hana"), within=120)
                    spoken = [one for one in show.of(Performed) if one.text in heard]
                    print(question, heard)  # noqa: T201 - for who runs it
                    assert {one.language for one in spoken} == {language}
                    if {one.source for one in spoken} == {"fast"}:
                        break
                else:
                    pytest.fail(f"no answer of the model's own was heard in {language}")
        calls = show.of(Generated)
        print(json.dumps([(one.first_token_ms, one.total_ms, one.tokens, one.stop, one.refused) for one in calls]))  # noqa: T201
        assert isinstance(show.events[-1], Closed)
    finally:
        server.terminate()
        await server.wait()
        await process.leave("show")
