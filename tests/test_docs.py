"""Every command that the READMEs show does what it says, in the order in which a reader would type them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ja.md")
NOT_RUN = {
    "python scripts/test": "it is what runs this test",
    "source .venv/bin/activate": "it changes a person's shell; the commands below it run from that .venv",
}
INSTEAD = {"python scripts/demo": "python scripts/demo --scripted"}  # without the 1.5 GB
NEEDS_REAL_PARTS = ("--speed", "memory-of-my-show")  # the second looks at what the first remembered
LOG = "".join(
    f"@badge-info=;badges=;color=;display-name={name};emotes=;id=00000000-0000-4000-8000-{number:012};mod=0;room-id=1;"
    f"subscriber=0;tmi-sent-ts={1_700_000_000_000 + number * 4000};turbo=0;user-id={len(name)};user-type= "
    f":{name.lower()}!{name.lower()}@{name.lower()}.tmi.twitch.tv PRIVMSG #efu :{text}\r\n"
    for number, (name, text) in enumerate(
        [
            ("Alice", "hello, good evening!"),
            ("Kenta_1", "こんばんは、はじめまして"),
            ("Alice", "what did you have for dinner?"),
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
    """Give a folder as a reader's: with a log, and without anything of ours but the characters."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "my-stream.log").write_text(LOG, encoding="utf-8", newline="")
    return folder


def run(command: str, desk: Path) -> subprocess.CompletedProcess[str]:
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
    heard = {"capture_output": True, "encoding": "utf-8", "errors": "replace"}
    return subprocess.run(words, cwd=desk, env=environment, check=False, timeout=280, **heard)


def cases() -> list[object]:
    return [
        pytest.param(
            command, id=command, marks=[pytest.mark.real] if any(part in command for part in NEEDS_REAL_PARTS) else []
        )
        for command in commands("README.md")
        if command not in NOT_RUN
    ]


@pytest.mark.parametrize("command", cases())
def test_a_command_of_the_readme_works(command: str, desk: Path):
    done = run(command, desk)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.strip(), "it said nothing"
    assert "Traceback" not in done.stderr


def test_both_readmes_show_the_same_commands_and_every_exception_is_still_needed():
    english, japanese = (commands(readme) for readme in READMES)
    assert english == japanese
    assert len(english) >= 8
    assert {*NOT_RUN, *INSTEAD} <= set(english)


@pytest.mark.parametrize("readme", READMES)
def test_what_a_readme_points_to_is_there(readme: str):
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


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
    done = run(f"python scripts/demo --scripted --out {shlex.quote(str(desk / 'promised'))}", desk)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert not [name for name in promised if not (desk / "promised" / name).exists()]
