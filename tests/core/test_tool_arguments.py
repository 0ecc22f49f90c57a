"""Arguments fit a schema or they do not: as JSON Schema says, and more strictly where that leaves a door open."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from vtuber.core.tool_arguments import fits

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(-5, 5).filter(lambda x: not x.is_integer()),
    st.text(max_size=4),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
LIMIT = st.integers(-3, 3)
LENGTH = st.integers(0, 3)
SIMPLE = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["boolean", "null"])}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": LENGTH, "maxLength": LENGTH}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": LIMIT, "maximum": LIMIT, "exclusiveMinimum": LIMIT, "exclusiveMaximum": LIMIT},
    ),
    st.fixed_dictionaries(
        {"enum": st.lists(st.one_of(st.text(max_size=2), st.integers(-2, 2)), min_size=1, max_size=3)}
    ),
)


def closed(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": LENGTH, "maxItems": LENGTH}
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
                "required": st.lists(st.sampled_from("abc"), unique=True, max_size=2),
                "additionalProperties": st.sampled_from([False]),
            }
        ),
    )


SCHEMAS = st.recursive(SIMPLE, closed, max_leaves=6)


@given(VALUES, SCHEMAS)
def test_it_agrees_with_json_schema(value: Any, schema: dict[str, Any]):
    assert fits(value, schema, depth=99) == Draft202012Validator(schema).is_valid(value)


CLOSED = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def test_what_is_not_named_is_denied_whatever_the_schema_says():
    for schema in (
        CLOSED,
        CLOSED | {"additionalProperties": True},
        {key: CLOSED[key] for key in ("type", "properties")},
    ):
        assert fits({"n": 1}, schema)
        assert not fits({"n": 1, "m": 2}, schema)


@pytest.mark.parametrize(
    "schema",
    [
        *(
            {},
            {"type": "tuple"},
            {"type": ["string", "null"]},
            {"$ref": "https://example.com/schema"},
            {"type": "array"},
        ),
        *({"type": "string", "pattern": "(a+)+$"}, {"type": "string", "format": "uri"}, {"allOf": []}, {"not": {}}),
        *(CLOSED | {"patternProperties": {}}, CLOSED | {"if": {}}, {"type": "number", "multipleOf": 0}),
    ],
)
def test_nothing_fits_a_schema_that_is_not_understood(schema: dict[str, Any]):
    assert not any(fits(value, schema) for value in ("aaaa", 1, {"n": 1}, ["a"]))


def test_numbers_are_numbers():
    number, integer = {"type": "number"}, {"type": "integer"}
    assert not any(fits(value, number) for value in (float("nan"), float("inf"), True, "1"))
    assert not any(fits(value, integer) for value in (1.0, True, "1", None))
    assert fits(10**400, integer)
    assert not any(fits(value, number | {"minimum": -5, "maximum": 5}) for value in (10**400, -(10**400)))
    assert not fits(True, {"enum": [1]})  # noqa: FBT003 - true is no 1


def test_the_deepest_value_ends():
    value: Any = 1
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(500):
        value, schema = [value], {"type": "array", "items": schema}
    assert not fits(value, schema)
