"""The items of a long JSON array, cut out of a text that comes in pieces: neither text nor array is ever held whole."""

import re
from collections.abc import Iterator

_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)  # what stands inside a string
_WHOLE = rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"%s)*+'
_TO_BRACKET = re.compile(rb'[^"{}\[\]]*+' + _WHOLE % rb'[^"{}\[\]]*+', re.DOTALL)
_TO_MARK = re.compile(rb'[^"{}\[\],]*+' + _WHOLE % rb'[^"{}\[\],]*+', re.DOTALL)
_KEY_BYTES = 1000  # a longer text before a value is no key that is looked for


class Items:
    """Gives the items of the array that a JSON text is or, with `key`, of the array under that key of its object.

    Fed with pieces of the text (UTF-8, cut anywhere), it gives each item's bytes as soon as it is complete, and passes
    over everything else. An item longer than `longest` bytes is given as b"". Nothing is checked but brackets and
    strings: an item may not be valid JSON.
    """

    def __init__(self, key: str = "", *, longest: int = 16 * 1024 * 1024) -> None:
        self.found = False  # whether the array has begun
        self.ended = False  # whether it is over, or can no longer come
        self._key = re.compile(rb'\s*"' + re.escape(key.encode()) + rb'"\s*:\s*') if key else None
        self._longest = longest
        self._depth = 0  # of the brackets that are open
        self._level = 1  # at this depth a comma ends an item, or a key with its value
        self._in_string = False
        self._escaped = False  # the last piece ended with the backslash of a string
        self._kept = bytearray()  # of the item so far, from earlier pieces
        self._unwanted = False  # what is kept grew too long, or is of no interest

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take the next piece and give the items that it completes."""
        at, begun, size = 0, 0, len(piece)
        if self._escaped and size:
            at, self._escaped = 1, False
        while at < size and not self.ended:
            if self._in_string:
                at = self._within_string(piece, at)
                continue
            to = _TO_MARK if self._depth <= self._level else _TO_BRACKET
            at = _end(to, piece, at)
            if at == size:
                break
            mark, at = piece[at : at + 1], at + 1
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                begun = self._opened(mark, piece, begun, at)
            elif mark in b"]}":
                yield from self._closed(piece[begun : at - 1])
            else:
                yield from self._parted(piece[begun : at - 1])
                begun = at
        if not self.ended:
            self._keep(piece[begun:])

    def end(self) -> Iterator[bytes]:
        """Give what is left of a text that broke off within the array."""
        if self.found and not self.ended:
            yield from self._item(b"", last=True)
        self.ended = True

    def _within_string(self, piece: bytes, at: int) -> int:
        at = _end(_STRING, piece, at)
        if at < len(piece):
            self._escaped = piece[at : at + 1] == b"\\"
            self._in_string = self._escaped
        return at + 1

    def _opened(self, mark: bytes, piece: bytes, begun: int, at: int) -> int:
        """Go one bracket deeper; give where in the piece the item begins."""
        if self._depth == 0:
            self.found = mark == b"[" and self._key is None
            fits = self.found or (mark == b"{" and self._key is not None)
            self.ended = not fits or bool((self._kept + piece[begun : at - 1]).strip())
            begun = self._afresh(at)
        elif self._depth == 1 and self._key is not None and not self.found:
            self._keep(piece[begun : at - 1])
            if mark == b"[" and not self._unwanted and self._key.fullmatch(self._kept):
                self.found, self._level = True, 2
                begun = self._afresh(at)
            else:
                self._unwanted = True
        self._depth += 1
        return begun

    def _closed(self, rest: bytes) -> Iterator[bytes]:
        self._depth -= 1
        if self.found and self._depth == self._level - 1:
            self.ended = True
            yield from self._item(rest, last=True)
        elif self._depth <= 0:
            self.ended = True

    def _parted(self, rest: bytes) -> Iterator[bytes]:
        if self._depth == 0:
            self.ended = True
        elif self.found:
            yield from self._item(rest, last=False)
        else:
            self._afresh(0)

    def _item(self, rest: bytes, *, last: bool) -> Iterator[bytes]:
        self._keep(rest)
        item, lost = bytes(self._kept).strip(), self._unwanted
        self._afresh(0)
        if item or lost or not last:
            yield b"" if lost else item

    def _afresh(self, at: int) -> int:
        self._kept.clear()
        self._unwanted = False
        return at

    def _keep(self, rest: bytes) -> None:
        if self._unwanted:
            return
        limit = self._longest if self.found else _KEY_BYTES
        if len(self._kept) + len(rest) > limit:
            self._unwanted = True
            self._kept.clear()
        else:
            self._kept += rest


def _end(pattern: re.Pattern[bytes], piece: bytes, at: int) -> int:
    found = pattern.match(piece, at)
    return found.end() if found else at
