"""Where things lie: the data home with its characters, its memory and its runs."""

import os
import sys
from datetime import datetime
from pathlib import Path

from vtuber.errors import UserMistake

VARIABLE = "VTUBER_HOME"
CACHE_VARIABLE = "VTUBER_CACHE"


def find(given: Path | None = None) -> Path:
    """Give the data home: as given, else VTUBER_HOME, else here if it has characters, else the user's data folder."""
    if given is not None:
        return given
    if named := os.environ.get(VARIABLE):
        return Path(named)
    here = Path.cwd()
    return here if (here / "characters").is_dir() else _user_data() / "vtuber"


def cache() -> Path:
    """Give the folder for large files that can be made again: VTUBER_CACHE, else the user's cache folder."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "vtuber" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "vtuber"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "vtuber"


def new_run(home: Path, out: Path | None, now: datetime) -> Path:
    """Make the folder of a run, runs/<time> unless `out` names one. Raises UserMistake where nothing can be written."""
    folder = out or home / "runs" / now.strftime("%Y%m%d-%H%M%S")
    number = 1
    while out is None and folder.exists():
        number += 1
        folder = home / "runs" / f"{now.strftime('%Y%m%d-%H%M%S')}-{number}"
    if (folder / "journal.jsonl").exists():
        raise UserMistake(f"{folder} already holds a run. Name another folder with --out, or go on with it: --resume.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise UserMistake(
            f"The run cannot be recorded in {folder}: {why}. Choose another place with --out, or mend its permissions."
        ) from error
    return folder


def point_latest(run: Path) -> None:
    """Let runs/latest point to this run; a system that allows no links gets a file that holds the run's name."""
    latest = run.parent / "latest"
    try:
        if latest.is_symlink() or latest.is_file():
            latest.unlink()
        if latest.exists():
            return
        try:
            latest.symlink_to(run.name, target_is_directory=True)
        except OSError:
            latest.write_text(f"{run.name}\n", encoding="utf-8")
    except OSError:
        return  # a convenience only: the run itself is safe


def run_folder(named: Path, home: Path) -> Path:
    """Give the folder of a run as a person names it: here or in the data home, and what runs/latest stands for."""
    found = named if named.exists() else home / named
    if found.is_file():  # where a system allows no links, latest is a file that holds the run's name
        return found.with_name(found.read_text(encoding="utf-8").strip())
    return found.resolve() if found.is_symlink() else found


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home()))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
