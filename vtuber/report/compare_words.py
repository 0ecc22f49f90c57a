"""Two answers with what differs between them marked: words in a text with spaces, characters in one without."""

import difflib
import re
from collections.abc import Sequence

from vtuber.report.markup import Markup, join, tag

_ALIKE = 0.5  # the share of common pieces from which differences are marked
_PIECE = re.compile(r"[A-Za-z0-9'’]+|\s+|.", re.DOTALL)


def differing(before: str, after: str) -> tuple[Markup, Markup]:
    """Give both texts, the first with what is gone in <del>, the second with what is new in <ins>.

    Texts that have little in common are given as they are: marks everywhere would show nothing.
    """
    ours, theirs = _PIECE.findall(before), _PIECE.findall(after)
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return tag("bdi", before), tag("bdi", after)
    blocks = matcher.get_opcodes()
    gone = [_marked("del", ours[a:b], changed=kind != "equal") for kind, a, b, _, _ in blocks]
    new = [_marked("ins", theirs[a:b], changed=kind != "equal") for kind, _, _, a, b in blocks]
    return tag("bdi", *gone), tag("bdi", *new)


def _marked(name: str, pieces: Sequence[str], *, changed: bool) -> Markup:
    text = "".join(pieces)
    return tag(name, text) if changed and text else join(text)
