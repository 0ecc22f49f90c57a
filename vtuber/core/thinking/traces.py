"""The second look at visible text: whether a marker of thought or of a tool call stands in it after all."""

import re
from typing import Final

from vtuber.core.thinking.marks import narrow
from vtuber.core.thinking.tables import CLOSING_WORDS, OPENING_WORDS, THINK_TAGS, TOOL_TAGS, literals

_WORDS: Final = (  # no one says these aloud; "Here is my response:" one may
    *(word for word, mark in CLOSING_WORDS.items() if mark.name == "ollama_cli"),
    *(word for word, mark in OPENING_WORDS.items() if mark.name in ("granite", "apriel")),
)
_TAGS: Final = "|".join(map(re.escape, sorted((*THINK_TAGS, *TOOL_TAGS), key=len, reverse=True)))
_TOKENS: Final = "|".join(map(re.escape, (*literals(), *_WORDS)))
_SHAPES: Final = r"<\|(?:[a-zA-Z_]{3}|[^|>\s]{1,40}\|?>)|<[a-z_]{1,40}\|>|</?[｜][^>\s]{1,40}>"  # of any special token
_TRACE: Final = re.compile(
    rf"(?i:<\s{{0,2}}/?\s{{0,2}}(?:[a-z]{{2,12}}:)?(?:{_TAGS})(?![\w-])[^>\n]{{0,40}}>?)"
    rf"|{_SHAPES}|{_TOKENS}|(?<!\S)/(?:no_)?think\b"
)
_MAYBE: Final = re.compile(r"[<\[{◁]|__LM_|assistant|ASSISTANT|\.\.\.done|Here|/(?:no_)?think")  # where one may begin


def traced(text: str) -> bool:
    """Say whether a marker stands in the text, whole or begun, in letters of any width."""
    return any(_TRACE.match(read, found.start()) for read in {text, narrow(text)} for found in _MAYBE.finditer(read))
