"""Every command that the READMEs show does what it says, in the order in which a reader would type them."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.adapters.model.ollama_server import LEVELLED, PLAIN, ollama_running
from vtuber import strict_toml
from vtuber.adapters.controls.keys import FOOTER
from vtuber.cli.app import app
from vtuber.core.model_names import known
from vtuber.core.model_spec import parse
from vtuber.core.settings_text import settings_text
from vtuber.persona import Persona, Pondering
from vtuber.settings import LocalSocket, Models, OneComme, Settings, Sources, Twitch

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ja.md")
PAGES = ("docs/local-websocket.md", "docs/two-minds.md", "docs/tools.md")
NOT_RUN = {
    "python scripts/test": "it is what runs this test",
    "source .venv/bin/activate": "it changes a person's shell; the commands below it run from that .venv",
}
INSTEAD = {"python scripts/demo": "python scripts/demo --scripted"}  # without the 1.5 GB
TYPED = {"vtuber chat": "good evening!\n"}  # on the keyboard; the line's end ends the talk
SEEN = {"--twitch": "twitch: connected", "--onecomme": "onecomme: connected"}  # before Ctrl-C
NEEDS_REAL_PARTS = (
    "--speed",
    "memory-of-my-show",
    "vtuber run",
    "vtuber chat",
)  # the second looks at what the first did
SHORT = "やあ。"  # her greeting and good-bye here: a reader has more time than a test
LOG = "".join(
    f"@badge-info=;badges=;color=;display-name={name};emotes=;id=00000000-0000-4000-8000-{number:012};mod=0;room-id=1;"
    f"subscriber=0;tmi-sent-ts={1_700_000_000_000 + number * 4000};turbo=0;user-id={len(name)};user-type= "
    f":{name.lower()}!{name.lower()}@{name.lower()}.tmi.twitch.tv PRIVMSG #efu :{text}\r\n"
    for number, (name, text) in enumerate(
        [
            ("Alice", "hello, good evening!"),
            ("Kenta_1", "こんばんは、はじめまして"),
            ("Bo", "who found the red umbrella?"),
        ]
    )
)


def commands(readme: str) -> list[str]:
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder as a reader's: with a log, a file of questions, and nothing of ours but the characters."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "my-stream.log").write_text(LOG, encoding="utf-8", newline="")
    (folder / "questions.txt").write_text("What is the brightest star?\n今夜の星は？\n", encoding="utf-8")
    shutil.copytree(ROOT / "characters", folder / "characters")
    brief = shutil.copytree(folder / "characters" / "efu", folder / "characters" / "brief") / "persona.toml"
    told = re.compile(r"(?<=\[lines\.opening\]\nja = )\[.*?\]|(?<=\[lines\.closing\]\nja = )\[.*?\]", re.DOTALL)
    text, changed = told.subn(f'["{SHORT}"]', brief.read_text(encoding="utf-8"))
    assert changed == 2
    brief.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def live(desk: Path) -> Iterator[None]:
    """Put doubles of Ollama, Twitch and OneComme into the reader's settings."""
    peers = [sys.executable, "-m", "tests.soak_peers", "2"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with ollama_running(PLAIN, LEVELLED) as ollama, subprocess.Popen(peers, cwd=ROOT, **pipes) as doubles:
        assert doubles.stdout
        urls = json.loads(doubles.stdout.readline())
        settings = Settings(
            character="brief",
            models=Models(fast="scripted", deep="scripted", ollama=ollama.url),
            sources=Sources(
                twitch=Twitch(url=urls["twitch"]), onecomme=OneComme(url=urls["onecomme"]), local=LocalSocket(port=0)
            ),
        )
        (desk / "vtuber.toml").write_text(settings_text(settings), encoding="utf-8")
        yield
        doubles.communicate()


def started(command: str, desk: Path) -> subprocess.Popen[str]:
    words = shlex.split(INSTEAD.get(command, command))
    of_venv = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{of_venv}{os.pathsep}{os.environ['PATH']}",
        "VTUBER_HOME": str(desk),
        "PYTHONIOENCODING": "utf-8",
    }
    if words[0] == "python":
        words[:2] = [sys.executable, str(ROOT / words[1])]
    elif words[0] == "vtuber":
        words[:1] = [sys.executable, "-m", "vtuber"]
        environment["PYTHONPATH"] = str(ROOT)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        words, cwd=desk, env=environment, encoding="utf-8", errors="replace", **pipes
    )  # fmt: skip


def run(command: str, desk: Path) -> tuple[int, str, str]:
    """Run a command to its end; a live show is ended as a person ends it, once it is seen to be live."""
    with started(command, desk) as child:
        watch = threading.Timer(280, child.kill)
        watch.start()
        seen = ""
        if command.startswith("vtuber run"):
            assert child.stdout
            wanted = next(words for option, words in SEEN.items() if option in command)
            for line in child.stdout:
                seen += line
                if wanted in line:
                    break
            child.send_signal(signal.SIGINT)
        out, err = child.communicate(TYPED.get(command, ""))
        watch.cancel()
        return child.returncode, seen + out, err


def cases() -> list[Any]:
    return [
        pytest.param(
            command, id=command, marks=[pytest.mark.real] if any(part in command for part in NEEDS_REAL_PARTS) else []
        )
        for command in commands("README.md")
        if command not in NOT_RUN
    ]


