"""A hub's HTML as plain text: pictures become their names, entities their characters, and no markup is left."""

import re
from html import unescape

# A tag, quotes and all; possessive, so that hostile text costs no more than its length.
_TAG = re.compile(r"""</?(?P<name>[a-zA-Z!][\w:-]*+)(?P<rest>(?:"[^"]*"|'[^']*'|[^"'>])*+)>""")
_ALT = re.compile(r"""(?<![\w-])alt\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_OPENING = re.compile(r"</?[a-zA-Z!]")
_BROKEN = re.compile(r"</?[a-zA-Z!][^<>]*>?")
_BREAKS = frozenset({"br", "p", "div", "li"})
_NAME = re.compile(r"[\w+-]+")


def plain(html: str) -> tuple[str, int]:
    """Give the text, its spaces run together, and how many pictures it held. An emote is :name:, an emoji itself."""
    pieces: list[str] = []
    pictures = place = 0
    while (start := html.find("<", place)) >= 0:
        tag = _TAG.match(html, start)
        if tag is None and _OPENING.match(html, start):
            break  # a tag that never ends
        pieces.append(unescape(html[place:start]))
        if tag is None:
            pieces.append("<")  # as in "I <3 you"
            place = start + 1
            continue
        if tag["name"].lower() == "img":
            pieces.append(_picture(tag["rest"]))
            pictures += 1
        elif tag["name"].lower() in _BREAKS:
            pieces.append(" ")
        place = tag.end()
    pieces.append(unescape(_BROKEN.sub("", html[place:])))
    return " ".join("".join(pieces).split()), pictures


def _picture(attributes: str) -> str:
    alt = _ALT.search(attributes)
    name = unescape(next(filter(None, alt.groups()), "")).strip().strip(":") if alt else ""
    return f":{name}:" if _NAME.fullmatch(name) else name
