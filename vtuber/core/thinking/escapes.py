"""Takes out of a stream what nobody sees: terminal escape sequences and invisible characters."""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]?)?")
_JOINER: Final = "\u200d"  # of pictures; behind a plain letter it joins nothing
_UNSEEN: Final = re.compile(
    rf"[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    rf"|(?<=[\x00-\x7f]){_JOINER}+"
)


class Escapes:
    """Remembers the beginning of a sequence between chunks; one cut off by the end of the stream is dropped."""

    def __init__(self) -> None:
        self.begun = ""
        self._last = " "

    def strip(self, text: str) -> str:
        """Give a chunk without them."""
        if not self.begun and "\x1b" not in text:
            return self._seen(text)
        text = self.begun + text
        last = text.rfind("\x1b")
        found = _ESCAPE.match(text, last) if last >= 0 else None
        self.begun = found[0] if found and found.end() == len(text) else ""
        return self._seen(_ESCAPE.sub("", text))

    def _seen(self, text: str) -> str:
        if text.isascii():
            self._last = text[-1:] or self._last
            return text
        shown = _UNSEEN.sub("", self._last + text)[len(self._last) :]
        self._last = shown[-1:] or self._last
        return shown