@pytest.mark.parametrize("command", cases())
def test_a_command_of_the_readme_works(command: str, desk: Path, request: pytest.FixtureRequest):
    if command.startswith(("vtuber run", "vtuber chat", "vtuber ask")):
        request.getfixturevalue("live")
    if command.startswith("vtuber run") and os.name == "nt":
        pytest.skip("a signal cannot be sent there")
    status, out, err = run(command, desk)
    assert status == 0, out[-2000:] + err[-2000:]
    assert out.strip(), "it said nothing"
    assert "Traceback" not in err
    if command.startswith("vtuber run"):
        assert "messages answered" in out
        assert (desk / "runs" / "latest" / "journal.jsonl").is_file()


def test_both_readmes_show_the_same_commands_and_every_exception_is_still_needed():
    english, japanese = (commands(readme) for readme in READMES)
    assert english == japanese
    assert len(english) >= 17
    assert {*NOT_RUN, *INSTEAD, *TYPED} <= set(english)


def in_passing(text: str) -> list[str]:
    """Give the commands that stand in the middle of a sentence or a table, but for patterns such as vtuber COMMAND."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"`(vtuber [^`]+)`", text)
    return [one for one in found if not re.match(r"vtuber (bench )?(COMMAND|コマンド名)", one)]


@pytest.mark.parametrize("file", [*READMES, "CHANGELOG.md", *PAGES])
def test_a_command_named_in_passing_exists_with_its_options(file: str):
    for named in in_passing((ROOT / file).read_text(encoding="utf-8")):
        command: Any = get_command(app)
        for word in shlex.split(named)[1:]:
            inner = command.get_command(None, word) if hasattr(command, "get_command") else None
            command = inner or command
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in shlex.split(named) if word.startswith("-")} <= options, named
        assert not hasattr(command, "get_command") or named == f"vtuber {command.name}", named


def test_every_bench_is_in_the_table():
    bench: Any = get_command(app)
    there = set(bench.get_command(None, "bench").list_commands(None))
    for readme in READMES:
        shown = re.findall(r"^\| `vtuber bench (\w+)", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
        assert set(shown) == there


def test_the_keys_in_a_readme_are_the_keys_there_are():
    keys = re.findall(r"(?:^|· )(\w) ", FOOTER)
    for readme in READMES:
        assert re.findall(r"^\| `(\w)`", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE) == keys


def test_settings_shown_are_settings_there_are_and_the_same_in_both_languages(tmp_path: Path):
    shown = []
    for readme in READMES:
        blocks = re.findall(
            r"^```toml\n(.*?)^```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        (tmp_path / "vtuber.toml").write_text("\n".join(blocks), encoding="utf-8")
        shown.append(strict_toml.load(tmp_path / "vtuber.toml", Settings))
    assert shown[0] == shown[1]
    usual = Settings()
    for table in ("models", "sources", "attention"):
        assert getattr(shown[0], table) != getattr(usual, table)
    assert {parse(shown[0].models.fast).kind, parse(shown[0].models.deep).kind} == {"ollama"}


@pytest.mark.parametrize("readme", READMES)
def test_the_models_to_fetch_are_those_that_auto_takes(readme: str):
    text = (ROOT / readme).read_text(encoding="utf-8")
    fetched = re.findall(r"`(?:ollama pull|lms get) ([^`]+)`", text)
    assert len(fetched) >= 3
    assert all(known(name) for name in fetched)


@pytest.mark.parametrize("page", ["docs/two-minds.md", "docs/tools.md"])
def test_settings_shown_on_a_page_are_settings_there_are(page: str, tmp_path: Path):
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    for number, block in enumerate(blocks):
        shown = tmp_path / f"{number}.toml"
        if "[pondering]" in block:  # of a character's file
            who = (ROOT / "characters" / "efu" / "persona.toml").read_text(encoding="utf-8")
            shown.write_text(f"{who}\n{block}", encoding="utf-8")
            assert strict_toml.load(shown, Persona).pondering != Pondering()
        else:
            shown.write_text(block, encoding="utf-8")
            strict_toml.load(shown, Settings)


def test_every_reason_for_which_a_question_is_refused_is_explained():
    text = (ROOT / "docs" / "two-minds.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    known = (ROOT / "vtuber" / "events.py").read_text(encoding="utf-8")
    reasons = re.search(r"and if not, why: ([\w, ]+)", known)
    assert reasons
    assert told == set(reasons[1].split(", "))


@pytest.mark.parametrize("page", [*READMES, *PAGES])
def test_what_a_page_points_to_is_there(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links or page not in READMES
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("readme", READMES)
def test_the_layout_in_a_readme_is_the_layout_there_is(readme: str):
    text = (ROOT / readme).read_text(encoding="utf-8")
    drawn = re.search(r"^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert drawn
    inside = ROOT
    for line in drawn[1].splitlines():
        name = line.split()[0]
        inside = ROOT / "vtuber" if line.startswith("  ") else ROOT
        assert (inside / name).exists(), name
    stages = {path.stem for path in (ROOT / "vtuber" / "stages").glob("*.py")}
    shown = re.search(r"stages/ +(.+)", drawn[1])
    assert shown
    assert set(shown[1].split(", ")) <= stages


def test_every_file_that_the_readme_promises_of_a_run_is_written_by_the_demo(desk: Path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| file |") : text.index("The other command")]
    first_cells = [row.split("|")[1] for row in table.splitlines()[2:] if row.startswith("|")]
    promised = re.findall(r"`([\w.]+)`", " ".join(first_cells))
    assert len(promised) >= 6
    status, out, err = run(f"python scripts/demo --scripted --out {shlex.quote(str(desk / 'promised'))}", desk)
    assert status == 0, out[-2000:] + err[-2000:]
    assert not [name for name in promised if not (desk / "promised" / name).exists()]
