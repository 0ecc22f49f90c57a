"""Reads the header of a harmony message: who speaks, on which channel, to whom."""

import re
from typing import Final, Literal, TypeAlias

import msgspec

Way: TypeAlias = Literal["thought", "content", "hidden"]

_RECIPIENT: Final = re.compile(r"(?:^|\s)to=(\S+)")
_WAYS: Final[dict[str, Way]] = {
    "final": "content",
    "commentary": "content",
    "analysis": "thought",
    **dict.fromkeys(("thinking", "thought", "think", "reasoning", "reflection"), "thought"),
}
_HEADS: Final = ("assistant", "analysis", "commentary", "final", "to=")
_SUNK: Final = re.compile(r"analysis|commentary|final\Z")
_VIEWERS: Final = ("user", "all")
_WORD: Final = re.compile(r"\s*([A-Za-z_]+)")
_NAMED: Final = re.compile(r"\s*(?:analysis|commentary|final)(?![A-Za-z_])", re.IGNORECASE)


class Header(msgspec.Struct, frozen=True):
    """A header as read so far. `channel` is None before its token."""

    role: str = ""
    channel: str | None = None
    format: str | None = None  # after <|constrain|>
    started: bool = False  # whether a start token, and so a role, came before it
    loose: bool = False  # plain text may stand here instead of a header
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
            return self.loose and not _may_head(self.role)
        if self.started or self.format is not None:
            return False
        word = _WORD.match(self.channel)
        if word is None:
            return bool(self.channel.strip()) and not self.channel.strip().startswith("to=")
        name = word[1].lower()
        if closing and word.end() == len(self.channel):  # no channel, and no beginning of one
            return not any(known.startswith(name) for known in _WAYS)
        after = self.channel[word.end() : word.end() + 1]
        return bool(after) and name not in _WAYS and not (word[1].islower() and after.isascii())

    def way(self) -> Way:
        """Say where the message belongs: an unknown channel, another speaker or a tool is hidden."""
        known = [word for word in self.role.split() if not word.startswith("to=")][:1] in ([], ["assistant"])
        if self.started and not known:
            return "hidden"
        named = _RECIPIENT.search(f"{self.role} {self.channel or ''}")
        recipient = named[1] if named else ""
        if recipient == "self":
            return "thought"
        if recipient and recipient not in _VIEWERS:
            return "hidden"
        if self.channel is None:
            return "content" if known else "thought"
        channel = self.channel.split()[:1]
        return _WAYS.get(channel[0].lower(), "hidden") if channel and not channel[0].startswith("to=") else "thought"

    def unfinished(self) -> tuple[Way, str]:
        """Read a header whose message token never came: the channel's name, then the text."""
        head = self.role if self.channel is None else self.channel
        named = _NAMED.match(head)
        if named is not None:
            return msgspec.structs.replace(self, channel=named[0]).way(), head[named.end() :]
        if self.channel is not None or self.role.strip() in ("", "assistant"):
            return "hidden", ""
        return "thought", self.role


def _may_head(text: str) -> bool:
    """Say whether text may be, or become, a role, a channel and a recipient: `assistant to=NAME`."""
    words = text.lower().split()
    if words and _SUNK.match(words[0]):  # a channel whose tokens were taken out
        return True
    return len(words) <= 2 and all(  # noqa: PLR2004 - a role and a recipient
        any(head.startswith(word) for head in _HEADS) or word.startswith("to=") for word in words
    )
