"""Takes terminal escape sequences out of a stream."""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]?)?")


class Escapes:
    """Remembers the beginning of a sequence between chunks; one cut off by the end of the stream is dropped."""

    def __init__(self) -> None:
        self.begun = ""

    def strip(self, text: str) -> str:
        """Give a chunk without escape sequences."""
        if not self.begun and "\x1b" not in text:
            return text
        text = self.begun + text
        last = text.rfind("\x1b")
        found = _ESCAPE.match(text, last) if last >= 0 else None
        self.begun = found[0] if found and found.end() == len(text) else ""
        return _ESCAPE.sub("", text)
