"""A server's JSON schema made our own: strict, closed, and without a word of its own but the names of arguments."""

import math
import re
from typing import Any, Final

from vtuber.errors import ToolRefused

_ARGUMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_LENGTHS: Final = ("minLength", "maxLength")
_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LIMITS: Final = {
    "object": (),
    "array": ("minItems", "maxItems"),
    "string": _LENGTHS,
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "boolean": (),
    "null": (),
}
# What cannot be left out without another meaning. Whatever else is not copied only narrows what may be asked (pattern,
# format, multipleOf), which the server sees to itself, or is the server's words (description, default, examples).
_BEYOND: Final = "allOf not if patternProperties dependentSchemas prefixItems contains $dynamicRef".split()  # noqa: SIM905 - one line
_WAYS: Final = 32  # arguments of one object, choices of one value
_PARTS: Final = 200  # of a whole description
_DEPTH: Final = 6
_LONGEST: Final = 40  # characters of a choice


def strict(schema: Any) -> dict[str, Any]:
    """Give a copy that says only what arguments there are, and allows no others.

    Raises ToolRefused with words that go on after the tool's name: "describes an argument without a type".
    References inside the schema are written out. Kept are type, properties, required, items, enum, anyOf and the limits
    of lengths and numbers.
    """
    found = _Copy(schema).of(schema, _DEPTH)
    if found.get("type") != "object":
        raise ToolRefused("does not describe its arguments as an object")
    return found


class _Copy:
    """Copies one description, part by part, up to a number of parts: references can make a small one endless."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._left = _PARTS

    def of(self, schema: Any, depth: int) -> dict[str, Any]:
        self._left -= 1
        if depth <= 0 or self._left < 0:
            raise ToolRefused("describes its arguments too deeply, at too great length or in a circle")
        if not isinstance(schema, dict):
            raise ToolRefused("does not describe its arguments as a JSON schema")
        if beyond := [word for word in _BEYOND if word in schema]:
            raise ToolRefused(f"describes its arguments with {beyond[0]}, which cannot be checked here")
        if "$ref" in schema:
            return self.of(self._referred(schema["$ref"]), depth - 1)
        if "anyOf" in schema or "oneOf" in schema:
            ways = _few(schema.get("anyOf", schema.get("oneOf")))
            return {"anyOf": [self.of(way, depth - 1) for way in ways]}
        if "enum" in schema or "const" in schema:
            return {"enum": [_choice(one) for one in _few(schema.get("enum", [schema.get("const")]))]}
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            return {"anyOf": [self._typed({**schema, "type": one}, one, depth) for one in _few(kind)]}
        return self._typed(schema, kind, depth)

    def _typed(self, schema: dict[str, Any], kind: Any, depth: int) -> dict[str, Any]:
        if not isinstance(kind, str) or kind not in _LIMITS:
            raise ToolRefused("describes an argument without a type")
        limits = {
            limit: _number(schema[limit], whole=limit not in _NUMBERS) for limit in _LIMITS[kind] if limit in schema
        }
        inner = {"items": self.of(schema.get("items"), depth - 1)} if kind == "array" else {}
        return {"type": kind, **limits, **inner, **(self._object(schema, depth) if kind == "object" else {})}

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, dict) or not isinstance(required, list) or len(properties) > _WAYS:
            raise ToolRefused("has too many arguments, or does not describe them as a JSON schema")
        if odd := [name for name in properties if not _ARGUMENT.fullmatch(name)]:
            raise ToolRefused(f"has an argument whose name is no plain word: {odd[0][:_LONGEST]!a}")
        if any(not isinstance(name, str) or name not in properties for name in required):
            raise ToolRefused("requires arguments that it does not describe")
        return {
            "properties": {name: self.of(one, depth - 1) for name, one in properties.items()},
            "required": sorted(set(required)),
            "additionalProperties": False,
        }

    def _referred(self, pointer: Any) -> Any:
        """Follow a reference inside the description; nothing is ever fetched."""
        if not isinstance(pointer, str) or not pointer.startswith("#/"):
            raise ToolRefused("describes its arguments by something outside")
        found = self._root
        for step in pointer[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                raise ToolRefused("describes its arguments by something that is not there")
            found = found[name]
        return found


def _few(ways: Any) -> list[Any]:
    if not isinstance(ways, list) or not 0 < len(ways) <= _WAYS:
        raise ToolRefused("describes an argument with no choice at all, or with too many")
    return ways


def _choice(one: Any) -> Any:
    plain = one.isprintable() and len(one) <= _LONGEST if isinstance(one, str) else _finite(one)
    if not plain and one is not None:
        raise ToolRefused("describes an argument with choices that are no plain words or numbers")
    return one


def _number(value: Any, *, whole: bool) -> int | float:
    number: int | float = value
    if isinstance(value, bool) or not _finite(value) or (whole and (not isinstance(value, int) or value < 0)):
        raise ToolRefused("describes an argument with a limit that is no number")
    return number


def _finite(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
