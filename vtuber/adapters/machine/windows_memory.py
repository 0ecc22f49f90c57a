"""Memory on Windows: GlobalMemoryStatusEx, and what the registry says of graphics cards that are not NVIDIA's."""

import ctypes
import sys
from typing import ClassVar

_CARDS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
_MOST_CARDS = 16
_SMALLEST = 2 * 1024**3  # bytes: less is a part of main memory that a built-in chip has taken
_IN_USE = 1024**3  # bytes: what the desktop takes, since the registry does not say what is free


class MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX as Windows fills it."""

    _fields_: ClassVar = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *(
            (name, ctypes.c_uint64)
            for name in (
                "total", "available", "total_page_file", "available_page_file",
                "total_virtual", "available_virtual", "available_extended",
            )
        ),
    ]  # fmt: skip


def ram() -> tuple[int, int]:
    """Give (all, available) bytes of main memory. Raises OSError."""
    if sys.platform != "win32":
        raise OSError("This is not Windows.")
    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise ctypes.WinError()
    return int(status.total), int(status.available)


def graphics() -> tuple[int, int]:
    """Give (all, probably free) bytes of the largest graphics card, (0, 0) without one of its own memory."""
    return largest(_cards())


def largest(sizes: list[int]) -> tuple[int, int]:
    """Give (all, probably free) bytes of the largest of several cards."""
    most = max(sizes, default=0)
    return (most, most - _IN_USE) if most >= _SMALLEST else (0, 0)


def _cards() -> list[int]:
    if sys.platform != "win32":
        return []
    import winreg  # noqa: PLC0415 - there is none on other systems

    sizes = []
    for number in range(_MOST_CARDS):
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_CARDS}\{number:04d}") as key:
                size, _kind = winreg.QueryValueEx(key, "HardwareInformation.qwMemorySize")
        except OSError:
            continue
        sizes.append(size if isinstance(size, int) else 0)
    return sizes
