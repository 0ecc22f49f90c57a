"""Reads the header of a harmony message: who speaks, on which channel, to whom."""

import re
from typing import Final, Literal, TypeAlias

import msgspec

Way: TypeAlias = Literal["thought", "content", "hidden"]

_RECIPIENT: Final = re.compile(r"(?:^|\s)to=(\S+)")
_CHANNELS: Final = ("analysis", "commentary", "final")
_VIEWERS: Final = ("user", "all")
_WORD: Final = re.compile(r"\s*([A-Za-z_]+)")
_NAMED: Final = re.compile(r"\s*(?:analysis|commentary|final)(?![A-Za-z_])", re.IGNORECASE)


class Header(msgspec.Struct, frozen=True):
    """A header as read so far. `channel` is None before its token."""

    role: str = ""
    channel: str | None = None
    format: str | None = None  # after <|constrain|>
    started: bool = False  # whether a start token, and so a role, came before it
    loose: bool = False  # of a family that also writes plain text between messages
    inside: bool = False  # met inside a thought

    def add(self, text: str) -> "Header":
        """Take header text."""
        if self.format is not None:
            return msgspec.structs.replace(self, format=self.format + text)
        if self.channel is not None:
            return msgspec.structs.replace(self, channel=self.channel + text)
        return msgspec.structs.replace(self, role=self.role + text)

    @property
    def text(self) -> str:
        """Everything read, for giving it back as visible text."""
        return self.role + (self.channel or "") + (self.format or "")

    def is_prose(self, *, closing: bool = False) -> bool:
        """Say whether this is no header at all but visible text after a stray token."""
        if self.channel is None:
            return self.loose and not _may_address(self.role)
        if self.started or self.format is not None:
            return False
        word = _WORD.match(self.channel)
        if word is None:
            return bool(self.channel.strip()) and not self.channel.strip().startswith("to=")
        ended = closing or word.end() < len(self.channel)
        after = self.channel[word.end() : word.end() + 1]
        known = word[1].lower() in _CHANNELS
        return ended and not known and not (word[1].islower() and after.isascii())

    def way(self) -> Way:
        """Say where the message belongs. An unknown channel is a thought; another speaker or a tool is hidden."""
        speaker = [word for word in self.role.split() if not word.startswith("to=")][:1]
        if self.started and speaker not in ([], ["assistant"]):
            return "hidden"
        named = _RECIPIENT.search(f"{self.role} {self.channel or ''}")
        recipient = named[1] if named else ""
        channel = (self.channel or "").split()[0].lower() if (self.channel or "").split() else ""
        if recipient == "self":
            return "thought"
        if recipient and recipient not in (*_VIEWERS, "assistant"):
            return "hidden"
        if channel in ("final", "commentary") or (not channel and (recipient in _VIEWERS or self.loose)):
            return "content"
        return "thought"

    def unfinished(self) -> tuple[Way, str]:
        """Read a header whose message token never came: the channel's name, then the text."""
        if self.channel is None:
            return ("hidden" if self.role.strip() in ("", "assistant") else "thought"), self.role
        named = _NAMED.match(self.channel)
        if named is None:
            return "thought", ""
        return msgspec.structs.replace(self, channel=named[0]).way(), self.channel[named.end() :]


def _may_address(text: str) -> bool:
    """Say whether text may be, or become, `assistant to=NAME`."""
    words = text.split()
    return len(words) <= 2 and all(  # noqa: PLR2004 - a role and a recipient
        "assistant".startswith(word) or word.startswith("to=") or "to=".startswith(word) for word in words
    )
