"""Who may come in at the local WebSocket: the token on disk, what a request must show, and the hall before it."""

import hmac
import os
import secrets
import tempfile
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from vtuber.errors import UserMistake

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_LEAST = 16  # characters of a token that a person has chosen
_HALL = 32  # connections without a token at a time


def token(path: Path) -> str:
    """Give the token kept in this file; the first call makes it, readable for its owner alone.

    Raises UserMistake where it can be neither read nor made, or is too short to be one.
    """
    try:
        kept = _read(path) or _made(path)
    except (OSError, UnicodeDecodeError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is not text"
        raise UserMistake(
            f"The token for programs on this machine cannot be kept in {path}: {why}. "
            "Mend the file or its folder's permissions, or turn the local WebSocket off."
        ) from error
    if len(kept) < _LEAST:
        raise UserMistake(f"The token in {path} is shorter than {_LEAST} characters: delete the file for a new one.")
    return kept


def matches(shown: str, right: str) -> bool:
    """Whether the shown token is the right one, in a time that tells nothing about it."""
    return bool(right) and hmac.compare_digest(shown.encode("utf-8", "replace"), right.encode())


class Knock(msgspec.Struct, frozen=True):
    """What a request for a connection says of itself: the values of its headers, and its path with the query."""

    hosts: Sequence[str]
    origins: Sequence[str]
    authorizations: Sequence[str]
    path: str

    def refusal(self, port: int, allowed: Collection[str]) -> str:
        """Say why it may not come in, "" if it may: another machine's name, or a page of a foreign web site."""
        if len(self.hosts) != 1 or self.hosts[0].lower() not in {f"{host}:{port}" for host in _HOSTS}:
            return f"Only this machine is served: connect to ws://127.0.0.1:{port}.\n"
        if self.origins and (len(self.origins) != 1 or self.origins[0] not in allowed):
            return "Web pages are not served, unless the settings name their origin.\n"
        return ""

    @property
    def token(self) -> str:
        """The token in its header or query, "" for none."""
        for value in self.authorizations:
            scheme, _, shown = value.strip().partition(" ")
            if scheme.lower() == "bearer":
                return shown.strip()
        try:
            return parse_qs(urlsplit(self.path).query, max_num_fields=8).get("token", [""])[0]
        except ValueError:
            return ""


class Hall:
    """Connections that have shown no token yet: a newcomer sends the one away that has stood there longest."""

    def __init__(self) -> None:
        self._leave: dict[object, Callable[[], None]] = {}

    def __contains__(self, caller: object) -> bool:
        return caller in self._leave

    def enter(self, caller: object, leave: Callable[[], None]) -> None:
        """Let a caller in; `leave` sends it away."""
        self._leave[caller] = leave
        if len(self._leave) > _HALL:
            self._leave.pop(next(iter(self._leave)))()

    def exit(self, caller: object) -> None:
        """Let a caller out: it has shown its token, or is gone."""
        self._leave.pop(caller, None)

    def clear(self) -> None:
        """Send everyone away."""
        while self._leave:
            self._leave.popitem()[1]()


def _read(path: Path) -> str:
    """Give what the file holds, "" if it is not there or empty; on POSIX, shut others out of it."""
    try:
        kept = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return kept


def _made(path: Path) -> str:
    """Make the file whole or not at all. Of two programs that make it at once, both get the same token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".token-")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_urlsafe(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        _place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return _read(path)


def _place(draft: Path, path: Path) -> None:
    with suppress(OSError):  # another program was faster, or the file system has no links
        path.hardlink_to(draft)
    if not _read(path):
        draft.replace(path)
