"""A model as the settings write it: "auto", "ollama/NAME@http://HOST:PORT", "lmstudio/NAME", "embedded/FILE.gguf"."""

import difflib
import re
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import msgspec

from vtuber.errors import BadSetting

Kind: TypeAlias = Literal["auto", "ollama", "lmstudio", "lmstudio-sdk", "openai", "embedded", "scripted"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_SERVED: Final = ("ollama", "lmstudio", "lmstudio-sdk", "openai")
_BARE_ADDRESS: Final = re.compile(r"@([\w.\-]+:\d+)(/\S*)?$")  # an address whose http:// was forgotten
_NEAR: Final = 0.7  # how alike a mistyped kind must be; below that the whole text is taken for a model's name


class ModelSpec(msgspec.Struct, frozen=True):
    """Which model: `name` is a server's name for it or a GGUF file, `url` its server, "" for the settings' own."""

    kind: Kind
    name: str = ""
    url: str = ""

    def __str__(self) -> str:
        """Write it as the settings do."""
        return self.kind + (f"/{self.name}" if self.name else "") + (f"@{self.url}" if self.url else "")

    @property
    def server(self) -> Kind:
        """Give the kind of server it talks to: LM Studio is the same by whichever of its two doors."""
        return "lmstudio" if self.kind == "lmstudio-sdk" else self.kind


def parse(text: str) -> ModelSpec:
    """Read a model's text form. Raises BadSetting, which names the nearest form that there is."""
    whole = text.strip()
    head, slash, rest = whole.partition("/")
    kind = next((one for one in KINDS if one == head.lower()), None)
    if kind is None:
        raise BadSetting(f"“{whole}” names no model. {_meant(whole, head, rest)}")
    if kind in {"auto", "scripted"}:
        if slash:
            raise BadSetting(f"“{whole}” names no model: “{kind}” stands alone, without anything behind it.")
        return ModelSpec(kind)
    if kind == "embedded":
        if slash and not rest:
            raise BadSetting(f"“{whole}” names no file. Write “embedded” for the stand-in, or “embedded/FILE.gguf”.")
        return ModelSpec(kind, rest)
    return _served(kind, rest, whole)


def _served(kind: Kind, rest: str, whole: str) -> ModelSpec:
    name, at, address = rest.rpartition("@http")
    if not at:
        name, address = rest, ""
        if bare := _BARE_ADDRESS.search(rest):
            raise BadSetting(f"“{whole}”: an address begins with http://. Write “@http://{bare[1]}{bare[2] or ''}”.")
    if not name:
        raise BadSetting(f"“{whole}” does not say which model. Write “{kind}/NAME”.")
    url = _url(f"http{address}", whole) if at else ""
    if kind == "openai" and not url:
        raise BadSetting(f"“{whole}” does not say where its server is. Write “openai/{name}@http://HOST:PORT/v1”.")
    return ModelSpec(kind, name, url if kind == "openai" else url.removesuffix("/v1"))


def _url(address: str, whole: str) -> str:
    try:
        parts = urlsplit(address)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise BadSetting(f"“{whole}”: “{address}” is no address. Write it as http://HOST:PORT.")
    return address.rstrip("/")


def _meant(whole: str, head: str, rest: str) -> str:
    """Say what was probably meant: a kind with a slip of the pen, or a model's bare name."""
    near = difflib.get_close_matches(head.lower(), KINDS, n=1, cutoff=_NEAR)
    if near:
        return f"Did you mean “{near[0]}{'/' + rest if rest and near[0] in {*_SERVED, 'embedded'} else ''}”?"
    if not whole:
        return f"It begins with one of: {', '.join(KINDS)}."
    if whole.lower().endswith(".gguf"):
        return f"Did you mean “embedded/{whole}”?"
    return f"Did you mean “ollama/{whole}”? It begins with one of: {', '.join(KINDS)}."
