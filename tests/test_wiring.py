import asyncio
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from vtuber import persona, wiring
from vtuber.adapters.model.scripted import Scripted
from vtuber.errors import UserMistake
from vtuber.events import Chat, Event, Interrupt
from vtuber.journal import encode
from vtuber.wiring.replaying import _models


def options(tmp_path: Path, **more: object) -> wiring.Options:
    log = tmp_path / "log.jsonl"
    rows = [
        encode(Chat(id=f"t:x:{i}", at_ms=i * 9000, platform="t", viewer_id="t:1", text=f"hello {i}?")) for i in range(4)
    ]
    log.write_bytes(b"\n".join(rows) + b"\n")
    folder = tmp_path / "run"
    folder.mkdir()
    return wiring.Options(log=log, folder=folder, home=tmp_path, character="efu", **more)  # type: ignore[arg-type]


def test_every_shipped_character_has_a_guard_that_lets_her_own_lines_pass():
    for name, folder in persona.characters([persona.shipped()]).items():
        who = persona.load(folder)
        guard = wiring.guard_for(who)
        own = [
            line
            for lines in (who.lines.opening, who.lines.closing, who.lines.holding)
            for some in lines.values()
            for line in some
        ]
        own += [pair.she for pairs in who.examples.values() for pair in pairs]
        assert [line for line in own if not guard.check(line).ok] == [], name


def test_the_shipped_scale_tells_a_greeting_from_a_hard_question():
    scale = wiring.difficulty()
    assert scale("hello!") < 0.2
    assert scale("Why is it colder on a mountain although it is nearer to the sun? Explain step by step.") > 0.8


def test_taps_see_every_event_that_the_journal_holds(tmp_path: Path):
    seen: list[Event] = []
    wiring.play(options(tmp_path, instant=True), taps=(seen.append,))
    assert len((tmp_path / "run" / "journal.jsonl").read_bytes().splitlines()) == len(seen)


def test_a_run_that_would_overwrite_its_own_log_is_refused(tmp_path: Path):
    chosen = options(tmp_path, instant=True)
    journal = chosen.folder / "journal.jsonl"
    journal.write_bytes(chosen.log.read_bytes())
    with pytest.raises(UserMistake, match="overwritten"):
        wiring.play(wiring.Options(log=journal, folder=chosen.folder, home=tmp_path, character="efu", instant=True))


@pytest.mark.real
@pytest.mark.skipif(os.name == "nt", reason="a signal cannot be sent to oneself there")
def test_the_first_ctrl_c_ends_a_show_on_real_voices_and_stores_in_order(tmp_path: Path):
    seen: list[Event] = []

    def tap(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Chat):
            os.kill(os.getpid(), signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    wiring.play(options(tmp_path, model="scripted", sound=False, live_view=False), taps=(tap,))
    assert [event.op for event in seen if isinstance(event, Interrupt)] == ["stop"]
    last = json.loads((tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["kind"], last["reason"]) == ("closed", "stopped")
    assert (tmp_path / "run" / "memory" / "efu.sqlite").exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_scripted_parts_need_no_weights(tmp_path: Path):
    async def models() -> bool:
        async with _models(options(tmp_path, model="scripted")) as cast:
            return all(len(tier) == 1 and isinstance(tier[0], Scripted) for tier in (cast.fast, cast.deep))

    assert asyncio.run(models())
    assert not wiring.Options(log=tmp_path, folder=tmp_path, home=tmp_path, character="efu", instant=True).uses_weights
