"""Where an address leads: to this machine, to one nearby, or out into the world."""

import ipaddress
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Place: TypeAlias = Literal["here", "near", "away"]

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def place(url: str) -> Place:
    """Say where an address leads: "here" is this machine, "near" the own network, "away" everything else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return "here"
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "near" if "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa")) else "away"
    if number.is_loopback or number.is_unspecified:
        return "here"
    return "near" if number.is_private or number.is_link_local else "away"


def address(url: str) -> str:
    """Give host and port as they may be shown: without path, name or password."""
    parts = urlsplit(url)
    host = parts.hostname or "?"
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or _PORTS.get(parts.scheme, 0)}"


def same(url: str, other: str) -> bool:
    """Whether two addresses are the same server."""
    return url.rstrip("/").lower() == other.rstrip("/").lower()
