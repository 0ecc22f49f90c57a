"""Whether arguments fit a tool's schema, before anybody is asked: strictly, in bounded time, fetching nothing."""

import math
from collections.abc import Callable
from typing import Any, Final

_WORDS: Final = frozenset({"title", "description", "default", "examples", "$schema"})  # say something, demand nothing
_KNOWN: Final = _WORDS | {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems"),
}
_DEEPEST: Final = 8


def fits(value: Any, schema: dict[str, Any], *, depth: int = _DEEPEST) -> bool:
    """Whether a JSON value fits a schema: type, enum, anyOf, limits of numbers and lengths, items, properties.

    No object may hold what its schema does not name. Nothing fits a schema that demands what is not known here.
    """
    if depth <= 0 or not schema.keys() <= _KNOWN:
        return False
    if "anyOf" in schema:
        return any(fits(value, way, depth=depth - 1) for way in schema["anyOf"])
    if "enum" in schema:
        return any(value == one and type(value) is type(one) for one in schema["enum"])
    check = _CHECKS.get(str(schema.get("type", "")))
    return check is not None and check(value, schema, depth)


def _object(value: Any, schema: dict[str, Any], depth: int) -> bool:
    properties = schema.get("properties", {})
    return (
        isinstance(value, dict)
        and all(name in value for name in schema.get("required", ()))
        and value.keys() <= properties.keys()
        and all(fits(one, properties[name], depth=depth - 1) for name, one in value.items())
    )


def _array(value: Any, schema: dict[str, Any], depth: int) -> bool:
    return (
        isinstance(value, list)
        and schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf)
        and all(fits(one, schema.get("items", {}), depth=depth - 1) for one in value)
    )


def _string(value: Any, schema: dict[str, Any], _depth: int) -> bool:
    return isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf)


def _number(value: Any, schema: dict[str, Any], _depth: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, float) and not math.isfinite(value):  # a whole number may be too long to be asked that
        return False
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    return bool(least <= value <= most and above < value < below)


def _integer(value: Any, schema: dict[str, Any], depth: int) -> bool:
    return isinstance(value, int) and _number(value, schema, depth)


_CHECKS: Final[dict[str, Callable[[Any, dict[str, Any], int], bool]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": lambda value, _schema, _depth: isinstance(value, bool),
    "null": lambda value, _schema, _depth: value is None,
}
