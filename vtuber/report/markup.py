"""HTML and SVG built from values: what is not markup already is escaped, so that no viewer's text becomes markup."""

from html import escape

from vtuber.core.wording import one_line
from vtuber.core.written import harmless

_SHOWN = 600  # characters of a text from outside


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *inside: object, **attributes: object) -> Markup:
    """Give an element. `class_` means class, `stroke_width` stroke-width; None and False attributes are left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{name}{given}>{join(*inside)}</{name}>")


def void(name: str, /, **attributes: object) -> Markup:
    """Give an element that holds nothing."""
    return Markup(tag(name, **attributes).replace(f"></{name}>", "/>"))


def join(*inside: object) -> Markup:
    """Put pieces together, escaping those that are not markup; None is nothing."""
    return Markup("".join(one if isinstance(one, Markup) else escape(_plain(one)) for one in inside if one is not None))


def foreign(text: str, limit: int = _SHOWN) -> Markup:
    """Show words from outside: one line, no control characters, their direction kept to themselves."""
    return tag("bdi", one_line(text, limit))


def passage(text: str) -> Markup:
    """Show lines from outside as they are written: no control characters, their direction kept to themselves."""
    return tag("pre", tag("bdi", harmless(text)))


def both(english: str, japanese: str) -> Markup:
    """Say it in both languages."""
    return join(english, " ", tag("span", japanese, lang="ja", class_="ja"))


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
