"""The shape of the house: mirrored tests, short files, imports that only go down, and nothing that the rules forbid."""

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "vtuber").rglob("*.py"))
WITHOUT_A_TEST_FILE = {"__init__.py": "names a package", "vtuber/__main__.py": "one call; tests/test_docs.py starts it"}
TASKS_WITH_A_PARENT = {
    "vtuber/channel.py": "_any() awaits and cancels its own"
}  # elsewhere only a TaskGroup makes tasks
BORDERS = ("vtuber/supervisor.py", "vtuber/cli/", "vtuber/cli.py")  # where a broad except may stand

Parsed = tuple[str, str, ast.Module]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> Parsed:
    text = path.read_text(encoding="utf-8")
    return name_of(path), text, ast.parse(text)


def each_source(test: Callable[[Parsed], None]) -> Callable[[Parsed], None]:
    return pytest.mark.parametrize("source", [pytest.param(path, id=name_of(path)) for path in SOURCES])(
        lambda source: test(parsed(source))
    )


def of_kind(tree: ast.AST, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def lines_of(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def spelled(node: ast.AST) -> str:
    return ast.unparse(node)


def test_each_source_file_has_its_test_file():
    lacking = []
    for path in SOURCES:
        name = name_of(path)
        if path.name in WITHOUT_A_TEST_FILE or name in WITHOUT_A_TEST_FILE:
            continue
        inside = path.relative_to(ROOT / "vtuber")
        if not (ROOT / "tests" / inside.parent / f"test_{inside.name}").exists():
            lacking.append(name)
    assert not lacking


@each_source
def test_a_file_opens_with_what_it_is_for_and_stays_short(source: Parsed):
    name, text, tree = source
    opening = ast.get_docstring(tree)
    assert opening, f"{name} does not say what it is for"
    assert opening.split("\n\n")[0].rstrip().endswith((".", ":")), f"{name}: the first line is no sentence"
    length = len(text.splitlines())
    assert length <= 400, f"{name} has {length} lines"
    if length > 300:
        warnings.warn(f"{name} has {length} lines: split it by its reasons to exist", FileIsLong, stacklevel=1)


class FileIsLong(UserWarning):
    """A file above 300 lines, below the hard limit of 400."""


@each_source
def test_functions_and_classes_stay_short(source: Parsed):
    name, _, tree = source
    for node in of_kind(tree, ast.FunctionDef, ast.AsyncFunctionDef):
        assert lines_of(node) <= 60, f"{name}: {node.name} has {lines_of(node)} lines"  # type: ignore[attr-defined]
    for node in of_kind(tree, ast.ClassDef):
        assert lines_of(node) <= 150, f"{name}: {node.name} has {lines_of(node)} lines"  # type: ignore[attr-defined]


@each_source
def test_every_task_has_a_parent(source: Parsed):
    name, _, tree = source
    if name in TASKS_WITH_A_PARENT:
        return
    for call in of_kind(tree, ast.Call):
        called = spelled(call.func)  # type: ignore[attr-defined]
        orphan = called in {"asyncio.create_task", "asyncio.ensure_future", "create_task", "ensure_future"}
        orphan |= called.endswith("loop().create_task") or called.endswith("loop.create_task")
        assert not orphan, f"{name}:{call.lineno}: {called}: make it in a TaskGroup"  # type: ignore[attr-defined]


@each_source
def test_a_broad_except_stands_only_at_a_border_or_gives_its_reason(source: Parsed):
    name, text, tree = source
    if name.startswith(BORDERS):
        return
    for clause in of_kind(tree, ast.ExceptHandler):
        caught = spelled(clause.type) if clause.type else ""  # type: ignore[attr-defined]
        broad = not caught or re.search(r"\b(Exception|BaseException)\b", caught)
        line = text.splitlines()[clause.lineno - 1]  # type: ignore[attr-defined]
        reasoned = re.search(r"# noqa: [A-Z0-9, ]+ - \w+", line)
        assert not broad or reasoned, f"{name}:{clause.lineno}: a broad except without a reason"  # type: ignore[attr-defined]


@each_source
def test_a_stream_is_consumed_under_aclosing(source: Parsed):
    name, _, tree = source
    for loop in of_kind(tree, ast.AsyncFor):
        direct = isinstance(loop.iter, ast.Call)  # type: ignore[attr-defined]
        assert not direct, f"{name}:{loop.lineno}: give the stream a name: async with aclosing(…) as stream"  # type: ignore[attr-defined]


@each_source
def test_no_file_holds_state(source: Parsed):
    name, _, tree = source
    assert not list(of_kind(tree, ast.Global)), f"{name} uses global"
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        empty = isinstance(value, ast.List | ast.Dict) and not list(ast.iter_child_nodes(value))[1:]
        empty = empty and not (getattr(value, "elts", None) or getattr(value, "keys", None))
        made = isinstance(value, ast.Call) and spelled(value.func) in {"list", "dict", "set", "deque", "defaultdict"}
        assert not (empty or (made and not value.args)), (
            f"{name}:{statement.lineno}: an empty container at module level"
        )


@each_source
def test_the_core_takes_time_and_chance_as_arguments(source: Parsed):
    name, _, tree = source
    if not name.startswith("vtuber/core/"):
        return
    outside = {"asyncio", "io", "os", "pathlib", "random", "socket", "sqlite3", "subprocess", "threading", "time"}
    for node in of_kind(tree, ast.Import, ast.ImportFrom):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]  # type: ignore[attr-defined]
        for module in modules:
            assert module.split(".")[0] not in outside, f"{name}:{node.lineno}: the core may not import {module}"  # type: ignore[attr-defined]
    for call in of_kind(tree, ast.Call):
        called = spelled(call.func)  # type: ignore[attr-defined]
        clock = called in {"open", "datetime.now", "datetime.datetime.now", "date.today", "uuid.uuid4", "uuid4"}
        assert not clock, f"{name}:{call.lineno}: the core may not call {called}"  # type: ignore[attr-defined]


def test_imports_only_go_down():
    floors = Path(sys.executable).with_name("lint-imports.exe" if sys.platform == "win32" else "lint-imports")
    told = subprocess.run([floors, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_nothing_here_names_a_machine_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    # In halves, so that this file does not name them either.
    hosts = ["pypi" + ".org", "python" + "hosted", "debian" + ".org", "npmjs" + ".org", "hugging" + "face.co/api"]
    places = ["/wo" + "rk/", "/root" + "/", "/opt/" + "pypi", "house" + ".md", "CEO" + "'s"]
    forbidden = re.compile("|".join(map(re.escape, hosts + places)).encode())
    found = []
    for name in filter(None, listed.stdout.decode().split("\n")):
        path = ROOT / name
        if path.is_file() and (named := forbidden.search(path.read_bytes())):
            found.append(f"{name}: {named[0].decode()}")
    assert not found


@pytest.mark.parametrize("script", ["demo", "test", "check"])
def test_a_script_is_plain_python_that_an_older_one_can_read_up_to_its_clear_refusal(script: str):
    path = ROOT / "scripts" / script
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env python3\n")
    assert len(text.splitlines()) <= 80
    tree = ast.parse(text, feature_version=(3, 7))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    refusal = next(node for node in tree.body if isinstance(node, ast.If))
    assert spelled(refusal.test) == "sys.version_info < (3, 11)"
    assert [spelled(node) for node in imports if node.lineno < refusal.lineno] == ["import sys"]
