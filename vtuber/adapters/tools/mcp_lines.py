"""UTF-8 of lines that end: a line is kept in memory until its end comes, so one without an end is broken off."""

import codecs
from encodings.utf_8 import IncrementalDecoder
from typing import Any, Final

NAME: Final = "utf_8_of_lines_that_end"  # as the SDK is told it: its reader knows no limit, but any encoding
MOST: Final = 2_000_000  # characters of a line: an answer may hold pictures, which are left out later
_UTF_8: Final = codecs.lookup("utf-8")


class Decoder(IncrementalDecoder):
    """Counts the characters since the last end of a line. Raises ConnectionAbortedError where there are too many."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._since = 0

    def decode(self, input: Any, final: bool = False) -> str:  # noqa: A002, FBT001, FBT002 - as codecs has it
        """Give the text of the next bytes."""
        text = super().decode(input, final)
        _, end, rest = text.rpartition("\n")
        self._since = len(rest) + (0 if end else self._since)
        if self._since > MOST:
            raise ConnectionAbortedError(f"a line of more than {MOST} characters")
        return text


def _found(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(_UTF_8.encode, _UTF_8.decode, incrementaldecoder=Decoder) if name == NAME else None


codecs.register(_found)
