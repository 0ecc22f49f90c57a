"""Reads a TOML file into a struct, strictly: every mistake names the file, the key and the nearest known key."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import inspect

from vtuber.errors import BadSetting

T = TypeVar("T")
FREE = "x_"  # keys that begin so are nobody's business but their writer's


_Path: TypeAlias = tuple[str | int, ...]
_LEAVES: tuple[tuple[type[inspect.Type], tuple[type, ...], str], ...] = (
    (inspect.StrType, (str,), "text in quotes"),
    (inspect.BoolType, (bool,), "true or false"),
    (inspect.IntType, (int,), "a whole number"),
    (inspect.FloatType, (float, int), "a number"),
    (inspect.VarTupleType, (), "a list in [square brackets]"),
)


def load(file: Path, kind: type[T]) -> T:
    """Read a file as a struct. Raises BadSetting naming file, key and the nearest known key."""
    raw = _without_free_keys(_toml(file))
    _examine(raw, inspect.type_info(kind), (), file)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise BadSetting(f"{file}: {error}.") from error


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSetting(f"{file} cannot be read: {os.strerror(error.errno or 0)}.") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"{file} is not UTF-8 text. Save it again as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(
            f"{file} is not valid TOML: {error}. Often a quote or a bracket is missing just before."
        ) from error


def _without_free_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_free_keys(inner) for key, inner in value.items() if not key.startswith(FREE)}
    return [_without_free_keys(inner) for inner in value] if isinstance(value, list) else value


def _examine(value: Any, kind: inspect.Type, path: _Path, file: Path) -> None:
    """Walk value and type side by side, so that an error can name the whole path to the key."""
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        _examine_fields(value, kind, path, file)
    elif isinstance(kind, inspect.DictType) and isinstance(value, dict):
        if isinstance(kind.key_type, inspect.LiteralType):
            _refuse_unknown(value, [str(key) for key in kind.key_type.values], path, file)
        for key, inner in value.items():
            _examine(inner, kind.value_type, (*path, key), file)
    elif isinstance(kind, inspect.VarTupleType) and isinstance(value, list):
        for index, inner in enumerate(value):
            _examine(inner, kind.item_type, (*path, index), file)
    elif wanted := _misfit(value, kind):
        raise BadSetting(f"{file}: “{_written(path)}” must be {wanted}, not {_shown(value)}.")


def _examine_fields(table: dict[str, Any], kind: inspect.StructType, path: _Path, file: Path) -> None:
    fields = {field.encode_name: field for field in kind.fields}
    _refuse_unknown(table, fields, path, file)
    for name, field in fields.items():
        if name in table:
            _examine(table[name], field.type, (*path, name), file)
        elif field.required:
            raise BadSetting(f"{file}: “{_written((*path, name))}” is missing.")


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], path: _Path, file: Path) -> None:
    names = list(known)
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
            raise BadSetting(
                f"{file}: there is no key “{_written((*path, key))}”. The nearest one is “{near[0]}”; "
                f"a key of your own must begin with {FREE}."
            )


def _misfit(value: Any, kind: inspect.Type) -> str:
    """Say in words what was wanted, or nothing if the value is just that."""
    choices = [one for each in getattr(kind, "types", (kind,)) for one in getattr(each, "values", ())]
    if choices:  # one list of words, or several
        return "" if value in choices else " or ".join(map(str, choices))
    for leaf, types, words in _LEAVES:
        if isinstance(kind, leaf):
            return _beyond(value, kind) if type(value) in types else words
    return "a table with keys of its own"


def _beyond(value: Any, kind: inspect.Type) -> str:
    """Say in words which numbers are wanted, or nothing if the value is one of them."""
    least, above, most = (getattr(kind, bound, None) for bound in ("ge", "gt", "le"))
    if least is not None and most is not None:
        return "" if least <= value <= most else f"a number from {least:g} to {most:g}"
    if least is not None and value < least:
        return f"at least {least:g}"
    return f"more than {above:g}" if above is not None and value <= above else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return f"the text “{value}”" if isinstance(value, str) else str(value).lower()


def _written(path: _Path) -> str:
    """Write a path as a person counts: lines.opening.ja, item 2."""
    text = ""
    for step in path:
        text += f", item {step + 1}" if isinstance(step, int) else f".{step}"
    return text.lstrip(".").replace(" .", " ")
