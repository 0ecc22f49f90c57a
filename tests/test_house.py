"""The shape of the house: mirrored tests, short files, imports that only go down, and nothing that the rules forbid."""

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_A_TEST_FILE = {"__init__.py": "names a package", "vtuber/__main__.py": "one call; tests/test_docs.py starts it"}
TASKS_WITH_A_PARENT = {
    "vtuber/channel.py": "_any() awaits and cancels its own"
}  # elsewhere only a TaskGroup makes tasks
BORDERS = ("vtuber/supervisor.py", "vtuber/cli/", "vtuber/cli.py")  # where a broad except may stand


class Source:
    """One file of the package."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.tree = ast.parse("\n".join(self.lines))

    def all(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))


SOURCES = [Source(path) for path in sorted((ROOT / "vtuber").rglob("*.py"))]


def length(node: Any) -> int:
    return int(node.end_lineno) - int(node.lineno) + 1


def has_code(source: Source) -> bool:
    return any(source.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def test_each_source_file_has_its_test_file():
    """Files of data alone need none; a package that shows itself as one thing may be tested as one."""
    one_thing = {source.path.parent for source in SOURCES if source.path.name == "__init__.py" and source.tree.body[1:]}
    lacking = []
    for source in SOURCES:
        inside = source.path.relative_to(ROOT / "vtuber")
        mirrors = [ROOT / "tests" / inside.parent / f"test_{inside.name}"]
        if source.path.parent in one_thing - {ROOT / "vtuber"}:
            mirrors.append(ROOT / "tests" / inside.parent.parent / f"test_{inside.parent.name}.py")
        exempt = {inside.name, source.name} & set(WITHOUT_A_TEST_FILE)
        if has_code(source) and not exempt and not any(mirror.exists() for mirror in mirrors):
            lacking.append(source.name)
    assert not lacking, "\n".join(lacking)


def test_a_file_opens_with_what_it_is_for():
    openings = {source.name: (ast.get_docstring(source.tree) or "").split("\n\n")[0].strip() for source in SOURCES}
    assert not [name for name, opening in openings.items() if not opening.endswith((".", ":"))]


@pytest.mark.filterwarnings("always::UserWarning")
def test_files_functions_and_classes_stay_short():
    faults = [f"{source.name}: {len(source.lines)} lines" for source in SOURCES if len(source.lines) > 400]
    for source in SOURCES:
        for limit, kinds in ((60, (ast.FunctionDef, ast.AsyncFunctionDef)), (150, (ast.ClassDef,))):
            long = (node for node in source.all(*kinds) if length(node) > limit)
            faults += [f"{source.name}: {node.name} has {length(node)} lines" for node in long]
    assert not faults, "\n".join(faults)
    for source in SOURCES:
        if len(source.lines) > 300:
            warnings.warn(f"{source.name} has {len(source.lines)} lines: split it before 400", stacklevel=1)


def test_every_task_has_a_parent():
    faults = []
    for source in SOURCES:
        for call in source.all(ast.Call):
            called = ast.unparse(call.func)
            orphan = called.endswith(("loop().create_task", "loop.create_task", "ensure_future"))
            orphan |= called in {"asyncio.create_task", "create_task"}
            if orphan and source.name not in TASKS_WITH_A_PARENT:
                faults.append(f"{source.name}:{call.lineno}: {called}: make it in a TaskGroup")
    assert not faults, "\n".join(faults)


def test_a_broad_except_stands_only_at_a_border_or_gives_its_reason():
    faults = []
    for source in SOURCES:
        for clause in source.all(ast.ExceptHandler):
            caught = ast.unparse(clause.type) if clause.type else ""
            broad = not caught or re.search(r"\b(Exception|BaseException)\b", caught)
            reasoned = re.search(r"# noqa: [A-Z0-9, ]+ - \w+", source.lines[clause.lineno - 1])
            if broad and not reasoned and not source.name.startswith(BORDERS):
                faults.append(f"{source.name}:{clause.lineno}: {caught or 'everything'}")
    assert not faults, "\n".join(faults)


def test_a_stream_is_consumed_under_aclosing():
    direct = [
        f"{source.name}:{loop.lineno}: give it a name: async with aclosing(…) as stream"
        for source in SOURCES
        for loop in source.all(ast.AsyncFor)
        if isinstance(loop.iter, ast.Call)
    ]
    assert not direct, "\n".join(direct)


def test_no_file_holds_state():
    faults = [f"{source.name}: global" for source in SOURCES for _ in source.all(ast.Global)]
    for source in SOURCES:
        for statement in source.tree.body:
            value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
            written = ast.unparse(value) if value else ""
            if re.fullmatch(r"\[\]|\{\}|(list|dict|set|deque|defaultdict)\(\w*\)", written):
                faults.append(f"{source.name}:{statement.lineno}: an empty container at module level: {written}")
    assert not faults, "\n".join(faults)


def test_the_core_takes_time_and_chance_as_arguments():
    outside = {"asyncio", "io", "os", "pathlib", "random", "socket", "sqlite3", "subprocess", "threading", "time"}
    calls = {"open", "datetime.now", "datetime.datetime.now", "date.today", "uuid.uuid4", "uuid4"}
    faults = []
    for source in SOURCES:
        if not source.name.startswith("vtuber/core/"):
            continue
        modules = [(node.lineno, node.module or "") for node in source.all(ast.ImportFrom)]
        modules += [(node.lineno, alias.name) for node in source.all(ast.Import) for alias in node.names]
        faults += [f"{source.name}:{line}: imports {name}" for line, name in modules if name.split(".")[0] in outside]
        called = [(call.lineno, ast.unparse(call.func)) for call in source.all(ast.Call)]
        faults += [f"{source.name}:{line}: calls {name}" for line, name in called if name in calls]
    assert not faults, "\n".join(faults)


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
    assert not found, "\n".join(found)


@pytest.mark.parametrize("script", ["demo", "test", "check"])
def test_a_script_is_plain_python_that_an_older_one_can_read_up_to_its_clear_refusal(script: str):
    path = ROOT / "scripts" / script
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env python3\n")
    assert len(text.splitlines()) <= 80
    tree = ast.parse(text, feature_version=(3, 7))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    refusal = next(node for node in tree.body if isinstance(node, ast.If))
    assert ast.unparse(refusal.test) == "sys.version_info < (3, 11)"
    assert [ast.unparse(node) for node in imports if node.lineno < refusal.lineno] == ["import sys"]
