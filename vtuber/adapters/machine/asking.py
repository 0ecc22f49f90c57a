"""Asks a program of the system one question, and gives its answer or nothing."""

import shutil
import subprocess
from typing import Final

LIMIT_S: Final = 2.0


def answer(program: str, *arguments: str, limit_s: float = LIMIT_S) -> str:
    """Give what a program prints, "" if it is not there, fails, or takes too long (it is then killed). Blocks."""
    found = shutil.which(program)
    if found is None:
        return ""
    try:
        told = subprocess.run(  # noqa: S603 - a program of the system, by its own name
            (found, *arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.decode("utf-8", "replace")
